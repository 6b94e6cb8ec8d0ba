"""The public domain as a zone that others may have a copy of.

Theory of operation. While somebody follows the zone each Service whose records may be others is listed anew, a few
levels at a time, in turn with everything else in the event loop. Records that are not what the last version has are
noted. When all that was to be listed is, the serial grows, and in that moment the zone is replaced: who asks for the
SOA is told of no version that cannot be had. While nobody follows it no record is made, and the serial grows with every
change of the federation.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from fedresolver.authority.versions import Versions
from fedresolver.authority.zones import Difference
from fedresolver.model.service import ServiceKey
from fedresolver.model.store import Change
from fedresolver.plugins.federation.apex import Apex
from fedresolver.plugins.federation.running import RunningFederation
from fedresolver.plugins.federation.serial import Serial
from fedresolver.walk.listing import Listed, levels, listing
from fedresolver.wire.const import Type
from fedresolver.wire.name import Name
from fedresolver.zone.contents import Contents
from fedresolver.zone.difference import Change as Differing
from fedresolver.zone.difference import compare
from fedresolver.zone.grouped import Grouped, Types

PORTION = 8
"""Levels of a Service that are listed at a time: less than half a millisecond's work."""
MOST_CHANGED = 1000
"""Services of which a version says what has changed; of more it is not worth to be told apart from all there is."""
LATEST = 1.0
"""Seconds after which what has changed is published, although more is still being listed."""
PATIENCE = 10.0
"""Seconds for which the first version waits for host names of load balancers to be resolved."""
_Group = Mapping[Name, Types]
_NOTHING: _Group = {}
_logger = logging.getLogger("fedresolver.federation")
_Item = tuple[RunningFederation, ServiceKey]


