"""What a plugin answers from the zones that it serves, beside those of others."""

import pytest

from fedresolver.authority.answering import answering
from fedresolver.authority.served import ServedZone
from fedresolver.authority.zones import Zones
from fedresolver.chain.handler import REFUSED, Ede
from fedresolver.wire.const import Rcode
from fedresolver.wire.name import from_text
from tests.support.records import lines
from tests.support.request import answering as saying
from tests.support.request import ask, request
from tests.support.zone_text import zone_of

NS = "@ NS ns.example.net.\n"
PASSED = "passed on"


class Serving:
    """Zones by name, as text, served by one plugin; those of `others` by another one. Without text nothing is there."""

    def __init__(self, zones, others=(), fallthrough=()):
        known = Zones()
        self.served = {from_text(apex): ServedZone(from_text(apex)) for apex in zones}
        known.files.update(self.served)
        known.files.update({from_text(apex): ServedZone(from_text(apex)) for apex in others})
        for apex, text in zones.items():
            if text is not None:
                self.served[from_text(apex)].take(zone_of(NS + text, apex))
        falls = {from_text(apex): tuple(map(from_text, names)) for apex, names in dict(fallthrough).items()}
        self.handler = answering(self.served, known, falls, "file")(saying(REFUSED))

    def ask(self, question):
        return ask(self.handler, request(question))

    def told(self, question):
        reply = self.ask(question)
        if reply is REFUSED:
            return PASSED
        return lines(reply.answer) or f"{Rcode(reply.rcode).name} {lines(reply.authority)[0].split()[0]}"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("www.example.org A", ["www.example.org. 300 A 192.0.2.1"]),
        ("www.sub.example.org A", ["www.sub.example.org. 300 A 192.0.2.2"]),
        ("nope.sub.example.org A", "NXDOMAIN sub.example.org."),
        ("nope.example.org A", "NXDOMAIN example.org."),
        ("sub.example.org NS", ["sub.example.org. 300 NS ns.example.net."]),
        ("example.org NS", ["example.org. 300 NS ns.example.net."]),
        ("www.example.net A", PASSED),
        ("www.other.example.org A", PASSED),
        ("org A", PASSED),
        ("sub.example.org DS", "NOERROR example.org."),
        ("example.org DS", "NOERROR example.org."),
    ],
)
def test_the_zone_with_the_longest_name_answers(question, expected):
    """RFC 1034 4.3.2 step 2; DS is the parent's (RFC 4035 3.1.4.1)."""
    zones = {"example.org": "www A 192.0.2.1\nsub NS ns.sub", "sub.example.org": "www A 192.0.2.2"}
    assert Serving(zones, others=("other.example.org",)).told(question) == expected


def test_a_zone_without_contents_is_not_ready():
    serving = Serving({"example.org": None})
    reply = serving.ask("www.example.org A")
    assert (reply.rcode, reply.ede, reply.cell, reply.authoritative) == (Rcode.SERVFAIL, Ede(14), None, False)
    assert reply.failure == "zone example.org. has nothing to answer from"
    serving.served[from_text("example.org")].take(zone_of(NS + "www A 192.0.2.1"))
    assert serving.told("www.example.org A") == ["www.example.org. 300 A 192.0.2.1"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("nope.example.org A", PASSED),
        ("nope.keep.example.org A", PASSED),
        ("nope.example.net A", PASSED),
        ("nope.not.example.net A", "NXDOMAIN example.net."),
        ("www.example.org TXT", "NOERROR example.org."),
    ],
)
def test_names_that_are_not_there_may_be_others(question, expected):
    zones = {"example.org": "www A 192.0.2.1", "example.net": ""}
    fallthrough = {"example.org": ["."], "example.net": ["nope.example.net"]}
    assert Serving(zones, fallthrough=fallthrough).told(question) == expected


@pytest.mark.parametrize("question", ["www.example.org A", "www.example.org TXT", "nope.example.org A"])
def test_answers_hold_until_the_zone_is_another(question):
    serving = Serving({"example.org": "www A 192.0.2.1"})
    before = serving.ask(question)
    assert before.cell == [True]
    serving.served[from_text("example.org")].take(zone_of(NS + "@ TXT changed", head="@ 9 SOA a b 2 3 4 5 7\n"))
    assert before.cell == [False]
    after = serving.ask(question)
    assert (after.cell, after.rcode, after.authority[0].ttl) == ([True], Rcode.NXDOMAIN, 7)


def test_what_many_names_are_denied_with_is_one_reply():
    serving = Serving({"example.org": ""})
    assert serving.ask("a.example.org A") is serving.ask("b.c.example.org TXT")
