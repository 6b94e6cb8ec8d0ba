"""Which names are asked about, and what becomes of the outcome."""

import asyncio

import pytest

from fedresolver.chain.handler import REFUSED, Reply
from fedresolver.plugins.forward.handler import ForwardHandler
from fedresolver.plugins.forward.settings import Settings
from fedresolver.upstream.failure import Cause, UpstreamError
from fedresolver.upstream.forwarding.forwarder import TooManyError
from fedresolver.upstream.target import Target
from fedresolver.wire.const import Ede, Rcode
from fedresolver.wire.name import from_text
from fedresolver.wire.received import Received
from tests.support.request import answering, records, request

FOUND = Received(Rcode.NOERROR, records("192.0.2.1"), authentic=True)
ELSEWHERE = Reply(answer=records("198.51.100.1"))


class Forwarder:
    def __init__(self, outcome=FOUND):
        self.outcome = outcome
        self.asked = []

    async def ask(self, query, *, streamed):
        self.asked.append(streamed)
        if isinstance(self.outcome, TooManyError):
            raise self.outcome
        return self.outcome


def handle(question=None, outcome=FOUND, next_=ELSEWHERE, zones=(".",), **settings):
    names = {key: tuple(map(from_text, value)) for key, value in settings.items() if key == "excluded"}
    given = Settings(zones=tuple(map(from_text, zones)), targets=(Target("192.0.2.9"),), **{**settings, **names})
    forwarder = Forwarder(outcome)
    reply = asyncio.run(_run(ForwardHandler(given, forwarder, answering(next_)), question or request()))
    return reply, forwarder.asked


async def _run(handler, question):
    return await handler(question)


def test_an_answer_is_foreign_and_not_authoritative():
    reply, _ = handle()
    assert (reply.answer, reply.foreign, reply.authoritative, reply.authentic) == (FOUND.answer, True, False, True)
    assert (reply.cell, reply.plugin) == (None, "forward")


@pytest.mark.parametrize(
    ("name", "zones", "excluded", "asked"),
    [
        ("www.example.org", ["."], [], True),
        ("www.example.org", ["example.org"], [], True),
        ("example.org", ["example.org"], [], True),
        ("www.example.org", ["example.com"], [], False),
        ("www.badexample.org", ["example.org"], [], False),
        ("www.example.org", ["."], ["example.org"], False),
        ("example.org", ["."], ["example.org"], False),
        ("www.example.org", ["."], ["a.example.org"], True),
        ("www.example.org", ["example.org"], ["org"], False),
        ("www.example.org", ["example.com", "org"], [], True),
    ],
)
def test_names(name, zones, excluded, asked):
    reply, questions = handle(request(f"{name} A"), zones=zones, excluded=excluded)
    assert (bool(questions), reply == ELSEWHERE) == (asked, not asked)


@pytest.mark.parametrize(
    ("transport", "prefer_udp", "streamed"),
    [("udp", False, False), ("udp", True, False), ("tcp", False, True), ("tcp", True, False)],
)
def test_a_question_over_tcp_goes_on_over_tcp(transport, prefer_udp, streamed):
    assert handle(request(transport=transport), prefer_udp=prefer_udp)[1] == [streamed]


@pytest.mark.parametrize(
    ("cause", "code"), [(Cause.TIMEOUT, Ede.NO_REACHABLE_AUTHORITY), (Cause.REFUSED, Ede.NETWORK_ERROR)]
)
def test_without_an_answer_it_is_servfail_with_the_reason(cause, code):
    reply, _ = handle(outcome=UpstreamError(cause, "192.0.2.9:53: why"))
    assert (reply.rcode, reply.ede.code, reply.failure) == (Rcode.SERVFAIL, code, "192.0.2.9:53: why")
    assert "192.0.2.9" not in reply.ede.text


def test_too_many_are_refused():
    reply, _ = handle(outcome=TooManyError())
    assert (reply.rcode, reply.foreign) == (Rcode.REFUSED, False)


@pytest.mark.parametrize(
    ("next_", "rcode"), [(ELSEWHERE, Rcode.NOERROR), (REFUSED, Rcode.NXDOMAIN)], ids=["somebody", "nobody"]
)
def test_an_rcode_may_be_left_to_the_next_plugin(next_, rcode):
    reply, _ = handle(outcome=Received(Rcode.NXDOMAIN), next_=next_, next=frozenset((Rcode.NXDOMAIN,)))
    assert reply.rcode == rcode


@pytest.mark.parametrize(
    ("outcome", "left"),
    [
        pytest.param(Received(Rcode.NOERROR), True, id="nothing of the type"),
        pytest.param(FOUND, False, id="an answer"),
        pytest.param(Received(Rcode.NXDOMAIN), False, id="no such name"),
    ],
)
def test_no_data_may_be_left_to_the_next_plugin(outcome, left):
    reply, _ = handle(outcome=outcome, next_on_nodata=True)
    assert (reply is ELSEWHERE) is left
    assert handle(outcome=outcome)[0] is not ELSEWHERE
