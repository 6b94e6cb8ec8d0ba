"""How long clients are told that a connection may be idle (RFC 7828), new answers and repeated ones alike."""

from contextlib import ExitStack

import pytest

from fedresolver.server.tcp import Limits
from tests.support.ask import connected, framed, opt, option, over_tcp, over_udp, raw, receive, wire
from tests.support.deadline import eventually
from tests.support.listening import listening

WWW = wire("www.example.org")
ASKED = raw(WWW, more=opt(options=option(11, b"")))
TEN_SECONDS = opt(options=option(11, (100).to_bytes(2)))
NOW = opt(options=option(11, bytes(2)))


@pytest.fixture(scope="module")
def server():
    with listening() as server:
        yield server


def test_who_asks_over_tcp_is_told(server):
    for _ in range(2):
        assert over_tcp(server.address, ASKED).endswith(TEN_SECONDS)


def test_who_asks_over_udp_is_not(server):
    for _ in range(2):
        assert over_udp(server.address, ASKED).endswith(opt())


def test_an_answer_without_it_stays_without_it(server):
    plain = raw(WWW, more=opt())
    assert [over_tcp(server.address, message)[-11:] for message in (plain, ASKED, plain)] == [
        opt(),
        TEN_SECONDS[-11:],
        opt(),
    ]


def test_a_refusal_has_it_too(server):
    asked = raw(WWW, rclass=7, more=opt(options=option(11, b"")))
    assert over_tcp(server.address, asked).endswith(TEN_SECONDS)


def test_where_many_are_connected_all_are_asked_to_leave():
    with listening(limits=Limits(connections=10, per_client=10)) as server, connected(server.address) as asker:

        def tail():
            asker.sendall(framed(ASKED))
            return receive(asker)[-15:]

        assert [tail(), tail()] == [TEN_SECONDS[-15:]] * 2
        with ExitStack() as stack:
            for _ in range(8):
                stack.enter_context(connected(server.address))
            eventually(lambda: server.tcp.connections == 9)
            assert [tail(), tail()] == [NOW[-15:]] * 2
        eventually(lambda: server.tcp.connections == 1)
        assert [tail(), tail()] == [TEN_SECONDS[-15:]] * 2
