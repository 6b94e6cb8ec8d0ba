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

    def ready(self) -> bool:
        """Say whether the page answers 200."""
        return not self._process.stopping and not self._missing()

    async def respond(self, visit: Visit) -> Response:
        """Answer 200 with what is to be noted, or 503 with what is missing, a line each."""
        if self._process.stopping:
            return STOPPING
        if missing := self._missing():
            return Response(503, _lines(missing))
        notes = self._process.notes()
        return Response(200, _lines(("OK", *notes))) if notes else READY

    def _missing(self) -> tuple[str, ...]:
        if self._was_ready:
            return ()
        missing = self._process.missing()
        self._was_ready = not missing and not self._continuously
        return missing


def _lines(texts: tuple[str, ...]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()
