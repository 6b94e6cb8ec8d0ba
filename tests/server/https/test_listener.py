"""The HTTPS listener, asked over real sockets, with TLS and without."""

import asyncio
import gc
import socket
import ssl
from collections import Counter
from contextlib import ExitStack, suppress
from itertools import groupby

import pytest
from h2.errors import ErrorCodes

from fedresolver.chain.handler import Reply, Verdict
from fedresolver.chain.plugin import Https
from fedresolver.server.https.frames import PREFACE
from tests.server.https.test_http2 import PING, frame
from tests.support.ask import connected, is_closed, opt, option, over_udp, raw, wire
from tests.support.clock import Clock
from tests.support.deadline import eventually
from tests.support.encrypted import Shown, secured, trusting
from tests.support.http2 import get, post
from tests.support.https import HOST, http1, http2, serving, value
from tests.support.listening import answering

WWW = wire("www.example.org")
QUERY = raw(WWW)
GET = get(f"/dns-query?dns={value(QUERY)}")
PADDED = raw(WWW, more=opt(1232, option(12, bytes(16))))
KEEPALIVE = raw(WWW, more=opt(1232, option(11, b"")))


@pytest.fixture(scope="module")
def shown(authority):
    return Shown(authority.server("server", HOST))


@pytest.fixture(scope="module")
def way(authority):
    return trusting(authority.path, "h2", "http/1.1")


@pytest.fixture(scope="module")
def old_way(authority):
    return trusting(authority.path, "http/1.1")


def is_answer(octets, message=QUERY):
    return octets[:2] == message[:2] and octets[6:8] == b"\0\1" and b"\xc0\0\x02\1" in octets


@pytest.mark.parametrize("protocols", [("h2",), ("h2", "http/1.1"), ("http/1.1", "h2")])
def test_http2_is_preferred(shown, authority, protocols):
    with serving(encryption=shown) as server, http2(server.address, trusting(authority.path, *protocols)) as client:
        assert client.sock.selected_alpn_protocol() == "h2"
        stream = client.client.request(GET)
        client.send()
        assert is_answer(client.ended(stream))
        assert server.statuses == {200: 1}


@pytest.mark.parametrize("protocols", [("http/1.1",), ()])
def test_http1_is_spoken_with_who_wants_it_or_says_nothing(shown, authority, protocols):
    with serving(encryption=shown) as server:
        status, header, body = http1(server.address, QUERY, trusting(authority.path, *protocols))
    assert (status, header["content-type"], header["cache-control"]) == (200, "application/dns-message", "max-age=60")
    assert is_answer(body)


def test_without_tls_both_are_known_by_their_first_octets():
    with serving() as server:
        assert is_answer(http1(server.address, QUERY)[2])
        with http2(server.address) as client:
            stream = client.client.request(GET)
            for octet in client.client.outgoing():
                client.sock.sendall(bytes((octet,)))
            assert is_answer(client.ended(stream))


def test_a_question_that_comes_again_is_answered_from_the_table():
    asked = []
    answer = answering("192.0.2.1")

    async def handle(request):
        asked.append(request.client)
        return await answer(request)

    with serving(handle) as server:
        for _ in range(3):
            assert is_answer(http1(server.address, QUERY)[2])
        with http2(server.address) as client:
            for _ in range(3):
                stream = client.client.request(post(len(QUERY)), QUERY)
                client.send()
                assert is_answer(client.ended(stream))
    assert len(asked) == 1


def test_who_asks_is_the_peer_whatever_the_header_says():
    asked = []

    async def handle(request):
        asked.append(request.client)
        return Reply()

    told = {"X_Forwarded_For": "192.0.2.99", "Forwarded": "for=192.0.2.99", "X_Real_IP": "192.0.2.99"}
    with serving(handle) as server:
        http1(server.address, QUERY, None, **told)
    assert [(one.address, one.transport, one.local_address) for one in asked] == [(HOST, "https", HOST)]


@pytest.mark.parametrize(("encrypted", "size"), [(True, 468), (False, None)])
def test_answers_are_padded_where_nobody_else_can_read_them(shown, old_way, encrypted, size):
    with serving(encryption=shown if encrypted else None) as server:
        body = http1(server.address, PADDED, old_way if encrypted else None)[2]
    assert is_answer(body, PADDED)
    assert (len(body) % 468 == 0) == (size is not None)


