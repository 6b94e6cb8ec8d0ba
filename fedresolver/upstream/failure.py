"""Why an upstream did not answer: the named ways, and a line for people."""

import errno
import os
import ssl
from enum import Enum

from fedresolver.wire.const import Ede

_OUR_OWN = frozenset(
    (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ENOSPC, errno.EADDRNOTAVAIL, errno.EAGAIN)
)
"""What we have run out of ourselves: it says nothing of the upstream."""


class Cause(Enum):
    """Why there is no answer; the value is the word that operators see.

    `BUSY` is our own lack of room, sockets or memory: it is no news of the upstream.
    """

    TIMEOUT = "timeout"
    REFUSED = "refused"
    CLOSED = "closed"
    GARBAGE = "garbage"
    TLS = "tls"
    UNREACHABLE = "unreachable"
    BUSY = "busy"


class UpstreamError(Exception):
    """A question to an upstream brought no answer; the text names the upstream and says what happened."""

    def __init__(self, cause: Cause, text: str) -> None:
        super().__init__(text)
        self.cause = cause

    @property
    def ede(self) -> Ede:
        """What our own client is told of it (RFC 8914 4.23, 4.24)."""
        return Ede.NO_REACHABLE_AUTHORITY if self.cause is Cause.TIMEOUT else Ede.NETWORK_ERROR


def cause_of(error: OSError) -> Cause:
    """Return which cause it is that the system or OpenSSL reports."""
    match error:
        case TimeoutError():
            return Cause.TIMEOUT
        case ConnectionRefusedError():
            return Cause.REFUSED
        case ConnectionError() | ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return Cause.CLOSED
        case ssl.SSLError():
            return Cause.TLS
        case _:
            return Cause.BUSY if error.errno in _OUR_OWN else Cause.UNREACHABLE


def words(error: OSError) -> str:
    """Return what the system or OpenSSL says of an error, without the addresses that asyncio puts beside it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not believed: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return getattr(error, "reason", None) or "TLS failed"  # errors that asyncio makes itself have none
    if isinstance(error, TimeoutError):
        return "nothing came in time"
    # what is no errno, but of getaddrinfo(3), is negative
    return (
        os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or "the connection was closed"
    )
