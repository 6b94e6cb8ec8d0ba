"""One TCP connection that is closed as soon as it is accepted."""

import asyncio
import errno
import socket

SECONDS = 2.0
"""How long a connection may take to be accepted."""
_OUR_OWN = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))


async def accepts(address: bytes, port: int, seconds: float = SECONDS) -> bool | None:
    """Say whether a packed address accepts a connection; None when we have no means to make one."""
    family = socket.AF_INET if len(address) == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.setblocking(False)
            async with asyncio.timeout(seconds):
                await asyncio.get_running_loop().sock_connect(sock, (socket.inet_ntop(family, address), port))
    except OSError as error:
        return None if error.errno in _OUR_OWN else False
    return True
