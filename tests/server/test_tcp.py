"""The TCP listener, asked over real sockets (RFC 7766)."""

import asyncio
import socket
import struct
from contextlib import ExitStack

import pytest

from fedresolver.chain.handler import Reply
from fedresolver.server.tcp import Limits
from tests.support.ask import (
    addresses,
    ask,
    connected,
    exactly,
    flood,
    framed,
    is_closed,
    opt,
    option,
    queries,
    question,
    raw,
    receive,
    udp_socket,
    wire,
)
from tests.support.clock import Clock
from tests.support.deadline import eventually
from tests.support.listening import answering, listening

WWW = wire("www.example.org")
HUNDRED = tuple(f"192.0.2.{number}" for number in range(1, 101))
IDLE = 10.0


def test_a_thousand_queries_in_one_write_are_all_answered():
    with listening() as server, connected(server.address) as sock:
        sock.sendall(framed(*queries(1000)))
        answers = [receive(sock) for _ in range(1000)]
    assert {int.from_bytes(answer[:2]) for answer in answers} == set(range(1000))
    assert all(answer.endswith(b"\xc0\0\x02\1") for answer in answers)


def test_octets_may_come_one_by_one():
    with listening() as server, connected(server.address) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in framed(*queries(3)):
            sock.send(bytes((octet,)))
            server.loop.call(lambda: None)
        assert [receive(sock)[:2] for _ in range(3)] == [b"\0\0", b"\0\1", b"\0\2"]


def test_a_connection_may_be_used_again():
    with listening() as server, connected(server.address) as sock:
        for message in queries(3):
            sock.sendall(framed(message))
            assert receive(sock)[:2] == message[:2]


def test_answers_may_come_out_of_order():
    gate = asyncio.Event()

    async def handle(request):
        if request.query.qname.startswith(b"\x04slow"):
            await gate.wait()
        return Reply()

    with listening(handle) as server, connected(server.address) as sock:
        sock.sendall(framed(raw(wire("slow.example.org"), id=1), raw(wire("fast.example.org"), id=2)))
        first = receive(sock)
        server.loop.call(gate.set)
        assert (first[:2], receive(sock)[:2]) == (b"\0\2", b"\0\1")


def test_a_client_that_has_said_all_still_gets_its_answers():
    gate = asyncio.Event()

    async def handle(request):
        await gate.wait()
        return Reply()

    with listening(handle) as server, connected(server.address) as sock:
        sock.sendall(framed(*queries(3)))
        sock.shutdown(socket.SHUT_WR)
        server.loop.call(lambda: None)
        server.loop.call(gate.set)
        assert {receive(sock)[:2] for _ in range(3)} == {b"\0\0", b"\0\1", b"\0\2"}


@pytest.mark.parametrize(
    ("octets", "answers"),
    [
        pytest.param(b"\0\0", 0, id="a message without an octet"),
        pytest.param(framed(b"", b"", b"abc"), 0, id="messages without a header"),
        pytest.param(framed(raw(WWW, flags=0x8000)), 0, id="a response"),
        pytest.param(framed(raw(WWW)[:-3]), 1, id="a message that ends too early"),
        pytest.param(framed(raw(WWW) + b"\0"), 1, id="an octet too many"),
        pytest.param(framed(raw(WWW, more=opt(1232, option(65001, bytes(65_000))))), 1, id="a message of 65 KiB"),
        pytest.param(framed(b"\x12\x34\0\0\0\1\0\0\0\0\0\0" + b"\x3fa" * 32_000), 1, id="a name without an end"),
    ],
)
def test_garbage_never_spoils_what_comes_after_it(octets, answers):
    with listening() as server, connected(server.address) as sock:
        sock.sendall(octets + framed(raw(WWW, id=0x7777)))
        found = [receive(sock) for _ in range(answers + 1)]
    assert found[-1][:2] == b"\x77\x77"
    assert all(answer[3] & 0xF in (0, 1) for answer in found)


def test_an_http_request_is_no_reason_to_stop():
    with listening() as server:
        with connected(server.address) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
        assert addresses(ask(server.address, question("www.example.org"), tcp=True)) == {"192.0.2.1"}


def test_a_client_that_resets_is_forgotten():
    async def handle(request):
        await asyncio.Event().wait()
        raise AssertionError("nobody sets the event")

    with listening(handle) as server:
        with connected(server.address) as sock:
            sock.sendall(framed(*queries(100)))
            eventually(lambda: server.loop.call(lambda: len(asyncio.all_tasks())) > 100)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        eventually(lambda: server.loop.call(lambda: len(asyncio.all_tasks())) == 1)
        assert server.tcp.connections == 0


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="that says nothing"),
        pytest.param(framed(raw(WWW))[:-1], id="whose message stays incomplete"),
        pytest.param(b"\xff\xff" + bytes(100), id="that announces 65535 octets and sends 100"),
        pytest.param(b"\0", id="that sends half a length"),
    ],
)
def test_an_idle_connection_is_closed_after_ten_seconds(sent):
    clock = Clock()
    with listening(clock=clock) as server, connected(server.address) as sock:
        sock.sendall(sent)
        eventually(lambda: server.tcp.connections == 1)
        clock.now += IDLE - 0.01
        server.loop.call(server.tcp.sweep)
        assert server.tcp.connections == 1
        clock.now += 0.02
        server.loop.call(server.tcp.sweep)
        assert is_closed(sock)


