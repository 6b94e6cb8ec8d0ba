"""An HTTP/2 client of the h2 library, in memory: octets in, octets out."""

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, DataReceived, ResponseReceived, StreamEnded, StreamReset

MEDIA_TYPE = "application/dns-message"
Headers = list[tuple[str, str]]


def get(path: str, method: str = "GET", *more: tuple[str, str]) -> Headers:
    """Return the header of a request without a body."""
    return [(":method", method), (":scheme", "https"), (":authority", "dns.example.org"), (":path", path), *more]


def post(length: int | None, path: str = "/dns-query", media_type: str = MEDIA_TYPE) -> Headers:
    """Return the header of a POST; None is for a length that is not told."""
    told = [] if length is None else [("content-length", str(length))]
    return [*get(path, "POST"), ("content-type", media_type), *told]


class Client:
    """What a client sends, and what it has read: responses by stream, resets by stream, the code of a GOAWAY."""

    def __init__(self) -> None:
        config = H2Configuration(client_side=True, header_encoding="utf-8", validate_outbound_headers=False)
        self.h2 = H2Connection(config)
        self.h2.initiate_connection()
        self.headers: dict[int, dict[str, str]] = {}
        self.bodies: dict[int, bytes] = {}
        self.ended: list[int] = []
        self.resets: dict[int, int] = {}
        self.goaway: int | None = None
        self.reads = True

    def request(self, header: Headers, body: bytes | None = None, *, end: bool = True) -> int:
        """Begin a request, and return its stream; one without a body ends at once."""
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, header, end_stream=end and body is None)
        if body is not None:
            self.h2.send_data(stream, body, end_stream=end)
        return stream

    def outgoing(self) -> bytes:
        """Return what is to be sent."""
        return self.h2.data_to_send()

    def take(self, octets: bytes) -> None:
        """Read what came."""
        for event in self.h2.receive_data(octets):
            match event:
                case ResponseReceived():
                    self.headers[event.stream_id] = dict(event.headers)
                    self.bodies[event.stream_id] = b""
                case DataReceived():
                    self.bodies[event.stream_id] += event.data
                    if self.reads:
                        self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case StreamEnded():
                    self.ended.append(event.stream_id)
                case StreamReset():
                    self.resets[event.stream_id] = int(event.error_code)
                case ConnectionTerminated():
                    self.goaway = int(event.error_code)

    def status(self, stream: int) -> int:
        """Return the status of a response."""
        return int(self.headers[stream][":status"])
