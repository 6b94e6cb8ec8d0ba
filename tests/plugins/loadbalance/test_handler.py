from ipaddress import ip_address, ip_network

import pytest
from msgspec.structs import replace

from fedresolver.chain.handler import FOREVER, Reply
from fedresolver.plugins.loadbalance.handler import prefer, round_robin, weighted
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import from_text
from fedresolver.wire.rr import RRset, cname
from tests.support.request import answering, ask, records

CNAME = cname(from_text("www.example.org"), 5, from_text("x.example.org"))
MX = RRset(from_text("www.example.org"), Type.MX, 5, (b"\0\0\0", b"\0\1\0"))


def reply(*addresses, **parts):
    return Reply(answer=records(*addresses), cell=FOREVER, **parts)


def order(answer):
    """Return the addresses of an answer in their order."""
    return [str(ip_address(rdata)) for rrset in answer.answer for rdata in rrset.rdatas if len(rdata) in (4, 16)]


@pytest.mark.parametrize(
    ("given", "turns"),
    [
        pytest.param(reply("192.0.2.1", "192.0.2.2"), True, id="two addresses"),
        pytest.param(reply("2001:db8::1", "2001:db8::2"), True, id="two IPv6 addresses"),
        pytest.param(
            Reply(answer=(CNAME, *records("192.0.2.1", "192.0.2.2")), cell=FOREVER),
            True,
            id="two addresses after a CNAME",
        ),
        pytest.param(reply("192.0.2.1"), False, id="one address"),
        pytest.param(reply("192.0.2.1", "2001:db8::1"), False, id="one address of each family"),
        pytest.param(Reply(answer=(MX,)), True, id="two MX records"),
        pytest.param(Reply(answer=(replace(MX, rdatas=MX.rdatas[:1]),)), False, id="one MX record"),
        pytest.param(Reply(answer=(replace(MX, rtype=Type.TXT),)), False, id="other records"),
        pytest.param(Reply(rcode=Rcode.NXDOMAIN), False, id="NXDOMAIN"),
        pytest.param(reply("192.0.2.1", "192.0.2.2", rcode=Rcode.SERVFAIL), False, id="SERVFAIL"),
    ],
)
def test_several_addresses_take_turns(given, turns):
    assert ask(round_robin(answering(given))) == replace(given, turns=turns)


@pytest.mark.parametrize(
    ("networks", "addresses", "turns"),
    [
        pytest.param(
            "192.0.2.0/30",
            "198.51.100.1 192.0.2.1 198.51.100.2 192.0.2.2",
            [
                "192.0.2.2 192.0.2.1 198.51.100.2 198.51.100.1",
                "192.0.2.1 192.0.2.2 198.51.100.1 198.51.100.2",
            ],
            id="preferred addresses come first, and each kind takes turns",
        ),
        pytest.param(
            "198.51.100.0/24 192.0.2.0/24",
            "203.0.113.1 192.0.2.1 198.51.100.1",
            ["198.51.100.1 192.0.2.1 203.0.113.1"] * 2,
            id="in the order of the networks",
        ),
        pytest.param(
            "192.0.2.0/24 192.0.2.1",
            "203.0.113.1 192.0.2.1 192.0.2.2",
            ["192.0.2.2 192.0.2.1 203.0.113.1", "192.0.2.1 192.0.2.2 203.0.113.1"],
            id="an address counts to the first network that it is in",
        ),
        pytest.param("2001:db8::/64", "2001:db8:1::1 2001:db8::1", ["2001:db8::1 2001:db8:1::1"], id="IPv6"),
    ],
)
def test_prefer(networks, addresses, turns):
    handler = prefer(tuple(ip_network(network) for network in networks.split()))(answering(reply(*addresses.split())))
    answers = [ask(handler) for _ in turns]
    assert [order(answer) for answer in answers] == [turn.split() for turn in turns]
    assert {(answer.turns, answer.cell) for answer in answers} == {(False, None)}


@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param(("192.0.2.1", "192.0.2.2"), id="all are preferred alike"),
        pytest.param(("203.0.113.1", "203.0.113.2"), id="none is preferred"),
    ],
)
def test_where_prefer_makes_no_difference_the_server_makes_the_turns(addresses):
    given = reply(*addresses)
    assert ask(prefer((ip_network("192.0.2.0/24"),))(answering(given))) == replace(given, turns=True)


def test_mx_records_take_turns_whatever_is_preferred_but_not_by_weight():
    given = Reply(answer=(MX,), cell=FOREVER)
    assert ask(prefer((ip_network("192.0.2.0/24"),))(answering(given))) == replace(given, turns=True)
    assert ask(weighted(Three(), None)(answering(given))) == given


def test_prefer_leaves_one_address_alone():
    assert ask(prefer((ip_network("192.0.2.0/24"),))(answering(reply("203.0.113.1")))) == reply("203.0.113.1")


class Three:
    """The weights 3, 1 and 2 by the last octet."""

    def weight(self, owner, address):
        return {1: 3, 2: 1, 3: 2}[address[-1]]


@pytest.mark.parametrize(
    ("ticket", "first"),
    [(0, "1 2 3"), (1, "1 2 3"), (2, "1 2 3"), (3, "2 1 3"), (4, "3 2 1"), (5, "3 2 1")],
)
def test_an_address_is_first_as_often_as_it_weighs(ticket, first):
    def draw(limit):
        assert limit == 6
        return ticket

    answer = ask(weighted(Three(), draw)(answering(reply("192.0.2.1", "192.0.2.2", "192.0.2.3"))))
    assert (order(answer), answer.cell) == ([f"192.0.2.{last}" for last in first.split()], None)


def test_one_address_is_not_weighed_and_is_kept():
    assert ask(weighted(Three(), None)(answering(reply("192.0.2.1")))) == reply("192.0.2.1")