def test_octets_that_trickle_in_do_not_move_the_deadline():
    clock = Clock()
    with listening(clock=clock) as server, connected(server.address) as sock:
        for octet in framed(raw(WWW))[:-1]:
            sock.send(bytes((octet,)))
            server.loop.call(lambda: None)
            clock.now += 1.0
        server.loop.call(server.tcp.sweep)
        assert is_closed(sock)


def test_a_connection_in_use_stays():
    clock = Clock()
    with listening(clock=clock) as server, connected(server.address) as sock:
        for message in queries(5):
            clock.now += IDLE - 1.0
            server.loop.call(server.tcp.sweep)
            sock.sendall(framed(message))
            assert receive(sock)[:2] == message[:2]


def test_a_connection_that_waits_for_its_answer_is_not_idle():
    clock, gate = Clock(), asyncio.Event()

    async def handle(request):
        await gate.wait()
        return Reply()

    with listening(handle, clock=clock) as server, connected(server.address) as sock:
        sock.sendall(framed(raw(WWW)))
        eventually(lambda: server.loop.call(lambda: len(asyncio.all_tasks())) > 1)
        clock.now += IDLE * 2
        server.loop.call(server.tcp.sweep)
        server.loop.call(gate.set)
        assert receive(sock)[:2] == b"\x12\x34"


def test_the_sweep_comes_by_itself():
    clock = Clock()
    with listening(clock=clock) as server, connected(server.address) as sock:
        eventually(lambda: server.tcp.connections == 1)
        clock.now += IDLE
        assert is_closed(sock)


def test_a_client_that_reads_late_gets_everything():
    with listening(answering(*HUNDRED)) as server, connected(server.address) as sock:
        whole = flood(sock, raw(WWW))
        sock.settimeout(5)
        for _ in range(whole):
            assert receive(sock)[:2] == b"\x12\x34"


def test_what_waits_on_one_connection_is_bounded():
    gate = asyncio.Event()

    async def handle(request):
        await gate.wait()
        return Reply()

    with listening(handle) as server, connected(server.address) as sock:
        sock.sendall(framed(*queries(2000)))
        eventually(lambda: server.loop.call(lambda: len(asyncio.all_tasks())) > 100)
        server.loop.call(lambda: None)
        assert server.loop.call(lambda: len(asyncio.all_tasks())) <= 128 + 1
        server.loop.call(gate.set)
        assert {int.from_bytes(receive(sock)[:2]) for _ in range(2000)} == set(range(2000))


def test_what_waits_does_not_take_the_turn_of_others():
    async def handle(request):
        await asyncio.Event().wait()
        raise AssertionError("nobody sets the event")

    with listening(handle) as server, connected(server.address) as busy, connected(server.address) as other:
        busy.sendall(framed(*queries(2000)))
        other.sendall(framed(raw(WWW, flags=0x2800)))
        assert receive(other)[3] & 0xF == 4


def test_a_client_has_a_limit_of_connections_of_its_own():
    limits = Limits(connections=100, per_client=4)
    with listening(limits=limits) as server, ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(connected(server.address))
        eventually(lambda: server.tcp.connections == 4)
        with connected(server.address) as fifth:
            assert is_closed(fifth)
        other = stack.enter_context(socket.create_connection(server.address, 5, source_address=("127.0.0.9", 0)))
        other.sendall(framed(raw(WWW)))
        assert receive(other)[:2] == b"\x12\x34"


def test_a_connection_that_ended_makes_room():
    with listening(limits=Limits(connections=1, per_client=1)) as server:
        for _ in range(5):
            assert addresses(ask(server.address, question("www.example.org"), tcp=True)) == {"192.0.2.1"}
            eventually(lambda: server.tcp.connections == 0)


def test_who_is_idle_for_longest_makes_room_where_too_many_are_connected():
    with listening(limits=Limits(connections=6, per_client=2)) as server, ExitStack() as stack:
        six = []
        for number in range(6):
            source = (f"127.0.0.{number // 2 + 10}", 0)
            six.append(stack.enter_context(socket.create_connection(server.address, 5, source_address=source)))
            eventually(lambda number=number: server.tcp.connections == number + 1)
        six[0].sendall(framed(raw(WWW)))
        receive(six[0])
        with connected(server.address) as seventh:
            assert is_closed(six[1])
            seventh.sendall(framed(raw(WWW)))
            assert receive(seventh)[:2] == b"\x12\x34"
        six[0].sendall(framed(raw(WWW)))
        assert receive(six[0])[:2] == b"\x12\x34"


