"""Gates: who answers before anybody else, of new and of known questions, and what refusals carry."""

import pytest

from fedresolver.chain.handler import Reply, Verdict
from fedresolver.server.router import Block
from fedresolver.wire.const import Rcode
from tests.support.ask import connected, framed, opt, option, over_tcp, over_udp, question, raw, receive, wire
from tests.support.listening import answering, listening
from tests.support.signed import key, ring, signed, verified

WWW = wire("www.example.org")
BOTH = pytest.mark.parametrize("exchange", [over_udp, over_tcp], ids=["udp", "tcp"])
MARK = option(65002, b"here")
REFUSED = Reply(rcode=Rcode.REFUSED, authoritative=False)


def only_with_options(query, client):
    """Refuse whoever has no EDNS options; who asks for nothing gets it."""
    if query.edns is None or not query.edns.options:
        return REFUSED if query.question else None
    return None if query.question else Reply(rcode=Rcode.NOERROR)


def mark(query, client):
    return MARK


def blocks(gate=only_with_options, **more):
    return {".": Block(answering("192.0.2.1"), gates=(gate,), options=(mark,), **more)}


def rcode(octets):
    return octets[3] & 0xF


@BOTH
def test_a_gate_is_asked_of_new_and_of_known_questions(exchange):
    with listening(blocks=blocks()) as server:
        for number in range(3):
            message = raw(WWW, more=opt(options=option(65001, bytes((number,)))))
            assert rcode(exchange(server.address, message)) == Rcode.NOERROR
            assert rcode(exchange(server.address, raw(WWW, id=number))) == Rcode.REFUSED


def test_a_gate_may_answer_over_one_transport_and_not_over_another():
    def gate(query, client):
        return Reply(verdict=Verdict.SLIP) if client.transport == "udp" else None

    with listening(blocks=blocks(gate)) as server:
        for _ in range(3):
            assert over_udp(server.address, raw(WWW))[2:8] == b"\x82\0\0\1\0\0"
            assert over_tcp(server.address, raw(WWW))[2:8] == b"\x84\0\0\1\0\1"


def test_the_first_gate_that_answers_is_the_one():
    gates = (lambda query, client: None, only_with_options, lambda query, client: Reply(rcode=Rcode.NXDOMAIN))
    with listening(blocks={".": Block(answering("192.0.2.1"), gates=gates)}) as server:
        assert rcode(over_udp(server.address, raw(WWW))) == Rcode.REFUSED
        assert rcode(over_udp(server.address, raw(WWW, more=opt(options=option(1, b""))))) == Rcode.NXDOMAIN


def alone(more):
    """Return a message without a question."""
    return raw(WWW)[:4] + b"\0\0\0\0\0\0\0\1" + more


@BOTH
@pytest.mark.parametrize(
    ("message", "expected", "counts"),
    [
        pytest.param(alone(opt(options=option(1, b""))), Rcode.NOERROR, b"\0\0\0\0\0\0\0\1", id="no question"),
        pytest.param(alone(opt()), Rcode.FORMERR, b"\0\0\0\0\0\0\0\1", id="no question, but the gate says nothing"),
        pytest.param(alone(opt(version=1)), Rcode.FORMERR, b"\0\0\0\0\0\0\0\1", id="no question, of version 1"),
        pytest.param(
            alone(opt(options=option(1, b"")) + b"\0"), Rcode.FORMERR, b"\0\0\0\0\0\0\0\1", id="an octet too many"
        ),
        pytest.param(raw(WWW, 41, more=opt()), Rcode.FORMERR, b"\0\0\0\0\0\0\0\1", id="a question for OPT"),
        pytest.param(raw(WWW, more=opt(version=1)), 0, b"\0\1\0\0\0\0\0\1", id="EDNS version 1"),
    ],
)
def test_refusals_have_options_too(exchange, message, expected, counts):
    with listening(blocks=blocks()) as server:
        response = exchange(server.address, message)
    assert (rcode(response), response[4:12]) == (expected, counts)
    assert response.endswith(MARK)


@pytest.mark.parametrize("zones", [("example.org", "example.com"), ("example.org",)])
def test_a_message_without_a_question_is_for_the_only_block(zones):
    served = {zone: Block(answering("192.0.2.1"), gates=(only_with_options,), options=(mark,)) for zone in zones}
    with listening(blocks=served) as server:
        response = over_udp(server.address, alone(opt(options=option(1, b""))))
    assert (rcode(response), response.endswith(MARK)) == (
        (Rcode.NOERROR, True) if len(zones) == 1 else (Rcode.FORMERR, False)
    )


def test_a_signed_query_of_a_wrong_version_gets_a_signed_answer():
    query = question("www.example.org", use_edns=0)
    query.use_edns(1)
    with listening(blocks=blocks(keyring=ring(key()))) as server, connected(server.address) as sock:
        sock.sendall(framed(signed(query)))
        answer = verified(receive(sock), query)
    assert answer.had_tsig
    assert answer.rcode() == Rcode.BADVERS
