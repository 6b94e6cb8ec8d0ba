import pytest

from fedresolver.run.open_resolver import public_addresses

OWN = ("127.0.0.1", "8.8.8.8", "2001:4860:4860::8888", "fe80::1")


@pytest.mark.parametrize(
    ("hosts", "closed", "public"),
    [
        (("0.0.0.0",), (), OWN[1:3]),
        (("0.0.0.0", "::"), (), OWN[1:3] * 2),
        (("0.0.0.0",), (4,), OWN[2:3]),
        (("0.0.0.0",), (6,), OWN[1:2]),
        (("0.0.0.0",), (4, 6), ()),
        (("10.0.0.1", "fe80::1%eth0"), (), ()),
        (("8.8.4.4",), (6,), ("8.8.4.4",)),
        (("8.8.4.4",), (4,), ()),
    ],
)
def test_the_public_addresses_whose_strangers_get_answers(hosts, closed, public):
    assert tuple(public_addresses(hosts, lambda: OWN, closed)) == public
