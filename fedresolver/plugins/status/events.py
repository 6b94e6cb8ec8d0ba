"""What changes, as it changes: server-sent events (HTML Standard 9.2), for the page and for whoever watches."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator

import msgspec

from fedresolver.status.directory import Directory
from fedresolver.status.documents import Clusters, Transition

EVENT_STREAM = "text/event-stream; charset=utf-8"
LAST = 50
"""How many transitions one who begins to watch is told of."""
_LOOK_SECONDS = 1.0
_PATIENCE = 15
"""Looks without news after which a line is sent all the same: who has gone is found out by that."""
_MOST_AT_ONCE = 500
_AGES = re.compile(rb'"(?:age|heard|skew)":[0-9.e+-]+,?')


class Feed:
    """What has changed in all federations, for one who watches."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._numbers: dict[str, int] = {}

    def last(self) -> tuple[Transition, ...]:
        """Return the last transitions, the newest last, and go on behind them."""
        return tuple(sorted(self.news(), key=lambda one: one.at))[-LAST:]

    def news(self) -> Iterator[Transition]:
        """Yield what has changed since it was last asked."""
        for told in self._directory.federations:
            for name in told.names:
                for one in told.transitions(name, self._numbers.get(name, 0)):
                    self._numbers[name] = one.number + 1
                    yield one


def clusters(directory: Directory) -> Clusters:
    """Return the member clusters as they are."""
    return Clusters(clusters=tuple(cluster for told in directory.federations for cluster in told.clusters()))


async def flow(directory: Directory) -> AsyncIterator[bytes]:
    """Yield events: `clusters` whenever something of them is new, `transition` for each change, the last ones first."""
    feed = Feed(directory)
    for one in feed.last():
        yield event("transition", one)
    told, quiet = b"", 0
    while True:
        found = event("clusters", clusters(directory))
        news = [event("transition", one) for one in feed.news()][-_MOST_AT_ONCE:]
        if news or _still(found) != told:
            told, quiet = _still(found), 0
            yield found + b"".join(news)
        elif quiet >= _PATIENCE:
            quiet = 0
            yield b": still here\n\n"
        quiet += 1
        await asyncio.sleep(_LOOK_SECONDS)


def event(name: str, what: msgspec.Struct) -> bytes:
    """Return an event with a document; JSON has no line of its own end."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(what))


def _still(octets: bytes) -> bytes:
    """Return what of an event is no age: those change all the time, and are no news."""
    return _AGES.sub(b"", octets)
