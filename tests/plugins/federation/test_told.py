"""What a federation tells of itself: members, Services, and of each answer how it was found.

An explanation is of the answer on the wire and of no other: in thousands of worlds they are the same, from wherever
they are asked.
"""

import random

import dns.flags
import dns.message
import pytest

from fedresolver.status.directory import UnknownError, Why
from fedresolver.walk.supposed import Down, Ready
from fedresolver.wire.const import type_number
from fedresolver.wire.name import from_text
from tests.support.federation import EPOCH, Listener, federations
from tests.support.records import ede_of
from tests.support.world import events, key

COREFILE = """
federation prod example.com {
    manifests .
    local LOCAL
    startup_timeout 8s
    explain all
}
"""
MEMBERS = ("c1", "c2", "c3")
SERVICES = ("a/x", "a/y", "b/x")
SHARDS = (
    "up 10.0.0.1 fd00::1 lb 192.0.2.1 192.0.2.2 port http/tcp/80",
    "down 10.0.0.1 lb 192.0.2.1",
    "2/3 10.0.0.2 lb 192.0.2.3 2001:db8::3 port http/tcp/81",
    "up headless port http/tcp/82",
    "draining 10.0.0.3",
    "up 10.0.0.4 lb 192.0.2.4 deleting",
    "none external www.example.net",
    "gone",
)
CHANGES = ("listed", "stale 0", "leaves", "unlisted", "in north/oslo", "in south/rome", "in nowhere")
ZONES = (
    "prod.svc.cluster.local",
    "prod",
    "prod.svc.example.com",
    "prod.svc.north.example.com",
    "prod.svc.oslo.north.example.com",
    "prod.svc.rome.example.com",
)
BEFORE = ("x.a", "y.a", "x.b", "none.a", "a", "_http._tcp.x.a")
FIRST = "c1 in north/oslo\nc2 in south/rome\nc3 in north/bergen\nc2 a/x up 10.0.0.9 lb 192.0.2.9\n"
WORLDS, QUESTIONS = 10_000, 2


def line(chance):
    """Return what some member says next."""
    member = chance.choice(MEMBERS)
    if chance.random() < 0.2:
        return f"{member} {chance.choice(CHANGES)}"
    return f"{member} {chance.choice(SERVICES)} {chance.choice(SHARDS)}"


def on_the_wire(running, name, rtype):
    """Return rcode, records and text of the answer, asked over TCP by somebody new."""
    query = dns.message.make_query(name, rtype, use_edns=0)
    found = running.ask(Listener(running.resolver(), "tcp"), query)
    records = sorted(
        (rrset.name.to_text(), rrset.ttl, dns.rdatatype.to_text(rrset.rdtype), rdata.to_text())
        for rrset in found.answer
        for rdata in rrset
    )
    return dns.rcode.to_text(found.rcode()), records, (ede_of(found) or "").partition(" ")[2]


def explained(running, name, rtype="A", member="", changes=()):
    why = Why(from_text(name), type_number(rtype), member, changes)
    return running.loop.run_until_complete(running.told.explain(why))


def told(found):
    """Return rcode, records and text of an explanation."""
    records = sorted((one.owner, one.ttl, one.type, one.data) for one in found.answer)
    return found.rcode, records, found.text


def corefile(local):
    return COREFILE.replace("LOCAL", local)


def test_an_explanation_is_that_of_the_answer_on_the_wire():
    chance = random.Random(1)
    with federations(corefile("c1"), events(FIRST)) as here, federations(corefile("c2"), events(FIRST)) as there:
        for _ in range(WORLDS):
            said = events(line(chance))
            here.tell(said)
            there.tell(said)
            for _ in range(QUESTIONS):
                name = f"{chance.choice(BEFORE)}.{chance.choice(ZONES)}."
                rtype = chance.choice(("A", "A", "AAAA", "SRV"))
                assert told(explained(here, name, rtype)) == on_the_wire(here, name, rtype)
                if "c2" in {one.name for one in here.told.clusters()}:
                    assert told(explained(here, name, rtype, "c2")) == on_the_wire(there, name, rtype)


