"""Members that are read from folders of Kubernetes YAML and JSON: `DIR/<member>/*.yaml|*.yml|*.json`.

Theory of operation. One task looks at all the folders, whenever something in them was noticed and slowly anyway. Disk
and parsing are a worker's; what a look proposes is accepted here, in the event loop, and told to all sinks as one batch
per member. A member whose folder is deleted has left. A folder that cannot be read is stale and keeps its objects, and
so are all members when DIR itself is away: a mount that vanishes must not remove the federation. An empty DIR that is
there is empty.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Sequence

from fedresolver.model.event import Event, Joined, Left, Sink
from fedresolver.model.objects import Object
from fedresolver.observe.metrics import Metrics
from fedresolver.watch.manifests import disk
from fedresolver.watch.manifests.disk import Listing, MemberFiles
from fedresolver.watch.manifests.folder import QUIET, Folder
from fedresolver.watch.manifests.notice import Notice
from fedresolver.watch.worker import beside

Recall = Callable[[str], Sequence[Object] | None]
"""What is known of a member from before; None where nothing is."""
POLL = 5.0  # seconds between looks where nothing was noticed
_logger = logging.getLogger("fedresolver.federation")


def check(folder: str) -> None:
    """Raise OSError, with one clear line, when `folder` cannot be a DIR of manifests."""
    disk.check(folder)


class ManifestFolder:
    """The members in one DIR; `clock` is monotonic, in seconds. Sinks are called in the event loop."""

    def __init__(self, folder: str, clock: Callable[[], float], metrics: Metrics) -> None:
        self._path = folder
        self._clock = clock
        self._errors = metrics.counter(
            "fedresolver_federation_manifest_errors_total",
            "Errors in manifests, each counted when it appears; without a member: in DIR itself.",
            ("member",),
        )
        self._sinks: list[Sink] = []
        self._recalls: list[Recall] = []
        self._folders: dict[str, Folder] = {}
        self._files: dict[str, MemberFiles] = {}
        self._links: tuple[str, ...] = ()
        self._told: frozenset[str] = frozenset()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """List the members and begin to read them; OSError when DIR cannot be listed."""
        self._keep(disk.members(self._path))
        for name, folder in self._folders.items():
            known = next((found for recall in self._recalls if (found := recall(name)) is not None), None)
            if known is not None:
                folder.restore(known, self._clock())
                self._tell(folder.replay()[1:])
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Read and tell nothing more; what is known stays for `subscribe`."""
        for files in self._files.values():
            files.closed = True
        self._files = {}
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def recall_with(self, recall: Recall) -> None:
        """Ask `recall`, when it starts, what was known of each member before a restart."""
        if recall not in self._recalls:
            self._recalls.append(recall)

    def objects(self) -> dict[str, Sequence[Object]]:
        """Return what is known of each member that was ever read, now or before a restart."""
        return {name: folder.objects() for name, folder in self._folders.items() if folder.known}

    def subscribe(self, sink: Sink) -> None:
        """Tell `sink` all that is known, a batch per member, and from now on every change."""
        self._sinks.append(sink)
        for folder in self._folders.values():
            sink(folder.replay())

    def unsubscribe(self, sink: Sink) -> None:
        """Tell `sink` nothing more."""
        self._sinks.remove(sink)

    async def _run(self) -> None:
        notice = Notice(self._path)
        try:
            while True:
                seconds = await self._look_safely()
                if not await notice.begin(self._links):
                    await notice.wait(seconds)
        finally:
            await notice.close()

    async def _look_safely(self) -> float:
        """Look, and outlive what nobody foresaw: the other members and later looks must not pay for it."""
        try:
            return await self._look()
        except Exception:
            _logger.exception("manifests in %s could not be looked at", self._path)
            self._errors.add("")
            return POLL

    async def _look(self) -> float:
        """Look at everything once; return the seconds until the next look at the latest."""
        known = frozenset(self._folders)
        try:
            listing = await beside(lambda: disk.members(self._path, known))
        except OSError as error:
            self._lose(self._folders.values(), str(error))
            return POLL
        self._keep(listing)
        settled = [await self._look_at(member) for member in listing.members]
        return POLL if all(settled) else QUIET

    def _keep(self, listing: Listing) -> None:
        """Let members come and go."""
        gone = [member for member in self._folders if member not in listing.members]
        come = [member for member in listing.members if member not in self._folders]
        for member in gone:
            del self._folders[member]
        for member in come:
            self._folders[member] = Folder(member)
        self._files = {each: self._files.get(each) or self._files_of(each) for each in listing.members}
        self._links = listing.links
        self._tell([*map(Left, gone), *map(Joined, come)])
        self._complain("", [flaw for flaw in listing.flaws if flaw not in self._told])
        self._told = frozenset(listing.flaws)

    def _files_of(self, member: str) -> MemberFiles:
        return MemberFiles(os.path.join(self._path, member))

    async def _look_at(self, member: str) -> bool:
        """Look at one member and tell what is new; return whether it has come to rest."""
        folder, files, now = self._folders[member], self._files[member], self._clock()
        try:
            proposal = await beside(lambda: folder.look(files, now))
        except OSError as error:
            if not await beside(files.stand):  # deleted just now; the next look sees that it has left
                return False
            self._lose([folder], f"{os.path.join(self._path, member)}: {error.strerror}; its last state stands")
            return True
        if proposal is None:
            return False
        folder.accept(proposal)
        self._tell(proposal.events)
        self._complain(member, proposal.news)
        return True

    def _lose(self, folders: Iterable[Folder], why: str) -> None:
        """Tell that these cannot be read; the reason is told once where it is the same for all."""
        lost = [(folder.member, *folder.lose(self._clock(), why)) for folder in folders]
        self._tell([event for _, events, _ in lost for event in events])
        affected = [member for member, _, news in lost if news]
        for member in affected:
            self._errors.add(member)
        if affected:
            _logger.error("%s", why)

    def _tell(self, events: Sequence[Event]) -> None:
        if events:
            for sink in tuple(self._sinks):
                sink(events)

    def _complain(self, member: str, flaws: Iterable[str]) -> None:
        for flaw in flaws:
            _logger.error("%s", flaw)
            self._errors.add(member)
