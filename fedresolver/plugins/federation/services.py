"""A Service and its shards as the status pages have them."""

from ipaddress import ip_address

from fedresolver.model.service import ServiceKey, key_text
from fedresolver.model.shard import Shard
from fedresolver.plugins.federation.running import RunningFederation
from fedresolver.plugins.federation.walked import reached
from fedresolver.status.documents import Service, ShardOf
from fedresolver.walk.level import EVERYWHERE
from fedresolver.walk.story import Finding, steps
from fedresolver.walk.walk import walk_from, walk_inside
from fedresolver.wire.name import Name, to_text


def service_of(running: RunningFederation, key: ServiceKey) -> Service:
    """Return what is said of a Service that has shards."""
    store = running.store
    everywhere = steps(walk_from(EVERYWHERE, key, store), key, store, running.clock())
    findings = {finding.member: finding for step in everywhere for finding in step.shards}
    shards = store.shards(key)
    namespace, _, name = key_text(key).partition("/")
    federation = running.settings.federation
    names = (Name(key + federation.inside), federation.public_name(key, EVERYWHERE))
    return Service(
        name=name,
        namespace=namespace,
        federation=running.settings.federation.name,
        healthy=sum(findings[shard.member].healthy for shard in shards),
        answered=reached(walk_inside(key, store)),
        names=tuple(map(to_text, names)),
        shards=tuple(_shard(shard, findings[shard.member], store.left_out(shard.member, key)) for shard in shards),
    )


def _shard(shard: Shard, finding: Finding, left_out: tuple[bytes, ...]) -> ShardOf:
    return ShardOf(
        member=shard.member,
        state=finding.rule,
        healthy=finding.healthy,
        ready=shard.ready,
        total=shard.total,
        addresses=finding.addresses,
        left_out=tuple(sorted(str(ip_address(address)) for address in frozenset(left_out))),
    )
