"""A running server whose upstreams lie, break off and stall, while others ask it for what is well."""

import os
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import dns.edns
import dns.message
import dns.rcode
import pytest

from tests.e2e.authority import Authority
from tests.support.ask import addresses, ask, question, raw, udp_socket, wire
from tests.support.background import BackgroundAsker, asking_always
from tests.support.deadline import eventually
from tests.support.dns_server import DnsServer, dns_server, truncated
from tests.support.encrypted import serving
from tests.support.hostile import LIES, RIGHT, question_of, record, response
from tests.support.manifests import put, shard
from tests.support.running import Running, process, running
from tests.support.upstream import Conversation, scripted

WITHIN = 5.0
"""Seconds in which every question has its answer."""
GRACE = 1.0
"""Seconds for the machine, beside those."""
REASONS = ({22}, {23})
LARGEST_DATAGRAM = 1232
CART = "cart.shop.myfederation"
FAR = "far.shop.myfederation"
GOOD = "www.good.example"
LINES_A_SECOND = 51
"""Of `errors`: 50, and the number of the others."""


def said_to(query, name):
    """Return what the liar answers to a query for a name such as `www.cut-off.bad.example`."""
    family = name.lower().split(".")[1]
    return response(query, RIGHT) if family == "right" else LIES[family](query)


def lie(asked):
    """Answer with a lie; over UDP, where it does not fit, with the hint to ask over TCP."""
    message = said_to(asked.octets, asked.name)
    return truncated(asked) if asked.transport == "udp" and len(message) > LARGEST_DATAGRAM else message


async def lie_over_a_stream(conversation: Conversation) -> None:
    while True:
        query = await conversation.query()
        conversation.send(said_to(query, dns.message.from_wire(query).question[0].name.to_text()))


# False replies, each with another address than the right one.


def false(octets):
    return response(octets, record(b"\xc0\x0c", 1, b"\6\6\6\6"))


def with_wrong_id(octets):
    message = false(octets)
    return bytes((message[0] ^ 1,)) + message[1:]


def wrong_id(asked):
    return with_wrong_id(asked.octets)


def wrong_name(asked):
    return false(asked.octets).replace(b"\5false", b"\5falsf")


def wrong_type(asked):
    return false(asked.octets.replace(b"\0\0\1\0\1", b"\0\0\x1c\0\1"))


def wrong_class(asked):
    return false(asked.octets.replace(b"\0\0\1\0\1", b"\0\0\1\0\3"))


def no_question(asked):
    head = false(asked.octets)[:12]
    return head[:4] + b"\0\0\0\1" + head[8:] + record(wire(asked.name), 1, b"\6\6\6\6")


def a_query(asked):
    message = false(asked.octets)
    return message[:2] + bytes((message[2] & 0x7F,)) + message[3:]


def too_short(asked):
    return false(asked.octets)[:11]


def small_letters(asked):
    question = question_of(asked.octets)
    return false(asked.octets.replace(question, question.lower()))


