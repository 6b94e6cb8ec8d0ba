"""What a cache tells of itself."""

from typing import Protocol

from fedresolver.upstream.memory.lifetime import Kind


class Counts(Protocol):
    """Who is told what there is to be counted."""

    def missed(self) -> None:
        """Take note that another server was asked, for nothing was kept."""

    def prefetched(self) -> None:
        """Take note that another server is asked before an entry ends."""

    def gave_stale(self) -> None:
        """Take note that an answer was given after its end."""

    def evicted(self, kind: Kind) -> None:
        """Take note that a reply which could still be given went, to make room."""


class Uncounted:
    """Counts nothing."""

    def missed(self) -> None:
        """Do nothing."""

    def prefetched(self) -> None:
        """Do nothing."""

    def gave_stale(self) -> None:
        """Do nothing."""

    def evicted(self, kind: Kind) -> None:
        """Do nothing."""
