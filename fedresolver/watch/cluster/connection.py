"""HTTP to one member's API server, none of whose answers is trusted.

No redirect is followed, no cookie kept, no compression taken, no proxy read from the environment, and every answer is
bounded in octets and time. The official client is not used for this: it follows redirects to other hosts, and reads
an endless list until memory ends. Errors of aiohttp and of TLS become `TroubleError` here and go no further; what goes
wrong where an answer is used is not ours, and passes as it is.
"""

import asyncio
import os
import ssl
from asyncio import sslproto
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import aiohttp
import msgspec

from fedresolver import __version__
from fedresolver.watch.access.entry import Access, AccessError
from fedresolver.watch.cluster.lines import Lines
from fedresolver.watch.cluster.lookup import Lookup
from fedresolver.watch.cluster.pace import LONGEST_PAGE, Pace
from fedresolver.watch.cluster.trouble import Trouble, TroubleError, one_line

if TYPE_CHECKING:
    from fedresolver.watch.access.validity import Validity

LARGEST_PAGE = 32 << 20  # octets: 500 objects of 64 KiB
_LARGEST_ERROR = 16 << 10
_KEEP_ALIVE = 5.0  # seconds; short, so that no request goes out on what died in a black hole
_CHUNK = 1 << 16
_LONGEST_DATE = 64  # characters
_TLS_BUFFER = 16 << 10
"""Octets that asyncio sets aside for a TLS connection: a record's (RFC 8446 5.1). By itself it takes 256 KiB, for the
watches of a hundred members 100 MiB, and there is no other way to say it.
"""
_BY_STATUS = {
    401: Trouble.UNAUTHORIZED,
    403: Trouble.FORBIDDEN,
    404: Trouble.ABSENT,
    410: Trouble.GONE,
    400: Trouble.INVALID,
    422: Trouble.INVALID,
}
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": f"fedresolver/{__version__}"}

Query = Mapping[str, str]


class _Status(msgspec.Struct, frozen=True):
    message: str = ""


class _Version(msgspec.Struct, frozen=True, rename="camel"):
    git_version: str = ""


class Connection:
    """Requests to the API server that `access` leads to.

    `contact` is when it last answered anything, in seconds of the clock; `version` is its Kubernetes version, as far
    as it was asked for. `dated` is the time that it last said it has, in seconds since the epoch, and when that was.
    `validity` is that of the credentials that were last shown, as far as they say.
    """

    def __init__(self, access: Access, pace: Pace, clock: Callable[[], float]) -> None:
        self.access = access
        self.contact = float("-inf")
        self.version = ""
        self.dated: tuple[float, float] | None = None
        self.validity: Validity | None = None
        self._pace = pace
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str, query: Query, accept: str, largest: int = LARGEST_PAGE) -> bytes:
        """Return the whole body of an answer, at most `largest` octets; TroubleError for everything else."""
        parts: list[bytes] = []
        size = 0
        async with self._answer(path, query, accept, LONGEST_PAGE) as answer:
            while part := await self._part(answer, path, self._pace.read):
                parts.append(part)
                size += len(part)
                if size > largest:
                    raise TroubleError(Trouble.TOO_LARGE, f"GET {path}: an answer of more than {largest} octets")
        return b"".join(parts)

    @asynccontextmanager
    async def lines(
        self, path: str, query: Query, accept: str, seconds: float, read: float | None
    ) -> AsyncIterator[Lines]:
        """Give the lines of an answer as they come, those together that came together.

        It takes at most `seconds` in all, and `read` from octet to octet. TroubleError for everything but an orderly
        end.
        """
        async with self._answer(path, query, accept, seconds) as answer:
            yield Lines(lambda: self._part(answer, path, read), path)

    async def ping(self) -> None:
        """Have the API server answer anything; `contact` says whether it did, `version` which it says it is."""
        with suppress(TroubleError, msgspec.DecodeError, UnicodeError, RecursionError):
            found = await self.get("/version", {}, "application/json", _LARGEST_ERROR)
            self.version = one_line(msgspec.json.decode(found, type=_Version).git_version)

    async def close(self) -> None:
        """End all connections; the next request opens another."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @asynccontextmanager
    async def _answer(
        self, path: str, query: Query, accept: str, seconds: float
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        with _OurErrors(path):
            answer = await self._asked(path, query, accept, seconds)
        async with answer:
            await self._check(answer, path)
            yield answer

    async def _asked(self, path: str, query: Query, accept: str, seconds: float) -> aiohttp.ClientResponse:
        """Return an answer, of which the head is here: that must come soon, however long the body may take."""
        entry = await self.access.entry()
        self.validity = entry.validity
        async with asyncio.timeout(self._pace.connect + self._pace.read):
            answer = await self._opened().get(
                entry.server + path,
                params=query,
                headers=[("Accept", accept), *entry.headers],
                ssl=entry.tls if entry.tls is not None else True,
                server_hostname=entry.server_name or None,
                proxy=entry.proxy or None,
                timeout=aiohttp.ClientTimeout(seconds),
                allow_redirects=False,
            )
        self.contact = self._clock()
        date = _date(answer)
        self.dated = self.dated if date is None else (date, self.contact)
        return answer

    async def _part(self, answer: aiohttp.ClientResponse, path: str, seconds: float | None) -> bytes:
        """Return what has come of a body since the last time, waiting at most so long; nothing at its end."""
        with _OurErrors(path):
            if seconds is None:
                part = await answer.content.readany()
            else:  # the time-out of aiohttp itself begins anew with every octet, and not all octets are of the body
                async with asyncio.timeout(seconds):
                    part = await answer.content.readany()
        self.contact = self._clock()
        return part

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            sslproto.SSLProtocol.max_size = _TLS_BUFFER
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0, resolver=Lookup(), ttl_dns_cache=10, keepalive_timeout=_KEEP_ALIVE
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=_HEADERS,
                auto_decompress=False,
                trust_env=False,
                read_bufsize=_CHUNK,
            )
        return self._session

    async def _check(self, answer: aiohttp.ClientResponse, path: str) -> None:
        """Raise TroubleError unless the answer is what was asked for."""
        if answer.status == 200:
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise TroubleError(Trouble.DAMAGED, f"GET {path}: the answer is compressed, which nobody asked for")
            return
        if answer.status == 401:
            self.access.rejected()
        trouble = _BY_STATUS.get(answer.status, Trouble.REFUSED)
        text = await _message(answer, self._pace.read)
        raise TroubleError(trouble, f"GET {path}: {answer.status}{': ' if text else ''}{text}", _retry_after(answer))


async def _message(answer: aiohttp.ClientResponse, seconds: float) -> str:
    """Return what the server says of its refusal, if all of it comes in time: the status counts without it, too."""
    body = b""
    with suppress(aiohttp.ClientError, OSError):  # a time-out is an OSError
        async with asyncio.timeout(seconds):
            while len(body) < _LARGEST_ERROR and (part := await answer.content.readany()):
                body += part
    try:
        return one_line(msgspec.json.decode(body, type=_Status).message)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ""


def _date(answer: aiohttp.ClientResponse) -> float | None:
    """Return what time the server has (RFC 9110 6.6.1), in seconds since the epoch; None where it does not say."""
    try:
        return parsedate_to_datetime(answer.headers.get("Date", "")[:_LONGEST_DATE]).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _retry_after(answer: aiohttp.ClientResponse) -> float:
    """Return for how many seconds the server wants to be left alone (RFC 9110 10.2.3), 0 where it does not say."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0.0


