"""The page that says whether the process is ready for queries."""

from fedresolver.chain.plugin import Response, Visit
from fedresolver.chain.setup import Process

READY = Response(200, b"OK")
STOPPING = Response(503, b"stopping\n")


class Readiness:
    """Whether the process is ready, and, unless `continuously`, whether it ever was.

    As a unit it does nothing but outlive a reload: a configuration that adds a federation must not make all resolvers
    unready at once.
    """

    def __init__(self, process: Process, *, continuously: bool) -> None:
        self._process = process
        self._continuously = continuously
        self._was_ready = False

    async def start(self) -> None:
        """Begin; there is nothing to do."""

    async def stop(self) -> None:
        """End; there is nothing to do."""

    async def respond(self, visit: Visit) -> Response:
        """Answer 200 with what is to be noted, or 503 with what is missing, a line each."""
        if self._process.stopping:
            return STOPPING
        if not self._was_ready:
            if missing := self._process.missing():
                return Response(503, _lines(missing))
            self._was_ready = not self._continuously
        notes = self._process.notes()
        return Response(200, _lines(("OK", *notes))) if notes else READY


def _lines(texts: tuple[str, ...]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()
