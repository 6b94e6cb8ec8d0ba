"""Handshakes of TLS, worked out in a thread, so that who begins one takes no time from those who ask."""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeAlias

from fedresolver.server.seal import Seal

_NICE = 15
"""How much the thread stands back for the event loop where they share a core (setpriority(2)): 1 : 28."""

Opened: TypeAlias = bytes | Exception
"""What a client has said behind the handshake, or why that has failed."""
Done: TypeAlias = Callable[[Opened], None]


class Handshakes:
    """Handshakes, one at a time, in the order in which the clients spoke; OpenSSL needs no GIL for them."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "fedresolver-handshakes", _stand_back)
        self._waiting: dict[object, tuple[Seal, bytes, Done]] = {}
        self._is_busy = False

    def go_on(self, client: object, seal: Seal, octets: bytes, done: Done) -> None:
        """Have the seal of a client open what it sent, and `done` called with what came of it, in this event loop.

        Nobody else may use the seal until then. RuntimeError when the system gives no thread.
        """
        self._waiting[client] = seal, octets, done
        self._next()

    def forget(self, client: object) -> None:
        """Do nothing more for a client, unless that has begun."""
        self._waiting.pop(client, None)

    def close(self) -> None:
        """Forget all who wait."""
        self._waiting.clear()
        self._thread.shutdown(wait=False)

    def _next(self) -> None:
        if self._waiting and not self._is_busy:
            first = self._waiting.pop(next(iter(self._waiting)))
            self._thread.submit(self._open, *first, asyncio.get_running_loop())
            self._is_busy = True  # not if there can be no thread now: the next client may have one

    def _open(self, seal: Seal, octets: bytes, done: Done, loop: asyncio.AbstractEventLoop) -> None:
        """Open a seal; this is the part in the thread."""
        found: Opened
        try:
            found = seal.opened(octets)
        except Exception as error:  # whatever it is, it ends this connection and no other
            found = error
        with suppress(RuntimeError):  # the loop has ended, and with it all that could be told
            loop.call_soon_threadsafe(self._end, found, done)

    def _end(self, found: Opened, done: Done) -> None:
        self._is_busy = False
        self._next()
        done(found)


def _stand_back() -> None:
    with suppress(OSError):  # where that is forbidden it works all the same
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
