"""DNS over TLS (RFC 7858), asked by Python's ssl and by octets that are no TLS."""

import asyncio
import socket
import ssl
import struct
import subprocess
import threading
from contextlib import ExitStack

import pytest

from fedresolver.chain.handler import Reply
from fedresolver.server.seal import Seal
from fedresolver.server.tcp import TLS_LIMITS, Limits
from tests.support.ask import (
    connected,
    exactly,
    flood,
    framed,
    is_closed,
    opt,
    option,
    over_tcp,
    over_udp,
    queries,
    raw,
    receive,
    wire,
)
from tests.support.clock import Clock
from tests.support.deadline import eventually
from tests.support.encrypted import Shown, over_tls, secured, trusting
from tests.support.listening import answering, listening

WWW = wire("www.example.org")
HUNDRED = tuple(f"192.0.2.{number}" for number in range(1, 101))
HOST = "127.0.0.1"
PADDED = option(12, bytes(16))
BLOCK = 468
HANDSHAKE, ALERT = 22, 21


@pytest.fixture(scope="module")
def shown(authority):
    return Shown(authority.server("server", HOST))


@pytest.fixture(scope="module")
def way(authority):
    return trusting(authority.path, "dot")


@pytest.fixture
def server(shown):
    with listening(encryption=shown) as server:
        yield server


@pytest.fixture
def address(server):
    return server.tls.address