def test_keepalive_is_none_of_https(shown, old_way):
    with serving(encryption=shown) as server:
        body = http1(server.address, KEEPALIVE, old_way)[2]
    assert is_answer(body, KEEPALIVE)
    assert b"\0\x0b" not in body[-20:]


def test_answers_come_when_they_are_there_and_all_of_them_before_the_end():
    gate = asyncio.Event()

    async def handle(request):
        if request.query.qname.startswith(b"\4slow"):
            await gate.wait()
        return Reply()

    slow, fast = raw(wire("slow.example.org"), id=1), raw(wire("fast.example.org"), id=2)
    with serving(handle) as server, http2(server.address) as client:
        first = client.client.request(post(len(slow)), slow)
        second = client.client.request(post(len(fast)), fast)
        client.send()
        assert client.ended(second)[:2] == b"\0\2"
        assert first not in client.client.ended
        closing = asyncio.run_coroutine_threadsafe(server.close(5.0), server.loop._loop)
        server.loop.call(gate.set)
        assert client.ended(first)[:2] == b"\0\1"
        assert client.goaway() == ErrorCodes.NO_ERROR
        closing.result(10)


def test_what_is_dropped_gets_nothing():
    async def handle(request):
        return Reply(verdict=Verdict.DROP)

    with serving(handle) as server:
        with http2(server.address) as client:
            stream = client.client.request(GET)
            client.send()
            while not client.client.resets:
                client.receive()
            assert client.client.resets == {stream: ErrorCodes.CANCEL}
        with connected(server.address) as sock:
            sock.sendall(b"GET /dns-query?dns=%b HTTP/1.1\r\nHost: x\r\n\r\n" % value(QUERY).encode())
            assert is_closed(sock)


def test_a_client_that_goes_is_forgotten():
    waiting = []

    async def handle(request):
        waiting.append(request)
        try:
            await asyncio.Event().wait()
        finally:
            waiting.remove(request)
        raise AssertionError("nobody sets the event")

    with serving(handle) as server:
        with http2(server.address) as client:
            for _ in range(50):
                client.client.request(GET)
            client.send()
            eventually(lambda: len(waiting) == 50)
        eventually(lambda: not waiting)
        assert server.http.connections == 0


def is_gone(server, clock, seconds):
    """Say whether the listener has no connection any more after some seconds."""
    clock.now += seconds
    server.sweep()
    return server.http.connections == 0


@pytest.mark.parametrize(
    ("encrypted", "octets"),
    [
        pytest.param(False, b"", id="says nothing"),
        pytest.param(False, b"P", id="has said one octet"),
        pytest.param(False, PREFACE[:-1], id="has not said all of its preface"),
        pytest.param(False, PREFACE + frame(4) + frame(1, bytes(9))[:-1], id="has not said all of a frame"),
        pytest.param(False, b"GET / HT", id="has not said all of its header"),
        pytest.param(True, b"", id="begins no handshake"),
        pytest.param(True, b"\x16\x03\x01\0\xff", id="does not end its handshake"),
    ],
)
def test_who_never_asks_is_gone(shown, octets, encrypted):
    clock = Clock()
    with serving(encryption=shown if encrypted else None, clock=clock) as server, connected(server.address) as sock:
        sock.sendall(octets)
        eventually(lambda: server.loop.call(lambda: server.http.connections) == 1)
        assert not is_gone(server, clock, 9.9)
        eventually(lambda: is_gone(server, clock, 10.1))


def test_an_idle_connection_ends_after_thirty_seconds_with_a_word():
    clock = Clock()
    with serving(clock=clock) as server, http2(server.address) as client:
        stream = client.client.request(GET)
        client.send()
        client.ended(stream)
        clock.now += 29.9
        server.sweep()
        assert server.http.connections == 1
        clock.now += 0.2
        server.sweep()
        assert client.goaway() == ErrorCodes.NO_ERROR


def test_pings_do_not_keep_a_connection():
    clock = Clock()
    with serving(clock=clock) as server, http2(server.address) as client:
        stream = client.client.request(GET)
        client.send()
        client.ended(stream)
        for _ in range(4):
            clock.now += 8.0
            client.client.h2.ping(bytes(8))
            client.send()
            client.receive()
            server.sweep()
        assert client.goaway() == ErrorCodes.NO_ERROR


