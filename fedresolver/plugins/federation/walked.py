"""The walk that a name of a federation is answered by: of which Service, and from where."""

from fedresolver.model.service import ServiceKey
from fedresolver.model.view import View
from fedresolver.plugins.federation.live import Live
from fedresolver.walk.level import Level, named
from fedresolver.walk.outcome import Hit, Local, Walk
from fedresolver.walk.qname import OfService, before, public
from fedresolver.walk.walk import walk_from, walk_inside
from fedresolver.wire.name import Name, starts

Start = Level | None
"""Where a walk begins; None for the local shard."""


def asked_of(running: Live, qname: Name, apex: Name) -> tuple[ServiceKey, Start] | None:
    """Return the Service that a name of a federation is of, and where its walk begins; None for other names."""
    federation = running.settings.federation
    labels = starts(qname)
    cut = len(labels) - len(starts(apex))
    if apex in (federation.inside, federation.bare):
        shape = before(qname, labels, cut)
        return (shape.key, None) if isinstance(shape, OfService) else None
    if apex != federation.domain:
        return None
    found = public(qname, labels, cut)
    level = named(found.place, running.store.places)
    if found.federation != federation.label or level is None or not isinstance(found.shape, OfService):
        return None
    return found.shape.key, level


def walked(start: Start, key: ServiceKey, view: View) -> Walk:
    """Return the walk for a Service that begins there."""
    return walk_inside(key, view) if start is None else walk_from(start, key, view)


def reached(walk: Walk) -> str:
    """Return the part of the federation that answers, `nowhere` if none does."""
    match walk.outcome:
        case Local():
            return "local"
        case Hit(level=level):
            return level.text()
        case _:
            return "nowhere"
