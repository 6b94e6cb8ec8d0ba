"""A server whose primary turns hostile: the copy stays, others are answered, and the log tells it once."""

import struct
from contextlib import contextmanager

import dns.message
import dns.opcode
import pytest

from tests.support.ask import ask, framed, question
from tests.support.deadline import eventually
from tests.support.hostile_primary import ENDLESS, LIES, ZONE
from tests.support.primary import answer, bare
from tests.support.running import running
from tests.support.upstream import scripted
from tests.support.zone_records import NS, soa

COREFILE = """
.:0 {{
    bind 127.0.0.1
    errors
    prometheus 127.0.0.1:0
    secondary example.org {{
        transfer from 127.0.0.1:{port}
        max_records 20000
        max_octets 2000000
    }}
    whoami
}}
"""
LABELS = "dns://:0", "example.org."
SOA = 6
WORSE = {
    "the SOA alone, again and again": lambda query: answer(query, soa(2), soa(2)),
    "only the SOA": lambda query: answer(query, soa(2), NS.replace("example.org. 60", "sub.example.org. 60"), soa(2)),
    "all records of others": lambda query: answer(query, soa(2), "www.example.net. 60 A 192.0.2.1", soa(2)),
    "a record of 64 KiB": lambda query: bare(query, counts=(1, 0, 0), more=b"\xc0\x0c\0\x10\0\1" + b"\xff" * 65000),
    "a chain of pointers": lambda query: bare(
        query, counts=(2, 0, 0), more=b"".join(struct.pack("!H", 0xC00C + 2 * number) for number in range(5000))
    ),
    "random octets": lambda query: bare(query, counts=(999, 9, 9), more=bytes(range(256)) * 200),
    "the end": lambda query: b"",
}


class Primary:
    """Serves a good zone until it is told to be hostile; over TCP only, so that all that it says is its own."""

    def __init__(self):
        self.hostile = None
        self.transfers = 0

    async def __call__(self, conversation):
        query = await conversation.query()
        qtype = struct.unpack("!H", query[query.index(0, 12) + 1 :][:2])[0]
        if self.hostile is None:
            conversation.send(answer(query, *(ZONE[:1] if qtype == SOA else (*ZONE, ZONE[0]))))
        elif qtype == SOA:
            conversation.send(answer(query, soa(0x7FFFFFFF)))
        else:
            self.transfers += 1
            await self.hostile(conversation, query)


@contextmanager
def serving(tmp_path):
    """Give a server that has its copy already, its address, and its primary."""
    primary = Primary()
    with scripted(primary) as upstream, running(tmp_path, COREFILE.format(port=upstream.port)) as server:
        address = server.address()
        eventually(lambda: www(address) == "192.0.2.1")
        yield server, address, primary


def www(address):
    found = ask(address, question("www.example.org")).answer
    return found[0][0].to_text() if found else None


def notify(address):
    message = dns.message.make_query("example.org", "SOA")
    message.set_opcode(dns.opcode.NOTIFY)
    assert ask(address, message).rcode() == 0


def failures(server):
    return server.metric("fedresolver_secondary_failures_total", *LABELS)


def complaints(server):
    return [line for line in server.log.lines if line.startswith("WARNING example.org.: 127.0.0.1:")]


def says(lie):
    """Return a script that sends one message."""

    async def script(conversation, query):
        conversation.send(lie(query))

    return script


def goes_on(sent):
    """Return a script that sends for ever."""

    async def script(conversation, query):
        async for octets in sent(query):
            conversation.write(octets)
            await conversation.drain()

    return script


ONCE = {name: lie for name, (lie, _) in LIES.items()} | WORSE


@pytest.mark.parametrize("lie", ONCE.values(), ids=ONCE)
def test_a_lie_leaves_the_copy_as_it_is(tmp_path, lie):
    with serving(tmp_path) as (server, address, primary):
        primary.hostile = says(lie)
        notify(address)
        eventually(lambda: failures(server) == 1)
        assert www(address) == "192.0.2.1"
        notify(address)
        eventually(lambda: failures(server) == 1 + 1)
        assert len(complaints(server)) == 1


@pytest.mark.parametrize("sent", ENDLESS.values(), ids=ENDLESS)
def test_what_does_not_end_delays_nobody(tmp_path, sent):
    with serving(tmp_path) as (server, address, primary):
        primary.hostile = goes_on(sent)
        notify(address)
        while failures(server) < 1:
            assert www(address) == "192.0.2.1"
            assert ask(address, question("example.net")).rcode() == 0
        assert "more than" in complaints(server)[0]
        assert len(complaints(server)) == 1


@pytest.mark.parametrize("octets", [b"", framed(b"x" * 1000)[:3]], ids=["silence", "an octet now and then"])
def test_a_primary_that_is_slow_delays_nobody(tmp_path, octets):
    async def slow(conversation, query):
        conversation.write(octets)
        await conversation.drip(b"x" * 1000)

    with serving(tmp_path) as (server, address, primary):
        primary.hostile = slow
        notify(address)
        eventually(lambda: primary.transfers)
        for _ in range(50):
            assert www(address) == "192.0.2.1"
        for _ in range(10):
            notify(address)
        assert primary.transfers == 1
        assert complaints(server) == []
