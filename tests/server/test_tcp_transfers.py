"""Answers of many messages: sent as they are taken, in turn with others, and gone with their connection."""

import gc
import weakref

from fedresolver.chain.handler import Chunk, Reply
from fedresolver.server.router import Block
from tests.support.ask import ask, connected, framed, is_closed, over_udp, question, raw, receive, wire
from tests.support.deadline import eventually
from tests.support.listening import listening

AXFR = 252
RECORD = b"\xc0\x0c\0\x10\0\1\0\0\0\5" + (8000).to_bytes(2) + b"x" * 8000
QUERY = framed(raw(wire("z"), AXFR))


class Chunks:
    """A long transfer that knows how many of its messages were made."""

    def __init__(self, count, fails_at=None):
        self.made = 0
        self._count = count
        self._fails_at = fails_at

    def __iter__(self):
        return self

    def __next__(self):
        if self.made == self._count:
            raise StopIteration
        self.made += 1
        if self.made == self._fails_at:
            raise ValueError("it is broken")
        return Chunk(1, RECORD)


def transferring(streams):
    """Return a handler that answers with these, one after the other."""

    async def handle(request):
        return Reply(stream=streams.pop(0)) if request.query.qtype == AXFR else Reply()

    return handle


def blocks(handler):
    return {".": Block(handler, aside=handler)}


def test_messages_are_made_as_they_are_taken():
    chunks = Chunks(10_000)
    with listening(blocks=blocks(transferring([chunks]))) as server, connected(server.address) as sock:
        sock.sendall(QUERY)
        eventually(lambda: chunks.made > 1)
        seen = -1
        while seen != chunks.made:  # until the buffers of the system are full
            seen = chunks.made
            for _ in range(5):
                assert ask(server.address, question("www.example.org")).rcode() == 0
        assert chunks.made < 5000
        assert receive(sock).endswith(RECORD)


def test_a_transfer_ends_with_its_connection():
    chunks = Chunks(10_000)
    gone = weakref.ref(chunks)
    handler = transferring([chunks])
    del chunks
    with listening(blocks=blocks(handler)) as server:
        with connected(server.address) as sock:
            sock.sendall(QUERY)
            assert receive(sock).endswith(RECORD)
        eventually(lambda: gc.collect() is not None and gone() is None)


def test_a_transfer_that_fails_closes_the_connection():
    with listening(blocks=blocks(transferring([Chunks(10, fails_at=3)]))) as server:
        with connected(server.address) as sock:
            sock.sendall(QUERY)
            assert receive(sock).endswith(RECORD)
            assert receive(sock).endswith(RECORD)
            assert is_closed(sock)
        assert server.panics.value() == 1
        assert over_udp(server.address, raw(wire("www.example.org")))


def test_several_transfers_of_a_connection_follow_each_other():
    streams = [Chunks(3), Chunks(2)]
    with listening(blocks=blocks(transferring(streams))) as server, connected(server.address) as sock:
        sock.sendall(framed(*[raw(wire("z"), AXFR, id=number) for number in (1, 2)]))
        assert [receive(sock)[1] for _ in range(5)] == [1, 1, 1, 2, 2]
