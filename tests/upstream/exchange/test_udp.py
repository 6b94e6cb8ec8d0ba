"""Questions over UDP from a pool of sockets, to a server on the loopback that behaves badly."""

import asyncio
import os
import resource
import socket
import time

import dns.message
import pytest

from fedresolver.upstream.exchange.udp import PORTS, USES, UdpPool
from fedresolver.upstream.failure import Cause, UpstreamError
from fedresolver.upstream.target import Target
from fedresolver.wire.asking import ask
from fedresolver.wire.const import Type
from fedresolver.wire.name import from_text
from fedresolver.wire.query import question
from tests.support.deadline import until
from tests.support.dns_server import dns_server, reply

ADDRESS = "www.example.org. 60 IN A 192.0.2.1"
QUERY = question(from_text("www.example.org"), Type.A)


class Outcome:
    """Who waits, and what came."""

    def __init__(self):
        self.said = []

    def take(self, message):
        self.said.append(message)

    def fail(self, error):
        self.said.append(error.cause)


def send(pool, query=QUERY, exact=False):
    outcome = Outcome()
    outcome.waiting = pool.send(ask(b"\0\0", query)[2:], query.question, outcome, exact=exact)
    return outcome


def asking(test, target, clock=time.monotonic):
    async def work():
        pool = UdpPool(Target(*target), clock)
        try:
            await test(pool)
        finally:
            pool.close()

    before = len(os.listdir("/proc/self/fd"))
    asyncio.run(work())
    assert len(os.listdir("/proc/self/fd")) <= before


def test_an_answer_comes_back_with_the_id_that_was_drawn():
    async def test(pool):
        outcome = send(pool)
        await until(lambda: outcome.said)
        assert outcome.said[0] == server.respond(server.asked[0]).to_wire()

    with dns_server(ADDRESS) as server:
        asking(test, server.address)


def test_ports_and_ids_are_many_and_ports_are_replaced():
    async def test(pool):
        for _ in range(40):
            outcomes = [send(pool) for _ in range(50)]
            await until(lambda outcomes=outcomes: all(outcome.said for outcome in outcomes))

    with dns_server(ADDRESS) as server:
        asking(test, server.address)
    ports = [one.source[1] for one in server.asked]
    identities = {one.message.id for one in server.asked}
    assert len(set(ports)) >= PORTS - 1
    assert len(identities) > 1900
    assert max(ports.count(port) for port in set(ports)) <= USES


def test_a_port_is_used_no_more_after_some_seconds():
    now = [0.0]

    async def test(pool):
        for round_ in range(2):
            for _ in range(10):
                outcomes = [send(pool) for _ in range(50)]
                await until(lambda outcomes=outcomes: all(outcome.said for outcome in outcomes))
            seen.append({one.source[1] for one in server.asked[round_ * 500 :]})
            now[0] += 11.0

    seen = []
    with dns_server(ADDRESS) as server:
        asking(test, server.address, lambda: now[0])
    assert len(seen[0] & seen[1]) <= 3, "but for those that the system happens to give again"


def wrong_id(asked):
    message = reply(asked, ADDRESS)
    message.id ^= 1
    return message


def wrong_question(asked):
    message = reply(asked, ADDRESS)
    other = dns.message.make_query("evil.example.org", "A")
    message.question = other.question
    return message


def no_response(asked):
    message = reply(asked, ADDRESS)
    message.flags &= ~dns.flags.QR
    return message


LIES = {
    "wrong ID": wrong_id,
    "wrong question": wrong_question,
    "not a response": no_response,
    "no octets": lambda asked: b"",
    "one octet": lambda asked: asked.octets[:1],
    "the ID alone": lambda asked: asked.octets[:2],
    "a header": lambda asked: asked.octets[:2] + b"\x81\x80" + bytes(8),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_false_reply_is_ignored_and_the_true_one_is_waited_for(lie):
    async def test(pool):
        outcome = send(pool)
        await until(lambda: outcome.said)
        assert outcome.said == [reply(server.asked[0], ADDRESS).to_wire()]
        assert pool.unexpected == 3

    with dns_server(lambda asked: [lie(asked), lie(asked), lie(asked), reply(asked, ADDRESS)]) as server:
        asking(test, server.address)


def test_a_reply_from_elsewhere_never_arrives():
    async def test(pool):
        outcome = send(pool)
        await until(lambda: outcome.said)
        assert len(outcome.said) == 1
        assert pool.unexpected == 0

    def respond(asked):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.3", 0))
            other.sendto(reply(asked, "www.example.org. 60 IN A 6.6.6.6").to_wire(), asked.source)
        return reply(asked, ADDRESS)

    with dns_server(respond) as server:
        asking(test, server.address)


@pytest.mark.parametrize(("exact", "answers"), [(True, 1), (False, 2)])
def test_the_letter_case_must_come_back_where_it_is_asked_for(exact, answers):
    async def test(pool):
        mixed = b"\3wWw\7exAmple\3oRg\0" + QUERY.question[-4:]
        outcome = Outcome()
        pool.send(ask(b"\0\0", QUERY, question=mixed)[2:], mixed, outcome, exact=exact)
        other = send(pool)
        await until(lambda: other.said and len(server.asked) == 2)
        await until(lambda: outcome.said or pool.unexpected)
        assert bool(outcome.said) is (answers == 2)

    def respond(asked):
        return dns.message.from_wire(reply(asked, ADDRESS).to_wire().replace(b"wWw\7exAmple", b"www\7example"))

    with dns_server(respond) as server:
        asking(test, server.address)


def test_what_is_forgotten_is_not_told():
    async def test(pool):
        first = send(pool)
        pool.forget(first.waiting)
        pool.forget(first.waiting)
        second = send(pool)
        await until(lambda: second.said)
        await until(lambda: pool.unexpected == 1)
        assert first.said == []

    with dns_server(ADDRESS) as server:
        asking(test, server.address)


def test_nobody_there_is_told_at_once():
    async def test(pool):
        outcome = send(pool)
        await until(lambda: outcome.said)
        assert outcome.said == [Cause.REFUSED]

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        address = sock.getsockname()
    asking(test, address)


def test_no_way_there_is_an_error():
    async def test(pool):
        with pytest.raises(UpstreamError, match=r"255.255.255.255:53: "):
            send(pool)

    asking(test, ("255.255.255.255", 53))


def test_who_waits_is_told_when_the_pool_closes():
    async def test(pool):
        outcome = send(pool)
        pool.close()
        assert outcome.said == [Cause.CLOSED]

    with dns_server(lambda asked: None) as server:
        asking(test, server.address)


def test_a_pool_that_is_closed_sends_nothing():
    async def test(pool):
        send(pool)
        pool.close()
        with pytest.raises(UpstreamError) as raised:
            send(pool)
        assert raised.value.cause is Cause.CLOSED

    with dns_server(ADDRESS) as server:
        asking(test, server.address)


@pytest.mark.parametrize("room", [0, 1])
def test_without_file_descriptors_the_question_cannot_leave_and_the_next_can(room):
    """There is room for nothing, or for a socket but not for what watches it."""

    async def test(pool):
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        with socket.socket() as probe:
            free = probe.fileno()
        resource.setrlimit(resource.RLIMIT_NOFILE, (free + room, before[1]))
        try:
            with pytest.raises(UpstreamError) as raised:
                send(pool)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        assert raised.value.cause is Cause.BUSY
        outcome = send(pool)
        await until(lambda: outcome.said)

    with dns_server(ADDRESS) as server:
        asking(test, server.address)
