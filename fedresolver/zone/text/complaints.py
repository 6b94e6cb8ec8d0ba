"""What is wrong with a zone file, and what is odd about it: the first of each, and how many more there are."""

from fedresolver.config.errors import ConfigError, Place, StanzaError

MOST = 50
"""How many errors, and how many warnings, are told."""
GIVE_UP = 1000
"""After how many errors the rest is not worth its time."""


class EnoughError(Exception):
    """There are so many errors that the rest is not read."""


class Complaints:
    """Gathers the errors and the warnings about files."""

    def __init__(self) -> None:
        self.failed = False
        self._errors = _Some("errors")
        self._warnings = _Some("warnings")

    def error(self, at: Place, what: str) -> None:
        """Take in an error: the zone cannot be served. EnoughError when there were too many of them."""
        self.failed = True
        self._errors.add(at, what)
        if self._errors.count == GIVE_UP:
            self._errors.last = at
            raise EnoughError

    def warning(self, at: Place, what: str) -> None:
        """Take in something that the operator should hear of."""
        self._warnings.add(at, what)

    def warnings(self) -> tuple[str, ...]:
        """Return the warnings, `file:line: what`."""
        return tuple(map(str, self._warnings.told()))

    def raise_errors(self) -> None:
        """Raise a ConfigError with the errors, if there are any."""
        if self.failed:
            raise ConfigError(self._errors.told())


class _Some:
    """The first of many, in the order in which they came."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._kept: list[StanzaError] = []
        self.count = 0
        self.last: Place | None = None
        self._next: Place | None = None

    def add(self, at: Place, what: str) -> None:
        self.count += 1
        if self.count <= MOST:
            self._kept.append(StanzaError(at, what))
        else:
            self._next = self._next or at

    def told(self) -> tuple[StanzaError, ...]:
        if self._next is None:
            return tuple(self._kept)
        end = f"; reading ended at {self.last.file}:{self.last.line}" if self.last else ""
        return (*self._kept, StanzaError(self._next, f"{self.count - MOST} more {self._kind} from here on{end}"))
