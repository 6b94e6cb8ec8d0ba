"""Chains of CNAMEs that go on elsewhere: what each plugin says of its own names, and what is made of it."""

import asyncio

import pytest

from fedresolver.chain.cells import joined
from fedresolver.chain.follow import follow
from fedresolver.chain.handler import FOREVER, REFUSED, Ede, Life, Reply
from fedresolver.wire.const import Rcode
from fedresolver.wire.name import from_text, to_text
from fedresolver.wire.query import Edns
from fedresolver.wire.rr import RRset, Soa, addresses, cname
from tests.support.records import lines
from tests.support.request import request

SOA = RRset(from_text("c.example"), 6, 60, (Soa(mname=from_text("ns"), rname=from_text("h"), serial=1).rdata(),))


def link(owner, target, **more):
    """Return the reply of a plugin whose name leads on."""
    leads = cname(from_text(owner), 300, from_text(target))
    return Reply(answer=(leads,), target=from_text(target), **{"cell": [True], "plugin": "file"} | more)


def end(owner, **more):
    return Reply(answer=addresses(from_text(owner), 60, (b"\xc0\0\2\1",)), **{"cell": [True], "plugin": "last"} | more)


class Names:
    """Plugins that answer for some names, and refuse others."""

    def __init__(self, **replies):
        self.replies = {from_text(name.replace("_", ".")): reply for name, reply in replies.items()}
        self.asked = []

    async def __call__(self, request):
        self.asked.append(request)
        return self.replies.get(request.query.qname, REFUSED)

    def follow(self, question="a.example A", **more):
        return asyncio.run(follow(self)(request(question, **more)))


def shown(reply):
    return [" ".join((line.split()[0], *line.split()[2:])) for line in lines(reply.answer)]


def test_a_chain_is_followed_and_joined():
    names = Names(
        a_example=link("a.example", "b.example"), b_example=link("b.example", "c.example"), c_example=end("c.example")
    )
    reply = names.follow()
    assert shown(reply) == ["a.example. CNAME b.example.", "b.example. CNAME c.example.", "c.example. A 192.0.2.1"]
    assert (reply.rcode, reply.authoritative, reply.plugin, reply.target) == (Rcode.NOERROR, True, "file", None)
    assert [to_text(one.query.qname) for one in names.asked] == ["a.example.", "b.example.", "c.example."]


def test_what_leads_nowhere_else_is_as_it_was():
    last = end("a.example")
    assert Names(a_example=last).follow() is last


def test_it_is_asked_on_in_our_name_but_in_the_form_of_the_client():
    names = Names(a_example=link("a.example", "b.example"))
    names.follow("A.example AAAA", edns=Edns(1232, do=True))
    first, second = names.asked
    assert (second.client.address, second.query.do, second.query.qtype, second.zone) == ("", True, 28, first.zone)
    assert second.query.question == from_text("b.example") + b"\0\x1c\0\1"
    assert second.received == first.received


def test_a_name_of_another_block_is_asked_there_as_the_client_asks():
    other = Names(b_other=link("b.other", "c.example"))
    names = Names(a_example=link("a.example", "b.other"), c_example=end("c.example"))
    zone = from_text("other")

    def elsewhere(name):
        return (other, zone) if name.endswith(zone) else None

    asked = request("a.example A")
    reply = asyncio.run(follow(names, elsewhere)(asked))
    assert shown(reply) == ["a.example. CNAME b.other.", "b.other. CNAME c.example.", "c.example. A 192.0.2.1"]
    (there,) = other.asked
    assert (there.client, there.zone, to_text(there.query.qname)) == (asked.client, zone, "b.other.")


@pytest.mark.parametrize(
    ("last", "rcode"),
    [
        pytest.param(Reply(rcode=Rcode.NXDOMAIN, authority=(SOA,), plugin="x"), Rcode.NXDOMAIN, id="no such name"),
        pytest.param(Reply(authority=(SOA,), plugin="x"), Rcode.NOERROR, id="no data"),
    ],
)
def test_the_rcode_and_the_soa_are_those_of_the_last_name(last, rcode):
    """RFC 6604 3."""
    reply = Names(a_example=link("a.example", "b.example"), b_example=last).follow()
    assert (reply.rcode, reply.authority, len(reply.answer)) == (rcode, (SOA,), 1)


