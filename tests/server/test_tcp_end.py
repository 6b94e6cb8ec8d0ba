"""How TCP connections end when their listener closes."""

import asyncio
import socket

import pytest

from fedresolver.chain.handler import Reply
from tests.support.ask import connected, flood, framed, is_closed, queries, raw, receive, wire
from tests.support.listening import answering, listening

WWW = wire("www.example.org")
HUNDRED = tuple(f"192.0.2.{number}" for number in range(1, 101))


def test_what_waits_is_answered_while_the_listener_closes():
    gate, entered = asyncio.Event(), asyncio.Event()

    async def handle(request):
        entered.set()
        await gate.wait()
        return Reply()

    async def close(server):
        asyncio.get_running_loop().call_later(0.05, gate.set)
        await server.close(5.0)

    with listening(handle) as server, connected(server.address) as sock:
        sock.sendall(framed(raw(WWW)))
        server.loop.run(entered.wait())
        server.loop.run(close(server))
        assert receive(sock)[:2] == b"\x12\x34"
        assert is_closed(sock)


def test_a_closed_listener_accepts_nobody():
    with listening() as server:
        server.loop.run(server.close())
        with pytest.raises(ConnectionRefusedError), connected(server.address):
            pass


def test_what_came_before_the_listener_closed_is_answered():
    async def send_and_close(server, sock):
        sock.sendall(framed(*queries(1000)))
        await server.close(1.0)

    with listening() as server, connected(server.address) as sock:
        server.loop.run(send_and_close(server, sock))
        assert {receive(sock)[:2] for _ in range(1000)} == {number.to_bytes(2) for number in range(1000)}
        assert is_closed(sock)


def test_who_stands_at_the_door_when_the_listener_closes_is_answered():
    async def connect_send_and_close(server):
        sock = socket.create_connection(server.address, 5)
        sock.sendall(framed(raw(WWW)))
        await server.close(1.0)
        return sock

    with listening() as server, server.loop.run(connect_send_and_close(server)) as sock:
        assert receive(sock)[:2] == b"\x12\x34"
        assert is_closed(sock)


def test_a_client_that_never_reads_does_not_hold_up_the_end():
    with listening(answering(*HUNDRED)) as server, connected(server.address) as sock:
        flood(sock, raw(WWW))
        server.loop.run(server.close(0.1))
        assert server.tcp.connections == 0


def test_what_never_ends_is_cancelled_when_the_listener_closes():
    cancelled, entered = [], asyncio.Event()

    async def handle(request):
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(request.query.qname)
        raise AssertionError("nobody sets the event")

    with listening(handle) as server, connected(server.address) as sock:
        sock.sendall(framed(raw(WWW)))
        server.loop.run(entered.wait())
        server.loop.run(server.close(0.05))
        assert cancelled == [WWW]
        assert is_closed(sock)
