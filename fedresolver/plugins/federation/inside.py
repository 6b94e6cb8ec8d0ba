"""The zones that pods ask in, `F.svc.C.` and `F.`: the local shard, or the walk."""

from fedresolver.chain.handler import Cell, Ede, Reply
from fedresolver.model.member import Phase
from fedresolver.model.service import ServiceKey
from fedresolver.plugins.federation.apex import Apex
from fedresolver.plugins.federation.running import RunningFederation
from fedresolver.plugins.federation.zone import (
    PLUGIN,
    Asking,
    Found,
    Soa,
    explains,
    negative,
    not_ready,
    of_apex,
    of_walk,
)
from fedresolver.walk.answer import Question, answer, of_local_shard
from fedresolver.walk.federation import SVC
from fedresolver.walk.outcome import Unknown, Walk
from fedresolver.walk.qname import Apex as ApexShape
from fedresolver.walk.qname import InNamespace, NoShape, OfService, Shape, before
from fedresolver.walk.reason import text
from fedresolver.walk.walk import walk_inside
from fedresolver.wire.const import Ede as Code
from fedresolver.wire.const import Rcode
from fedresolver.wire.name import Name

_UNKNOWN = Ede(Code.OTHER, text(Walk(Unknown()), 0.0))
_GONE: Cell = [False]


class InsideZone:
    """`F.svc.C.` (`below_cluster`), where a local namespace may be called like the federation, or `F.`."""

    def __init__(self, running: RunningFederation, apex: Apex, soa: Soa, *, below_cluster: bool) -> None:
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
        return self._by_shape(asking, before(asking.qname, asking.starts, asking.cut))

    def absent(self) -> Found:
        """Return NXDOMAIN; the same value until it may not be kept any more."""
        cell = self._absent.reply.cell
        if cell is None or not cell[0]:
            ede = _UNKNOWN if explains(self._running, inside=True) else None
            self._absent = negative(self.apex, Rcode.NXDOMAIN, self._running.cells.brief(), ede)
        return self._absent

    def _by_shape(self, asking: Asking, shape: Shape) -> Found | None:
        match shape:
            case OfService():
                return self._service(asking, shape)
            case ApexShape():
                return of_apex(self.apex, asking.qtype, self._running.cells.brief())
            case InNamespace():
                return self._namespace(shape)
            case NoShape():
                return None

    def _namespace(self, shape: InNamespace) -> Found | None:
        store = self._running.store
        if store.has_namespace(shape.namespace):
            return negative(self.apex, Rcode.NOERROR, self._running.cells.brief())
        if store.pending:
            return not_ready(self._running, tuple(member.name for member in store.pending), inside=True)
        return None

    def _service(self, asking: Asking, shape: OfService) -> Found | None:
        store = self._running.store
        if store.certain and not store.shards(shape.key):
            return None
        walk = walk_inside(shape.key, store)
        if isinstance(walk.outcome, Unknown) and not walk.stale:
            return None
        question = self._question(asking, shape, self._federation.inside)
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
        found = of_local_shard(self._question(asking, shape, base), shard)
        authority = () if found.negative is None else self.apex.soa()
        reply = Reply(
            rcode=found.rcode, answer=found.answer, authority=authority, additional=found.additional, plugin=PLUGIN
        )
        return Found(reply, found.target)

    def _question(self, asking: Asking, shape: OfService, base: Name) -> Question:
        return Question(
            qname=asking.qname,
            qtype=asking.qtype,
            zone=self.apex.zone,
            base=base,
            asked=shape,
            federation=self._federation,
            view=self._running.store,
        )