class _OurErrors:
    """Turns what the network, TLS and aiohttp raise into TroubleError. No generator: each event passes through it."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        trouble = None if error is None else _trouble(error)
        if trouble is Trouble.UNAUTHORIZED:
            raise TroubleError(trouble, str(error)) from error
        if trouble is Trouble.TIMEOUT:
            raise TroubleError(trouble, f"GET {self._path}: nothing came in time") from error
        if trouble is not None and error is not None:
            raise TroubleError(trouble, f"GET {self._path}: {_said(error)}") from error


def _trouble(error: BaseException) -> Trouble | None:
    """Return which trouble an error is; None for one that is not of the network."""
    match error:
        case AccessError():
            return Trouble.UNAUTHORIZED
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return Trouble.TLS
        case aiohttp.ConnectionTimeoutError() | aiohttp.ClientConnectorError():
            return Trouble.DIAL
        case TimeoutError():
            return Trouble.TIMEOUT
        case aiohttp.ClientError() | OSError():
            return Trouble.BROKEN
        case _:
            return None


def _said(error: BaseException) -> str:
    """Return what went wrong, without what aiohttp says beside it: URLs with the password of a proxy, and objects."""
    if isinstance(error, aiohttp.ClientResponseError):
        return one_line(f"{error.status} {error.message}".strip())
    if isinstance(error, aiohttp.ClientConnectorError):
        return one_line(f"{error.host}:{error.port}: {_unconnected(error)}")
    return one_line(str(error)) or type(error).__name__


def _unconnected(error: aiohttp.ClientConnectorError) -> str:
    """Return why there is no connection, in the words of the system or of OpenSSL."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        why = error.certificate_error
        return f"certificate verify failed: {getattr(why, 'verify_message', type(why).__name__)}"
    cause = error.os_error
    if isinstance(cause, ssl.SSLError):
        return cause.reason or type(cause).__name__
    # asyncio has the address in its text once more; what is no errno, but of getaddrinfo(3), is negative
    return os.strerror(cause.errno) if cause.errno is not None and cause.errno > 0 else cause.strerror or str(cause)
