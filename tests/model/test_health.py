"""Which shards outside count as healthy, and that the last one is never taken."""

import pytest

from fedresolver.model.health import healthy_outside
from fedresolver.model.member import Member, Phase
from fedresolver.model.shard import Balancer, Shard

PHASES = {"pending": Phase.PENDING, "synced": Phase.SYNCED, "stale": Phase.STALE, "expired": Phase.EXPIRED}


def healthy(text: str) -> str:
    """Return the members whose shards count, of lines such as `c1 stale [doubtful] [dead] [homeless]`."""
    shards, members = [], {}
    for line in text.split(", "):
        name, phase, *words = line.split()
        since = 1.0 if phase in ("stale", "expired") and "unlisted" not in words else None
        members[name] = Member(name=name, phase=PHASES[phase], since=since)
        addresses = () if "homeless" in words else (b"\xc0\x00\x02\x01",)
        ready = 0 if "dead" in words else 1
        shards.append(
            Shard(member=name, ready=ready, total=1, balancer=Balancer(addresses), doubtful="doubtful" in words)
        )
    return " ".join(shard.member for shard in healthy_outside(shards, members))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("c1 synced, c2 stale", "c1 c2", id="the last known state is answered"),
        pytest.param("c1 synced dead, c2 synced homeless", "", id="a shard needs a ready endpoint and an address"),
        pytest.param("c1 synced, c2 expired", "c1", id="an expired member is out"),
        pytest.param("c1 synced, c2 stale doubtful", "c1", id="a doubtful shard is out"),
        pytest.param("c1 expired, c2 stale doubtful", "c1 c2", id="doubt and expiry never take the last shard"),
        pytest.param("c1 synced dead, c2 expired", "c2", id="a dead shard is no other shard"),
        pytest.param("c1 expired dead", "", id="what was dead before stays dead"),
        pytest.param(
            "c1 expired unlisted, c2 synced", "c2", id="nobody knows a shard of a member that was never listed"
        ),
        pytest.param("c1 expired unlisted", "", id="not even as the last one"),
        pytest.param("c1 pending", "", id="nor while it may still come"),
    ],
)
def test_healthy_outside(text, expected):
    assert healthy(text) == expected
