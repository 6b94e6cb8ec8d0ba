"""HTTP to one member's API server, none of whose answers is trusted.

No redirect is followed, no cookie kept, no compression taken, no proxy read from the environment, and every answer is
bounded in octets and time. The official client is not used for this: it follows redirects to other hosts, and reads
an endless list until memory ends. Errors of aiohttp and of TLS become `TroubleError` here and go no further.
"""

import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress

import aiohttp
import msgspec

from fedresolver import __version__
from fedresolver.watch.access.entry import Access, AccessError
from fedresolver.watch.cluster.pace import LONGEST_PAGE, Pace
from fedresolver.watch.cluster.trouble import Trouble, TroubleError
from fedresolver.watch.kube.flaw import quoted

LARGEST_PAGE = 32 << 20  # octets: 500 objects of 64 KiB
LONGEST_LINE = 4 << 20  # octets: etcd takes no object above 1.5 MiB
_LARGEST_ERROR = 16 << 10
_KEEP_ALIVE = 30.0  # seconds
_CHUNK = 1 << 16
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


class Connection:
    """Requests to the API server that `access` leads to.

    `contact` is when it last answered anything, in seconds of the clock.
    """

    def __init__(self, access: Access, pace: Pace, clock: Callable[[], float]) -> None:
        self.access = access
        self.contact = float("-inf")
        self._pace = pace
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str, query: Query, accept: str, largest: int = LARGEST_PAGE) -> bytes:
        """Return the whole body of an answer, at most `largest` octets; TroubleError for everything else."""
        parts: list[bytes] = []
        size = 0
        async with self._answer(path, query, accept, LONGEST_PAGE, self._pace.read) as answer:
            async for part in answer.content.iter_any():
                parts.append(part)
                size += len(part)
                if size > largest:
                    raise TroubleError(Trouble.TOO_LARGE, f"GET {path}: an answer of more than {largest} octets")
        return b"".join(parts)

    @asynccontextmanager
    async def lines(
        self, path: str, query: Query, accept: str, seconds: float, read: float | None
    ) -> AsyncIterator[AsyncIterator[list[bytes]]]:
        """Give the lines of an answer as they come, those together that came together.

        It takes at most `seconds` in all, and `read` from octet to octet. TroubleError for everything but an orderly
        end.
        """
        async with self._answer(path, query, accept, seconds, read) as answer:
            yield self._lines(answer.content, path)

    async def ping(self) -> None:
        """Have the API server answer anything; `contact` says whether it did."""
        with suppress(TroubleError):
            await self.get("/version", {}, "application/json", _LARGEST_ERROR)

    async def close(self) -> None:
        """End all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @asynccontextmanager
    async def _answer(
        self, path: str, query: Query, accept: str, seconds: float, read: float | None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        with _our_errors(path):
            entry = await self.access.entry()
            timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=self._pace.connect, sock_read=read)
            headers = [("Accept", accept), *entry.headers]
            async with self._opened().get(
                entry.server + path,
                params=query,
                headers=headers,
                ssl=entry.tls if entry.tls is not None else True,
                server_hostname=entry.server_name or None,
                proxy=entry.proxy or None,
                timeout=timeout,
                allow_redirects=False,
            ) as answer:
                self.contact = self._clock()
                await self._check(answer, path)
                yield answer

    async def _lines(self, content: aiohttp.StreamReader, path: str) -> AsyncIterator[list[bytes]]:
        open_line: list[bytes] = []
        size = 0
        async for part in content.iter_any():
            self.contact = self._clock()
            size += len(part)
            if b"\n" not in part:
                open_line.append(part)
                if size > LONGEST_LINE:
                    raise TroubleError(Trouble.TOO_LARGE, f"GET {path}: a line of more than {LONGEST_LINE} octets")
                continue
            *whole, rest = b"".join((*open_line, part)).split(b"\n")
            open_line, size = [rest] if rest else [], len(rest)
            yield [line for line in whole if line]
        if open_line:
            raise TroubleError(Trouble.BROKEN, f"GET {path}: the answer ended in the middle of a line")

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=10, keepalive_timeout=_KEEP_ALIVE),
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
        text = await _message(answer)
        raise TroubleError(trouble, f"GET {path}: {answer.status}{': ' if text else ''}{text}")


async def _message(answer: aiohttp.ClientResponse) -> str:
    """Return what the server says of its refusal, as a log line may have it."""
    body = await answer.content.read(_LARGEST_ERROR)
    try:
        text = msgspec.json.decode(body, type=_Status).message
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ""
    return quoted(text[:300]) if not text.isprintable() else text[:300]


@contextmanager
def _our_errors(path: str) -> Iterator[None]:
    """Turn what the network, TLS and aiohttp raise into TroubleError."""
    try:
        yield
    except AccessError as error:
        raise TroubleError(Trouble.UNAUTHORIZED, str(error)) from error
    except (aiohttp.ClientSSLError, ssl.SSLError) as error:
        raise TroubleError(Trouble.TLS, f"GET {path}: {_said(error)}") from error
    except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
        raise TroubleError(Trouble.DIAL, f"GET {path}: {_said(error)}") from error
    except TimeoutError as error:
        raise TroubleError(Trouble.TIMEOUT, f"GET {path}: nothing came in time") from error
    except (aiohttp.ClientError, OSError) as error:
        raise TroubleError(Trouble.BROKEN, f"GET {path}: {_said(error)}") from error


def _said(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
