"""What primaries tell us of changes (NOTIFY, RFC 1996)."""

import logging
from collections.abc import Mapping

from fedresolver.chain.handler import Handler, Reply, Request, Wrap
from fedresolver.plugins.secondary.copy import Copy
from fedresolver.server.seldom import Seldom
from fedresolver.wire.const import CLASS_IN, Opcode, Rcode, Type
from fedresolver.wire.name import Name, to_text

_NOT_OURS = Reply(rcode=Rcode.NOTAUTH, authoritative=False, plugin="secondary")
_NOT_FROM_A_PRIMARY = Reply(rcode=Rcode.REFUSED, authoritative=False, plugin="secondary")
_NOT_OF_SOA = Reply(rcode=Rcode.FORMERR, authoritative=False, plugin="secondary")
_TAKEN = Reply(plugin="secondary")
log = logging.getLogger("fedresolver.secondary")


def notify(copies: Mapping[Name, Copy], refusals: Seldom) -> Wrap:
    """Return the link that takes a NOTIFY for one of the zones of `copies` and has the copy look at its primaries.

    One from elsewhere is refused, and `refusals` is told of it.
    """

    def wrap(next_: Handler) -> Handler:
        async def handle(request: Request) -> Reply:
            query, client = request.query, request.client
            if query.opcode != Opcode.NOTIFY:
                return await next_(request)
            copy = copies.get(query.qname) if query.qclass == CLASS_IN else None
            if copy is None:
                return _NOT_OURS
            if not copy.accepts(client.address, request.key):
                refusals.warn(log, "%s: NOTIFY from %s, which is no primary", to_text(query.qname), client.address)
                return _NOT_FROM_A_PRIMARY
            if query.qtype != Type.SOA:
                return _NOT_OF_SOA
            copy.notify(client.address, query.serial)
            return _TAKEN

        return handle

    return wrap
