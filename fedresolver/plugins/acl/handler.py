"""The link of the chain that asks the rules, before and after: a chain of CNAMEs must not lead around them.

What is kept of an answer that somebody got is asked for again with a guard: it goes to those to whom the same rules
allow it, and everybody else's question goes through the chain. A denial is never kept.
"""

from collections.abc import Iterator
from functools import partial

from msgspec.structs import replace

from fedresolver.chain.handler import Client, Ede, Handler, Reply, Request, Verdict
from fedresolver.plugins.acl.metrics import Counts
from fedresolver.plugins.acl.rules import Action, Rules, Steps, denial
from fedresolver.wire.const import Ede as Code
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import Name, starts
from fedresolver.wire.query import Query

DENIALS = {
    Action.BLOCK: Reply(rcode=Rcode.REFUSED, authoritative=False, ede=Ede(Code.BLOCKED), plugin="acl"),
    Action.FILTER: Reply(authoritative=False, ede=Ede(Code.FILTERED), plugin="acl"),
    Action.DROP: Reply(rcode=Rcode.REFUSED, authoritative=False, verdict=Verdict.DROP, plugin="acl"),
}
_NO_CHAIN = frozenset((Type.CNAME, Type.ANY))
"""Types of questions that are answered with a CNAME and not with what it leads to."""


class AccessControl:
    """The rules of a server block, and how often they allowed and denied."""

    def __init__(self, rules: Rules, counts: Counts) -> None:
        self._rules = rules
        self._counts = counts

    def wrap(self, next_: Handler) -> Handler:
        """Return the handler that gives to `next_` what is allowed."""

        async def handle(request: Request) -> Reply:
            query = request.query
            steps = self._rules.steps(query.qname, query.starts, query.qtype)
            bits = self._rules.bits(request.client.address)
            denied = denial(steps, bits)
            if denied is not None:
                return self._denied(denied.action, denied.zone)
            return self._allowed(query, steps, bits, await next_(request))

        return handle

    def _denied(self, action: Action, zone: Name) -> Reply:
        self._counts.denied(action, zone)
        return DENIALS[action]

    def _allowed(self, query: Query, steps: Steps, bits: int, reply: Reply) -> Reply:
        """Return `reply` if its other names are allowed, too, with a guard where others may not have it."""
        asked = {steps}
        if reply.answer:
            asked.update(self._steps(name, rtype) for name, rtype in _names(query, reply))
            for one in asked:
                denied = denial(one, bits)
                if denied is not None:
                    return self._denied(denied.action, denied.zone)
        if reply.additional:
            asked.update(self._steps(rrset.owner, rrset.rtype) for rrset in reply.additional)
            reply = self._without_denied(reply, bits)
        asked.discard(())
        if not asked:
            return reply
        self._counts.allowed += 1
        if reply.cell is None:
            return reply
        return replace(reply, guards=(*reply.guards, partial(self._again, tuple(asked))))

    def _without_denied(self, reply: Reply, bits: int) -> Reply:
        """Return `reply` with the additional records that are allowed; one that lacks some is for this client alone."""
        kept = tuple(rrset for rrset in reply.additional if denial(self._steps(rrset.owner, rrset.rtype), bits) is None)
        return reply if len(kept) == len(reply.additional) else replace(reply, additional=kept, cell=None, life=None)

    def _steps(self, name: Name, rtype: int) -> Steps:
        return self._rules.steps(name, starts(name), rtype)

    def _again(self, asked: tuple[Steps, ...], client: Client, query: Query | None) -> Verdict:
        """Return whether a client may have an answer for which these steps are to be asked."""
        bits = self._rules.bits(client.address)
        for steps in asked:
            if denial(steps, bits) is not None:
                return Verdict.ASK
        self._counts.allowed += 1
        return Verdict.SEND


def _names(query: Query, reply: Reply) -> Iterator[tuple[Name, int]]:
    """Yield the names of a chain but the first, each with the type that is asked of it.

    Its last name, too, if it has no records: the answer says that, or that there is none. The records of ANY are asked
    for by their types: to have all of them is to have each.
    """
    for rrset in reply.answer:
        if rrset.owner != query.qname:
            yield rrset.owner, query.qtype
        if query.qtype == Type.ANY:
            yield rrset.owner, rrset.rtype
        if rrset.rtype == Type.CNAME and query.qtype not in _NO_CHAIN:
            yield Name(rrset.rdatas[0].lower()), query.qtype
