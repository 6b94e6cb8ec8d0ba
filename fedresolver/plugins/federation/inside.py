"""The zones that pods ask in, `F.svc.C.` and `F.`: the local shard, or the walk."""

from fedresolver.chain.handler import Cell, Reply
from fedresolver.model.member import Phase
from fedresolver.model.service import ServiceKey
from fedresolver.plugins.federation.apex import Apex
from fedresolver.plugins.federation.live import Live
from fedresolver.plugins.federation.zone import (
    PLUGIN,
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
from fedresolver.walk.answer import answer, of_local_shard
from fedresolver.walk.federation import SVC
from fedresolver.walk.outcome import Unknown
from fedresolver.walk.qname import Apex as ApexShape
from fedresolver.walk.qname import InNamespace, NoShape, OfService, Shape, before
from fedresolver.walk.walk import walk_inside
from fedresolver.wire.const import Rcode
from fedresolver.wire.name import Name

_GONE: Cell = [False]


class InsideZone:
    """`F.svc.C.` (`below_cluster`), where a local namespace may be called like the federation, or `F.`."""

    def __init__(self, running: Live, apex: Apex, soa: Soa, *, below_cluster: bool) -> None:
        self.apex = apex
        self._running = running
        self._soa = soa
        self._below_cluster = below_cluster
        self._federation = running.settings.federation
        self._label = self._federation.label
        self._absent = Found(Reply(cell=_GONE))

    def ask(self, asking: Asking) -> Found | None:
        """Return the reply to a question; None when there is no such name."""
        store = self._running.store
        if self._below_cluster and asking.cut:
            if store.local is not None and store.local.phase is Phase.PENDING:
                return not_ready(self._running, (store.local.name,), inside=True)
            if self._running.collides:
                found = self._local_truth(asking)
                if found is not None:
                    return found
        return self._by_shape(asking, _shape(asking))

    @property
    def without(self) -> Cell:
        """What holds until there is a name that was not there."""
        return self._running.cells.brief()

    def absent(self, asking: Asking) -> Found:
        """Return NXDOMAIN; where nobody is stale the same value until it may not be kept any more."""
        if not self._running.store.certain:
            return self._nxdomain(shaped=not isinstance(_shape(asking), NoShape))
        cell = self._absent.reply.cell
        if cell is None or not cell[0]:
            self._absent = self._nxdomain(shaped=True)
        return self._absent

    def _nxdomain(self, *, shaped: bool) -> Found:
        ede = why_absent(self._running, shaped=shaped) if explains(self._running, inside=True) else None
        return negative(self.apex, Rcode.NXDOMAIN, self._running.cells.brief(), ede)

    def _by_shape(self, asking: Asking, shape: Shape) -> Found | None:
        match shape:
            case OfService():
                return self._service(asking, shape)
            case ApexShape():
                return of_apex(self.apex, asking.qtype)
            case InNamespace(namespace=namespace):
                return of_namespace(self.apex, self._running, namespace, inside=True)
            case NoShape():
                return None

    def _service(self, asking: Asking, shape: OfService) -> Found | None:
        store = self._running.store
        if store.certain and not store.shards(shape.key):
            return None
        walk = walk_inside(shape.key, store)
        if isinstance(walk.outcome, Unknown):
            return None
        question = asked_of(self.apex, self._running, asking, shape, self._federation.inside)
        found = answer(question, walk, None)
        return of_walk(self._running, walk, found, self._soa, inside=True, key=shape.key)

    def _local_truth(self, asking: Asking) -> Found | None:
        """Return the answer of the local Service that the name is below, in a namespace called like the federation."""
        at = asking.cut - 1
        key = ServiceKey(asking.qname[asking.starts[at] : asking.starts[at + 1]] + self._label)
        shard = self._running.store.local_shard(key)
        if shard is None:
            return None
        shape = before(asking.qname, asking.starts, asking.cut + 1)
        if not isinstance(shape, OfService):
            return Found(Reply(rcode=Rcode.NXDOMAIN, authority=self.apex.soa(), plugin=PLUGIN))
        base = Name(SVC + self._federation.cluster_domain)
        found = of_local_shard(asked_of(self.apex, self._running, asking, shape, base), shard)
        authority = () if found.negative is None else self.apex.soa()
        reply = Reply(
            rcode=found.rcode, answer=found.answer, authority=authority, additional=found.additional, plugin=PLUGIN
        )
        return Found(reply, found.target, running=self._running)


def _shape(asking: Asking) -> Shape:
    return before(asking.qname, asking.starts, asking.cut)
