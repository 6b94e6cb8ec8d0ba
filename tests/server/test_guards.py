"""An answer that is kept is sent to nobody of whom its guards were not asked, by whatever way it was kept."""

import dns.flags
import dns.message
import pytest
from msgspec.structs import replace

from fedresolver.chain.handler import FOREVER, Life, Reply, Verdict
from fedresolver.wire.rr import addresses
from tests.support.ask import connected, framed, is_dropped, opt, option, over_tcp, over_udp, raw, receive, wire
from tests.support.listening import listening

BOTH = pytest.mark.parametrize("exchange", [over_udp, over_tcp], ids=["udp", "tcp"])
WAYS = pytest.mark.parametrize("way", ["lasting", "counting", "known"])
WWW = wire("www.example.org")
MESSAGE, THEN = raw(WWW, more=opt()), raw(wire("then.example.org"), id=0x4321)
FAR = 1e12


class Guarded:
    """A handler whose answers have a guard that says what a test wants; `way` is how an answer is kept.

    Those that are `known` only are asked for with an option that makes each message another one.
    """

    def __init__(self, way):
        self.way = way
        self.verdict = Verdict.SEND
        self.asked = 0
        self.guarded = []
        self.number = 0

    async def __call__(self, request):
        self.asked += 1
        life = Life(FAR, lambda count: None) if self.way == "counting" else None
        answer = addresses(request.query.qname, 60, (b"\xc0\0\2" + bytes((self.asked,)),))
        return Reply(answer=answer, cell=FOREVER, life=life, foreign=life is not None, guards=(self.guard,))

    def guard(self, client, query):
        self.guarded.append((client.address, client.transport, query is not None))
        return self.verdict

    def message(self):
        self.number += 1
        return raw(WWW, more=opt(options=option(65001, self.number.to_bytes(2)))) if self.way == "known" else MESSAGE


@BOTH
@WAYS
class TestKept:
    def test_who_may_have_it_gets_it_without_another_look(self, exchange, way):
        guarded = Guarded(way)
        with listening(guarded) as server:
            answers = [exchange(server.address, guarded.message()) for _ in range(5)]
        assert len(set(answers)) == 1
        assert guarded.asked == 1
        transport = "udp" if exchange is over_udp else "tcp"
        assert guarded.guarded == [("127.0.0.1", transport, way == "known")] * 4

    def test_another_goes_through_the_chain(self, exchange, way):
        guarded = Guarded(way)
        with listening(guarded) as server:
            exchange(server.address, guarded.message())
            guarded.verdict = Verdict.ASK
            for _ in range(3):
                exchange(server.address, guarded.message())
        assert guarded.asked == 4

    def test_what_slips_is_empty_and_has_tc(self, exchange, way):
        guarded = Guarded(way)
        with listening(guarded) as server:
            exchange(server.address, guarded.message())
            guarded.verdict = Verdict.SLIP
            slipped = dns.message.from_wire(exchange(server.address, guarded.message()))
        assert slipped.flags & dns.flags.TC
        assert (slipped.answer, slipped.edns, slipped.question[0].name.to_text()) == ([], 0, "www.example.org.")
        assert guarded.asked == 1


@WAYS
def test_what_is_dropped_over_udp_has_no_answer(way):
    guarded = Guarded(way)
    with listening(guarded) as server:
        over_udp(server.address, guarded.message())
        guarded.verdict = Verdict.DROP
        assert is_dropped(server.address, guarded.message(), THEN)


@WAYS
def test_what_is_dropped_over_tcp_leaves_the_connection_to_others(way):
    guarded = Guarded(way)
    with listening(guarded) as server, connected(server.address) as sock:
        sock.sendall(framed(guarded.message()))
        receive(sock)
        guarded.verdict = Verdict.DROP
        sock.sendall(framed(guarded.message(), THEN))
        assert receive(sock)[:2] == THEN[:2]


@BOTH
@pytest.mark.parametrize("verdict", [Verdict.SLIP, Verdict.DROP])
def test_what_was_not_sent_is_not_kept(exchange, verdict):
    guarded = Guarded("lasting")

    async def first_held(request):
        reply = await guarded(request)
        return replace(reply, verdict=verdict if guarded.asked == 1 else Verdict.SEND, cell=[True], guards=())

    with listening(first_held) as server:
        if verdict is Verdict.SLIP:
            assert exchange(server.address, MESSAGE)[2] & 2
        elif exchange is over_udp:
            assert is_dropped(server.address, MESSAGE, THEN)
        else:
            with connected(server.address) as sock:
                sock.sendall(framed(MESSAGE, THEN))
                assert receive(sock)[:2] == THEN[:2]
        whole = dns.message.from_wire(exchange(server.address, MESSAGE))
    assert whole.answer
    assert not whole.flags & dns.flags.TC


def test_the_first_guard_that_objects_decides_and_those_behind_it_are_not_asked():
    first, second = Guarded("lasting"), Guarded("lasting")

    async def handle(request):
        return replace(await first(request), guards=(first.guard, second.guard))

    with listening(handle) as server:
        over_udp(server.address, MESSAGE)
        over_udp(server.address, MESSAGE)
        first.verdict = Verdict.ASK
        over_udp(server.address, MESSAGE)
    assert (len(first.guarded), len(second.guarded), first.asked) == (2, 1, 2)
