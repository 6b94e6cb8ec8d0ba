"""How the answers for the names of a Service would change."""

from collections.abc import Iterator
from ipaddress import ip_address

from fedresolver.model.service import ServiceKey
from fedresolver.model.view import View
from fedresolver.plugins.federation.running import RunningFederation
from fedresolver.plugins.federation.walked import Start, reached, walked
from fedresolver.status.documents import Difference
from fedresolver.walk.level import EVERYWHERE, Level, upwards
from fedresolver.walk.outcome import Hit, Local, Walk
from fedresolver.wire.name import Name, to_text


def differences(running: RunningFederation, key: ServiceKey, then: View) -> Iterator[Difference | None]:
    """Yield for each name of a Service how its answer would be in `then`, None where it would be the same."""
    for name, start in _names(running, key):
        yield _difference(name, walked(start, key, running.store), walked(start, key, then))


def _names(running: RunningFederation, key: ServiceKey) -> Iterator[tuple[str, Start]]:
    """Yield the names of a Service and where their walks begin: the pod's, then the public ones."""
    federation, places = running.settings.federation, sorted(running.store.places)
    yield to_text(Name(key + federation.inside)), None
    levels: dict[Level, None] = {}
    for place in places:
        levels |= dict.fromkeys(upwards(Level(place.region, place.topology_zone), places))
    for level in (*levels, EVERYWHERE) if EVERYWHERE not in levels else levels:
        yield to_text(federation.public_name(key, level)), level


def _difference(name: str, now: Walk, then: Walk) -> Difference | None:
    before_, after = _addresses(now), _addresses(then)
    if (before_, reached(now)) == (after, reached(then)):
        return None
    return Difference(name=name, before=before_, after=after, level_before=reached(now), level_after=reached(then))


def _addresses(walk: Walk) -> tuple[str, ...]:
    """Return what a walk answers with, in order."""
    match walk.outcome:
        case Local(shard=shard):
            packed = shard.inside
        case Hit(shards=shards):
            packed = tuple(address for shard in shards for address in shard.balancer.addresses)
        case _:
            packed = ()
    return tuple(sorted(str(ip_address(address)) for address in frozenset(packed)))