@pytest.fixture
def running():
    said = FIRST + "c1 a/x 0/3 10.0.0.1\nc3 a/x down 10.0.0.3 lb 192.0.2.3"
    with federations(corefile("c1"), events(said)) as given:
        yield given


def steps_of(found):
    return [
        f"{step.level}: {'answers' if step.answers else step.reason}; "
        + ", ".join(f"{one.member} {one.rule}" for one in step.shards)
        for step in found.steps
    ]


def test_the_steps_are_the_levels_of_the_walk(running):
    found = explained(running, "x.a.prod")
    assert steps_of(found) == [
        "local: 0 of 3 ready; c1 0 of 3 endpoints are ready",
        "zone oslo: no shard; ",
        "region north: 0 of 1 ready; c3 0 of 1 endpoints are ready",
        "global: answers; c2 1 of 1 endpoints are ready, c3 0 of 1 endpoints are ready",
    ]
    assert (found.level, found.member, found.service) == ("global", "c1", "a/x")


@pytest.mark.parametrize(
    ("changes", "level", "addresses"),
    [
        pytest.param((Ready("c1", key("a/x"), 1),), "local", ["10.0.0.1"], id="a local endpoint would be ready"),
        pytest.param((Ready("c3", key("a/x"), 1),), "region north", ["192.0.2.3"], id="one in the region"),
        pytest.param((Ready("c2", key("a/x"), 0),), "nowhere", [], id="the last one would not be"),
        pytest.param(
            (Ready("c3", key("a/x"), 1), Down(region="north")),
            "global",
            ["192.0.2.9"],
            id="a region would be gone with all that is in it",
        ),
        pytest.param((Down(member="c2"),), "global", ["192.0.2.9"], id="the last shard is never taken"),
    ],
)
def test_what_would_be_answered(running, changes, level, addresses):
    found = explained(running, "x.a.prod", changes=changes)
    assert (found.level, [one.data for one in found.answer if one.type == "A"]) == (level, addresses)


def test_a_member_that_is_not_there_is_named_with_those_that_are(running):
    with pytest.raises(UnknownError, match="there is no member c9; there are: c1, c2, c3"):
        explained(running, "x.a.prod", member="c9")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Down(member="c9"), "there is no member c9; there are: c1, c2, c3"),
        (Down(region="nort"), "there is no region nort; there are: north, south"),
        (Down(topology_zone="north"), "there is no topology zone north; there are: bergen, oslo, rome"),
        (Ready("c9", key("a/x"), 1), "there is no shard of a/x in c9; there are: c1, c2, c3"),
        (Ready("c1", key("a/z"), 1), "there is no shard of a/z in c1; there are: none"),
    ],
)
def test_nothing_is_supposed_of_what_is_not_there(running, change, said):
    assert running.told.absent(change) == said
    with pytest.raises(UnknownError) as raised:
        explained(running, "x.a.prod", changes=(change,))
    assert str(raised.value) == said


@pytest.mark.parametrize(
    "change",
    [Down(member="c2"), Down(region="north"), Down(topology_zone="oslo"), Ready("c1", key("a/x"), 1)],
    ids=repr,
)
def test_what_is_there_may_be_supposed_otherwise(running, change):
    assert running.told.absent(change) == ""


def test_a_service_that_is_known_nowhere_has_a_local_step_with_its_reason(running):
    assert steps_of(explained(running, "none.a.prod")) == [
        "local: no shard; c1 it has no such Service, or does not federate it"
    ]


def test_a_local_member_that_is_not_listed_yet_is_the_reason():
    with federations(corefile("c1"), events("c1 unlisted\nc2 in south/rome\nc2 a/x up 10.0.0.9 lb 192.0.2.9")) as given:
        assert steps_of(explained(given, "x.a.prod"))[0].startswith("local: not listed; c1 it was never listed")


def test_a_local_member_that_would_be_gone_is_the_reason(running):
    running.tell(events("c1 a/x up 10.0.0.1 lb 192.0.2.1"))
    assert steps_of(explained(running, "x.a.prod", changes=(Down(member="c1"),)))[0] == (
        "local: expired; c1 its member is expired"
    )


