"""Which cause it is that the system or OpenSSL reports, and what is said of it."""

import errno
import socket
import ssl

import pytest

from fedresolver.upstream.failure import Cause, UpstreamError, cause_of, words
from fedresolver.wire.const import Ede


def of(number):
    return OSError(number, "Connect call failed ('192.0.2.1', 53)")


@pytest.mark.parametrize(
    ("error", "cause", "said"),
    [
        (TimeoutError(), Cause.TIMEOUT, "nothing came in time"),
        (of(errno.ETIMEDOUT), Cause.TIMEOUT, "nothing came in time"),
        (of(errno.ECONNREFUSED), Cause.REFUSED, "Connection refused"),
        (of(errno.ECONNRESET), Cause.CLOSED, "Connection reset by peer"),
        (of(errno.EPIPE), Cause.CLOSED, "Broken pipe"),
        (ConnectionResetError(), Cause.CLOSED, "the connection was closed"),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), Cause.CLOSED, "TLS failed"),
        (ssl.SSLError(1, "[SSL] something"), Cause.TLS, "TLS failed"),
        (of(errno.ENETUNREACH), Cause.UNREACHABLE, "Network is unreachable"),
        (of(errno.EHOSTUNREACH), Cause.UNREACHABLE, "No route to host"),
        (of(errno.EPERM), Cause.UNREACHABLE, "Operation not permitted"),
        (socket.gaierror(-2, "Name or service not known"), Cause.UNREACHABLE, "Name or service not known"),
        (of(errno.EMFILE), Cause.BUSY, "Too many open files"),
        (of(errno.EAGAIN), Cause.BUSY, "Resource temporarily unavailable"),
    ],
    ids=repr,
)
def test_causes(error, cause, said):
    assert (cause_of(error), words(error)) == (cause, said)


@pytest.mark.parametrize("cause", Cause)
def test_what_clients_are_told(cause):
    expected = Ede.NO_REACHABLE_AUTHORITY if cause is Cause.TIMEOUT else Ede.NETWORK_ERROR
    assert UpstreamError(cause, "192.0.2.1:53: something").ede is expected
