"""HTTP/2 in memory: what is answered, and what a client may have us hold and do. Numbers of CVEs name classes of attack."""

import struct
from base64 import urlsafe_b64encode

import pytest
from h2.errors import ErrorCodes
from h2.settings import SettingCodes

from fedresolver.server.https.frames import PREFACE
from fedresolver.server.https.http2 import Http2
from tests.server.https.line import Later, Line, exchange, work_off
from tests.support.ask import raw, wire
from tests.support.http2 import Client, get, post

QUERY = raw(wire("www.example.org"))
ANSWER = QUERY[:2] + b"\x80\0" + QUERY[4:]
LARGE = ANSWER + bytes(60_000)
DNS = urlsafe_b64encode(QUERY).rstrip(b"=").decode()
GET = get(f"/dns-query?dns={DNS}")
HEADERS, RST, SETTINGS, PING, WINDOW, CONTINUATION, DATA, PRIORITY = 1, 3, 4, 6, 8, 9, 0, 2


class World:
    """A client, and a server whose answers are `answer`, or what it returns."""

    def __init__(self, answer=ANSWER, streams=100):
        self.line = Line(answer if callable(answer) else lambda message: answer)
        self.talk = Http2(self.line, streams)
        self.client = Client()
        self.go()

    def go(self, more=b""):
        exchange(self.client, self.talk, self.line, more)

    def ask(self, *request, **options):
        stream = self.client.request(*request, **options)
        self.go()
        return stream


def frame(kind, payload=b"", flags=0, stream=0):
    """Return a frame (RFC 9113 4.1)."""
    return len(payload).to_bytes(3) + bytes((kind, flags)) + stream.to_bytes(4) + payload


@pytest.mark.parametrize(
    "request_", [(GET,), (post(len(QUERY)), QUERY), (post(None), QUERY)], ids=["GET", "POST", "no length"]
)
def test_a_query_is_answered(request_):
    world = World()
    stream = world.ask(*request_)
    assert world.line.asked == [QUERY]
    assert world.client.bodies[stream] == ANSWER
    assert world.client.headers[stream] == {
        ":status": "200",
        "content-type": "application/dns-message",
        "content-length": str(len(ANSWER)),
        "cache-control": "max-age=0",
        "date": world.line.date.decode(),
    }
    assert world.client.ended == [stream]
    assert world.line.counted == [200]


def test_head_is_get_without_a_body():
    world = World()
    stream = world.ask(get(f"/dns-query?dns={DNS}", "HEAD"))
    assert world.client.headers[stream]["content-length"] == str(len(ANSWER))
    assert (world.client.bodies[stream], world.client.ended) == (b"", [stream])


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ((get("/"),), 404),
        ((get(f"/dns-query?dns={DNS}", "PUT"),), 405),
        ((get("/dns-query?dns=%%"),), 400),
        ((get(f"/dns-query?dns={'A' * 5463}"),), 414),
        ((post(len(QUERY), media_type="text/plain"), QUERY), 415),
        ((post(65_536),), 413),
        ((post(None), bytes(11)), 400),
    ],
    ids=["path", "method", "base64", "long", "type", "announced", "short"],
)
def test_a_request_that_is_none_of_dns_gets_a_status(request_, status):
    world = World()
    stream = world.ask(*request_)
    assert world.client.status(stream) == status
    assert world.line.asked == []
    assert not world.line.closed
    assert world.client.bodies[world.ask(GET)] == ANSWER


def test_a_body_that_grows_too_long_is_refused_while_it_comes():
    world = World()
    world.go()
    stream = world.client.request(post(None), bytes(16_384), end=False)
    for size in (16_384, 16_384, 16_383):
        world.client.h2.send_data(stream, bytes(size))
    world.go()
    assert stream not in world.client.headers
    world.client.h2.send_data(stream, b"x")
    world.go()
    assert world.client.status(stream) == 413
    assert world.client.bodies[world.ask(GET)] == ANSWER
    assert world.client.resets == {}
    world.talk.check(10.0)
    world.go()
    assert world.client.resets == {stream: ErrorCodes.NO_ERROR}
    assert not world.talk.is_owed


def test_answers_come_out_of_order():
    laters = []

    def answer(message):
        laters.append(Later())
        return laters[-1]

    world = World(answer)
    first, second = world.client.request(GET), world.client.request(GET)
    world.go()
    laters[1].bring(ANSWER)
    world.go()
    assert world.client.ended == [second]
    laters[0].bring(ANSWER)
    world.go()
    assert world.client.ended == [second, first]