def from_elsewhere(asked, host, port=0):
    """Send the false reply from another socket."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((host, port))
        other.sendto(false(asked.octets), asked.source)


def wrong_port(asked):
    from_elsewhere(asked, "127.0.0.1")


FALSE = (wrong_id, wrong_name, wrong_type, wrong_class, no_question, a_query, too_short, wrong_port)
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def misleading(port):
    """Return what gives a false reply alone, or before the right one where the name begins with `then`."""

    def wrong_address(asked):
        from_elsewhere(asked, "127.0.0.99", port)

    by_name = {dashed(one): one for one in (*FALSE, wrong_address, small_letters)}

    def respond(asked):
        first, family, *_ = asked.name.lower().split(".")
        said = (by_name[family](asked), response(asked.octets, RIGHT) if first == "then" else None)
        return [message for message in said if message is not None]

    return respond


def dashed(function):
    return function.__name__.replace("_", "-")


MISLEADING = (
    *(f"{dashed(one)}.false.example" for one in FALSE),
    "wrong-address.false.example",
    f"small-letters.{ALPHABET}.case.example",
)


# What is done with connections.


async def closes_at_once(conversation: Conversation) -> None:
    conversation.close()


async def closes_when_asked(conversation: Conversation) -> None:
    await conversation.query()


async def closes_after_the_length(conversation: Conversation) -> None:
    await conversation.query()
    conversation.write(b"\0\x40")


async def closes_in_the_middle(conversation: Conversation) -> None:
    message = response(await conversation.query(), RIGHT)
    conversation.write(len(message).to_bytes(2) + message[:20])


async def resets(conversation: Conversation) -> None:
    await conversation.query()
    conversation.reset()


async def resets_at_once(conversation: Conversation) -> None:
    conversation.reset()


async def says_nothing_in_many_words(conversation: Conversation) -> None:
    await conversation.octets()
    conversation.write(bytes(1 << 16))
    await conversation.closed()


async def talks_http(conversation: Conversation) -> None:
    await conversation.octets()
    conversation.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" * 1000)
    await conversation.closed()


async def answers_what_nobody_asked(conversation: Conversation) -> None:
    conversation.send(with_wrong_id(await conversation.query()))
    await conversation.closed()


async def answers_another_question(conversation: Conversation) -> None:
    query = await conversation.query()
    conversation.send(false(query[:2] + raw(wire("www.bank.example"))[2:]))
    await conversation.closed()


async def is_silent(conversation: Conversation) -> None:
    await conversation.silence()


async def drips_an_answer(conversation: Conversation) -> None:
    message = response(await conversation.query(), RIGHT, more=bytes(50_000))
    await conversation.drip(len(message).to_bytes(2) + message)


async def drips_a_handshake(conversation: Conversation) -> None:
    await conversation.drip(b"\x16\3\3\x40\0\2\0\x3f\xfc\3\3" + bytes(16_000))


BREAKS = (
    closes_at_once, closes_when_asked, closes_after_the_length, closes_in_the_middle, resets, resets_at_once,
    says_nothing_in_many_words, talks_http, answers_what_nobody_asked, answers_another_question,
)  # fmt: skip
STALLS = (is_silent, drips_an_answer)
HANDSHAKES = (closes_at_once, resets_at_once, says_nothing_in_many_words, talks_http)
"""What goes wrong where TLS should begin."""
STALLED_HANDSHAKES = (is_silent, drips_a_handshake)
CERTIFICATES = ("another-name", "expired", "self-signed")


def zone_of(script, transport):
    return f"{dashed(script)}.{transport}.example"


@dataclass
class World:
    """The server, its good and its bad upstreams, and who asks all the time for what is well."""

    server: Running
    liar: DnsServer
    asker: BackgroundAsker

    def check(self) -> None:
        """AssertionError unless everybody else had his answers, and nothing was raised."""
        report = self.asker.report()
        assert (report.lost, report.wrong) == ([], [])
        assert self.server.metric("fedresolver_panics_total") == 0
        assert self.server.loop.complaints == []


def forwarding(zone: str, to: str, *more: str) -> str:
    """Return a stanza; an upstream that fails is asked all the same, or the next question would not reach it."""
    return f"forward {zone} {to} {{\n max_fails 0\n" + "".join(f" {line}\n" for line in more) + "}\n"


COREFILE = """
.:0 {{
    bind 127.0.0.1
    errors
    federation myfederation example.com {{
        manifests {folder}/members
        local c1
        topology c1 north oslo
        topology c2 south rome
    }}
    {stanzas}
}}
"""


def write_members(folder: Path) -> None:
    put(folder / "members", "c1", "cart.yaml", *shard("cart", cluster_ips=["10.0.0.1"]))
    put(folder / "members", "c1", "far.yaml", *shard("far", ready=False))
    put(folder / "members", "c2", "far.yaml", *shard("far", load_balancers=["192.0.2.9"]))


def scripts(authority: Authority, stranger: Authority):
    """Return by zone what is done with connections, how TLS is spoken if it is, and whether it is expected."""
    right = serving(authority.server("right", "127.0.0.1"))
    pairs = {
        "another-name": authority.server("another-name", "127.0.0.2"),
        "expired": authority.expired("expired", "127.0.0.1"),
        "self-signed": stranger.server("self-signed", "127.0.0.1"),
    }
    found = {zone_of(script, "tcp"): (script, None, False) for script in (*BREAKS, *STALLS)}
    found |= {zone_of(script, "tls"): (script, right, True) for script in (*BREAKS, *STALLS)}
    found |= {zone_of(script, "handshake"): (script, None, True) for script in (*HANDSHAKES, *STALLED_HANDSHAKES)}
    found |= {f"{name}.certificate.example": (lie_over_a_stream, serving(pairs[name]), True) for name in CERTIFICATES}
    return found | {"bad.tls.example": (lie_over_a_stream, right, True)}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    files = len(os.listdir("/proc/self/fd"))
    (folder / "ours").mkdir()
    (folder / "strangers").mkdir()
    authority = Authority(folder / "ours")
    with ExitStack() as stack:
        give = stack.enter_context
        good, liar = give(dns_server(f"{GOOD}. 60 IN A 192.0.2.80")), give(dns_server(lie))
        false_ones = give(dns_server(lie))
        false_ones.respond = misleading(false_ones.address[1])
        stanzas = [
            forwarding("good.example", good.to),
            forwarding("bad.example", liar.to),
            forwarding("bad.tcp.example", liar.to, "force_tcp"),
            forwarding("false.example", false_ones.to),
            forwarding("case.example", false_ones.to, "randomize_case"),
        ]  # fmt: skip
        for zone, (script, context, tls) in scripts(authority, Authority(folder / "strangers")).items():
            to = f"{'tls://' if tls else ''}127.0.0.1:{give(scripted(script, context)).port}"
            stanzas.append(forwarding(zone, to, f"tls {authority.path}" if tls else "force_tcp"))
        write_members(folder)
        server = give(running(folder, COREFILE.format(folder=folder, stanzas="".join(stanzas))))
        eventually(lambda: not server.server.missing())
        right = {GOOD: "192.0.2.80", CART: "10.0.0.1", FAR: "192.0.2.9"}
        asker = give(asking_always(server.address(), right))
        made = World(server, liar, asker)
        yield made
        made.check()
    # the threads of the fake servers see the end of their connections when they get to it
    eventually(lambda: len(os.listdir("/proc/self/fd")) <= files)


def told(address, name):
    """Return what is answered to a question with EDNS, asked with more patience than the server may need."""
    with udp_socket(address) as sock:
        sock.settimeout(WITHIN + 2 * GRACE)
        sock.send(question(name, use_edns=0, payload=1232).to_wire())
        return dns.message.from_wire(sock.recv(65535))


def failed(world, name):
    """Return how many seconds it took until SERVFAIL with a reason was answered; AssertionError for anything else."""
    began = time.monotonic()
    found = told(world.server.address(), name)
    assert (found.rcode(), found.answer, found.authority) == (dns.rcode.SERVFAIL, [], []), name
    assert {option.code for option in found.options} in REASONS, name
    return time.monotonic() - began


ZONES = ("bad.example", "bad.tcp.example", "bad.tls.example")
FAST = (
    *(zone_of(script, transport) for script in BREAKS for transport in ("tcp", "tls")),
    *(zone_of(script, "handshake") for script in HANDSHAKES),
    *(f"{name}.certificate.example" for name in CERTIFICATES),
)
SLOW = (
    *(zone_of(script, transport) for script in STALLS for transport in ("tcp", "tls")),
    *(zone_of(script, "handshake") for script in STALLED_HANDSHAKES),
)


@pytest.mark.parametrize("zone", ZONES)
def test_the_truth_is_believed(world, zone):
    assert addresses(told(world.server.address(), f"www.right.{zone}")) == {"192.0.2.1"}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("family", LIES)
def test_what_cannot_be_believed_is_servfail_with_the_reason(world, family, zone):
    assert failed(world, f"www.{family}.{zone}") < WITHIN
    world.check()


@pytest.mark.parametrize("zone", ["bad.example", "bad.tcp.example"])
@pytest.mark.parametrize("family", LIES)
def test_a_client_without_edns_gets_no_false_answer_either(world, family, zone):
    found = ask(world.server.address(), question(f"plain.{family}.{zone}"))
    assert (found.rcode(), found.answer, found.authority) == (dns.rcode.SERVFAIL, [], [])


@pytest.mark.parametrize("rest", MISLEADING)
def test_the_wait_goes_on_after_a_false_reply(world, rest):
    assert addresses(told(world.server.address(), f"then.{rest}")) == {"192.0.2.1"}
    world.check()


@pytest.mark.parametrize("zone", FAST)
def test_whoever_breaks_off_is_servfail_with_the_reason(world, zone):
    assert failed(world, f"www.{zone}") < WITHIN
    world.check()


def test_whoever_stalls_has_five_seconds_also_when_the_server_is_reloaded_meanwhile(world):
    names = [f"alone.{rest}" for rest in MISLEADING] + [f"www.{zone}" for zone in SLOW]
    sent = len(world.liar.asked)
    with ThreadPoolExecutor(len(names) + 1) as pool:
        asking = [pool.submit(failed, world, name) for name in names]
        mark = pool.submit(failed, world, "mark.cut-off.bad.example")
        mark.result()
        assert len(world.liar.asked) > sent
        world.server.reload(world.server.corefile.read_text().replace("max_fails 0", "max_fails 0\n expire 9s"))
        assert max(one.result() for one in asking) < WITHIN + GRACE
    world.check()


def test_the_log_of_many_bad_answers_is_bounded(world):
    log = world.server.log
    log.lines.clear()
    world.server.reload(world.server.corefile.read_text().replace("max_fails 0", "max_fails 0\n expire 8s"))
    began = time.monotonic()
    for number in range(200):
        assert failed(world, f"{number}.cut-off.bad.example") < WITHIN
    seconds = int(time.monotonic() - began) + 1
    assert len(log.having("an answer cannot be read")) == 1, "which is said once in a minute"
    assert 10 < len(log.having("cut-off.bad.example")) <= LINES_A_SECOND * seconds
    assert max(map(len, log.lines)) < 1000


def test_response_codes_that_nobody_knows_are_one_number(world):
    for number in range(3):
        failed(world, f"{number}.rcode-4095.bad.example")
    assert world.server.metric("fedresolver_forward_responses_total", "dns://:0", world.liar.to, "other") >= 3


# A process of its own, for what it holds.

WARM, HOSTILE = 500, 2_000
AT_ONCE = 20
MIB = 1 << 20


class Held:
    """What a process holds."""

    def __init__(self, pid):
        status = Path(f"/proc/{pid}/status").read_text()
        self.memory = int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) << 10
        self.files = len(os.listdir(f"/proc/{pid}/fd"))


def ask_lies(address, numbers):
    """Ask for one lie after the other, some at once; AssertionError when one is believed or not answered."""
    families = list(LIES)

    def one(number):
        found = told(address, f"{number}.{families[number % len(families)]}.{ZONES[number // 7 % 2]}")
        return found.rcode()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert set(pool.map(one, numbers)) == {dns.rcode.SERVFAIL}


def test_thousands_of_bad_answers_leave_nothing_behind(tmp_path):
    write_members(tmp_path)
    with dns_server(lie) as liar:
        zones = ((ZONES[0], ()), (ZONES[1], ("force_tcp",)))
        stanzas = "".join(forwarding(zone, liar.to, *more) for zone, more in zones)
        with process(tmp_path, COREFILE.format(folder=tmp_path, stanzas=stanzas)) as served:
            ask_lies(served.address(), range(WARM))
            before = Held(served.pid)
            ask_lies(served.address(), range(WARM, WARM + HOSTILE))
            after = Held(served.pid)
            assert after.memory - before.memory < 4 * MIB
            assert after.files <= before.files + 8, "as many connections as are open at once"
            assert "Traceback" not in served.text
            assert "an exception" not in served.text
