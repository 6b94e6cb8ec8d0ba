"""Which answer a request for a zone gets: AXFR (RFC 5936) and IXFR (RFC 1995)."""

import gc
from itertools import pairwise

import msgspec
import pytest

from fedresolver.authority.zones import Zones
from fedresolver.chain.handler import Reply
from fedresolver.observe.metrics import Metrics
from fedresolver.plugins.transfer.handler import Answering
from fedresolver.plugins.transfer.metrics import TransferMetrics
from fedresolver.plugins.transfer.settings import Grant, Settings, by_zone
from fedresolver.plugins.transfer.setup import parse
from fedresolver.plugins.transfer.stream import MOST, MOST_OF_ONE, Streams
from fedresolver.server.seldom import Seldom
from fedresolver.wire.const import Rcode
from fedresolver.wire.name import ROOT, from_text
from fedresolver.wire.query import Edns
from fedresolver.wire.tsig import Key
from fedresolver.zone.difference import difference
from tests.support.records import lines
from tests.support.request import answering, ask, request
from tests.support.setup import stanzas
from tests.support.versions import APEX, version

KEY = Key(from_text("xfr"), "hmac-sha256", b"secret")
FIRST, SECOND = version(4, ["a 60 A 192.0.2.1"]), version(5, ["a 60 A 192.0.2.2"])
BIG = version(6, [f"n{number} 60 A 192.0.2.1" for number in range(100)])
NEXT = Reply(plugin="next")


class Source:
    """A zone whose versions a test writes: the last one is that of now."""

    def __init__(self, *versions):
        self.versions = versions
        self.contents = versions[-1] if versions else None

    def since(self, serial):
        numbers = [one.serial for one in self.versions]
        if serial not in numbers:
            return None
        known = self.versions[numbers.index(serial) :]
        return tuple(difference(before, after) for before, after in pairwise(known))


def serving(source=None, to="to *", zones=(ROOT,), clock=lambda: 0.0, key=None):
    """Return what answers requests for the zone `z.`, with the line `to` of its stanza."""
    (stanza,) = stanzas(f"transfer {{\n{to}\n}}")
    grants = tuple(Grant(line.networks, line.hosts, key) for line in parse(stanza).to)
    known = Zones()
    known.files[APEX] = Source(FIRST, SECOND) if source is None else source
    metrics = Metrics().part(TransferMetrics)
    given = (Settings(zones, grants),)
    return Answering("dns://:53", known, by_zone(given), Streams(), Seldom(clock), Seldom(clock), metrics)


def asked(text="z AXFR", serial=None, key=None, transport="tcp", edns=None, client="192.0.2.7"):
    found = request(text, client=client, transport=transport, edns=edns)
    query = msgspec.structs.replace(found.query, ordinary=False, serial=serial)
    return msgspec.structs.replace(found, query=query, key=key)


def reply(serving, question):
    return ask(serving.wrap(answering(NEXT)), question)


def kind(serving, question):
    """Return the answer in a word or two."""
    found = reply(serving, question)
    if found.stream is not None:
        return sum(chunk.count for chunk in found.stream)
    if found.answer:
        return lines(found.answer)
    return Rcode(found.rcode).name


SOA5 = ["z. 5 SOA ns.z. h.z. 5 7200 1800 86400 5"]
SOA6 = ["z. 5 SOA ns.z. h.z. 6 7200 1800 86400 5"]
STEP = [
    *SOA5,
    "z. 5 SOA ns.z. h.z. 4 7200 1800 86400 5",
    "a.z. 60 A 192.0.2.1",
    *SOA5,
    "a.z. 60 A 192.0.2.2",
    *SOA5,
]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param(asked(), 3, id="AXFR"),
        pytest.param(asked(transport="tls"), 3, id="AXFR over TLS"),
        pytest.param(asked(transport="udp"), "NOTIMP", id="AXFR over UDP"),
        pytest.param(asked(transport="https"), "NOTIMP", id="AXFR over HTTPS"),
        pytest.param(asked("z IXFR", serial=4), 6, id="IXFR: the difference"),
        pytest.param(asked("z IXFR", serial=3), 3, id="IXFR: the whole, for the difference is not known"),
        pytest.param(asked("z IXFR", serial=5), SOA5, id="IXFR of who is up to date"),
        pytest.param(asked("z IXFR", serial=6), SOA5, id="IXFR of who has a newer one"),
        pytest.param(asked("z IXFR"), "FORMERR", id="IXFR without a serial"),
        pytest.param(asked("z IXFR", serial=4, transport="udp"), STEP, id="IXFR over UDP: the difference"),
        pytest.param(asked("z IXFR", serial=3, transport="udp"), SOA5, id="IXFR over UDP: come by TCP"),
        pytest.param(asked("z IXFR", serial=5, transport="udp"), SOA5, id="IXFR over UDP of who is up to date"),
        pytest.param(asked("z IXFR", serial=4, transport="https"), "NOTIMP", id="IXFR over HTTPS"),
        pytest.param(asked("other AXFR"), "NOTAUTH", id="a zone that is not ours"),
        pytest.param(asked("a.z AXFR"), "NOTAUTH", id="a name in a zone is no zone"),
    ],
)
def test_what_is_answered(question, expected):
    assert kind(serving(), question) == expected