def test_nobody_is_sent_away_who_waits_for_an_answer():
    gate = asyncio.Event()

    async def handle(request):
        await gate.wait()
        return Reply()

    with listening(handle, limits=Limits(connections=2, per_client=2)) as server, ExitStack() as stack:
        two = [stack.enter_context(connected(server.address)) for _ in range(2)]
        for sock in two:
            sock.sendall(framed(raw(WWW)))
        eventually(lambda: server.loop.call(lambda: len(asyncio.all_tasks())) > 2)
        with socket.create_connection(server.address, 5, source_address=("127.0.0.9", 0)) as third:
            assert is_closed(third)
        server.loop.call(gate.set)
        assert [receive(sock)[:2] for sock in two] == [b"\x12\x34"] * 2


def test_the_limits_are_at_least_what_is_promised():
    limits = Limits()
    assert (limits.connections >= 2000, limits.per_client >= 128, limits.idle) == (True, True, 10.0)


def test_a_repeated_query_is_answered_alike():
    with listening() as server, connected(server.address) as sock:
        sock.sendall(framed(*[raw(WWW)] * 3))
        first, second, third = (receive(sock) for _ in range(3))
    assert (second, third) == (first, first)


def test_an_answer_above_64_kib_is_truncated():
    many = tuple(f"10.0.{number // 250}.{number % 250}" for number in range(5000))
    with listening(answering(*many)) as server, connected(server.address) as sock:
        sock.sendall(framed(raw(WWW)))
        length = int.from_bytes(exactly(sock, 2))
        answer = exactly(sock, length)
    assert 65_000 < length <= 65_535
    assert answer[2] & 0x02


def test_a_client_that_never_reads_is_not_answered_without_end():
    clock = Clock()
    asked = []

    async def handle(request):
        asked.append(request)
        return await answering(*HUNDRED, cell=None)(request)

    with listening(handle, clock=clock) as server, connected(server.address) as sock:
        flood(sock, raw(WWW))

        def swept():
            clock.now += IDLE
            server.loop.call(server.tcp.sweep)
            return server.tcp.connections == 0

        eventually(swept)
        assert len(asked) * 1600 < 16 * 1024 * 1024  # what the two sockets hold, and little more
        assert addresses(ask(server.address, question("www.example.org"), tcp=True)) == set(HUNDRED)


def test_one_read_of_small_queries_for_large_answers_is_not_answered_at_once():
    many = tuple(f"10.0.{number // 250}.{number % 250}" for number in range(4000))
    asked = []

    async def handle(request):
        asked.append(request)
        return await answering(*many, cell=None)(request)

    with listening(handle) as server, connected(server.address) as sock:
        sock.sendall(framed(*[raw(WWW)] * 3000))
        flood(sock, raw(WWW))
        assert len(asked) < 400  # of 64,000 octets each


def test_what_is_held_for_all_clients_together_is_bounded():
    half = framed(raw(WWW, more=opt(1232, option(65001, bytes(60_000)))))[:-100]
    with listening(limits=Limits(octets=5 * len(half))) as server, ExitStack() as stack:
        many = [stack.enter_context(connected(server.address)) for _ in range(6)]
        for sock in many[:5]:
            sock.sendall(half)
        small = stack.enter_context(connected(server.address))
        small.sendall(framed(raw(WWW)))
        assert receive(small)[:2] == b"\x12\x34"
        many[5].sendall(half)
        assert is_closed(many[5])
        many[0].sendall(bytes(100))
        assert receive(many[0])[:2] == b"\x12\x34"
        many[1].close()
        eventually(lambda: server.tcp.connections == 5)
        again = stack.enter_context(connected(server.address))
        again.sendall(half + bytes(100))
        assert receive(again)[:2] == b"\x12\x34"


def test_a_thousand_queries_do_not_take_the_turn_of_others():
    order = []

    async def handle(request):
        order.append(request.query.qname)
        return Reply()

    async def both(busy, other):
        busy.sendall(framed(*queries(2000)))
        other.sendall(framed(raw(WWW)))

    with listening(handle) as server, connected(server.address) as busy, connected(server.address) as other:
        eventually(lambda: server.tcp.connections == 2)
        server.loop.run(both(busy, other))
        assert receive(other)[:2] == b"\x12\x34"
        for _ in range(2000):
            receive(busy)
    assert order.index(WWW) < 1000


def test_many_who_ask_much_do_not_take_the_turn_of_udp():
    order = []

    async def handle(request):
        order.append(request.query.qname)
        return Reply()

    async def all_at_once(many, udp):
        for sock in many:
            sock.sendall(framed(*queries(1000)))
        udp.send(raw(WWW))

    with listening(handle) as server, ExitStack() as stack:
        many = [stack.enter_context(connected(server.address)) for _ in range(40)]
        eventually(lambda: server.tcp.connections == 40)
        udp = stack.enter_context(udp_socket(server.address))
        server.loop.run(all_at_once(many, udp))
        assert udp.recv(512)[:2] == b"\x12\x34"
        for sock in many:
            for _ in range(1000):
                receive(sock)
    assert order.index(WWW) < 4000  # of 40,000
