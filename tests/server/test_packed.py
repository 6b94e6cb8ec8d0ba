import pytest

from fedresolver.server.packed import packed


@pytest.mark.parametrize(
    ("address", "octets"),
    [
        ("192.0.2.1", b"\xc0\0\2\1"),
        ("::ffff:192.0.2.1", b"\xc0\0\2\1"),
        ("::ffff:c000:201", b"\xc0\0\2\1"),
        ("::fffe:c000:201", bytes(10) + b"\xff\xfe\xc0\0\2\1"),
        ("2001:db8::1", b"\x20\x01\x0d\xb8" + bytes(11) + b"\1"),
        ("fe80::1%eth0", b"\xfe\x80" + bytes(13) + b"\1"),
        ("::1", bytes(15) + b"\1"),
        ("", b""),
        ("somebody", b""),
        ("192.0.2", b""),
        ("::x", b""),
    ],
)
def test_the_octets_of_an_address(address, octets):
    assert packed(address) == octets
