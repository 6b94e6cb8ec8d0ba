"""The vigil over API servers: who is asked for a sign while a member is silent."""

from tests.support.federation import federations
from tests.support.world import events

COREFILE = """federation shop example.com {
    in_cluster here
    stale_after 30s
}
"""
WORLD = """
here in north/oslo
c1 in north/bergen
c2 in south/rome
c3 in south/pisa
"""


def test_nobody_is_asked_while_all_are_heard():
    with federations(COREFILE, events(WORLD)) as running:
        running.loop.advance(300)
        assert running.clusters.pinged == []


def test_remote_members_that_are_heard_are_asked_for_a_sign_while_one_is_silent():
    with federations(COREFILE, events(WORLD)) as running:
        running.clusters.silent["c1"] = 0.0
        running.loop.advance(29)
        assert running.clusters.pinged == []
        running.loop.advance(2.5)
        assert sorted(running.clusters.pinged) == ["c2", "c3"]


def test_the_local_member_that_is_silent_is_nobodys_doubt():
    with federations(COREFILE, events(WORLD)) as running:
        running.clusters.silent["here"] = 0.0
        running.loop.advance(60)
        assert running.clusters.pinged == []


def test_a_member_that_never_comes_is_missing_until_startup_timeout():
    with federations(COREFILE, events("here unlisted\nc1 unlisted")) as running:
        assert running.plugin.missing() == "federation shop: not listed yet: here, c1"
        running.loop.advance(30)
        assert running.plugin.missing() is None
