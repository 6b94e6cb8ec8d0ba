"""One small question over UDP, from a port and with an ID that cannot be guessed (RFC 5452 9.2)."""

import asyncio
import socket

from fedresolver.upstream.target import Target
from fedresolver.wire.received import is_answer_to

_LARGEST = 4096
_ID = 2


async def asked_over_udp(
    target: Target, message: bytes, question: bytes, seconds: float, source: str | None = None
) -> bytes:
    """Return the answer to `message`, in which `question` is asked; what answers nothing is passed over.

    It is asked from `source`, an address of ours, or any.

    TimeoutError when none comes within `seconds`, other OSErrors when the system says that none will.
    """
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in target.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
        if source is not None:
            sock.bind((source, 0))
        sock.connect((target.host, target.port))
        async with asyncio.timeout(seconds):
            await loop.sock_sendall(sock, message)
            while True:
                answer = await loop.sock_recv(sock, _LARGEST)
                if is_answer_to(answer, message[:_ID], question, exact=False):
                    return answer
