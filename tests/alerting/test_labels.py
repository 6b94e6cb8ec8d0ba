"""Whatever strangers send, no label gets a value from it: the numbers cannot be made to grow."""

import random
import re
import struct
from collections import defaultdict
from contextlib import suppress

import pytest

from fedresolver.plugins import ORDER
from tests.support.ask import connected, framed, opt, option, raw, receive, udp_socket, wire
from tests.support.manuals import manual, sections
from tests.support.running import page

MARK = b"h0st1le"
NET = "127.77"
ZONES = [
    "myfederation",
    "myfederation.svc.cluster.local",
    "example.com",
    "svc.example.com",
    "example.org",
    "example.edu",
]
OTHERS = ["example.net", "refused.example.net", "invalid"]
TYPES = [1, 2, 5, 6, 12, 15, 16, 28, 33, 43, 46, 48, 65, 255, 0, 41, 99, 250, 32768, 65535]
CLASSES = [1, 3, 4, 255, 0, 9999]
OPCODES = [0, 1, 2, 3, 4, 5, 9, 15]
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def values(text):
    """Return all the values of each label in the page, but for those of buckets and of Python itself."""
    found = defaultdict(set)
    for line in text.splitlines():
        if line.startswith("fedresolver_"):
            for label, value in LABEL.findall(line):
                found[label].add(value)
    return dict(found)


def hostile_name(luck, zone):
    """Return a name in a zone, in wire form, with labels of any octets."""
    odd = bytes(luck.randrange(256) for _ in range(luck.randrange(1, 20)))
    labels = [MARK + str(luck.randrange(10**9)).encode(), odd, b'"} 1\nfedresolver_ready 0']
    return b"".join(bytes((len(label),)) + label for label in labels[: luck.randrange(1, 4)]) + wire(zone)


def messages(luck):
    """Yield what a stranger may send: each zone with each type, class and opcode, and what is no query at all."""
    for zone in (*ZONES, *OTHERS):
        name = hostile_name(luck, zone)
        yield from (raw(name, rtype, id=luck.randrange(65536)) for rtype in TYPES)
        yield from (raw(name, rclass=rclass) for rclass in CLASSES)
        yield from (raw(name, flags=opcode << 11 | luck.choice((0, 0x100))) for opcode in OPCODES)
        yield raw(name, more=opt(luck.choice((0, 512, 65535)), option(10, luck.randbytes(8)), do=True))
        yield raw(name, more=opt(1232, option(65001, MARK), version=luck.randrange(1, 256)))
        yield struct.pack("!6H", 1, 0, 1, 0, 0, 0) + name[:-1]
        yield luck.randbytes(luck.randrange(12, 80))


def attack(served, seed):
    """Send it all from many addresses, over UDP and TCP, and wait until it was taken."""
    luck = random.Random(seed)
    for message in messages(luck):
        source = (f"{NET}.{luck.randrange(256)}.{luck.randrange(1, 255)}", 0)
        with udp_socket(served.dns, source) as sock:
            sock.send(message)
    with connected(served.dns) as sock:
        sock.sendall(framed(*messages(luck)))
        sock.sendall(framed(raw(wire("ns1.example.org"), id=0x4321)))
        with suppress(ConnectionError, EOFError, OSError):
            while receive(sock)[:2] != b"\x43\x21":
                pass
    with connected(served.dns) as sock:  # what is no message ends a connection
        sock.sendall(framed(raw(wire("ns1.example.org"), id=0x4321)))
        receive(sock)


@pytest.fixture(scope="module")
def attacked(served):
    """The values of labels after an attack and after another one, and the page itself."""
    served.use()
    attack(served, 1)
    first = values(served.text())
    for seed in (2, 3):
        attack(served, seed)
    text = page(served.metrics, "/metrics")[1]
    return first, values(text), text


def test_no_value_is_added_by_other_names_and_clients(attacked):
    """Words of a closed set may come: a question to an upstream can always fail in one way more."""
    first, then, _ = attacked
    told = {word for plugin in ORDER for word in re.findall(r"`(\w+)`", sections(manual(plugin)).get("Metrics", ""))}
    added = {label: now - first.get(label, set()) - told for label, now in then.items()}
    assert {label: more for label, more in added.items() if more} == {}


def test_nothing_of_a_query_is_shown(attacked):
    *_, text = attacked
    assert MARK.decode() not in text.lower()
    assert NET not in text


def test_all_of_it_was_counted(attacked):
    _, then, _ = attacked
    assert {"other", "A", "AXFR"} <= then["type"]
    assert {"udp", "tcp"} <= then["proto"]
    assert {"NOERROR", "NXDOMAIN", "REFUSED"} <= then["rcode"]
