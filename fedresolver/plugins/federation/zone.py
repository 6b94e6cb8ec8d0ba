"""What the zones of a federation share: how an answer of the walk becomes a reply."""

from collections.abc import Callable

import msgspec

from fedresolver.chain.handler import Cell, Ede, Reach, Reply
from fedresolver.model.service import ServiceKey
from fedresolver.plugins.federation.apex import Apex
from fedresolver.plugins.federation.live import Live
from fedresolver.plugins.federation.settings import Explain
from fedresolver.walk.answer import Answer, Question
from fedresolver.walk.outcome import NotReady, Unknown, Walk
from fedresolver.walk.qname import OfService
from fedresolver.walk.reach import fell_back, reached
from fedresolver.walk.reason import code, text
from fedresolver.wire.const import Ede as Code
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import Name
from fedresolver.wire.rr import RRset

PLUGIN = "federation"
_MOST_NAMED = 3


class Asking(msgspec.Struct, frozen=True, gc=False):
    """A name and a type that are asked, with the offsets of the name's labels; the zone begins at number `cut`."""

    qname: Name
    qtype: int
    starts: tuple[int, ...]
    cut: int


class Found(msgspec.Struct, frozen=True, gc=False):
    """A reply, and the name with which its chain goes on elsewhere, if it does.

    `unresolved` are the host names of load balancers for want of which it is a failure; `resolved` is whether it has
    addresses that such names have led to. `running` is the federation that a name or names are of. `unsure` is whether
    the name may be another's, for it has not the shape of a federated one.
    """

    reply: Reply
    target: Name | None = None
    unresolved: tuple[str, ...] = ()
    resolved: bool = False
    running: Live | None = None
    unsure: bool = False


Soa = Callable[[Name], tuple[RRset, ...]]
"""The authority section of a negative answer in a zone of ours, by the zone's name."""


def of_apex(apex: Apex, qtype: int) -> Found:
    """Return the reply to a question for the zone's own name."""
    answer = apex.own(qtype)
    extra = apex.glue() if qtype == Type.NS else ()
    authority = () if answer else apex.soa()
    return Found(Reply(answer=answer, authority=authority, additional=extra, cell=apex.cell, plugin=PLUGIN))


def of_host(apex: Apex, asking: Asking) -> Found | None:
    """Return what a name server's name in the zone has, NODATA for a name above one; None for other names."""
    answer = apex.host(asking.qname, asking.qtype)
    if answer is None:
        return None
    return Found(Reply(answer=answer, authority=() if answer else apex.soa(), cell=apex.cell, plugin=PLUGIN))


def negative(apex: Apex, rcode: Rcode, cell: Cell | None, ede: Ede | None = None) -> Found:
    """Return NODATA (NOERROR) or NXDOMAIN, with the zone's SOA (RFC 2308 2)."""
    return Found(Reply(rcode=rcode, authority=apex.soa(), cell=cell, ede=ede, plugin=PLUGIN))


def why_absent(running: Live, *, shaped: bool) -> Ede:
    """Return the extended error of a name that nobody has; `shaped` is whether any member could have it."""
    stale = tuple(member for member in running.store.members.values() if member.since is not None)
    walk = Walk(Unknown(), stale=stale if shaped else ())
    return Ede(code(walk, exists=False), text(walk, running.clock()))


def of_namespace(apex: Apex, running: Live, namespace: bytes, *, inside: bool) -> Found | None:
    """Return NODATA for a namespace, a label in wire form, that has a Service somewhere; None for one that has not."""
    store = running.store
    if store.has_namespace(namespace):
        return negative(apex, Rcode.NOERROR, running.cells.brief())
    if store.pending:
        return not_ready(running, tuple(member.name for member in store.pending), inside=inside)
    return None


def asked_of(apex: Apex, running: Live, asking: Asking, shape: OfService, base: Name) -> Question:
    """Return what is asked of a Service in the zone of `apex`; `base` follows its key in names of the local member."""
    return Question(
        qname=asking.qname,
        qtype=asking.qtype,
        zone=apex.zone,
        base=base,
        asked=shape,
        federation=running.settings.federation,
        view=running.store,
    )


def not_ready(running: Live, members: tuple[str, ...], *, inside: bool) -> Found:
    """Return SERVFAIL for an answer that depends on members that were never listed."""
    return _not_ready(running, Walk(NotReady(members)), inside=inside)


def _not_ready(running: Live, walk: Walk, *, inside: bool) -> Found:
    why = text(walk, running.clock())
    ede = Ede(Code.NOT_READY, why if explains(running, inside=inside) else "")
    reach = Reach(running.settings.federation.name, reached(walk), fallback=False)
    return Found(Reply(rcode=Rcode.SERVFAIL, ede=ede, authoritative=False, plugin=PLUGIN, failure=why, reach=reach))


def explains(running: Live, *, inside: bool) -> bool:
    """Say whether answers say why, where pods ask or below the public domain."""
    wanted = running.settings.explain
    return wanted is Explain.ALL or (wanted is Explain.ON and inside)


def of_walk(running: Live, walk: Walk, answer: Answer, soa: Soa, *, inside: bool, key: ServiceKey) -> Found:
    """Return the reply that says what `walk` found, in the records of `answer`."""
    if isinstance(walk.outcome, NotReady):
        return _not_ready(running, walk, inside=inside)
    if answer.unresolved:
        return _unresolved(running, walk, answer.unresolved, inside=inside, key=key)
    ede = None
    if explains(running, inside=inside):
        ede = Ede(code(walk, exists=answer.rcode is not Rcode.NXDOMAIN), text(walk, running.clock()))
    brief = answer.negative is not None or bool(walk.stale)
    cells = running.cells
    return Found(
        Reply(
            rcode=answer.rcode,
            answer=answer.answer,
            authority=() if answer.negative is None else soa(answer.negative),
            additional=answer.additional,
            authoritative=answer.rcode is not Rcode.SERVFAIL,
            ede=ede,
            cell=cells.brief(key) if brief else cells.lasting(key),
            plugin=PLUGIN,
            reach=Reach(running.settings.federation.name, reached(walk), fell_back(walk, key, running.store)),
        ),
        answer.target,
        resolved=answer.resolved,
        running=running,
    )


def _unresolved(running: Live, walk: Walk, hostnames: tuple[str, ...], *, inside: bool, key: ServiceKey) -> Found:
    """Return SERVFAIL for an answer of which nothing is known but host names that have led nowhere yet."""
    why = text(walk, running.clock()) if explains(running, inside=inside) else ""
    reply = Reply(
        rcode=Rcode.SERVFAIL,
        ede=Ede(Code.NO_REACHABLE_AUTHORITY, why),
        authoritative=False,
        cell=running.cells.brief(key),
        plugin=PLUGIN,
        failure=f"not resolved yet: {', '.join(hostnames[:_MOST_NAMED])}",
    )
    return Found(reply, unresolved=hostnames, running=running)
