"""Answers of many messages over TCP and TLS: in order, at the pace of the client, and beside other answers."""

import pytest

from fedresolver.chain.handler import Chunk, Reply
from fedresolver.server.router import Block
from tests.support.ask import connected, framed, is_closed, raw, receive, wire
from tests.support.deadline import eventually
from tests.support.encrypted import Shown, secured, trusting
from tests.support.listening import answering, listening

ZONE = wire("example.org")
AXFR = raw(ZONE, 252)
WWW = raw(wire("www.example.org"), id=7)
TXT = b"\xc0\x0c\0\x10\0\1\0\0\0\x3c\0\x05\x04"


def chunks(count, made=None, size=1):
    """Yield chunks of TXT records that count, `size` in each."""
    for number in range(count):
        if made is not None:
            made.append(number)
        yield Chunk(size, b"".join(TXT + b"%04d" % number for _ in range(size)))


def block(stream):
    async def aside(request):
        return Reply(stream=stream())

    return {".": Block(answering("192.0.2.1"), aside=aside)}


@pytest.fixture(params=["tcp", "tls"])
def client(request, authority):
    """Connects to a server."""
    way = trusting(authority.path)

    def connect(server):
        if request.param == "tcp":
            return connected(server.address)
        return secured(server.tls.address, way)

    return connect


@pytest.fixture(scope="module")
def shown(authority):
    return Shown(authority.server("server", "127.0.0.1"))


def number(octets):
    """Return what the first record of a message counts."""
    start = len(AXFR) + len(TXT)
    return int(octets[start : start + 4])


def test_all_messages_come_in_order(client, shown):
    with listening(blocks=block(lambda: chunks(500)), encryption=shown) as server, client(server) as sock:
        sock.sendall(framed(AXFR))
        assert [number(receive(sock)) for _ in range(500)] == list(range(500))
        sock.sendall(framed(WWW))
        assert receive(sock)[:2] == b"\0\7"


def test_other_questions_are_answered_meanwhile(client, shown):
    with listening(blocks=block(lambda: chunks(2000)), encryption=shown) as server, client(server) as sock:
        sock.sendall(framed(AXFR, WWW))
        found = [receive(sock)[:2] for _ in range(2001)]
    assert found.index(b"\0\7") < 1000


def test_two_transfers_on_one_connection(client, shown):
    with listening(blocks=block(lambda: chunks(100)), encryption=shown) as server, client(server) as sock:
        sock.sendall(framed(AXFR, AXFR))
        assert [number(receive(sock)) for _ in range(200)] == list(range(100)) * 2


def test_no_more_is_made_than_the_client_takes(client, shown):
    made = []
    with listening(blocks=block(lambda: chunks(5000, made, 3000)), encryption=shown) as server, client(server) as sock:
        sock.sendall(framed(AXFR))
        first = number(receive(sock))
        eventually(lambda: len(made) > 1)
        before = -1
        while len(made) != before:
            before = len(made)
            for _ in range(50):
                server.loop.call(lambda: None)
        assert before < 1000  # of 48 KB: what sockets hold, and little more
        assert [first, *(number(receive(sock)) for _ in range(before + 20))] == list(range(before + 21))


def test_a_transfer_ends_with_its_client(client, shown):
    ended = []

    def stream():
        try:
            yield from chunks(1 << 30, size=3000)
        finally:
            ended.append(True)

    with listening(blocks=block(stream), encryption=shown) as server:
        with client(server) as sock:
            sock.sendall(framed(AXFR))
            receive(sock)
        eventually(lambda: ended)


def test_a_transfer_that_fails_ends_the_connection(client, shown, caplog):
    def stream():
        yield from chunks(3)
        raise ValueError("no more")

    with listening(blocks=block(stream), encryption=shown) as server, client(server) as sock:
        sock.sendall(framed(AXFR))
        assert [number(receive(sock)) for _ in range(3)] == [0, 1, 2]
        assert ended(sock)
        assert "an exception breaks off a transfer: example.org.: no more" in caplog.text


def ended(sock):
    try:
        return is_closed(sock)
    except OSError:  # TLS: without a word
        return True