def test_no_answer_resets_the_stream_alone():
    answers = iter((None, ANSWER))
    world = World(lambda message: next(answers))
    stream = world.ask(GET)
    assert world.client.resets == {stream: ErrorCodes.CANCEL}
    assert world.client.bodies[world.ask(GET)] == ANSWER


def test_a_transfer_is_refused():
    world = World(iter((b"",)))
    stream = world.ask(GET)
    assert world.client.bodies[stream][3] & 0xF == 5


def test_an_answer_waits_for_a_window():
    world = World(LARGE)
    world.client.reads = False
    world.client.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 0})
    world.go()
    stream = world.ask(GET)
    assert world.client.bodies[stream] == b""
    world.client.h2.increment_flow_control_window(60_100, stream)
    world.go()
    assert world.client.bodies[stream] == LARGE
    assert world.client.ended == [stream]


def test_windows_may_be_small():
    world = World(ANSWER)
    world.client.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 10})
    world.go()
    stream = world.ask(GET)
    assert world.client.bodies[stream] == ANSWER
    assert world.client.ended == [stream]


def test_cve_2019_9511_a_window_that_opens_octet_by_octet_ends_the_connection():
    world = World(LARGE)
    world.client.reads = False
    world.client.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 0})
    world.go()
    stream = world.ask(GET)
    for _ in range(2000):
        world.client.h2.increment_flow_control_window(1, stream)
    world.go()
    assert len(world.client.bodies[stream]) < 1000
    assert world.client.goaway == ErrorCodes.ENHANCE_YOUR_CALM


def test_windows_of_many_streams_that_open_octet_by_octet_end_the_connection():
    world = World(LARGE)
    world.client.reads = False
    world.client.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 0})
    world.go()
    for _ in range(4):
        world.client.request(GET)
    world.go()
    for size in range(1, 300):
        world.client.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: size})
        world.go()
        if world.line.closed:
            break
    assert world.line.closed


def test_cve_2019_9517_answers_that_are_not_taken_are_bounded_and_end():
    world = World(LARGE)
    world.client.reads = False
    world.client.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 0})
    world.go()
    streams = [world.ask(GET) for _ in range(50)]
    assert len(world.line.asked) == 5
    assert set(world.client.resets) == set(streams[5:])
    assert set(world.client.resets.values()) == {ErrorCodes.REFUSED_STREAM}
    world.talk.check(9.9)
    assert not world.line.closed
    world.talk.check(10.0)
    assert world.line.closed


def test_cve_2023_44487_rapid_reset_ends_the_connection():
    laters = []

    def answer(message):
        laters.append(Later())
        return laters[-1]

    world = World(answer)
    for _ in range(1000):
        if world.line.closed:
            break
        stream = world.client.request(GET)
        world.client.h2.reset_stream(stream)
        world.go()
    assert world.client.goaway == ErrorCodes.ENHANCE_YOUR_CALM
    assert len(laters) < 300
    world.talk.lost()
    assert all(later.cancelled for later in laters)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param((WINDOW, bytes(4)), id="a window that opens by nothing"),
        pytest.param((WINDOW, b"\x7f\xff\xff\xff"), id="a window that is too large"),
        pytest.param((DATA, b"x"), id="data behind the end"),
        pytest.param((HEADERS, b"\x82", 5), id="a header behind the end"),
        pytest.param((PRIORITY, bytes(4)), id="a priority that is too short"),
    ],
)
def test_cve_2025_8671_a_server_that_is_made_to_reset_ends_the_connection(wrong):
    laters = []

    def answer(message):
        laters.append(Later())
        return laters[-1]

    world = World(answer)
    kind, payload, *flags = wrong
    for _ in range(1000):
        if world.line.closed:
            break
        stream = world.client.request(GET)
        world.go(frame(kind, payload, *flags, stream=stream))
    world.talk.lost()
    assert world.line.closed
    assert len(laters) < 300
    assert all(later.cancelled for later in laters)


def test_who_takes_back_questions_now_and_then_stays():
    world = World()
    for number in range(2000):
        stream = world.client.request(GET)
        if number % 4 == 0:
            world.client.h2.reset_stream(stream)
        world.go()
    assert not world.line.closed


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(frame(PING, bytes(8)), id="cve_2019_9512_ping"),
        pytest.param(frame(SETTINGS), id="cve_2019_9515_settings"),
        pytest.param(frame(PRIORITY, b"\0\0\0\0\x10", stream=9), id="cve_2019_9513_priority"),
        pytest.param(frame(WINDOW, b"\0\0\0\1"), id="window updates"),
        pytest.param(frame(0xEE, bytes(100)), id="frames of unknown types"),
        pytest.param(frame(RST, bytes(4), stream=1), id="cve_2019_9514_resets"),
    ],
)
def test_a_flood_ends_the_connection(octets):
    world = World()
    world.ask(GET)
    world.go(octets * 2000)
    assert world.line.closed
    assert world.client.goaway in (ErrorCodes.ENHANCE_YOUR_CALM, ErrorCodes.PROTOCOL_ERROR, ErrorCodes.STREAM_CLOSED)


