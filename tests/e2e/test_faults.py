"""What control planes do, while somebody asks: no answer is lost, and none is wrong."""

import time

import pytest

from tests.e2e.control_plane import LASTING
from tests.e2e.resolver import GLOBAL, LOCAL, Resolver, balancers, story
from tests.support.deadline import eventually
from tests.support.proxy import BLACK_HOLE, NARROW, PASS, REFUSED, SLOW

HOME = "gce-us-central1"
REMOTE = "gce-europe-west1"
OTHER = "gce-us-east1"
STREAMS_OR_NOT = pytest.mark.parametrize("member", [REMOTE, "gce-asia-east1"], ids=["streams lists", "lists in pages"])
STALE = 3
"""RFC 8914: Stale Answer."""
BINDING = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/fedresolver-remote"


@STREAMS_OR_NOT
def test_an_api_server_is_killed_and_started_again(told, member):
    plane = told.members[member].plane
    plane.kill()
    told.phase(member, "stale")
    plane.start()
    plane.wait()
    told.phase(member, "synced")
    told.follows(member)


@STREAMS_OR_NOT
def test_a_black_hole_of_longer_than_stale_after_hides_a_change_and_then_it_shows(told, member):
    found = told.members[member]
    found.proxy.become(BLACK_HOLE)
    told.phase(member, "stale")
    found.set_ready("nginx", 0)
    told.may_lose(member)
    found.proxy.become(PASS)
    told.shows({member})
    told.comes_up(member)


@STREAMS_OR_NOT
def test_watches_that_are_reset_go_on_where_they_were(told, member):
    before = told.resolver.metric("lists_total", member=member)
    told.members[member].proxy.reset()
    told.follows(member)
    assert told.resolver.metric("lists_total", member=member) == before


@STREAMS_OR_NOT
def test_a_revision_that_is_compacted_away_is_listed_anew(told, member):
    found = told.members[member]
    found.proxy.become(REFUSED)
    found.proxy.reset()
    found.set_ready("nginx", 0)
    found.plane.expire()
    told.may_lose(member)
    found.proxy.become(PASS)
    told.shows({member})
    told.comes_up(member)


def test_a_member_rebuilt_from_empty_is_listed_anew(federation, resolver):
    found = federation[REMOTE]
    resolver.told(member.context(LASTING) for member in federation.values())
    with resolver.running(), story(federation, resolver) as told:
        told.may_lose(REMOTE)
        found.rebuild()
        told.shows({REMOTE})


@pytest.mark.parametrize("link", [SLOW, NARROW], ids=["two seconds late", "a thousand octets a second"])
def test_a_slow_member_is_followed_and_does_not_delay_another(told, link):
    told.members[REMOTE].proxy.become(link)
    told.goes_down(REMOTE)
    begun = time.monotonic()
    told.goes_down(OTHER)
    assert time.monotonic() - begun < 1
    told.members[REMOTE].proxy.reset()
    told.comes_up(OTHER)
    told.members[REMOTE].proxy.become(PASS)
    told.comes_up(REMOTE)


def test_a_token_is_revoked_and_another_is_given(told):
    found = told.members[REMOTE]
    found.revoke()
    found.plane.restart()  # as it is, an API server believes a token for another 10 s
    eventually(lambda: told.resolver.metric("errors_total", member=REMOTE, error="unauthorized"), 30)
    told.resolver.told(member.context() for member in told.members.values())
    told.follows(REMOTE)


def test_a_role_is_removed_and_restored(told):
    found = told.members[REMOTE]
    found.admin.delete(BINDING)
    found.proxy.reset()
    eventually(lambda: told.resolver.metric("errors_total", member=REMOTE, error="forbidden"), 30)
    found.install()
    told.follows(REMOTE)


def test_remote_members_that_are_lost_together_are_held(federation, tmp_path, resolver):
    remote = [name for name in federation if name != HOME]
    short = Resolver(tmp_path, expire_after=7)
    with short.running(), story(federation, short) as told:
        for name in remote:
            federation[name].proxy.become(BLACK_HOLE)
        for name in remote:
            told.phase(name, "stale")
        eventually(lambda: min(short.metric("evidence_age_seconds", member=name) for name in remote) > 8, 20)
        assert {short.phase(name) for name in remote} == {"stale"}
        # The first that is heard again is a witness against those that are not yet.
        told.may_lose(*remote)
        for name in remote:
            federation[name].proxy.become(PASS)
        for name in remote:
            told.phase(name, "synced")
        eventually(lambda: told.asker.latest(GLOBAL) == balancers(), 30)


def test_one_that_is_lost_alone_expires(federation, tmp_path, resolver):
    short = Resolver(tmp_path, expire_after=7)
    with short.running(), story(federation, short) as told:
        told.may_lose(REMOTE)
        federation[REMOTE].proxy.become(BLACK_HOLE)
        told.shows({REMOTE})
        assert short.phase(REMOTE) == "expired"
        with told.becoming(set()):
            federation[REMOTE].proxy.become(PASS)


def test_a_resolver_killed_and_started_with_no_api_server_in_reach_answers_from_its_snapshot(federation, resolver):
    with resolver.running(), story(federation, resolver) as told:
        before = eventually(resolver.snapshot)
        told.goes_down(REMOTE)
        eventually(lambda: resolver.snapshot() != before)
    for member in federation.values():
        member.proxy.become(REFUSED)
        member.proxy.reset()
    right = {LOCAL: "10.96.0.10", GLOBAL: balancers({REMOTE})}
    with resolver.running(), story(federation, resolver, right):
        assert resolver.errors() == [(STALE, f"local; stale 0s {HOME}")]