class PublishedZone:
    """The zone of `apex`, made from federations that publish in it; a Source, and the unit that makes it."""

    def __init__(self, apex: Apex, serial: Serial, runnings: tuple[RunningFederation, ...]) -> None:
        self._apex = apex
        self._serial = serial
        self._runnings = runnings
        self._feeds = tuple(self._feed_of(running) for running in runnings)
        self._versions = Versions()
        self._followers = 0
        self._timer: asyncio.TimerHandle | None = None
        self._began = 0.0
        self._forget()

    def _forget(self) -> None:
        """Have nothing listed."""
        self._queue: dict[_Item, None] = {}
        self._groups: dict[_Item, _Group] = {}
        self._published: dict[_Item, _Group] = {}
        self._differs: dict[_Item, Differing] = {}
        self._unresolved: set[_Item] = set()
        self._work: Iterator[None] | None = None
        self._differs_since = 0.0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def contents(self) -> Contents | None:
        """All public records; None until every member was listed, or given up."""
        return self._versions.contents

    def since(self, serial: int) -> tuple[Difference, ...] | None:
        """Return what has changed since `serial`, step by step; None when that is not known (any more)."""
        return self._versions.since(serial)

    def subscribe(self, changed: Callable[[], None]) -> None:
        """Have `changed` called whenever there is another version; the first begins to be made now."""
        self._versions.subscribe(changed)
        self._followers += 1
        if self._followers == 1:
            self._began = asyncio.get_running_loop().time()
            for running in self._runnings:
                self._enqueue_all(running)

    def unsubscribe(self, changed: Callable[[], None]) -> None:
        """Have it called no more; without anybody who wants it there is no zone."""
        self._versions.unsubscribe(changed)
        self._followers -= 1
        if not self._followers:
            self._versions.take(None)
            self._forget()

    async def start(self) -> None:
        """Follow the federations."""
        self._serial.followers.append(self._publish)
        for running, feed in zip(self._runnings, self._feeds, strict=True):
            running.followers.append(feed)

    async def stop(self) -> None:
        """Follow them no more."""
        self._serial.followers.remove(self._publish)
        for running, feed in zip(self._runnings, self._feeds, strict=True):
            running.followers.remove(feed)
        self._forget()

    def _feed_of(self, running: RunningFederation) -> Callable[[Change], None]:
        def feed(change: Change) -> None:
            if not self._followers:
                self._serial.touch()
            elif change.world:
                self._enqueue_all(running)
            else:
                self._enqueue((running, key) for key in change.keys)

        return feed

    def _enqueue_all(self, running: RunningFederation) -> None:
        """Have all listed that a federation has, and had."""
        known = ((running, key) for key in running.store.keys)
        self._enqueue(chain(known, [item for item in self._groups if item[0] is running]))

    def _enqueue(self, items: Iterator[_Item]) -> None:
        self._queue.update(dict.fromkeys(items))
        self._go_on_soon()

    def _go_on_soon(self) -> None:
        if self._work is None:
            self._work = self._list_all()
            asyncio.get_running_loop().call_soon(self._go_on, self._work)

    def _go_on(self, work: Iterator[None]) -> None:
        """List a portion, unless nobody wants it any more."""
        if work is not self._work:
            return
        try:
            for _ in work:
                asyncio.get_running_loop().call_soon(self._go_on, work)
                return
        except Exception as error:  # a Service that nobody thought of must not end the care for all others
            _logger.error("a Service cannot be listed: %s: %s", type(error).__name__, error)
            self._work = None
            self._go_on_soon()
            return
        self._work = None
        self._offer()

    def _list_all(self) -> Iterator[None]:
        """List what is to be listed, the oldest first; yields when others should have a turn."""
        done = 0
        while self._queue:
            item = next(iter(self._queue))
            del self._queue[item]
            now: dict[Name, Types] = {}
            self._unresolved.discard(item)
            running, key = item
            for level in levels(running.store.places):
                for listed in listing(key, level, running.settings.federation, running.store):
                    self._note(item, listed, now)
                done += 1
                if done % PORTION == 0:
                    yield
            self._take(item, now)
            if self._is_late():
                self._offer()

    def _note(self, item: _Item, listed: Listed, now: dict[Name, Types]) -> None:
        """Put what a name has into `now`: what it had, as long as it is not known where host names lead to."""
        owner = listed.owner
        if listed.unresolved:
            self._unresolved.add(item)
            had = self._groups.get(item, {})
            if owner in had:
                now[owner] = had[owner]
        elif listed.rrsets and self._apex.host(owner, Type.A) is None:  # else the name is a name server's
            now[owner] = {rrset.rtype: rrset for rrset in listed.rrsets}

    def _take(self, item: _Item, now: _Group) -> None:
        """Take in the names that a Service has now, and note what is not as it was published."""
        former = self._published.get(item, _NOTHING)
        change: Differing = ([], [])
        if self._versions.contents is not None:
            for owner in former.keys() | now.keys():
                compare(former.get(owner, {}), now.get(owner, {}), change)
            if not any(change):
                now = former  # so that the other is gone at once, and not with thousands of others
        if now:
            self._groups[item] = now
        else:
            self._groups.pop(item, None)
        if not any(change):
            self._differs.pop(item, None)
            return
        if not self._differs:
            self._differs_since = asyncio.get_running_loop().time()
        self._differs[item] = change

    def _is_late(self) -> bool:
        """Say whether what differs should not wait for the rest; a first version is whole."""
        return bool(self._differs) and asyncio.get_running_loop().time() - self._differs_since > LATEST

    def _offer(self) -> None:
        """Have what is listed published as soon as the serial may grow, if it is anything new, and all is known."""
        first = self._versions.contents is None
        if any(running.store.pending for running in self._runnings):
            return
        if first and self._unresolved and self._waits():
            return
        if first or self._differs:
            self._serial.touch()

    def _waits(self) -> bool:
        """Say whether a first version waits for host names; it is offered again at the latest when it does no more."""
        loop = asyncio.get_running_loop()
        end = self._began + PATIENCE
        if loop.time() >= end:
            return False
        if self._timer is None:
            self._timer = loop.call_at(end, self._offer)
        return True

    def _publish(self) -> None:
        """Replace the zone by what is listed: the serial has just grown."""
        former = self._versions.contents
        if not self._followers or (former is None and not self._is_whole()):
            return
        differs, self._differs = self._differs, {}
        self._published = dict(self._groups)
        contents = Contents(self._apex.zone, Grouped((self._own(), *self._groups.values())))
        if former is None or len(differs) > MOST_CHANGED:
            self._versions.jump(contents)
            return
        removed = tuple(chain.from_iterable(change[0] for change in differs.values()))
        added = tuple(chain.from_iterable(change[1] for change in differs.values()))
        self._versions.take(contents, Difference(former.soa, removed, contents.soa, added))

    def _is_whole(self) -> bool:
        return self._work is None and not any(running.store.pending for running in self._runnings)

    def _own(self) -> _Group:
        """Return what the zone has of its own: SOA, name servers, and their addresses."""
        rrsets: dict[Name, Types] = {}
        for rrset in (*self._apex.own(Type.SOA), *self._apex.own(Type.NS), *self._apex.glue()):
            rrsets[rrset.owner] = {**rrsets.get(rrset.owner, {}), rrset.rtype: rrset}
        return rrsets