def test_cve_2019_9518_empty_data_ends_the_connection():
    world = World()
    stream = world.ask(post(None), end=False)
    world.go(frame(DATA, stream=stream) * 2000)
    assert world.client.goaway == ErrorCodes.ENHANCE_YOUR_CALM


@pytest.mark.parametrize("size", [0, 1, 1000, 16_384])
def test_cve_2024_27316_continuation_without_an_end_ends_the_connection(size):
    world = World()
    more = frame(HEADERS, b"\x82", stream=1) + frame(CONTINUATION, b"\x82" * size, stream=1) * 2000
    world.go(more)
    assert world.line.closed
    assert world.line.asked == []


def test_cve_2016_6581_a_header_that_unpacks_to_much_ends_the_connection():
    world = World()
    world.client.h2.encoder.header_table_size = 4096
    world.client.request([*GET, ("x", "y" * 3000), *[("x", "y" * 3000)] * 200])
    world.go()
    assert world.line.closed
    assert world.line.asked == []


def test_cve_2019_9516_headers_without_names_end_the_connection():
    world = World()
    world.client.request([*GET, *[("", "")] * 100])
    world.go()
    assert world.line.closed
    assert world.line.asked == []


def test_too_many_streams_end_the_connection():
    world = World(lambda message: Later(), streams=10)
    assert world.client.h2.remote_settings.max_concurrent_streams == 10
    world.client.h2.remote_settings = Client().h2.remote_settings
    for _ in range(11):
        world.client.request(GET)
    world.go()
    assert world.line.closed
    assert len(world.line.asked) == 10


def test_a_frame_that_is_too_long_ends_the_connection():
    world = World()
    world.go(b"\0\x40\x01" + frame(PING, bytes(8))[3:])
    assert world.client.goaway == ErrorCodes.FRAME_SIZE_ERROR


def test_a_table_of_headers_that_a_client_wants_is_not_made():
    world = World()
    world.client.h2.update_settings({SettingCodes.HEADER_TABLE_SIZE: 1 << 24})
    world.go()
    assert world.client.bodies[world.ask(GET)] == ANSWER
    assert world.client.h2.decoder.header_table_size == 1024


def test_a_request_that_is_not_whole_ends_after_ten_seconds():
    world = World()
    stream = world.ask(post(len(QUERY)), QUERY[:5], end=False)
    assert world.talk.is_owed
    world.talk.check(9.9)
    assert stream not in world.client.headers
    world.talk.check(10.0)
    world.go()
    assert world.client.status(stream) == 408
    assert not world.talk.is_owed


def test_a_client_that_leaves_has_us_wait_for_nothing():
    laters = []

    def answer(message):
        laters.append(Later())
        return laters[-1]

    world = World(answer)
    for _ in range(5):
        world.ask(GET)
    world.talk.lost()
    assert [later.cancelled for later in laters] == [True] * 5


def test_a_stream_that_is_reset_is_not_answered():
    later = Later()
    world = World(later)
    stream = world.ask(GET)
    world.client.h2.reset_stream(stream)
    world.go()
    assert later.cancelled
    later.bring(ANSWER)
    world.go()
    assert stream not in world.client.headers


def test_many_large_bodies_are_taken_one_after_the_other():
    world = World()
    body = QUERY + bytes(20_000)
    for _ in range(20):
        stream = world.client.request(post(None), body[:15_000], end=False)
        world.client.h2.send_data(stream, body[15_000:], end_stream=True)
        world.go()
        assert world.client.status(stream) == 200


@pytest.mark.parametrize(
    "octets",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nXX",
        PREFACE + frame(DATA, b"x", stream=1),
        PREFACE + frame(HEADERS, b"\xff\xff\xff\xff\xff", 5, 1),
        PREFACE + frame(SETTINGS, struct.pack("!HI", 4, 0xFFFFFFFF)),
        PREFACE + frame(HEADERS, b"", 5, 2),
    ],
    ids=["HTTP/1.1", "preface", "DATA of nothing", "HPACK", "a window that is too large", "stream of a server"],
)
def test_what_is_not_http2_ends_the_connection(octets):
    line = Line(lambda message: ANSWER)
    work_off(Http2(line, 100), line, octets)
    assert line.closed
    assert line.asked == []
