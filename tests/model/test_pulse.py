"""When members turn stale, and when they expire: only while somebody else is heard."""

import math

import pytest

from fedresolver.model.event import Expired, Stale
from fedresolver.model.member import Member, Phase
from fedresolver.model.pulse import Pulses, Signs, Terms

TERMS = Terms(stale_after=30.0, expire_after=600.0)
NEVER = -math.inf


class Watched:
    """Members of which a test says when they were heard; what the pulses tell becomes true."""

    def __init__(self, *names: str, local: str = "") -> None:
        self.members = {name: Member(name=name, phase=Phase.SYNCED) for name in names}
        self.heard = dict.fromkeys(names, 0.0)
        self.contacts: dict[str, float] = {}
        self.outside = NEVER
        self.pulses = Pulses(TERMS, local, {})

    def signs(self) -> Signs:
        return Signs(self.heard, self.heard | self.contacts, self.outside)

    def look(self, now: float):
        events = self.pulses.look(now, self.members, self.signs())
        for event in events:
            phase = Phase.STALE if isinstance(event, Stale) else Phase.EXPIRED
            self.members[event.member] = Member(name=event.member, phase=phase, since=0.0)
        return events

    def witnessed(self, lost: str, now: float) -> bool:
        return self.pulses.witnessed(lost, now, self.members, self.signs())


def test_a_member_is_stale_when_nothing_was_heard_for_stale_after():
    watched = Watched("c1", "c2")
    watched.heard |= {"c1": 5.0, "c2": 7.0}
    assert watched.look(34.9) == []
    assert watched.look(35.0) == [Stale("c1", 5.0)]
    assert watched.look(36.0) == []
    assert watched.look(37.0) == [Stale("c2", 7.0)]


def test_a_member_expires_when_it_was_stale_for_expire_after():
    watched = Watched("c1", "c2")
    watched.heard["c2"] = 1e6
    assert watched.look(30.0) == [Stale("c1", 0.0)]
    watched.contacts["c2"] = 629.0
    assert watched.look(629.9) == []
    assert watched.look(630.0) == [Expired("c1")]
    assert watched.look(1000.0) == []


def test_a_restored_member_counts_from_the_start():
    watched = Watched("c1", "c2")
    watched.heard |= {"c1": NEVER, "c2": 1e6}
    watched.members["c1"] = Member(name="c1", phase=Phase.STALE, since=10.0)
    assert watched.look(10.0) == []
    assert watched.look(609.0) == []
    assert watched.look(610.0) == [Expired("c1")]


def test_members_that_are_lost_together_are_held_whatever_their_age():
    watched = Watched("c1", "c2", "c3")
    assert len(watched.look(30.0)) == 3
    assert watched.look(1e6) == []


def test_the_only_remote_member_cannot_be_told_from_ourselves():
    watched = Watched("here", "c1", local="here")
    watched.heard["here"] = watched.contacts["here"] = 1e6
    assert watched.look(30.0) == [Stale("c1", 0.0)]
    assert watched.look(1e6) == []


@pytest.mark.parametrize(
    ("contact", "heard"),
    [
        pytest.param(29.0, False, id="before the member turned stale"),
        pytest.param(30.0, False, id="at the moment"),
        pytest.param(30.1, True, id="after it"),
    ],
)
def test_another_remote_member_is_a_witness_when_it_was_heard_after(contact, heard):
    watched = Watched("c1", "c2")
    watched.heard["c2"] = 20.0
    watched.look(30.0)
    watched.contacts["c2"] = contact
    assert watched.witnessed("c1", 31.0) is heard


def test_a_stale_member_is_no_witness_though_its_server_says_something():
    watched = Watched("c1", "c2")
    watched.look(30.0)
    watched.contacts["c2"] = 40.0
    assert watched.witnessed("c1", 41.0) is False


@pytest.mark.parametrize(
    ("outside", "now", "heard"),
    [
        pytest.param(NEVER, 31.0, False, id="it never answered"),
        pytest.param(29.0, 31.0, False, id="before the member turned stale"),
        pytest.param(30.5, 31.0, True, id="after it"),
        pytest.param(30.5, 41.0, False, id="long ago"),
        pytest.param(100.0, 104.0, True, id="just now"),
    ],
)
def test_a_configured_witness_is_heard_for_two_tries(outside, now, heard):
    watched = Watched("c1")
    watched.look(30.0)
    watched.outside = outside
    assert watched.witnessed("c1", now) is heard


def test_the_local_member_turns_stale_and_never_expires():
    watched = Watched("here", "c1", local="here")
    watched.heard["c1"] = watched.contacts["c1"] = 1e9
    watched.outside = 1e9
    assert watched.look(30.0) == [Stale("here", 0.0)]
    assert watched.look(1e6) == []


def test_a_member_that_is_heard_again_begins_anew():
    watched = Watched("c1", "c2")
    watched.heard["c2"] = 1e6
    watched.look(30.0)
    watched.members["c1"] = Member(name="c1", phase=Phase.SYNCED)
    watched.heard["c1"] = 500.0
    assert watched.look(501.0) == []
    assert watched.look(530.0) == [Stale("c1", 500.0)]
    assert watched.look(1129.0) == []
    assert watched.look(1130.0) == [Expired("c1")]


def test_members_that_the_federation_does_not_know_are_passed_over():
    watched = Watched("c1")
    watched.heard["stranger"] = 0.0
    watched.contacts["stranger"] = 100.0
    assert watched.look(30.0) == [Stale("c1", 0.0)]
    assert watched.witnessed("c1", 101.0) is False


def test_the_first_that_is_heard_again_after_all_were_lost_does_not_make_the_others_expire():
    watched = Watched("c1", "c2")
    watched.look(30.0)
    assert watched.look(5000.0) == []
    watched.members["c2"] = Member(name="c2", phase=Phase.SYNCED)
    watched.heard["c2"] = 5001.0
    assert watched.look(5001.0) == []
    watched.heard["c2"] = 5010.0
    assert watched.look(5010.9) == []
    assert watched.look(5011.0) == [Expired("c1")]


def test_a_witness_that_is_heard_again_gives_the_members_time_to_be_found():
    watched = Watched("c1", "c2")
    watched.look(30.0)
    watched.outside = 5000.0
    assert watched.look(5001.0) == []
    watched.outside = 5010.0
    assert watched.look(5010.0) == []
    assert watched.look(5011.0) == [Expired("c1"), Expired("c2")]


def test_a_member_that_was_never_lost_is_a_witness_at_once():
    watched = Watched("c1", "c2")
    watched.heard["c2"] = 620.0
    watched.look(30.0)
    watched.contacts["c2"] = 625.0
    assert watched.look(630.0) == [Expired("c1")]
