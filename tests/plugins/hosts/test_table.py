from ipaddress import ip_address

import pytest

from fedresolver.plugins.hosts.table import MOST, reverse_name, table
from fedresolver.plugins.hosts.text import read
from fedresolver.wire.name import from_text, to_text
from tests.support.records import lines

TEXT = """
192.0.2.1    www.example.org www
192.0.2.2    www.example.org mail.example.org
2001:db8::1  www.example.org
192.0.2.1    www.example.org
"""


def made(text, *zones, reverse=True):
    return table(read(text, "h").entries, frozenset(map(from_text, zones or ("."))), 3600, reverse=reverse)


def records(text, *zones, reverse=True):
    return [line for rrsets in made(text, *zones, reverse=reverse).records.values() for line in lines(rrsets)]


FORWARD = [
    "www.example.org. 3600 A 192.0.2.1",
    "www.example.org. 3600 A 192.0.2.2",
    "www.example.org. 3600 AAAA 2001:db8::1",
    "www. 3600 A 192.0.2.1",
    "mail.example.org. 3600 A 192.0.2.2",
]
V6 = "1." + "0." * 23 + "8.b.d.0.1.0.0.2.ip6.arpa."
BACKWARD = [
    "1.2.0.192.in-addr.arpa. 3600 PTR www.example.org.",
    "1.2.0.192.in-addr.arpa. 3600 PTR www.",
    "2.2.0.192.in-addr.arpa. 3600 PTR www.example.org.",
    "2.2.0.192.in-addr.arpa. 3600 PTR mail.example.org.",
    f"{V6} 3600 PTR www.example.org.",
]


def test_each_name_has_its_addresses_once_and_each_address_its_names():
    assert records(TEXT) == FORWARD + BACKWARD
    assert made(TEXT).size == 10


def test_without_reverse():
    assert records(TEXT, reverse=False) == FORWARD


@pytest.mark.parametrize(
    ("zones", "kept"),
    [
        pytest.param(["example.org"], "example.org.", id="those below a zone"),
        pytest.param(["www", "mail.example.org"], ("www.", "mail.example.org."), id="zones themselves"),
        pytest.param(["ample.org"], (), id="labels count, not octets"),
    ],
)
def test_only_names_in_the_zones(zones, kept):
    assert records(TEXT, *zones, reverse=False) == [line for line in FORWARD if line.split()[0].endswith(kept)]


def test_an_address_tells_no_names_of_other_zones():
    assert records(TEXT, "www") == ["www. 3600 A 192.0.2.1", "1.2.0.192.in-addr.arpa. 3600 PTR www."]


def test_a_name_in_the_reverse_tree_is_a_name_too():
    found = records("192.0.2.1 a 1.2.0.192.in-addr.arpa")
    assert found == [
        "a. 3600 A 192.0.2.1",
        "1.2.0.192.in-addr.arpa. 3600 A 192.0.2.1",
        "1.2.0.192.in-addr.arpa. 3600 PTR a.",
        "1.2.0.192.in-addr.arpa. 3600 PTR 1.2.0.192.in-addr.arpa.",
    ]


def test_a_blocklist_does_not_make_a_huge_answer():
    blocked = made("\n".join(f"0.0.0.0 bad{number}.example" for number in range(5000)))
    (pointers,) = blocked.records[from_text("0.0.0.0.in-addr.arpa")]
    assert len(pointers.rdatas) == MOST
    assert len(blocked.records) == 5001


def test_a_name_has_only_so_many_addresses():
    found = made("\n".join(f"10.0.{number // 200}.{number % 200} a" for number in range(5000)))
    assert [len(rrset.rdatas) for rrset in found.records[from_text("a")]] == [MOST]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("example.org", True),
        ("org", True),
        (".", True),
        ("2.0.192.in-addr.arpa", True),
        ("www.example.org", False),
        ("a.www.example.org", False),
        ("mple.org", False),
        ("rg", False),
        ("net", False),
        ("example", False),
    ],
)
def test_names_with_others_below(name, expected):
    assert made(TEXT).has_below(from_text(name)) is expected


@pytest.mark.parametrize("address", ["192.0.2.1", "0.0.0.0", "2001:db8::1", "::", "fe80::1:2"])
def test_the_reverse_name(address):
    expected = ip_address(address).reverse_pointer
    assert to_text(reverse_name(ip_address(address).packed)) == f"{expected}."
