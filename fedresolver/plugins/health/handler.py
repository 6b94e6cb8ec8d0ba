"""The page that says that the process is alive."""

from fedresolver.chain.plugin import Response

HEALTHY = Response(200, b"OK")


async def health(accept: str) -> Response:
    """Answer OK: whoever reads it knows that the event loop turns, and there is nothing else to be well."""
    return HEALTHY
