"""Signed queries from end to end: who is believed, that every answer is signed, and that none is kept for others."""

import logging
import time

import dns.flags
import dns.message
import dns.rcode
import dns.tsig
import pytest

from fedresolver.chain.handler import FOREVER, Chunk, Reply, refuse
from fedresolver.server.router import Block
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import from_text
from fedresolver.wire.rr import RRset
from fedresolver.wire.tsig import find, read_record
from tests.support.ask import connected, framed, over_tcp, over_udp, question, receive
from tests.support.listening import answering, listening
from tests.support.signed import NAME, OTHER_SECRET, key, ring, signed, theirs, verified

BOTH = pytest.mark.parametrize("exchange", [over_udp, over_tcp], ids=["udp", "tcp"])
KEYS = ring(key())


def block(handler=None, **more):
    return {".": Block(handler or answering("192.0.2.1"), keyring=KEYS, **more)}


@pytest.fixture(scope="module")
def server():
    with listening(blocks=block()) as server:
        yield server


def asked(server, query, exchange=over_udp):
    """Return the answer to a query, whose signature dnspython has found good."""
    answer = verified(exchange(server.address, signed(query)), query)
    assert answer.had_tsig
    return answer


@BOTH
def test_an_answer_is_signed(server, exchange):
    for _ in range(3):
        assert asked(server, question("www.example.org"), exchange).answer[0][0].address == "192.0.2.1"


@BOTH
@pytest.mark.parametrize(
    ("by", "error"),
    [
        pytest.param(theirs(name="other."), dns.tsig.PeerBadKey, id="a key that nobody knows"),
        pytest.param(theirs(algorithm="hmac-sha512"), dns.tsig.PeerBadKey, id="another algorithm"),
        pytest.param(theirs(secret=OTHER_SECRET), dns.tsig.PeerBadSignature, id="another secret"),
    ],
)
def test_who_is_not_believed_is_told_so(server, exchange, by, error):
    query = question("www.example.org")
    octets = exchange(server.address, signed(query, by))
    assert (octets[3] & 0xF, octets[6:8]) == (Rcode.NOTAUTH, b"\0\0")
    with pytest.raises(error):
        verified(octets, query)


def test_the_chain_knows_the_key_and_only_of_a_good_signature():
    seen = []

    async def handle(request):
        seen.append(request.key)
        return Reply(cell=FOREVER)

    with listening(blocks=block(handle)) as server:
        asked(server, question("www.example.org"))
        over_udp(server.address, signed(question("www.example.org"), theirs(secret=OTHER_SECRET)))
        over_udp(server.address, question("www.example.org").to_wire())
    assert seen == [from_text(NAME), None]


def test_what_was_answered_to_a_key_is_not_answered_to_others():
    async def handle(request):
        if request.key is None:
            return await refuse(request)
        return Reply(answer=(RRset(request.query.qname, Type.A, 60, (bytes(4),)),), cell=FOREVER)

    with listening(blocks=block(handle)) as server:
        for _ in range(3):
            query = question("www.example.org", use_edns=0)
            assert asked(server, query).rcode() == dns.rcode.NOERROR
            assert over_udp(server.address, question("www.example.org", use_edns=0).to_wire())[3] & 0xF == Rcode.REFUSED


@pytest.mark.parametrize("rcode", [Rcode.NXDOMAIN, Rcode.REFUSED, Rcode.SERVFAIL])
def test_an_error_is_signed(rcode):
    async def handle(request):
        if rcode == Rcode.SERVFAIL:
            raise RuntimeError("broken")
        return Reply(rcode=rcode)

    with listening(blocks=block(handle)) as server:
        assert asked(server, question("www.example.org")).rcode() == rcode


def test_an_answer_to_a_notify_is_signed():
    query = question("example.org", "SOA")
    query.set_opcode(dns.opcode.NOTIFY)

    async def noted(request):
        return Reply(rcode=Rcode.NOERROR)

    with listening(blocks=block(aside=noted, notified=True)) as server:
        assert asked(server, query).rcode() == dns.rcode.NOERROR


@pytest.mark.parametrize("size", [None, 512, 600, 1232])
def test_there_is_room_for_the_signature(size):
    texts = [f"192.0.2.{number}" for number in range(100)]
    how = {} if size is None else {"use_edns": 0, "payload": size}
    with listening(blocks=block(answering(*texts))) as server:
        query = question("www.example.org", **how)
        octets = over_udp(server.address, signed(query))
        answer = verified(octets, query)
        assert len(octets) <= (size or 512)
        assert (bool(answer.flags & dns.flags.TC), answer.answer) == (True, [])  # RFC 8945 5.3
        assert (answer.edns, answer.had_tsig) == (-1 if size is None else 0, True)
        assert len(asked(server, question("www.example.org"), over_tcp).answer[0]) == 100


def test_an_answer_that_just_fits_with_its_signature_is_whole():
    lengths = {}
    for count in range(1, 30):
        with listening(blocks=block(answering(*[f"192.0.2.{number}" for number in range(count)]))) as server:
            query = question("www.example.org")
            octets = over_udp(server.address, signed(query))
            answer = verified(octets, query)
            lengths[len(octets)] = bool(answer.answer)
            assert bool(answer.answer) != bool(answer.flags & dns.flags.TC)
    assert max(lengths) <= 512
    assert max(length for length, whole in lengths.items() if whole) > 512 - 2 * 16


def test_each_message_of_a_transfer_is_signed():
    async def transfer(request):
        record = b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\4\xc0\0\2\1"
        return Reply(stream=iter([Chunk(1, record) for _ in range(5)]))

    with listening(blocks=block(aside=transfer)) as server, connected(server.address) as sock:
        query = question("example.org", "AXFR")
        sock.sendall(framed(signed(query)))
        context = None
        for _ in range(5):
            answer = verified(receive(sock), query, multi=True, tsig_ctx=context)
            context = answer.tsig_ctx
            assert answer.had_tsig


def test_a_query_may_come_twice(server):
    query = question("www.example.org")
    octets = signed(query)
    for _ in range(2):
        assert verified(over_udp(server.address, octets), query).rcode() == dns.rcode.NOERROR


@BOTH
def test_a_clock_that_is_wrong_is_told_the_time(exchange):
    query = question("www.example.org")
    octets = signed(query)
    with listening(blocks=block(), wall=lambda: time.time() + 3600) as server:
        answer = exchange(server.address, octets)
    found = read_record(answer, find(answer))
    assert (answer[3] & 0xF, found.error, len(found.mac)) == (Rcode.NOTAUTH, 18, 32)
    assert int.from_bytes(found.other) - found.signed >= 3600


def test_what_is_wrong_is_logged_now_and_then(caplog):
    passed = [0.0]
    octets = signed(question("www.example.org"), theirs(secret=OTHER_SECRET))
    with caplog.at_level(logging.WARNING), listening(blocks=block(), clock=lambda: passed[0]) as server:
        for seconds in (0, 0, 0, 20, 0):
            passed[0] += seconds
            over_udp(server.address, octets)
    line = f"a signed query is not believed: 127.0.0.1: BADSIG, key {NAME}"
    assert caplog.messages == [line, line + " (2 more such lines were left out)"]
