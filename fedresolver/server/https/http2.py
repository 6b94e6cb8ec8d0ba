"""HTTP/2 (RFC 9113): many requests at once, answered as their answers come.

The h2 library keeps the protocol. What a client may hold is bounded here: streams; octets of requests that are not
whole, by the windows that it gets; octets of answers for which it opens no window; time for all of it. What it may have
done for frames that ask nothing is bounded by a purse (frames.py).
"""

from collections.abc import Callable
from functools import partial
from typing import cast

import msgspec
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings

from fedresolver.server.asked import Outcome
from fedresolver.server.https.frames import LONGEST_HEADERS, FrameError, Frames, Purse
from fedresolver.server.https.request import LONGEST_BODY, SLOW, TOO_LARGE, Head, Refusal, message, refusal
from fedresolver.server.https.talk import REQUEST_SECONDS, Fields, Line, Talk, fields, fields_of_refusal, sendable
from fedresolver.server.pending import Pending

_BURST = 4
"""How many frames of a connection are worked off before others have their turn."""
_WINDOW = LONGEST_BODY + 1
"""Octets that the body of a request may have until it is too long: one more than a message."""
_GIVEN_BACK = 32 * 1024
_ENCODER_TABLE = 1024
"""Octets of the table of header fields that are sent again; it is searched from end to end, so a client's wish for a
larger one is none of ours."""
_CLOSED_STREAMS = 512
_RESET = 3
"""What a stream that ends unanswered costs beside its frames."""
_MOST_HELD = 256 * 1024
"""Octets of answers that wait for the client to open a window; until it does no more is answered."""
_CONFIG = H2Configuration(
    client_side=False, header_encoding="latin-1", validate_outbound_headers=False, normalize_outbound_headers=False
)


class _Protocol(H2Connection):
    DEFAULT_MAX_HEADER_LIST_SIZE = LONGEST_HEADERS
    MAX_CLOSED_STREAMS = _CLOSED_STREAMS

    def let_go(self) -> None:
        """Know its own methods no more: what refers to itself is freed by the garbage collector only, much later."""
        self._frame_dispatch_table = {}


class _Coming(msgspec.Struct, gc=False):
    """A request that is not whole yet: why it is refused, since when it comes, what there is of its body.

    `taken` are the octets that the window of the connection has lost by it; `answered` is whether it was refused.
    """

    head: Head
    wrong: Refusal | None
    since: float
    body: bytearray
    taken: int = 0
    answered: bool = False


class _Held(msgspec.Struct, gc=False):
    """What is left of an answer until the client opens a window, and since when."""

    since: float
    rest: bytes