def test_what_proves_that_a_wildcard_may_answer_stays_beside_the_chain():
    """RFC 4035 3.1.3.3."""
    proof = RRset(from_text("*.example"), 47, 60, (from_text("b.example"),))
    first = link("a.example", "b.example", authority=(proof,))
    reply = Names(a_example=first, b_example=Reply(authority=(SOA,), plugin="x")).follow()
    assert reply.authority == (SOA, proof)


def test_aa_is_about_the_first_name():
    """RFC 1035 4.1.1."""
    first, last = link("a.example", "b.example"), end("b.example")
    for authoritative in (True, False):
        ours = Names(a_example=link("a.example", "b.example", authoritative=authoritative), b_example=last)
        assert ours.follow().authoritative is authoritative
    foreign = end("b.example", authoritative=False, foreign=True)
    assert Names(a_example=first, b_example=foreign).follow().authoritative


def test_a_name_that_nobody_resolves_ends_the_chain():
    first = link("a.example", "b.example")
    reply = Names(a_example=first).follow()
    assert (reply.rcode, shown(reply), reply.cell, reply.target) == (Rcode.NOERROR, shown(first), first.cell, None)


@pytest.mark.parametrize("rcode", [Rcode.SERVFAIL, Rcode.REFUSED])
def test_a_failure_of_the_last_name_is_a_failure(rcode):
    failed = Reply(rcode=rcode, plugin="forward", ede=Ede(23), failure="nobody answers")
    reply = Names(a_example=link("a.example", "b.example"), b_example=failed).follow()
    assert (reply.rcode, reply.answer, reply.cell, reply.ede) == (Rcode.SERVFAIL, (), None, Ede(23))
    assert reply.failure == "nobody answers"


@pytest.mark.parametrize("names", [{"a_example": "a.example"}, {"a_example": "b.example", "b_example": "a.example"}])
def test_a_loop_is_a_failure(names):
    asked = Names(**{name: link(name.replace("_", "."), target) for name, target in names.items()})
    reply = asked.follow()
    assert (reply.rcode, reply.cell, reply.failure) == (Rcode.SERVFAIL, None, "a loop of CNAMEs through a.example.")
    assert len(asked.asked) == len(names)


@pytest.mark.parametrize(("links", "rcode"), [(8, Rcode.NOERROR), (9, Rcode.SERVFAIL)])
def test_a_chain_has_at_most_eight_cnames(links, rcode):
    names = {f"n{number}": link(f"n{number}", f"n{number + 1}") for number in range(links)}
    reply = Names(**names, **{f"n{links}": end(f"n{links}")}).follow("n0 A")
    assert (reply.rcode, len(reply.answer)) == (rcode, 9 if rcode is Rcode.NOERROR else 0)


def test_what_is_joined_is_kept_while_both_parts_may_be():
    for which in (0, 1):
        parts = [[True], [True]]
        first, last = link("a.example", "b.example", cell=parts[0]), end("b.example", cell=parts[1])
        cell = Names(a_example=first, b_example=last).follow().cell
        assert cell[0]
        parts[which][0] = False
        assert not cell[0]


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(end("b.example", foreign=True), id="another's"),
        pytest.param(end("b.example", life=Life(9.0, lambda count: None)), id="with a life of its own"),
        pytest.param(end("b.example", cell=None), id="made anew each time"),
    ],
)
def test_what_ends_otherwise_is_not_kept(last):
    reply = Names(a_example=link("a.example", "b.example"), b_example=last).follow()
    assert (reply.cell, reply.life, reply.foreign) == (None, None, False)


def test_cells_are_joined():
    one, two, three = [True], [True], [True]
    assert joined(one, None) is None
    assert joined(one) is one
    assert joined(one, one, FOREVER) is one
    assert joined(FOREVER, FOREVER) is FOREVER
    all_three = joined(joined(one, two), three)
    assert all_three[0]
    two[0] = False
    assert not all_three[0]
