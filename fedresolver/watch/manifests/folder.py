"""What one member's folder holds: its files, the objects that they add up to, and what changes when files change.

Theory of operation. A look compares the stamps of the files with those of the files as they were last read, reads what
differs, and adds the files up: of an object in two files the last file by name wins. What comes of it is a proposal;
`accept` makes it the state, so that looks may run in a worker and the state changes in the event loop only.

An editor may truncate a file before it writes it, and a folder may be swapped file by file. So a change that takes
something away, or that brings flaws, is believed only when the folder has not changed for a moment.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from fedresolver.model.event import Event, Failed, Joined, Put, Removed, Restored, Stale, Synced
from fedresolver.model.objects import Object, Ref, ref
from fedresolver.watch.manifests.reading import Reading
from fedresolver.watch.stamp import Stamp

QUIET = 0.075  # seconds without a change, after which what the folder says is meant
MAX_LOOKS = 10  # at a folder that does not come to rest, before it is believed all the same
MAX_OBJECTS = 200_000  # of a member: what 100 members of 1,000 Services have together


class Disk(Protocol):
    """One member's files, as far as they must be known here."""

    def stamps(self) -> Mapping[str, Stamp | None]:
        """Return the stamp of each file by its name, None of one that cannot be reached; OSError for the folder."""

    def read(self, name: str) -> Reading:
        """Return what a file says."""


class File(msgspec.Struct, frozen=True, gc=False):
    """A file as it was last read: what it adds, and what is wrong with it. Without a stamp it is read again."""

    stamp: Stamp | None
    objects: dict[Ref, Object]
    flaws: tuple[str, ...]


class Proposal(msgspec.Struct, frozen=True, gc=False):
    """What a look found. `events` are one batch; `flaws` are all that stand, `news` those never told."""

    files: dict[str, File]
    shown: dict[Ref, Object]
    events: tuple[Event, ...]
    flaws: frozenset[str]
    news: tuple[str, ...]


class Folder:
    """The folder of the member `member`."""

    def __init__(self, member: str) -> None:
        self.member = member
        self._files: dict[str, File] = {}
        self._shown: dict[Ref, Object] = {}
        self._told: frozenset[str] = frozenset()
        self._synced = False
        self._lost: Stale | Failed | None = None
        self._restored: float | None = None
        self._before: Mapping[Ref, Object] = {}
        self._draft: dict[str, File] = {}
        self._seen: Mapping[str, Stamp | None] | None = None
        self._seen_at = 0.0
        self._looks = 0

    @property
    def known(self) -> bool:
        """Whether it was ever read, now or before a restart."""
        return self._synced or self._restored is not None

    def objects(self) -> list[Object]:
        """Return what the folder is known to hold."""
        return list(self._shown.values())

    def restore(self, objects: Iterable[Object], now: float) -> None:
        """Take for true what was known before a restart, until all of the folder can be read."""
        self._shown = {ref(thing): thing for thing in objects}
        self._before, self._restored = self._shown, now

    def replay(self) -> list[Event]:
        """Return all that is known, for a sink that comes late."""
        events: list[Event] = [Joined(self.member), *(Put(self.member, thing) for thing in self._shown.values())]
        if isinstance(self._lost, Stale):
            events.append(Restored(self.member, self._lost.since))
        elif self._restored is not None and not self._synced:
            events.append(Restored(self.member, self._restored))
        elif self._lost is not None:
            events.append(self._lost)
        elif self._synced:
            events.append(Synced(self.member))
        return events

    def lose(self, now: float, why: str) -> tuple[list[Event], tuple[str, ...]]:
        """Take note that the folder cannot be read; return what to tell of that, and the flaws never told."""
        self._seen = None
        news = () if why in self._told else (why,)
        self._told = frozenset({why})
        if self._lost is not None:
            return [], news
        self._lost = Stale(self.member, now) if self._synced else Failed(self.member, why)
        return [self._lost], news

    def look(self, disk: Disk, now: float) -> Proposal | None:
        """Return what is new in the folder; None when it must be looked at again soon. OSError when it is lost."""
        stamps = disk.stamps()
        if stamps != self._seen:
            self._seen, self._seen_at = stamps, now
        self._draft = {name: self._file(disk, name, stamp) for name, stamp in sorted(stamps.items())}
        proposal = self._propose() if self._is_news() else Proposal(self._files, self._shown, (), self._told, ())
        self._looks += 1
        if self._looks < MAX_LOOKS and (disk.stamps() != stamps or not self._is_meant(proposal, now)):
            return None
        return proposal

    def accept(self, proposal: Proposal) -> None:
        """Make what a look proposed the state."""
        self._files, self._shown, self._told = proposal.files, proposal.shown, proposal.flaws
        self._synced, self._lost = True, None
        if not proposal.flaws:
            self._before = {}
        self._looks = 0

    def _file(self, disk: Disk, name: str, stamp: Stamp | None) -> File:
        """Return the file, read again if it changed since; what is damaged stays as it was last believed."""
        for known in (self._draft.get(name), self._files.get(name)):
            if known and known.stamp and known.stamp == stamp:
                return known
        old = self._files.get(name)
        kept = old.objects if old else {}
        reading = disk.read(name)
        if reading.broken:
            return File(stamp, kept, reading.flaws)
        last_good = {ref: kept[ref] for ref in reading.damaged if ref in kept}
        return File(stamp, reading.objects | last_good, reading.flaws)

    def _is_news(self) -> bool:
        """Say whether anything may have changed since the last state, without comparing objects."""
        if self._lost is not None or not self._synced or self._draft.keys() != self._files.keys():
            return True
        return any(file is not self._files[name] for name, file in self._draft.items())

    def _propose(self) -> Proposal:
        shown: dict[Ref, Object] = {}
        for file in self._draft.values():
            shown |= file.objects
        flaws = {flaw: None for file in self._draft.values() for flaw in file.flaws}
        if flaws:
            shown = {**self._before, **shown}
        if len(shown) > MAX_OBJECTS:
            flaws = {f"member {self.member}: {len(shown)} objects; at most {MAX_OBJECTS} are kept": None}
            shown = self._shown
        events = _changes(self.member, self._shown, shown)
        if self._lost is not None or not self._synced:
            events.append(Synced(self.member))
        news = tuple(flaw for flaw in flaws if flaw not in self._told)
        return Proposal(self._draft, shown, tuple(events), frozenset(flaws), news)

    def _is_meant(self, proposal: Proposal, now: float) -> bool:
        less = any(isinstance(event, Removed) for event in proposal.events)
        return not (less or proposal.news) or now - self._seen_at >= QUIET


def _changes(member: str, old: Mapping[Ref, Object], new: Mapping[Ref, Object]) -> list[Event]:
    """Return the batch that leads from `old` to `new`; equal objects are no change."""
    gone: Sequence[Event] = [Removed(member, ref) for ref in old if ref not in new]
    return [*gone, *(Put(member, thing) for ref, thing in new.items() if old.get(ref) != thing)]