def hello(way):
    """Return the octets with which a client begins."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        way.wrap_bio(incoming, outgoing, server_hostname=HOST).do_handshake()
    return outgoing.read()


def rest(sock):
    """Return all that comes until the other side ends the connection."""
    found = b""
    try:
        while more := sock.recv(4096):
            found += more
    except ConnectionResetError:
        pass
    return found


def until_it_has_all(step, sock, incoming):
    """Return what a step of TLS in memory gives when enough has come over a socket."""
    while True:
        try:
            return step()
        except ssl.SSLWantReadError:
            incoming.write(exactly(sock, 1))


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(raw(WWW), id="a question"),
        pytest.param(raw(wire("wWw.eXample.org")), id="in mixed letters"),
        pytest.param(raw(WWW, more=opt(do=True)), id="with EDNS"),
        pytest.param(raw(WWW, more=opt(options=option(11, b""))), id="with keepalive"),
        pytest.param(raw(WWW, more=opt(version=1)), id="of another version of EDNS"),
        pytest.param(raw(WWW, rclass=7), id="of another class"),
        pytest.param(raw(WWW, flags=0x2800), id="of another opcode"),
        pytest.param(raw(WWW)[:-2], id="that ends too early"),
        pytest.param(raw(WWW, 252), id="for a whole zone"),
    ],
)
def test_the_answer_is_that_of_tcp(server, address, way, message):
    assert [over_tls(address, message, way) for _ in range(3)] == [over_tcp(server.address, message)] * 3


def test_a_thousand_queries_are_answered_on_one_connection(address, way):
    with secured(address, way) as sock:
        sock.sendall(framed(*queries(1000)))
        assert {int.from_bytes(receive(sock)[:2]) for _ in range(1000)} == set(range(1000))


def test_large_answers_are_whole(shown, way):
    many = tuple(f"10.0.{number // 250}.{number % 250}" for number in range(3000))
    with listening(answering(*many), encryption=shown) as server, secured(server.tls.address, way) as sock:
        sock.sendall(framed(*[raw(WWW)] * 20))
        assert {len(receive(sock)) for _ in range(20)} == {12 + len(WWW) + 4 + 3000 * 16}


def test_what_comes_in_small_records_is_understood(address, way):
    with secured(address, way) as sock:
        for octet in framed(raw(WWW)):
            sock.send(bytes((octet,)))
        assert receive(sock)[:2] == b"\x12\x34"


def test_little_is_opened_before_others_have_their_turn(server, address, way):
    opened = []

    class Counted(Seal):
        def opened(self, octets):
            opened.append(len(octets))
            return super().opened(octets)

    server.tls.seal = lambda: Counted(server.tls.encryption.context("dot"))
    with secured(address, way) as sock:
        sock.sendall(framed(*queries(1000)))
        assert {int.from_bytes(receive(sock)[:2]) for _ in range(1000)} == set(range(1000))
    assert max(opened) <= 2048  # one that has nothing but requests for other keys (RFC 8446 4.6.3) costs a millisecond


def test_plugins_see_that_it_is_tls(shown, way):
    seen = []

    async def handle(request):
        seen.append(request.client)
        return Reply()

    with listening(handle, encryption=shown) as server, secured(server.tls.address, way) as sock:
        sock.sendall(framed(raw(WWW)))
        receive(sock)
        (client,) = seen
        assert (client.transport, client.address, client.port) == ("tls", *sock.getsockname())
        assert (client.local_address, client.local_port) == server.tls.address


@pytest.mark.parametrize(
    ("offered", "chosen"), [(("dot",), "dot"), (("h2", "dot"), "dot"), ((), None), (("h2",), None)], ids=str
)
def test_clients_may_name_the_protocol(address, authority, offered, chosen):
    with secured(address, trusting(authority.path, *offered)) as sock:
        assert sock.selected_alpn_protocol() == chosen
        sock.sendall(framed(raw(WWW)))
        assert receive(sock)[:2] == b"\x12\x34"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_since_1_2(address, authority, version):
    way = trusting(authority.path)
    way.minimum_version = way.maximum_version = version
    assert over_tls(address, raw(WWW), way)[:2] == b"\x12\x34"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_tls_before_1_2(address, authority):
    way = trusting(authority.path)
    way.set_ciphers("ALL:@SECLEVEL=0")
    way.minimum_version = way.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match=r"(?i)version|protocol"), secured(address, way):
        pass


# padding (RFC 7830, RFC 8467)


@pytest.mark.parametrize("count", [1, 30, 100])
def test_who_pads_gets_padded_answers_new_and_again(shown, way, count):
    message = raw(WWW, more=opt(options=PADDED))
    with listening(answering(*HUNDRED[:count]), encryption=shown) as server:
        found = [over_tls(server.tls.address, message, way) for _ in range(3)]
        plain = over_tcp(server.address, message)
    assert {len(answer) % BLOCK for answer in found} == {0}
    assert len(set(found)) == 1
    size = len(found[0]) - len(plain) - 4
    assert found[0] == plain[:-11] + opt(options=option(12, bytes(size)))


def test_who_does_not_pad_gets_none(server, address, way):
    assert over_tls(address, raw(WWW, more=opt()), way).endswith(opt())


@pytest.mark.parametrize("exchange", [over_udp, over_tcp], ids=["udp", "tcp"])
def test_nothing_is_padded_in_clear_text(server, exchange):
    for _ in range(2):
        assert exchange(server.address, raw(WWW, more=opt(options=PADDED))).endswith(opt())


def test_padding_is_the_last_option(address, way):
    answer = over_tls(address, raw(WWW, more=opt(options=PADDED + option(11, b""))), way)
    first = option(11, (100).to_bytes(2))
    size = BLOCK - answer.index(first) - len(first) - 4
    assert answer.endswith(opt(options=first + option(12, bytes(size))))


def test_turns_are_padded(shown, way):
    message = raw(WWW, more=opt(options=PADDED))
    with listening(answering(*HUNDRED[:3], turns=True), encryption=shown) as server:
        found = [over_tls(server.tls.address, message, way) for _ in range(6)]
    assert {len(answer) for answer in found} == {BLOCK}
    assert len(set(found)) == 3


# how it ends


def test_a_client_that_has_said_all_still_gets_its_answers(shown, way):
    gate = asyncio.Event()

    async def handle(request):
        await gate.wait()
        return Reply()

    with listening(handle, encryption=shown) as server, secured(server.tls.address, way) as sock:
        sock.sendall(framed(*queries(3)))
        eventually(lambda: server.loop.call(lambda: len(asyncio.all_tasks())) > 3)
        with socket.socket(fileno=sock.detach()) as bare:
            bare.shutdown(socket.SHUT_WR)
            server.loop.call(gate.set)
            answers = rest(bare)
    assert len(answers) > 3 * len(framed(raw(WWW)))


def test_a_client_that_says_goodbye_is_let_go(server, address, way):
    with socket.create_connection(address, 5) as sock, way.wrap_socket(sock, server_hostname=HOST) as wrapped:
        wrapped.sendall(framed(raw(WWW)))
        receive(wrapped)
        wrapped.unwrap()
        eventually(lambda: server.tls.connections == 0)


def test_the_end_is_told(shown, way):
    clock = Clock()
    with listening(encryption=shown, clock=clock) as server, secured(server.tls.address, way) as sock:
        sock.sendall(framed(raw(WWW)))
        receive(sock)
        clock.now += 10.01
        server.loop.call(server.tls.sweep)
        assert sock.recv(1) == b""  # close_notify; without it this raises


def test_what_waits_is_answered_while_the_listener_closes(shown, way):
    gate, entered = asyncio.Event(), asyncio.Event()

    async def handle(request):
        entered.set()
        await gate.wait()
        return Reply()

    async def close(server):
        asyncio.get_running_loop().call_soon(gate.set)
        await server.tls.close(5.0)

    with listening(handle, encryption=shown) as server, secured(server.tls.address, way) as sock:
        sock.sendall(framed(raw(WWW)))
        server.loop.run(entered.wait())
        server.loop.run(close(server))
        assert receive(sock)[:2] == b"\x12\x34"
        assert sock.recv(1) == b""


def test_what_came_with_the_end_of_a_handshake_is_answered_while_the_listener_closes(shown, way):
    begun, gate = asyncio.Event(), threading.Event()

    class Slow(Seal):
        def opened(self, octets):
            if octets[0] != HANDSHAKE:  # the client's last part, which is encrypted
                server.loop.call(begun.set)
                gate.wait(10)
            return super().opened(octets)

    async def close():
        asyncio.get_running_loop().call_later(0, gate.set)
        await server.tls.close(5.0)

    with listening(encryption=shown) as server, connected(server.tls.address) as sock:
        server.tls.seal = lambda: Slow(shown.context("dot"))
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = way.wrap_bio(incoming, outgoing, server_hostname=HOST)
        with pytest.raises(ssl.SSLWantReadError):
            client.do_handshake()
        sock.sendall(outgoing.read())
        until_it_has_all(client.do_handshake, sock, incoming)
        client.write(framed(raw(WWW)))
        sock.sendall(outgoing.read())
        server.loop.run(begun.wait())
        server.loop.run(close())
        assert until_it_has_all(lambda: client.read(4), sock, incoming)[2:] == b"\x12\x34"


# what is no TLS, or not all of it


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(framed(raw(WWW)), id="a question in clear text"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", id="HTTP"),
        pytest.param(bytes(100), id="zeros"),
        pytest.param(b"\x16\x03\x01\xff\xff" + bytes(100), id="a record that is too long"),
        pytest.param(b"\x16\x03\x01\0\x04\x01\xff\xff\xff", id="a handshake message of 16 MiB"),
        pytest.param(b"\x17\x03\x03\0\x10" + bytes(16), id="data before the handshake"),
        pytest.param(b"\x15\x03\x03\0\2\2\x28", id="an alert"),
        pytest.param(b"\x80\x2e\1\3\1" + bytes(60), id="SSL 2"),
    ],
)
def test_garbage_ends_the_connection_and_no_other(server, address, way, octets):
    with secured(address, way) as other:
        with connected(address) as sock:
            sock.sendall(octets)
            answer = rest(sock)
            assert answer == b"" or answer[0] == ALERT
            eventually(lambda: server.tls.connections == 1)
        other.sendall(framed(raw(WWW)))
        assert receive(other)[:2] == b"\x12\x34"


def test_garbage_behind_the_handshake_ends_the_connection(server, address, way):
    with socket.create_connection(address, 5) as sock:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = way.wrap_bio(incoming, outgoing, server_hostname=HOST)
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                sock.sendall(outgoing.read())
                incoming.write(sock.recv(65536))
        sock.sendall(outgoing.read() + b"\x17\x03\x03\0\x20" + bytes(32))
        rest(sock)
        eventually(lambda: server.tls.connections == 0)


def test_a_record_that_was_changed_on_its_way_ends_the_connection(server, address, way):
    with socket.create_connection(address, 5) as sock:
        octets = bytearray(hello(way))
        octets[len(octets) // 2] ^= 0xFF
        sock.sendall(octets[:6] + b"\xff" + octets[7:])
        answer = rest(sock)
        assert answer == b"" or answer[0] in (ALERT, HANDSHAKE)
        eventually(lambda: server.tls.connections == 0)


@pytest.mark.parametrize("sent", [0, 1, 5, 100, None], ids=["nothing", "an octet", "a head", "a half", "a whole hello"])
def test_a_handshake_that_never_ends_is_ended_after_ten_seconds(shown, way, sent):
    clock = Clock()
    with listening(encryption=shown, clock=clock) as server, connected(server.tls.address) as sock:
        sock.sendall(hello(way)[:sent])
        if sent is None:
            assert exactly(sock, 1)[0] == HANDSHAKE
        eventually(lambda: server.tls.connections == 1)
        clock.now += 9.99
        server.loop.call(server.tls.sweep)
        assert server.tls.connections == 1
        clock.now += 0.02
        server.loop.call(server.tls.sweep)
        assert server.tls.connections == 0


def test_records_without_a_question_do_not_move_the_deadline(shown, way):
    clock = Clock()
    with listening(encryption=shown, clock=clock) as server, secured(server.tls.address, way) as sock:
        for octet in framed(raw(WWW))[:-1]:
            sock.send(bytes((octet,)))
            server.loop.call(lambda: None)
            clock.now += 1.0
        server.loop.call(server.tls.sweep)
        assert server.tls.connections == 0


def test_nothing_is_negotiated_again(address):
    command = ("openssl", "s_client", "-tls1_2", "-connect", f"{HOST}:{address[1]}")
    done = subprocess.run(command, input="R\n", capture_output=True, text=True, timeout=10, check=False)
    assert "RENEGOTIATING" in done.stdout + done.stderr
    assert "no renegotiation" in done.stderr


def test_who_is_idle_for_longest_makes_room(shown, way):
    limits = Limits(connections=2, per_client=2)
    with listening(encryption=shown, limits=limits) as server, ExitStack() as stack:
        silent = stack.enter_context(connected(server.tls.address))
        eventually(lambda: server.tls.connections == 1)
        busy = stack.enter_context(secured(server.tls.address, way))
        busy.sendall(framed(raw(WWW)))
        receive(busy)
        with socket.create_connection(server.tls.address, 5, source_address=("127.0.0.9", 0)) as third:
            assert is_closed(silent)
            with way.wrap_socket(third, server_hostname=HOST) as wrapped:
                wrapped.sendall(framed(raw(WWW)))
                assert receive(wrapped)[:2] == b"\x12\x34"
        busy.sendall(framed(raw(WWW)))
        assert receive(busy)[:2] == b"\x12\x34"


def test_the_limits_are_at_least_what_is_promised():
    assert (TLS_LIMITS.connections >= 2000, TLS_LIMITS.per_client >= 128, TLS_LIMITS.idle) == (True, True, 10.0)


def test_a_client_that_never_reads_is_not_answered_without_end(shown, way):
    clock, asked = Clock(), []

    async def handle(request):
        asked.append(request)
        return await answering(*HUNDRED, cell=None)(request)

    with listening(handle, encryption=shown, clock=clock) as server, secured(server.tls.address, way) as sock:
        flood(sock, raw(WWW))

        def swept():
            clock.now += 10.0
            server.loop.call(server.tls.sweep)
            return server.tls.connections == 0

        eventually(swept)
        assert len(asked) * 1600 < 16 * 1024 * 1024


def test_a_client_that_resets_in_its_handshake_is_forgotten(server, address, way):
    with connected(address) as sock:
        sock.sendall(hello(way)[:50])
        eventually(lambda: server.tls.connections == 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    eventually(lambda: server.tls.connections == 0)


def test_those_who_come_are_shown_another_certificate_and_those_who_are_there_stay(server, address, way, stranger):
    with secured(address, way) as sock:
        server.tls.encryption = Shown(stranger.server("server", HOST))
        assert over_tls(address, raw(WWW), trusting(stranger.path))[:2] == b"\x12\x34"
        with pytest.raises(ssl.SSLCertVerificationError), secured(address, way):
            pass
        sock.sendall(framed(raw(WWW)))
        assert receive(sock)[:2] == b"\x12\x34"
