"""The page that says that the process is alive."""

from fedresolver.chain.plugin import Response, Visit

HEALTHY = Response(200, b"OK")


async def health(visit: Visit) -> Response:
    """Answer OK: whoever reads it knows that the event loop turns, and there is nothing else to be well."""
    return HEALTHY
