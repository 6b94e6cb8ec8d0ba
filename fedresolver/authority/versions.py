"""The versions of a zone: what it holds now, and for those who follow it what has changed from one to the next."""

import asyncio
from collections.abc import Callable, Generator

from fedresolver.authority.history import History
from fedresolver.zone.contents import Contents
from fedresolver.zone.difference import Difference, in_portions


class Versions:
    """What a zone holds: None until it has something to answer from, and when that has expired.

    While there are subscribers its last versions are known, too. What has changed from one to the next is worked out in
    portions, in turn with everything else in the event loop; the subscribers are told when that is done.
    """

    def __init__(self) -> None:
        self.contents: Contents | None = None
        self._subscribers: list[Callable[[], None]] = []
        self._history = History()
        self._work: Generator[None, None, Difference] | None = None
        self._target: Contents | None = None

    def take(self, contents: Contents | None, step: Difference | None = None) -> None:
        """Hold something else from now on; `step` is what has changed since the contents before, where that is known.

        Without it what subscribers are told is worked out first.
        """
        former, self.contents = self.contents, contents
        if self._work is not None and contents is not None:
            return  # when the step to the version before is known the one to this follows
        if contents is None or former is None or not self._subscribers:
            self._forget()
        elif step is None:
            self._begin(former, contents)
            return
        else:
            self._history.add(step, contents)
        self._tell()

    def jump(self, contents: Contents) -> None:
        """Hold something else from now on, so different that what was before does not matter any more."""
        self.contents = contents
        self._forget()
        self._tell()

    def since(self, serial: int) -> tuple[Difference, ...] | None:
        """Return what has changed since `serial`, step by step; None when that is not known (any more)."""
        if self.contents is None:
            return None
        if self.contents.serial == serial:
            return ()
        return self._history.since(serial) if self._work is None else None

    def subscribe(self, changed: Callable[[], None]) -> None:
        """Have `changed` called whenever the zone holds something else than before, once `since` knows about it."""
        self._subscribers.append(changed)

    def unsubscribe(self, changed: Callable[[], None]) -> None:
        """Have it called no more."""
        self._subscribers.remove(changed)
        if not self._subscribers:
            self._forget()

    def _begin(self, before: Contents, after: Contents) -> None:
        self._work, self._target = in_portions(before, after), after
        asyncio.get_running_loop().call_soon(self._go_on, self._work)

    def _go_on(self, work: Generator[None, None, Difference]) -> None:
        """Work out another portion of a step, unless nobody wants to know it any more."""
        if work is not self._work:
            return
        try:
            next(work)
        except StopIteration as done:
            self._end(done.value)
        else:
            asyncio.get_running_loop().call_soon(self._go_on, work)

    def _end(self, step: Difference) -> None:
        """Take note of a step; go on with the next where the zone has changed meanwhile."""
        target, contents = self._target, self.contents
        self._work = self._target = None
        if target is None or contents is None:
            return
        self._history.add(step, target)
        if target is contents:
            self._tell()
        else:
            self._begin(target, contents)

    def _forget(self) -> None:
        self._history.clear()
        self._work = self._target = None

    def _tell(self) -> None:
        for changed in tuple(self._subscribers):
            changed()
