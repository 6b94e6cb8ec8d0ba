"""Chains of CNAMEs that go on elsewhere: followed here, from one plugin to the next, and into other server blocks.

A plugin answers for its own names, and says with `Reply.target` where a chain leads on. The target is asked of all the
plugins that answer, as if a client had asked for it (RFC 1034 4.3.2 goes back to step 1), and what they say is joined.
Where it is in the zone of another server block the client's question goes there, so that the rules of that hold.
"""

from collections.abc import Callable
from typing import TypeAlias

from msgspec.structs import replace

from fedresolver.chain.cells import joined
from fedresolver.chain.handler import Ede, Handler, Reply, Request, request_of_ours
from fedresolver.wire.const import LONGEST_CHAIN, Rcode, Type, rcode_text
from fedresolver.wire.const import Ede as Code
from fedresolver.wire.name import Name, starts, to_text

_CNAME = int(Type.CNAME)
_ANSWERS = frozenset(map(int, (Rcode.NOERROR, Rcode.NXDOMAIN, Rcode.YXDOMAIN)))


Elsewhere: TypeAlias = Callable[[Name], tuple[Handler, Name] | None]
"""Returns the handler of the server block that a name belongs to, which follows nothing itself, and its zone there.

None where the name is our own block's, or nobody's.
"""


def nowhere(name: Name) -> None:
    """Know no other server block."""


def follow(next_: Handler, elsewhere: Elsewhere = nowhere) -> Handler:
    """Return the handler that has `next_`, or another block, asked for the targets of its chains, and joins all."""

    async def handle(request: Request) -> Reply:
        reply = await next_(request)
        while reply.target is not None:
            if reply.target in {rrset.owner for rrset in reply.answer if rrset.rtype == _CNAME}:
                return _failed(reply, f"a loop of CNAMEs through {to_text(reply.target)}")
            there = await _asked(request, reply.target, next_, elsewhere)
            if there.rcode == Rcode.REFUSED and not there.plugin:
                return replace(reply, target=None)
            reply = _followed(reply, there)
        return reply

    return handle


async def _asked(request: Request, name: Name, here: Handler, elsewhere: Elsewhere) -> Reply:
    """Ask for another name: `here` as ourselves, with what the client says of its form; elsewhere as the client."""
    query = request.query
    question = replace(query, question=name + query.question[-4:], qname=name, starts=starts(name), signature=0)
    found = elsewhere(name)
    if found is None:
        return await here(request_of_ours(question, request.zone, request.received))
    handler, zone = found
    return await handler(replace(request, query=question, zone=zone))


def _followed(reply: Reply, there: Reply) -> Reply:
    """Return a chain with its continuation.

    The rcode is that of the last name (RFC 6604 3), AA is about the first (RFC 1035 4.1.1).
    """
    if there.rcode not in _ANSWERS:
        why = there.failure or f"the name that it leads to: {rcode_text(there.rcode)}"
        return _failed(reply, why, there.ede or Ede(Code.NO_REACHABLE_AUTHORITY))
    answer = (*reply.answer, *there.answer)
    if sum(rrset.rtype == _CNAME for rrset in answer) > LONGEST_CHAIN:
        return _failed(reply, f"a chain of more than {LONGEST_CHAIN} CNAMEs")
    kept = not there.foreign and there.life is None
    return replace(
        there,
        answer=answer,
        authority=there.authority + reply.authority,
        authoritative=reply.authoritative,
        ede=reply.ede if there.ede is None else there.ede,
        cell=joined(reply.cell, there.cell) if kept else None,
        life=None,
        turns=reply.turns or there.turns,
        foreign=False,
        authentic=False,
        guards=reply.guards + there.guards,
        plugin=reply.plugin,
    )


def _failed(reply: Reply, why: str, ede: Ede | None = None) -> Reply:
    """Return SERVFAIL: where a chain leads cannot be found out."""
    return Reply(
        rcode=Rcode.SERVFAIL,
        authoritative=False,
        ede=ede,
        plugin=reply.plugin,
        failure=why,
    )
