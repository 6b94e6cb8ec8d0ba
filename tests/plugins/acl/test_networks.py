import random
from ipaddress import ip_address, ip_network

import pytest

from fedresolver.plugins.acl.networks import Networks


def networks(*sets):
    """Return the index of sets of networks as text, `*` for everybody."""
    return Networks([None if one == "*" else tuple(map(ip_network, one.split())) for one in sets])


SETS = ("10.0.0.0/8 192.0.2.0/24", "10.1.0.0/16", "*", "2001:db8::/32 ::1", "0.0.0.0/0", "::ffff:198.51.100.0/120")


@pytest.mark.parametrize(
    ("address", "bits"),
    [
        ("10.2.3.4", 0b010101),
        ("10.1.255.255", 0b010111),
        ("10.2.0.0", 0b010101),
        ("11.0.0.0", 0b010100),
        ("192.0.2.255", 0b010101),
        ("192.0.3.0", 0b010100),
        ("198.51.100.7", 0b110100),
        ("2001:db8::1", 0b001100),
        ("2001:db9::1", 0b000100),
        ("::1", 0b001100),
        ("::2", 0b000100),
    ],
)
def test_the_sets_that_an_address_is_in(address, bits):
    assert networks(*SETS).bits(ip_address(address).packed) == bits


def test_what_is_no_address_is_in_the_set_of_everybody_only():
    assert networks(*SETS).bits(b"") == 0b000100


@pytest.mark.parametrize(("version", "bits"), [(4, 0b010100), (6, 0b000100)])
def test_the_sets_that_all_are_in(version, bits):
    assert networks(*SETS).bits_of_all(version) == bits


def test_it_says_what_the_library_says_of_each_network():
    rng = random.Random(8)

    def network(version):
        size = 32 if version == 4 else 128
        return ip_network((rng.getrandbits(size), rng.randrange(size + 1)), strict=False)

    drawn = [network(rng.choice((4, 6))) for _ in range(300)]
    index = Networks([(one,) for one in drawn])
    for one in drawn:
        for address in (
            one.network_address,
            one.broadcast_address,
            one.network_address - (int(one.network_address) > 0),
        ):
            expected = sum(1 << number for number, other in enumerate(drawn) if address in other)
            assert index.bits(address.packed) == expected


class Counted(dict):
    """A dictionary that counts how often it is asked."""

    asked = 0

    def get(self, *words):
        Counted.asked += 1
        return super().get(*words)


def test_ten_thousand_networks_cost_a_look_up_for_each_of_their_lengths():
    index = networks(
        " ".join(
            f"10.{number >> 8}.{number & 255}.{number % 7 * 32}/{24 + 3 * (number % 3)}".replace(
                f".{number % 7 * 32}/24", ".0/24"
            )
            for number in range(10_000)
        )
    )
    lengths = index._by_length[32]
    for shift in lengths:
        lengths[shift] = Counted(lengths[shift])
    assert index.bits(ip_address("10.39.0.1").packed) in (0, 1)
    assert Counted.asked == 3