def test_a_client_that_reads_nothing_is_dropped():
    clock = Clock()
    many = answering(*(f"192.0.2.{number}" for number in range(1, 201)), cell=None)
    with serving(many, clock=clock) as server, socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(0.2)
        sock.connect(server.address)
        request = b"GET /dns-query?dns=%b HTTP/1.1\r\nHost: x\r\n\r\n" % value(QUERY).encode()
        with suppress(TimeoutError):
            while True:
                sock.sendall(request * 100)
        eventually(lambda: is_gone(server, clock, 30.1))


def test_connections_are_limited_and_the_idle_one_makes_room():
    with serving(https=Https(max_connections=3)) as server, ExitStack() as stack:
        socks = [stack.enter_context(connected(server.address)) for _ in range(3)]
        eventually(lambda: server.loop.call(lambda: server.http.connections) == 3)
        assert is_answer(http1(server.address, QUERY)[2])
        assert is_closed(socks[0])


def test_connections_of_one_address_are_limited():
    with serving() as server, ExitStack() as stack:
        for _ in range(256):
            stack.enter_context(connected(server.address))
        eventually(lambda: server.loop.call(lambda: server.http.connections) == 256)
        with connected(server.address) as one_more:
            assert is_closed(one_more)
        assert over_udp(server.udp.address, QUERY)[:2] == QUERY[:2]


@pytest.mark.parametrize("octets", [b"GET / HTTP/1.1\r\n\r\n", b"\0" * 100, PREFACE + frame(PING, bytes(8)) * 3000])
def test_a_client_that_has_chosen_http2_and_speaks_something_else_is_gone(shown, way, old_way, octets):
    with serving(encryption=shown) as server:
        with secured(server.address, way) as sock:
            sock.sendall(octets)
            with suppress(ConnectionResetError, ssl.SSLError):
                while sock.recv(1 << 16):
                    pass
        assert is_answer(http1(server.address, QUERY, old_way)[2])


def test_cve_2023_44487_udp_is_answered_during_a_rapid_reset():
    async def handle(request):
        if request.client.transport == "https":
            await asyncio.Event().wait()
        return Reply()

    with serving(handle) as server:
        for _ in range(3):
            with http2(server.address) as client:
                for _ in range(2000):
                    client.client.h2.reset_stream(client.client.request(GET))
                client.send()
                assert over_udp(server.udp.address, QUERY)[:2] == QUERY[:2]
                assert client.goaway() in (ErrorCodes.ENHANCE_YOUR_CALM, None)
        assert server.http.connections == 0


@pytest.mark.parametrize("spoken", ["h2", "http/1.1"])
def test_nothing_is_left_of_a_connection_for_the_garbage_collector(shown, authority, spoken):
    def kinds():
        return Counter(type(one).__name__ for one in gc.get_objects())

    with serving(encryption=shown) as server:
        gc.collect()
        gc.disable()
        try:
            before = kinds()
            for _ in range(5):
                ask_once(server.address, trusting(authority.path, spoken), spoken)
            eventually(lambda: server.http.connections == 0)
            left = kinds() - before
        finally:
            gc.enable()
    assert {name for name, number in left.items() if number >= 5 and name in OURS} == set()


OURS = {"HttpConnection", "Http1", "Http2", "_Protocol", "FrameBuffer", "Decoder", "HeaderTable", "Seal", "Purse"}


def ask_once(address, way, spoken):
    if spoken == "http/1.1":
        assert is_answer(http1(address, QUERY, way)[2])
        return
    with http2(address, way) as client:
        stream = client.client.request(GET)
        client.send()
        assert is_answer(client.ended(stream))
    client.client.h2._frame_dispatch_table.clear()


def test_few_requests_are_answered_before_others_have_their_turn():
    order = []

    async def handle(request):
        order.append("request")
        return Reply()

    def turn():
        order.append("others")
        if order.count("request") < 40:
            asyncio.get_running_loop().call_soon(turn)

    async def all_at_once(many):
        for sock in many:
            sock.sendall(b"GET /dns-query?dns=%b HTTP/1.1\r\nHost: dns.test\r\n\r\n" % value(QUERY).encode())
        turn()

    with serving(handle) as server, ExitStack() as stack:
        many = [stack.enter_context(connected(server.address)) for _ in range(40)]
        eventually(lambda: server.http.connections == 40)
        server.loop.run(all_at_once(many))
        for sock in many:
            assert sock.recv(4096).startswith(b"HTTP/1.1 200 ")
    assert max(len(list(alike)) for who, alike in groupby(order) if who == "request") <= 4
