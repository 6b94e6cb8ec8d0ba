from fedresolver.server.once import Once


def test_the_second_time_is_seen():
    once = Once()
    assert [once.again(octets) for octets in (b"a", b"b", b"a", b"b", b"c")] == [False, False, True, True, False]


def test_what_has_pushed_others_out_is_bounded():
    """Of a flood some is forgotten, and nothing that did not come is taken for known."""
    once, flood = Once(), [number.to_bytes(4) for number in range(200_000)]
    assert not any(once.again(octets) for octets in flood)
    assert 0 < sum(once.again(octets) for octets in flood[-30_000:]) < 30_000
