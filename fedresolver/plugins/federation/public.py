"""The public domain `D.`: names by level, for everyone. Several federations may share one."""

from fedresolver.plugins.federation.apex import Apex
from fedresolver.plugins.federation.running import RunningFederation
from fedresolver.plugins.federation.zone import (
    Asking,
    Found,
    Soa,
    negative,
    not_ready,
    of_apex,
    of_walk,
)
from fedresolver.walk.answer import Question, answer
from fedresolver.walk.level import Level, named
from fedresolver.walk.outcome import Unknown
from fedresolver.walk.qname import Apex as ApexShape
from fedresolver.walk.qname import InNamespace, NoShape, OfService, Public, public
from fedresolver.walk.walk import missing_for_place, walk_from
from fedresolver.wire.const import Rcode


class PublicZone:
    """`D.`, with the federations that publish below it."""

    def __init__(self, runnings: tuple[RunningFederation, ...], apex: Apex, soa: Soa) -> None:
        self.apex = apex
        self._runnings = {running.settings.federation.label: running for running in runnings}
        self._first = runnings[0]
        self._soa = soa

    def ask(self, asking: Asking) -> Found | None:
        """Return the reply to a question; None when there is no such name."""
        if asking.cut == 0:
            return of_apex(self.apex, asking.qtype, self._first.cells.brief())
        asked = public(asking.qname, asking.starts, asking.cut)
        if not asked.federation:
            return self._place(asked)
        running = self._runnings.get(asked.federation)
        return None if running is None else self._federated(asking, asked, running)

    def absent(self) -> Found:
        """Return NXDOMAIN."""
        return negative(self.apex, Rcode.NXDOMAIN, self._first.cells.brief())

    def _place(self, asked: Public) -> Found | None:
        """Return NODATA for the name of a place, which exists without any Service."""
        if isinstance(asked.shape, NoShape):
            return None
        missing: tuple[str, ...] = ()
        for running in self._runnings.values():
            if named(asked.place, running.store.places) is not None:
                return self._nodata(running)
            missing += missing_for_place(running.store)
        return not_ready(self._first, missing, inside=False) if missing else None

    def _federated(self, asking: Asking, asked: Public, running: RunningFederation) -> Found | None:
        store = running.store
        level = named(asked.place, store.places)
        if level is None:
            missing = missing_for_place(store)
            return not_ready(running, missing, inside=False) if missing else None
        match asked.shape:
            case ApexShape():
                return self._nodata(running)
            case InNamespace(namespace=namespace):
                if store.has_namespace(namespace):
                    return self._nodata(running)
                pending = tuple(member.name for member in store.pending)
                return not_ready(running, pending, inside=False) if pending else None
            case OfService():
                return self._service(asking, asked.shape, running, level)
            case NoShape():
                return None

    def _service(self, asking: Asking, shape: OfService, running: RunningFederation, level: Level) -> Found | None:
        store = running.store
        if shape.endpoint or (store.certain and not store.shards(shape.key)):
            return None
        walk = walk_from(level, shape.key, store)
        if isinstance(walk.outcome, Unknown) and not walk.stale:
            return None
        federation = running.settings.federation
        question = Question(
            qname=asking.qname,
            qtype=asking.qtype,
            zone=self.apex.zone,
            base=federation.inside,
            asked=shape,
            federation=federation,
            view=store,
        )
        found = answer(question, walk, level)
        return of_walk(running, walk, found, self._soa, inside=False, key=shape.key)

    def _nodata(self, running: RunningFederation) -> Found:
        return negative(self.apex, Rcode.NOERROR, running.cells.brief())