class Http2(Talk):
    """HTTP/2 on one connection, of which at most `streams` requests are under way at once."""

    def __init__(self, line: Line, streams: int) -> None:
        self._line = line
        self._purse = Purse(line.now())
        self._frames = Frames(self._purse)
        self._coming: dict[int, _Coming] = {}
        self._waiting: dict[int, Pending] = {}
        self._held: dict[int, _Held] = {}
        self._spent = 0
        self._is_over = False
        self._protocol = _protocol(streams)
        self._on: dict[type[Event], Callable[[Event], None]] = {
            RequestReceived: self._begin,
            DataReceived: self._take,
            StreamEnded: self._end,
            StreamReset: self._drop,
            WindowUpdated: self._send_held,
            RemoteSettingsChanged: self._on_settings,
            ConnectionTerminated: self._on_goaway,
        }
        self._flush()

    def feed(self, data: bytes) -> None:
        """Take in what was read."""
        self._frames.feed(data)

    @property
    def has_work(self) -> bool:
        """Whether there is a whole frame."""
        return self._frames.is_whole

    @property
    def is_full(self) -> bool:
        """Never: a client that may not ask must still be able to open windows."""
        return False

    @property
    def is_owed(self) -> bool:
        """Whether there are answers to come, or requests that have a deadline of their own."""
        return bool(self._waiting or self._held or self._coming)

    def work(self) -> None:
        """Work off a burst of frames."""
        self._purse.save(self._line.now())
        self._do(self._take_frames)

    def check(self, now: float) -> None:
        """End requests that are not whole in time, and the connection when answers are not taken in time."""
        if self._held or self._coming:
            self._do(partial(self._end_late, now))

    def say_goodbye(self) -> None:
        """Send GOAWAY: the client may ask again elsewhere."""
        self._protocol.close_connection(ErrorCodes.NO_ERROR)
        self._flush()

    def lost(self) -> None:
        """Wait for nothing any more."""
        while self._waiting:
            self._waiting.popitem()[1].cancel()
        self._held.clear()
        self._coming.clear()
        self._on = {}
        self._protocol.let_go()

    def _do(self, what: Callable[[], None]) -> None:
        """Do something, and send what comes of it; the connection ends when the client has broken a rule."""
        try:
            what()
        except FrameError as error:
            self._leave(error.code)
        except ProtocolError:  # the library has put a GOAWAY into what is to be sent
            self._is_over = True
        self._flush()

    def _take_frames(self) -> None:
        for _ in range(_BURST):
            frame = self._frames.take()
            if not frame or self._is_over:
                break
            for event in self._protocol.receive_data(frame):
                on = self._on.get(type(event))
                if on is not None:
                    on(event)

    def _end_late(self, now: float) -> None:
        held = next(iter(self._held.values()), None)
        if held is not None and now - held.since >= REQUEST_SECONDS:
            self._leave(ErrorCodes.ENHANCE_YOUR_CALM)
            return
        for stream, coming in tuple(self._coming.items()):
            if now - coming.since < REQUEST_SECONDS:
                break
            if not coming.answered:
                self._refuse(stream, coming, SLOW)
            self._done(stream)
            if stream not in self._held:
                self._protocol.reset_stream(stream, ErrorCodes.NO_ERROR)

    def _leave(self, code: ErrorCodes) -> None:
        """Have the client told why the connection ends; it ends with what is sent next."""
        self._protocol.close_connection(code)
        self._is_over = True

    def _flush(self) -> None:
        octets = self._protocol.data_to_send()
        if octets:
            self._line.write(octets)
        if self._is_over:
            self._line.close()

    def _begin(self, event: Event) -> None:
        """Take in the header of a request."""
        request = cast("RequestReceived", event)
        stream = request.stream_id
        head = _head(cast("list[tuple[str, str]]", request.headers))
        wrong = refusal(head, self._line.path)
        if sum(len(held.rest) for held in self._held.values()) > _MOST_HELD:
            self._protocol.reset_stream(stream, ErrorCodes.REFUSED_STREAM)
            return
        coming = self._coming[stream] = _Coming(head, wrong, self._line.now(), bytearray())
        if wrong is not None and request.stream_ended is None:
            self._refuse(stream, coming, wrong)

    def _take(self, event: Event) -> None:
        """Take in a part of a body."""
        data = cast("DataReceived", event)
        stream, octets = data.stream_id, data.flow_controlled_length
        coming = self._coming.get(stream)
        if coming is None or coming.answered:
            self._give_back(octets)
            return
        coming.body += data.data
        coming.taken += octets
        if len(coming.body) > LONGEST_BODY:
            self._refuse(stream, coming, TOO_LARGE)

    def _end(self, event: Event) -> None:
        """Ask what a request asks that is whole."""
        stream = cast("StreamEnded", event).stream_id
        coming = self._done(stream)
        if coming is None or coming.answered:
            return
        asked = coming.wrong or message(coming.head, bytes(coming.body))
        if isinstance(asked, Refusal):
            self._respond(stream, asked.status, *fields_of_refusal(asked))
            return
        answer = self._line.ask(asked)
        is_head = coming.head.method == "HEAD"
        if isinstance(answer, Pending):
            self._waiting[stream] = answer
            answer.start(partial(self._answer_later, stream, asked, is_head))
        else:
            self._answer(stream, sendable(asked, answer), is_head)

    def _done(self, stream: int) -> _Coming | None:
        """Return a request, which does not come any more."""
        coming = self._coming.pop(stream, None)
        if coming is not None:
            self._give_back(coming.taken)
        return coming

    def _give_back(self, octets: int) -> None:
        """Let the client send again as much as it has sent; now and then, for that costs a frame."""
        self._spent += octets
        if self._spent >= _GIVEN_BACK:
            self._protocol.increment_flow_control_window(self._spent)
            self._spent = 0

    def _answer_later(self, stream: int, asked: bytes, is_head: bool, pending: Pending, answer: Outcome) -> None:
        self._waiting.pop(stream, None)
        self._do(lambda: self._answer(stream, sendable(asked, answer), is_head))
        self._line.go_on()

    def _answer(self, stream: int, response: bytes | None, is_head: bool) -> None:
        self._purse.answered()
        if response is None:
            self._protocol.reset_stream(stream, ErrorCodes.CANCEL)
        else:
            self._respond(stream, 200, fields(response), b"" if is_head else response)

    def _respond(self, stream: int, status: int, found: Fields, body: bytes) -> None:
        self._line.count(status)
        header = [(b":status", b"%d" % status), *found, (b"date", self._line.date)]
        self._protocol.send_headers(stream, header, end_stream=not body)
        if body and (rest := self._send(stream, body)):
            self._held[stream] = _Held(self._line.now(), rest)

    def _refuse(self, stream: int, coming: _Coming, why: Refusal) -> None:
        """Respond to a request that is not whole, and read over what comes of it.

        Some clients forget the response when the stream is reset behind it, as RFC 9113 8.1 allows.
        """
        self._give_back(coming.taken)
        coming.taken, coming.answered = 0, True
        coming.body.clear()
        self._respond(stream, why.status, *fields_of_refusal(why))

    def _send(self, stream: int, body: bytes) -> bytes:
        """Send as much of a body as the client's windows allow, and return the rest; each part costs a frame."""
        while body:
            room = min(self._protocol.local_flow_control_window(stream), self._protocol.max_outbound_frame_size)
            if room <= 0:
                break
            self._purse.spend(1)
            part, body = body[:room], body[room:]
            self._protocol.send_data(stream, part, end_stream=not body)
        return body

    def _send_held(self, event: Event | None = None) -> None:
        """Go on with the answers for which there is a window now."""
        if self._protocol.outbound_flow_control_window <= 0:
            return
        for stream, held in tuple(self._held.items()):
            held.rest = self._send(stream, held.rest)
            if not held.rest:
                del self._held[stream]

    def _on_settings(self, event: Event) -> None:
        encoder = self._protocol.encoder
        encoder.header_table_size = min(encoder.header_table_size, _ENCODER_TABLE)
        self._send_held()

    def _on_goaway(self, event: Event) -> None:
        self._is_over = True

    def _drop(self, event: Event) -> None:
        """Work no more on what the client has taken back, or made us reset by breaking a rule."""
        stream = cast("StreamReset", event).stream_id
        self._done(stream)
        self._held.pop(stream, None)
        pending = self._waiting.pop(stream, None)
        if pending is not None:
            pending.cancel()
        self._purse.spend(_RESET)


def _protocol(streams: int) -> _Protocol:
    protocol = _Protocol(_CONFIG)
    protocol.local_settings = Settings(
        client=False,
        initial_values={
            SettingCodes.MAX_CONCURRENT_STREAMS: streams,
            SettingCodes.MAX_HEADER_LIST_SIZE: LONGEST_HEADERS,
            SettingCodes.INITIAL_WINDOW_SIZE: _WINDOW,
        },
    )
    protocol.encoder.header_table_size = _ENCODER_TABLE
    protocol.initiate_connection()
    protocol.increment_flow_control_window(_WINDOW)
    return protocol


def _head(found: list[tuple[str, str]]) -> Head:
    values = dict(found)
    return Head(
        values.get(":method", ""),
        values.get(":path", ""),
        values.get("content-type", ""),
        values.get("content-encoding", ""),
        values.get("content-length", ""),
    )
