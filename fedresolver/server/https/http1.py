"""HTTP/1.1 (RFC 9112): one request after the other; who sends several at once gets their answers in order.

The parser is that of aiohttp, which is given a slice at a time, so that what it holds is bounded.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial

from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpProcessingError, HttpRequestParser, HttpVersion10, RawRequestMessage
from aiohttp.http_exceptions import LineTooLong
from aiohttp.streams import StreamReader
from multidict import istr

from fedresolver.server.asked import Outcome
from fedresolver.server.https.request import LONGEST_BODY, NOT_HTTP, SLOW, TOO_LARGE, Head, Refusal, message, refusal
from fedresolver.server.https.talk import REQUEST_SECONDS, Fields, Line, Talk, fields, fields_of_refusal, sendable
from fedresolver.server.pending import Pending

_SLICE = 1024
"""Octets that are parsed before others have their turn."""
_LONGEST_HEAD = 16 * 1024
_LONGEST_LINE = 8190
_MAX_HEADERS = 64
_LINGER_SECONDS = 2.0
_TOO_LONG = Refusal(431, "the header of the request is too long")
_LONG_TARGET = Refusal(414, "the target of the request is too long")
_TOO_MANY = Refusal(413, "the message is in too many chunks")
_PHRASES = {
    200: b"OK",
    400: b"Bad Request",
    404: b"Not Found",
    405: b"Method Not Allowed",
    408: b"Request Timeout",
    413: b"Content Too Large",
    414: b"URI Too Long",
    415: b"Unsupported Media Type",
    431: b"Request Header Fields Too Large",
}
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CONTENT_TYPE, _CONTENT_ENCODING = istr("Content-Type"), istr("Content-Encoding")
_CONTENT_LENGTH, _EXPECT = istr("Content-Length"), istr("Expect")


class Http1(Talk):
    """HTTP/1.1, or 1.0, on one connection.

    `_since` is when the request that comes began to, `_unparsed` are its octets while its header is not whole, and
    `_in_first_line` is whether they end before its fields.
    `_leaving` is when the last response went out, to a client that may still be sending: it is to read that first.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        loop = asyncio.get_running_loop()
        self._bounds = _Bounds(loop)
        self._parser = HttpRequestParser(
            self._bounds,
            loop,
            LONGEST_BODY + 1,
            max_line_size=_LONGEST_LINE,
            max_field_size=_LONGEST_LINE,
            max_headers=_MAX_HEADERS,
            auto_decompress=False,
        )
        self._octets = b""
        self._at = 0
        self._unparsed = 0
        self._in_first_line = True
        self._since: float | None = None
        self._leaving: float | None = None
        self._requests: deque[tuple[RawRequestMessage, StreamReader]] = deque()
        self._waiting: Pending | None = None
        self._may_continue = False

    def feed(self, data: bytes) -> None:
        """Take in what was read."""
        if self._leaving is not None:
            return
        self._octets, self._at = self._octets[self._at :] + data, 0
        self._watch()

    @property
    def has_work(self) -> bool:
        """Whether there is something to parse, and nothing to wait for."""
        return self._waiting is None and self._leaving is None and self._at < len(self._octets)

    @property
    def is_full(self) -> bool:
        """Whether an answer is to come before anything else."""
        return self._waiting is not None and self._at < len(self._octets)

    @property
    def is_owed(self) -> bool:
        """Whether an answer is to come."""
        return self._waiting is not None

    def work(self) -> None:
        """Answer the requests in a slice of what was read."""
        self._answer_all()
        if self.has_work:
            self._parse()
            self._answer_all()

    def check(self, now: float) -> None:
        """End a request that is not whole in time, and the connection when the client has read what it got."""
        if self._leaving is not None:
            if now - self._leaving >= _LINGER_SECONDS:
                self._line.close()
        elif self._since is not None and now - self._since >= REQUEST_SECONDS:
            self._leave(SLOW)

    def say_goodbye(self) -> None:
        """Say nothing: in HTTP/1.1 the end of the connection says it."""

    def lost(self) -> None:
        """Wait for nothing any more."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._requests.clear()

    def _watch(self) -> None:
        """Note when a request begins to come."""
        if self._since is None and self._waiting is None and self._at < len(self._octets):
            self._since = self._line.now()

    def _parse(self) -> None:
        """Parse a slice."""
        part = self._octets[self._at : self._at + _SLICE]
        self._at += len(part)
        if not self._requests:
            self._unparsed += len(part)
        try:
            found, upgraded, _ = self._parser.feed_data(part)
        except LineTooLong:
            self._leave(_LONG_TARGET if self._in_first_line and self._begins_long(part) else _TOO_LONG)
            return
        except HttpProcessingError:
            self._leave(NOT_HTTP)
            return
        self._requests.extend(found)
        if found or b"\n" in part:
            self._in_first_line = bool(found)
        if found:
            self._unparsed = 0
            self._may_continue = True
        if upgraded:  # the parser reads no more; an answer to the request is all that there will be
            self._at = len(self._octets)
        if self._bounds.are_passed:
            self._leave(_TOO_MANY)
        if self._unparsed > _LONGEST_HEAD:
            self._leave(_TOO_LONG)

    def _begins_long(self, part: bytes) -> bool:
        """Say whether the line with which a request begins, and which goes on in this slice, is too long."""
        end = part.find(b"\n")
        return end < 0 or self._unparsed - len(part) + end > _LONGEST_LINE

    def _answer_all(self) -> None:
        while self._requests and self._waiting is None and self._leaving is None:
            request, body = self._requests[0]
            if not self._answer_one(request, body):
                return

    def _answer_one(self, request: RawRequestMessage, body: StreamReader) -> bool:
        """Answer the first request; False when it is not whole."""
        head = _head(request)
        wrong = refusal(head, self._line.path)
        if wrong is None and body.total_bytes > LONGEST_BODY:
            wrong = TOO_LARGE
        if not body.is_eof() and (wrong is not None or body.exception() is not None):
            self._leave(wrong or NOT_HTTP)
            return False
        if not body.is_eof():
            if self._may_continue and request.headers.get(_EXPECT, "").lower() == "100-continue":
                self._line.write(_CONTINUE)
            self._may_continue = False
            return False
        self._requests.popleft()
        self._since = None
        self._watch()
        asked = wrong or message(head, body.read_nowait())
        is_last = request.should_close or request.upgrade or request.version == HttpVersion10
        if isinstance(asked, Refusal):
            self._respond(asked.status, *fields_of_refusal(asked), is_last=is_last)
            return True
        self._ask(asked, is_head=head.method == "HEAD", is_last=is_last)
        return True

    def _ask(self, asked: bytes, *, is_head: bool, is_last: bool) -> None:
        answer = self._line.ask(asked)
        answered = partial(self._answered, asked, is_head, is_last)
        if isinstance(answer, Pending):
            self._waiting = answer
            answer.start(partial(self._answered_later, answered))
        else:
            answered(answer)

    def _answered_later(self, answered: Callable[[Outcome], None], pending: Pending, answer: Outcome) -> None:
        self._waiting = None
        self._watch()
        answered(answer)
        self._line.go_on()

    def _answered(self, asked: bytes, is_head: bool, is_last: bool, answer: Outcome) -> None:
        response = sendable(asked, answer)
        if response is None:
            self._line.close()
        else:
            self._respond(200, fields(response), b"" if is_head else response, is_last=is_last)

    def _respond(self, status: int, found: Fields, body: bytes, *, is_last: bool) -> None:
        self._line.count(status)
        if is_last:
            found.append((b"connection", b"close"))
        lines = [b"HTTP/1.1 %d %b" % (status, _PHRASES[status]), b"date: " + self._line.date]
        lines += [b"%b: %b" % field for field in found]
        self._line.write(b"\r\n".join((*lines, b"", body)))
        if is_last:
            self._line.close()

    def _leave(self, why: Refusal) -> None:
        """Send the last response, and hear nothing more of the client; it ends the connection, or time does."""
        self._leaving = self._line.now()
        self._octets, self._at = b"", 0
        self._requests.clear()
        found, body = fields_of_refusal(why)
        self._respond(why.status, [*found, (b"connection", b"close")], body, is_last=False)


class _Bounds(BaseProtocol):
    """Whether the parser wants to hold no more of a body: it counts chunks, 4,096 of them for the longest message."""

    __slots__ = ("are_passed",)

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.are_passed = False

    def pause_reading(self) -> None:
        """Take note of it."""
        self.are_passed = True


def _head(request: RawRequestMessage) -> Head:
    get = request.headers.get
    return Head(
        request.method,
        request.path,
        get(_CONTENT_TYPE, ""),
        get(_CONTENT_ENCODING, ""),
        get(_CONTENT_LENGTH, ""),
    )
