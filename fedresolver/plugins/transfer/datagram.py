"""One NOTIFY on its way: from a socket of its own, which takes nothing but the receiver's answer."""

import asyncio

from fedresolver.plugins.transfer.settings import Target
from fedresolver.wire.notify import acknowledged


async def send(message: bytes, target: Target, host: str, seconds: float) -> int | None:
    """Send a NOTIFY from the address `host`, any if that is empty; return the rcode of the answer.

    None when there is none within `seconds`. OSError when it cannot be sent at all.
    """
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[int] = loop.create_future()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Waiting(message, answered),
        local_addr=(host, 0) if host else None,
        remote_addr=(target.host, target.port),
    )
    try:
        async with asyncio.timeout(seconds):
            return await answered
    except TimeoutError:
        return None
    finally:
        transport.close()


class _Waiting(asyncio.DatagramProtocol):
    """Sends `message` at once. That nobody listens there (yet) is no answer."""

    def __init__(self, message: bytes, answered: asyncio.Future[int]) -> None:
        self._message = message
        self._answered = answered

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the message."""
        transport.sendto(self._message)  # type: ignore[attr-defined]  # it is that of a datagram endpoint

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Take the answer; whoever has sent it has the address that was asked."""
        rcode = acknowledged(data, self._message[:2])
        if rcode is not None and not self._answered.done():
            self._answered.set_result(rcode)

    def error_received(self, exc: Exception) -> None:
        """Wait on."""
