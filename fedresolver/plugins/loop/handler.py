"""Catching what comes back."""

from collections.abc import Callable

from fedresolver.chain.handler import Handler, Reply, Request, Wrap
from fedresolver.wire.const import Rcode
from fedresolver.wire.name import Name

CAUGHT = Reply(rcode=Rcode.NXDOMAIN, authoritative=False, plugin="loop")
"""The answer to a probe: it goes no further, and the ways that it came are free again."""


def catcher(catch: Callable[[Name], bool]) -> Wrap:
    """Return the link that answers the queries whose names `catch` knows, of whatever type they are."""

    def wrap(next_: Handler) -> Handler:
        async def handle(request: Request) -> Reply:
            return CAUGHT if catch(request.query.qname) else await next_(request)

        return handle

    return wrap
