"""One NOTIFY on its way: from a socket of its own, which takes nothing but the receiver's answer."""

import asyncio
from collections.abc import Callable

from fedresolver.plugins.transfer.settings import Target
from fedresolver.upstream.source import source
from fedresolver.upstream.transfer.signing import Asking, asking
from fedresolver.wire.error import FormatError
from fedresolver.wire.notify import acknowledged
from fedresolver.wire.tsig import find

NO_ANSWER = "no answer"


class Sending:
    """Sends from one of `hosts`, our addresses, if one will do; `wall` is seconds since the epoch, for signatures."""

    def __init__(self, hosts: tuple[str, ...], wall: Callable[[], float]) -> None:
        self._hosts = hosts
        self._wall = wall

    async def send(self, message: bytes, target: Target, seconds: float) -> int | str:
        """Send a NOTIFY, signed with the target's key; return the rcode of its answer, or why there was none.

        It takes all of the `seconds` when there is none.
        """
        end = asyncio.get_running_loop().time() + seconds
        try:
            return await self._exchange(asking(message, target.key, self._wall), target, end)
        except OSError as error:
            await asyncio.sleep(end - asyncio.get_running_loop().time())
            return error.strerror or str(error)

    async def _exchange(self, asked: Asking, target: Target, end: float) -> int | str:
        loop = asyncio.get_running_loop()
        waiting = _Waiting(asked, loop.create_future())
        host = source(self._hosts, target.host)
        transport, _ = await loop.create_datagram_endpoint(
            lambda: waiting,
            local_addr=None if host is None else (host, 0),  # they know us by the address that they ask
            remote_addr=(target.host, target.port),
        )
        try:
            async with asyncio.timeout_at(end):
                return await waiting.answered
        except TimeoutError:
            return waiting.doubt
        finally:
            transport.close()


class _Waiting(asyncio.DatagramProtocol):
    """Sends a message at once. That nobody listens there (yet) is no answer; `doubt` says why there is none."""

    def __init__(self, asked: Asking, answered: asyncio.Future[int]) -> None:
        self.answered = answered
        self.doubt = NO_ANSWER
        self._asked = asked

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the message."""
        transport.sendto(self._asked.message)  # type: ignore[attr-defined]  # it is that of a datagram endpoint

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Take the answer; whoever has sent it has the address that was asked."""
        rcode = acknowledged(data, self._asked.message[:2])
        if rcode is None or self.answered.done():
            return
        try:
            self._asked.verify(data, find(data))
            self._asked.end()
        except FormatError as error:
            self.doubt = str(error)
        else:
            self.answered.set_result(rcode)

    def error_received(self, exc: Exception) -> None:
        """Wait on."""