@pytest.mark.parametrize(
    ("size", "expected"),
    [pytest.param(None, SOA6, id="too much for 512 octets"), pytest.param(4096, SOA6, id="too many records")],
)
def test_a_difference_that_is_too_long_for_a_datagram(size, expected):
    edns = None if size is None else Edns(size)
    question = asked("z IXFR", serial=5, transport="udp", edns=edns)
    assert kind(serving(Source(SECOND, BIG)), question) == expected


@pytest.mark.parametrize(
    ("to", "client", "expected"),
    [
        pytest.param("to 192.0.2.7", "192.0.2.7", 3, id="the address"),
        pytest.param("to 192.0.2.7:5353", "192.0.2.7", 3, id="whatever its port"),
        pytest.param("to 192.0.2.8", "192.0.2.7", "REFUSED", id="another address"),
        pytest.param("to 192.0.2.0/29", "192.0.2.7", 3, id="in the network"),
        pytest.param("to 192.0.2.8/29", "192.0.2.7", "REFUSED", id="beside the network"),
        pytest.param("to 198.51.100.1\nto 2001:db8::7", "2001:db8::7", 3, id="the second line"),
        pytest.param("to fe80::7", "fe80::7%eth0", 3, id="an address with a scope"),
    ],
)
def test_who_may_have_it(to, client, expected):
    assert kind(serving(to=to), asked(client=client)) == expected


@pytest.mark.parametrize(
    ("signed", "client", "expected"),
    [
        pytest.param(None, "192.0.2.7", "REFUSED", id="not signed"),
        pytest.param(KEY.name, "192.0.2.7", 3, id="signed with the key"),
        pytest.param(from_text("another"), "192.0.2.7", "REFUSED", id="signed with another key"),
        pytest.param(KEY.name, "192.0.2.8", "REFUSED", id="the key from another address"),
    ],
)
def test_a_key_that_must_have_signed(signed, client, expected):
    assert kind(serving(to="to 192.0.2.7", key=KEY), asked(key=signed, client=client)) == expected


def test_the_zones_of_a_stanza_are_those_below_them_too():
    assert kind(serving(zones=(from_text("y"),)), asked()) == "REFUSED"
    assert kind(serving(zones=(APEX,)), asked()) == 3


def test_a_zone_that_has_nothing_is_a_failure_that_says_so():
    found = reply(serving(Source()), asked())
    assert (found.rcode, found.failure) == (Rcode.SERVFAIL, "z. has nothing to transfer")


def test_a_zone_that_is_a_files_and_a_federations_goes_to_nobody():
    both = serving()
    both.zones.federated[APEX] = Source(FIRST)
    assert kind(both, asked()) == "REFUSED"


def test_what_is_no_request_for_a_zone_is_passed_on():
    ordinary = serving()
    assert reply(ordinary, request("z SOA")) is NEXT
    chaos = msgspec.structs.replace(asked().query, qclass=3)
    assert reply(ordinary, msgspec.structs.replace(asked(), query=chaos)) is NEXT
    notify = msgspec.structs.replace(asked().query, flags=4 << 11)
    assert reply(ordinary, msgspec.structs.replace(asked(), query=notify)) is NEXT


def test_a_transfer_is_of_the_moment_in_which_it_began():
    source = Source(FIRST)
    found = reply(serving(source), asked())
    source.contents = None
    assert sum(chunk.count for chunk in found.stream) == 3


def test_refusals_are_told_seldom(caplog):
    now = [100.0]
    refusing = serving(to="to 192.0.2.1", clock=lambda: now[0])
    for _ in range(1000):
        reply(refusing, asked())
    now[0] += 10
    reply(refusing, asked(key=KEY.name))
    assert [record.getMessage() for record in caplog.records] == [
        "AXFR of z. refused to 192.0.2.7",
        "AXFR of z. refused to 192.0.2.7, signed by xfr. (999 more such lines were left out)",
    ]
    assert refusing.metrics.requests.values == {("dns://:53", "z.", "AXFR", "refused"): 1001}


def test_there_are_only_so_many_transfers_at_once():
    busy = serving()
    clients = [f"198.51.100.{number}" for number in range(MOST // MOST_OF_ONE)]
    running = [reply(busy, asked(client=client)).stream for client in clients for _ in range(MOST_OF_ONE)]
    assert kind(busy, asked()) == "SERVFAIL"
    assert kind(busy, asked("z IXFR", serial=5)) == SOA5
    next(running[0])
    running.clear()
    gc.collect()
    assert busy.streams.running == 0
    assert busy.metrics.ended.values == {("dns://:53", "z.", "broken_off"): MOST}
    assert kind(busy, asked()) == 3
    assert busy.metrics.ended.values["dns://:53", "z.", "whole"] == 1


def test_one_address_has_a_part_of_them_only():
    busy = serving()
    running = [reply(busy, asked()).stream for _ in range(MOST_OF_ONE)]
    assert kind(busy, asked()) == "SERVFAIL"
    assert kind(busy, asked(client="192.0.2.8")) == 3
    running.pop()
    assert kind(busy, asked()) == 3


def test_names_that_are_not_ours_are_counted_together():
    counting = serving()
    for name in ("x", "y"):
        reply(counting, asked(f"{name} AXFR"))
    assert counting.metrics.requests.values == {("dns://:53", "", "AXFR", "not_ours"): 2}
