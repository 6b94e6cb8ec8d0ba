"""A federation and its member clusters as the status pages have them."""

import os

import msgspec

from fedresolver.model.member import Member, Phase
from fedresolver.plugins.federation.running import RunningFederation
from fedresolver.status.documents import Cluster, Federation, KindRead, Snapshot
from fedresolver.watch.cluster.reading import Reading
from fedresolver.watch.snapshot.unit import Snapshot as KeptFile
from fedresolver.wire.name import to_text

_STATUS = {Phase.SYNCED: "Ready", Phase.STALE: "Stale", Phase.EXPIRED: "Expired", Phase.PENDING: "NotListed"}


def federation_of(running: RunningFederation, wall: float) -> Federation:
    """Return what is said of a federation itself; `wall` is the time of day."""
    federation = running.settings.federation
    return Federation(
        name=federation.name,
        inside=to_text(federation.inside),
        bare=to_text(federation.bare),
        domain=to_text(federation.domain),
        local=running.settings.rules.local,
        snapshot=None if running.snapshot is None else _snapshot(running.snapshot, wall),
    )


def _snapshot(unit: KeptFile, wall: float) -> Snapshot:
    return Snapshot(
        path=os.path.abspath(unit.path),
        written=None if unit.written_at is None else wall - unit.written_at,
        waiting=unit.waiting,
        why=unit.why,
    )


def cluster_of(running: RunningFederation, member: Member, reading: Reading | None) -> Cluster:
    """Return what is said of a member; `reading` is how it is read, None from files."""
    local = running.store.local
    given = Reading("", 0.0 if member.phase is Phase.SYNCED else None) if reading is None else reading
    unlisted = not member.known and member.phase is Phase.EXPIRED
    return Cluster(
        name=member.name,
        federation=running.settings.federation.name,
        status="NotListed" if unlisted else _STATUS[member.phase],
        version=given.version,
        age=running.age(member.name),
        regions=tuple(dict.fromkeys(place.region for place in member.places)),
        zones=tuple(dict.fromkeys(place.topology_zone for place in member.places if place.topology_zone)),
        shards=running.store.count(member.name),
        local=local is not None and local.name == member.name,
        source="manifests" if reading is None else "API server",
        heard=running.clock() - member.since if member.since is not None else given.heard,
        phase=given.phase,
        why=given.why or member.failed,
        next=given.next,
        kinds=tuple(msgspec.convert(kind, KindRead, from_attributes=True) for kind in given.kinds),
        skew=given.skew,
    )