def test_every_name_whose_answer_would_change(running):
    running.tell(events("c3 a/x up 10.0.0.3 lb 192.0.2.3"))
    compared = list(running.told.simulate((Down(member="c3"),)))
    changed = {one.name: (one.level_before, one.level_after) for one in compared if one is not None}
    assert changed == {
        "x.a.prod.svc.cluster.local.": ("region north", "global"),
        "x.a.prod.svc.bergen.north.example.com.": ("zone bergen", "global"),
        "x.a.prod.svc.oslo.north.example.com.": ("region north", "global"),
        "x.a.prod.svc.north.example.com.": ("region north", "global"),
        "x.a.prod.svc.example.com.": ("global", "global"),
    }
    assert len(compared) == 7


def test_the_clusters(running):
    running.tell(events("c2 stale 0\nc4 unlisted"))
    running.loop.advance(40)
    found = [(one.name, one.status, one.regions, one.zones, one.shards, one.heard) for one in running.told.clusters()]
    assert found == [
        ("c1", "Ready", ("north",), ("oslo",), 1, 0.0),
        ("c2", "Stale", ("south",), ("rome",), 1, 40.0),
        ("c3", "Ready", ("north",), ("bergen",), 1, 0.0),
        ("c4", "NotListed", (), (), 0, None),
    ]


def test_the_federations(running):
    (found,) = running.told.federations()
    assert (found.name, found.inside, found.bare, found.domain, found.local, found.snapshot) == (
        "prod",
        "prod.svc.cluster.local.",
        "prod.",
        "example.com.",
        "c1",
        None,
    )


def test_addresses_that_no_load_balancer_has_are_told(running):
    running.tell(events("c2 a/x up 10.0.0.9 lb 127.0.0.9 192.0.2.9 fe80::9"))
    (found,) = running.told.services("")
    assert [(one.member, one.addresses, one.left_out) for one in found.shards if one.member == "c2"] == [
        ("c2", ("192.0.2.9",), ("127.0.0.9", "fe80::9"))
    ]


def test_the_services(running):
    (found,) = running.told.services("")
    assert (found.namespace, found.name, found.healthy, found.answered) == ("a", "x", 1, "global")
    assert [(one.member, one.healthy, one.state) for one in found.shards] == [
        ("c1", False, "0 of 3 endpoints are ready"),
        ("c2", True, "1 of 1 endpoints are ready"),
        ("c3", False, "0 of 1 endpoints are ready"),
    ]
    assert list(running.told.services("prod/a/x")) == []


@pytest.mark.parametrize(("having", "count"), [("", 1), ("a/x", 1), ("prod/", 1), ("y", 0)])
def test_the_services_with_something_in_their_name(running, having, count):
    assert len(list(running.told.services("", having))) == count


def test_a_service_that_goes_while_they_are_told_is_left_out(running):
    running.tell(events("c1 a/y up 10.0.0.7 lb 192.0.2.7"))
    services = running.told.services("")
    assert next(services).name == "x"
    running.tell(events("c1 a/y gone"))
    assert list(services) == []


def test_the_past_is_explained_from_the_journal(running):
    running.loop.advance(60)
    running.tell(events("c2 a/x down 10.0.0.9 lb 192.0.2.9"))
    running.loop.advance(60)
    now = EPOCH + running.loop.time()
    levels = [
        running.loop.run_until_complete(running.told.explain(Why(from_text("x.a.prod"), 1, at=at))).level
        for at in (now - 90, now - 61, now - 59, now)
    ]
    assert levels == ["global", "global", "nowhere", "nowhere"]


def test_what_was_before_the_journal_is_not_made_up(running):
    running.loop.advance(60)
    why = Why(from_text("x.a.prod"), 1, at=EPOCH - 1.0)
    with pytest.raises(UnknownError, match="the journal knows nothing of that time; it begins at "):
        running.loop.run_until_complete(running.told.explain(why))
