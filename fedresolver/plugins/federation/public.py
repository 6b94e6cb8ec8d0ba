"""The public domain `D.`: names by level, for everyone. Several federations may share one."""

from msgspec.structs import replace

from fedresolver.chain.cells import joined
from fedresolver.chain.handler import Cell, Ede, Reply
from fedresolver.plugins.federation.apex import Apex
from fedresolver.plugins.federation.live import Live
from fedresolver.plugins.federation.zone import (
    Asking,
    Found,
    Soa,
    asked_of,
    explains,
    negative,
    not_ready,
    of_apex,
    of_namespace,
    of_walk,
    why_absent,
)
from fedresolver.walk.answer import answer
from fedresolver.walk.level import Level, named
from fedresolver.walk.outcome import Unknown
from fedresolver.walk.qname import Apex as ApexShape
from fedresolver.walk.qname import InNamespace, NoShape, OfService, Public, public
from fedresolver.walk.walk import missing_for_place, walk_from
from fedresolver.wire.const import Rcode


class PublicZone:
    """`D.`, with the federations that publish below it."""

    def __init__(self, runnings: tuple[Live, ...], apex: Apex, soa: Soa) -> None:
        self.apex = apex
        self._runnings = {running.settings.federation.label: running for running in runnings}
        self._first = runnings[0]
        self._explains = any(explains(running, inside=False) for running in runnings)
        self._soa = soa
        self._absent = Found(Reply())

    def ask(self, asking: Asking) -> Found | None:
        """Return the reply to a question; None when there is no such name."""
        if asking.cut == 0:
            return of_apex(self.apex, asking.qtype)
        asked = public(asking.qname, asking.starts, asking.cut)
        if not asked.federation:
            return self._place(asked)
        running = self._runnings.get(asked.federation)
        return None if running is None else self._federated(asking, asked, running)

    @property
    def without(self) -> Cell | None:
        """What holds until there is a name that was not there."""
        if len(self._runnings) == 1:
            return self._first.cells.brief()
        return joined(*(running.cells.brief() for running in self._runnings.values()))

    def absent(self, asking: Asking) -> Found:
        """Return NXDOMAIN while none of the federations has the name; the same value where nothing is told."""
        if not self._explains:
            cell = self._absent.reply.cell
            if cell is None or not cell[0]:
                self._absent = negative(self.apex, Rcode.NXDOMAIN, self.without)
            return self._absent
        return negative(self.apex, Rcode.NXDOMAIN, self.without, self._why_absent(asking))

    def _why_absent(self, asking: Asking) -> Ede | None:
        asked = public(asking.qname, asking.starts, asking.cut)
        running = self._runnings.get(asked.federation)
        if running is None or not explains(running, inside=False):
            return None
        return why_absent(running, shaped=not isinstance(asked.shape, NoShape))

    def _place(self, asked: Public) -> Found | None:
        """Return NODATA for the name of a place, which exists without any Service."""
        if isinstance(asked.shape, NoShape):
            return None
        missing: tuple[str, ...] = ()
        for running in self._runnings.values():
            if named(asked.place, running.store.places) is not None:
                return self._nodata(running)
            missing += missing_for_place(running.store)
        return replace(not_ready(self._first, missing, inside=False), unsure=True) if missing else None

    def _federated(self, asking: Asking, asked: Public, running: Live) -> Found | None:
        store = running.store
        level = named(asked.place, store.places)
        if level is None:
            missing = missing_for_place(store)
            return not_ready(running, missing, inside=False) if missing else None
        match asked.shape:
            case ApexShape():
                return self._nodata(running)
            case InNamespace(namespace=namespace):
                return of_namespace(self.apex, running, namespace, inside=False)
            case OfService():
                return self._service(asking, asked.shape, running, level)
            case NoShape():
                return None

    def _service(self, asking: Asking, shape: OfService, running: Live, level: Level) -> Found | None:
        store = running.store
        if shape.endpoint or (store.certain and not store.shards(shape.key)):
            return None
        walk = walk_from(level, shape.key, store)
        if isinstance(walk.outcome, Unknown):
            return None
        question = asked_of(self.apex, running, asking, shape, running.settings.federation.inside)
        found = answer(question, walk, level)
        return of_walk(running, walk, found, self._soa, inside=False, key=shape.key)

    def _nodata(self, running: Live) -> Found:
        return negative(self.apex, Rcode.NOERROR, running.cells.brief())
