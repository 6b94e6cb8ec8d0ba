"""Attacks that other servers fell to, named after the CVE that stands for their kind.

Each is carried out against a running server: over its listeners, or as the upstream that it asks. Afterwards nothing
has gone through the server as an exception, and it answers as ever.
"""

import base64
import os
import random
import socket
import ssl
import struct
import time
from contextlib import ExitStack, suppress
from itertools import count, pairwise
from pathlib import Path

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.update
import pytest

from tests.e2e.authority import Authority
from tests.support.ask import (
    addresses,
    ask,
    connected,
    flood,
    framed,
    is_dropped,
    opt,
    option,
    over_tcp,
    over_udp,
    question,
    raw,
    receive,
    udp_socket,
    wire,
)
from tests.support.deadline import eventually
from tests.support.dns_server import dns_server
from tests.support.hostile import LIES, RIGHT, question_of, record, response
from tests.support.running import process, running

SECRET = base64.b64encode(b"0123456789abcdef").decode()
KEYRING = {dns.name.from_text("key.example."): dns.tsig.Key("key.example.", SECRET, "hmac-sha256")}
LONG = ".".join(("a" * 63, "b" * 63, "c" * 63, "d" * 50))
ZONE = f"""
$ORIGIN example.
$TTL 60
@ SOA ns hm 1 2 3 4 5
@ NS ns
ns A 192.0.2.53
www A 192.0.2.1
{LONG} TXT {" ".join('"' + "x" * 50 + '"' for _ in range(20))}
itself DNAME itself
deeper DNAME under.deeper
longer DNAME {LONG}
one CNAME two
two CNAME one
*.wild CNAME www
$GENERATE 0-255 many A 10.$.8.7
$GENERATE 0-499 many TXT "$"
$GENERATE 0-499 many MX $ mail
$GENERATE 0-499 many TYPE65280 \\# 2 ${{0,4,x}}
"""
COREFILE = """
(policy) {{
    errors
    tsig {{
        secret key.example {secret}
    }}
    file zone example
    cache {{
        success 100
        denial 100
    }}
    forward . {upstream}
}}
.:0 {{
    bind 127.0.0.1
    import policy
}}
tls://.:0 {{
    bind 127.0.0.9
    tls {certificate} {key}
    import policy
}}
"""
NUMBERS = count(1)
BOTH = pytest.mark.parametrize("exchange", [over_udp, over_tcp], ids=["udp", "tcp"])
FORMERR, SERVFAIL, NOTIMP, REFUSED, NOTAUTH = 1, 2, 4, 5, 9
_QNAME = b"\xc0\x0c"
TSIG, OPT, TKEY, SIG, RRSIG, A, NS, CNAME, TXT, DNAME, ANY = 250, 41, 249, 24, 46, 1, 2, 5, 16, 39, 255


class Attacked:
    """A server and the upstream that it asks, which says what a test wants."""

    def __init__(self, server, upstream):
        self.server = server
        self.upstream = upstream
        self.address = server.address()

    def saying(self, respond):
        """Have the upstream answer so, with octets to octets; return a name that nobody has asked for."""
        self.upstream.asked.clear()
        self.upstream.respond = lambda asked: respond(asked.octets)
        return f"n{next(NUMBERS)}.test"

    def cpu(self):
        """Return the seconds that the server's thread has worked."""
        return self.server.loop.call(time.thread_time)

    def is_well(self):
        return addresses(ask(self.address, question("www.example"))) == {"192.0.2.1"}


def corefile(folder, upstream):
    """Return the Corefile; its zone file and certificate are put into `folder`."""
    (folder / "zone").write_text(ZONE)
    certificate, key = Authority(folder).server("server", "127.0.0.9")
    return COREFILE.format(secret=SECRET, upstream=upstream.to, certificate=certificate, key=key)


@pytest.fixture(scope="module")
def running_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attacked")
    with (
        dns_server(lambda asked: None) as upstream,
        running(folder, corefile(folder, upstream)) as server,
    ):
        yield Attacked(server, upstream)


@pytest.fixture
def attacked(running_server):
    yield running_server
    assert running_server.is_well()
    assert running_server.server.metric("fedresolver_panics_total") == 0
    assert running_server.server.log.having("exception") == []


def rcode(message):
    return message[3] & 0xF


def message(*records, counts, name="www.example", rtype=A, rclass=1, flags=0x0100, id=7):
    """Return a message with one question and records as octets, however many the header says there are."""
    return (
        struct.pack("!6H", id, flags, 1, *counts) + wire(name) + struct.pack("!2H", rtype, rclass) + b"".join(records)
    )


# Messages that were never meant to be sent to a server.


@BOTH
@pytest.mark.parametrize("counts", [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_cve_2015_5477_a_tkey_query_with_its_record_in_any_section(attacked, exchange, counts):
    tkey = record(wire("www.example"), TKEY, wire("gss-tsig") + bytes(8) + b"\0\3" + bytes(6))
    assert rcode(exchange(attacked.address, message(tkey, counts=counts, rtype=TKEY, rclass=255))) == FORMERR


@BOTH
def test_cve_2021_25216_a_tkey_query_with_a_token_that_nobody_may_parse(attacked, exchange):
    token = b"\x60\x82\xff\xff" + bytes(900)
    tkey = record(
        wire("www.example"), TKEY, wire("gss-tsig") + bytes(8) + b"\0\3\0\0" + len(token).to_bytes(2) + token + b"\0\0"
    )
    assert rcode(exchange(attacked.address, message(tkey, counts=(0, 0, 1), rtype=TKEY, rclass=255))) == FORMERR


@BOTH
@pytest.mark.parametrize("name", ["example", "www.example"])
def test_cve_2009_0696_and_2022_3094_updates_are_not_even_read(attacked, exchange, name):
    update = dns.update.UpdateMessage("example")
    update.present(name, "ANY")
    update.delete(name)
    update.add("new", 60, "A", "6.6.6.6")
    assert rcode(exchange(attacked.address, update.to_wire())) == NOTIMP
    before = attacked.cpu()
    torn = b"\0\1\x28\0" + b"\xff" * 60_000
    with connected(attacked.address) as sock:
        sock.sendall(framed(*[torn] * 20))
        assert {rcode(receive(sock)) for _ in range(20)} == {NOTIMP}
    assert attacked.cpu() - before < 0.2
    assert ask(attacked.address, question("new.example")).rcode() == dns.rcode.NXDOMAIN


@pytest.mark.parametrize("flags", [0x8000, 0x8180, 0x8181, 0x8182, 0x8185, 0xA000, 0xF80F, 0xFFFF])
def test_cve_2024_2169_what_is_a_response_gets_none_so_that_no_loop_begins(attacked, flags):
    then = raw(wire("www.example"), id=9)
    assert is_dropped(attacked.address, message(counts=(0, 0, 0), flags=flags), then)
    assert is_dropped(attacked.address, struct.pack("!6H", 7, flags, 0, 0, 0, 0), then)


@BOTH
def test_cve_2013_4854_malformed_data_in_a_record_of_a_query(attacked, exchange):
    keydata = record(wire("www.example"), 65533, b"\0\0\0\0\0\0\0\0\0")[:-4]
    assert rcode(exchange(attacked.address, message(keydata, counts=(0, 0, 1)))) == FORMERR


@BOTH
@pytest.mark.parametrize("size", [0, 1, 511, 65535])
@pytest.mark.parametrize(
    "options",
    [
        pytest.param(b"", id="none"),
        pytest.param(option(8, b""), id="an empty subnet"),
        pytest.param(option(8, b"\0\1\xff\xff" + bytes(255)), id="a subnet beyond its address"),
        pytest.param(option(65001, bytes(400)), id="a long one"),
        pytest.param(b"\0\x08\xff\xff\0\1", id="one beyond the record"),
        pytest.param(b"\0\x08\0", id="half a head"),
        pytest.param(option(3, bytes(100)) * 8, id="the same again and again"),
    ],
)
def test_cve_2017_14496_odd_options_and_sizes_of_edns(attacked, exchange, size, options):
    answer = dns.message.from_wire(exchange(attacked.address, raw(wire("www.example"), more=opt(size, options))))
    broken = options.startswith(b"\0\x08\xff\xff") or len(options) == 3
    assert answer.rcode() == (dns.rcode.FORMERR if broken else dns.rcode.NOERROR)
    assert bool(answer.answer) is not broken


# Signatures.


def signed(key="key.example.", **parts):
    """Return a query with a TSIG record, as dnspython makes it, with other parts."""
    query = question("www.example")
    query.use_tsig(KEYRING, key)
    octets = query.to_wire()
    return octets, dns.message.from_wire(octets, keyring=KEYRING)


@BOTH
@pytest.mark.parametrize("error", [0, 16, 17, 18, 22, 65535])
@pytest.mark.parametrize("mac", [b"", b"\0", bytes(16), bytes(32), bytes(900)], ids=len)
@pytest.mark.parametrize("when", [0, 0xFFFFFFFFFFFF], ids=["the first second", "the last"])
def test_cve_2020_8617_a_tsig_record_with_an_error_and_a_time_that_cannot_be(attacked, exchange, error, mac, when):
    data = (
        wire("hmac-sha256")
        + when.to_bytes(6)
        + b"\1\x2c"
        + len(mac).to_bytes(2)
        + mac
        + struct.pack("!3H", 7, error, 0)
    )
    tsig = wire("key.example") + struct.pack("!2HIH", TSIG, 255, 0, len(data)) + data
    answer = exchange(attacked.address, message(tsig, counts=(0, 0, 1)))
    assert rcode(answer) in (FORMERR, NOTAUTH)
    assert answer[6:8] == b"\0\0"


@BOTH
def test_cve_2020_8622_a_signed_message_that_is_cut_anywhere(attacked, exchange):
    octets, _ = signed()
    for end in range(len(raw(wire("www.example"))), len(octets), 7):
        assert rcode(exchange(attacked.address, octets[:end])) in (FORMERR, NOTAUTH)
    assert rcode(exchange(attacked.address, octets)) == 0


def test_cve_2024_1975_a_flood_of_sig_0_is_not_verified(attacked):
    data = struct.pack("!HBBIIIHs", 0, 8, 0, 0, 0xFFFFFFFF, 0, 1, b"\0") + bytes(256)
    with_sig = message(b"\0" + struct.pack("!2HIH", SIG, 255, 0, len(data)) + data, counts=(0, 0, 1))
    plain = message(counts=(0, 0, 0))

    def cost(octets):
        before = attacked.cpu()
        with connected(attacked.address) as sock:
            sock.sendall(framed(*[octets] * 2000))
            found = {rcode(receive(sock)) for _ in range(2000)}
        return found, attacked.cpu() - before

    (found, spent), (_, usual) = cost(with_sig), cost(plain)
    assert found <= {0, FORMERR, NOTAUTH}
    assert spent < 20 * usual + 0.2


# Answers that do not fit, and names that lead nowhere.


@pytest.mark.parametrize("name", ["www.example", f"{LONG}.example", "many.example", f"x.{LONG}.example"])
@pytest.mark.parametrize("rtype", [A, TXT, ANY, 15, 65280])
def test_cve_2016_2776_a_response_of_any_size_is_within_its_limit(attacked, name, rtype):
    for size in (0, 512, 513, 540, 600, 700, 900, 1100, 1231, 1232, 1233, 4096, 65535):
        octets = over_udp(attacked.address, raw(wire(name), rtype, more=opt(size, option(3, b""))))
        assert len(octets) <= min(max(size, 512), 1232)
        answer = dns.message.from_wire(octets)
        assert answer.edns == 0
        assert answer.answer or answer.authority or answer.flags & dns.flags.TC


def test_cve_2024_1737_many_records_at_a_name_cost_little(attacked):
    names = [raw(wire("many.example"), rtype, id=number) for number, rtype in enumerate((A, 28, ANY, 65281) * 25)]
    over_tcp(attacked.address, names[0])
    before = attacked.cpu()
    with connected(attacked.address) as sock:
        sock.sendall(framed(*names))
        answers = [dns.message.from_wire(receive(sock)) for _ in names]
    assert attacked.cpu() - before < 1.0
    assert {len(answer.answer) for answer in answers if answer.question[0].rdtype == ANY} == {1}


@BOTH
@pytest.mark.parametrize(
    ("name", "rcodes"),
    [
        pytest.param("itself.example", {0}, id="the owner"),
        pytest.param("x.itself.example", {SERVFAIL}, id="below it, where it leads to itself"),
        pytest.param("x.deeper.example", {SERVFAIL, 6}, id="where it leads below itself"),
        pytest.param(f"{'y' * 40}.longer.example", {6}, id="where the name grows too long"),
        pytest.param("one.example", {SERVFAIL}, id="two CNAMEs in a circle"),
    ],
)
def test_cve_2021_25215_a_dname_or_cname_that_leads_to_itself(attacked, exchange, name, rcodes):
    before = attacked.cpu()
    for rtype in (A, DNAME, ANY):
        found = rcode(exchange(attacked.address, raw(wire(name), rtype)))
        assert found in (rcodes if rtype == A else {0, *rcodes})
    assert attacked.cpu() - before < 0.2


@BOTH
@pytest.mark.parametrize("rtype", [SIG, RRSIG, 47, 50, 43, 48, ANY, 0, 65535, 129, 256])
def test_cve_2011_1907_and_2006_4095_types_of_dnssec_and_odd_ones_for_any_kind_of_name(attacked, exchange, rtype):
    for name in (
        "example",
        "www.example",
        "one.example",
        "x.wild.example",
        "itself.example",
        "x.itself.example",
        "no.example",
    ):
        octets = exchange(attacked.address, raw(wire(name), rtype, more=opt(do=True)))
        assert rcode(octets) in (0, 3) or "itself" in name or name == "one.example"
        assert dns.message.from_wire(octets).question[0].rdtype == rtype


# Upstreams that lie.


def told(attacked, name, rtype="A", **options):
    """Return what a client is told over TCP, with the seconds that the server worked for it."""
    before = attacked.cpu()
    answer = ask(attacked.address, question(name, rtype, use_edns=0, **options), tcp=True)
    return answer, attacked.cpu() - before


def referral(query, servers):
    """Return a referral to so many name servers of somebody else's zone."""
    targets = (record(_QNAME, NS, wire(f"ns{number}.victim.example")) for number in range(servers))
    return response(query, *targets, counts=(0, servers, 0), flags=0x8000)


@pytest.mark.parametrize("servers", [1, 50, 1500])
def test_cve_2020_8616_and_2022_2795_a_referral_makes_nobody_else_a_victim(attacked, servers):
    name = attacked.saying(lambda query: referral(query, servers))
    answer, spent = told(attacked, name)
    assert (answer.rcode(), answer.answer) == (dns.rcode.SERVFAIL, [])
    assert {text.split()[0] for text in attacked.upstream.names()} == {f"{name}."}
    assert len(attacked.upstream.asked) <= 16
    assert spent < 0.5


@pytest.mark.parametrize("lie", ["pointers", "itself", "forward", "name-300", "loops", "chain", "long-loop"])
def test_cve_2023_3341_nothing_that_is_nested_is_followed_without_end(attacked, lie):
    name = attacked.saying(LIES[lie])
    answer, spent = told(attacked, name)
    assert answer.rcode() == dns.rcode.SERVFAIL
    assert spent < 1.0


@pytest.mark.parametrize("rclass", [0, 3, 254, 255, 65535])
def test_cve_2015_8000_records_of_another_class_are_not_believed(attacked, rclass):
    other = _QNAME + struct.pack("!2HIH", A, rclass, 60, 4) + b"\6\6\6\6"
    name = attacked.saying(lambda query: response(query, other))
    answer, _ = told(attacked, name)
    assert addresses(answer) == set()
    assert addresses(told(attacked, name)[0]) == set()


def dnskeys(query):
    """Return as many keys with one tag, and as many signatures, as a message holds (KeyTrap)."""
    key = b"\1\0\3\x0d" + bytes(64)
    signature = struct.pack("!HBBIIIH", 48, 13, 1, 60, 0xFFFFFFFF, 0, 12345) + wire("test") + bytes(64)
    keys = [record(_QNAME, 48, key[:-2] + number.to_bytes(2)) for number in range(300)]
    signatures = [record(_QNAME, RRSIG, signature[:-2] + number.to_bytes(2)) for number in range(300)]
    return response(query, *keys, *signatures)


def nsec3s(query):
    """Return a denial with as many iterations as there can be."""
    data = b"\1\0\xff\xff\x08" + bytes(8) + b"\x14" + bytes(20) + b"\0\1\x40"
    owners = (b"\x20" + b"%032d" % number + b"\4test\0" for number in range(400))
    soa = record(b"\4test\0", 6, b"\0\0" + bytes(20))
    return response(query, soa, *(record(owner, 50, data) for owner in owners), counts=(0, 401, 0), flags=0x8183)


@pytest.mark.parametrize(
    ("said", "rtype", "rcodes"),
    [(dnskeys, "DNSKEY", {0, SERVFAIL}), (nsec3s, "A", {3, SERVFAIL})],
    ids=["2023-50387", "2023-50868"],
)
def test_cve_2023_50387_and_50868_nothing_is_validated_so_nothing_can_be_made_costly(attacked, said, rtype, rcodes):
    name = attacked.saying(said)
    answer, spent = told(attacked, name, rtype, want_dnssec=True)
    assert answer.rcode() in rcodes
    assert spent < 0.5


def expanding(query):
    """Return compressed names that are some megabytes when they are whole."""
    longest = wire(LONG)[:-1]
    start = 12 + len(question_of(query))
    first = record(longest + _QNAME, 12, longest + _QNAME)
    pointer = (0xC000 | start).to_bytes(2)
    return response(
        query, first, *(record(_QNAME, 12, b"\1" + bytes((number % 256,)) + pointer) for number in range(3000))
    )


def test_cve_2017_14491_compressed_names_that_grow_beyond_a_message(attacked):
    name = attacked.saying(expanding)
    answer, spent = told(attacked, name, "PTR")
    assert answer.rcode() in (dns.rcode.NOERROR, dns.rcode.SERVFAIL)
    assert spent < 1.0


@pytest.mark.parametrize("data", [b"", b"\0", b"\1\0\3", b"\xff" * 3, bytes(1)], ids=len)
@pytest.mark.parametrize("rtype", [48, 61, RRSIG, 43, 52, 64, 35])
def test_cve_2015_5722_and_5986_and_2022_38177_data_that_is_cut_short_is_nothing_but_octets(attacked, data, rtype):
    name = attacked.saying(lambda query: response(query, record(_QNAME, rtype, data)))
    octets = over_tcp(attacked.address, raw(wire(name), rtype, more=opt(do=True)))
    assert rcode(octets) in (0, SERVFAIL)
    assert octets[6:8] == (b"\0\1" if rcode(octets) == 0 else b"\0\0")


@pytest.mark.parametrize("order", ["cda", "adc", "dac", "acd", "ccd", "dd", "c", "d", "da"])
def test_cve_2016_8864_and_2018_5740_chains_in_any_order(attacked, order):
    def say(query):
        here = wire(dns.message.from_wire(query).question[0].name.to_text())
        there = here[: here[0] + 1] + b"\5there\4test\0"
        records = {
            "c": record(here, CNAME, there),
            "d": record(b"\4test\0", DNAME, b"\5there\4test\0"),
            "a": record(there, A, b"\xc0\0\2\1"),
        }
        return response(query, *(records[one] for one in order))

    name = attacked.saying(say)
    answer, spent = told(attacked, name)
    assert answer.rcode() in (dns.rcode.NOERROR, dns.rcode.SERVFAIL)
    assert addresses(answer) <= {"192.0.2.1"}
    assert not addresses(answer) or "c" in order
    assert spent < 0.2


def test_cve_2022_22846_a_reply_with_another_id_is_none(attacked):
    false = record(_QNAME, A, b"\6\6\6\6")

    def say(query):
        wrong = ((int.from_bytes(query[:2]) + 1) % 65536).to_bytes(2)
        return [wrong + response(query, false)[2:], response(query, RIGHT)]

    assert addresses(ask(attacked.address, question(attacked.saying(say)))) == {"192.0.2.1"}


def test_cve_2008_1447_ports_and_ids_cannot_be_guessed(attacked):
    attacked.saying(lambda query: response(query, RIGHT))
    for _ in range(400):
        over_udp(attacked.address, raw(wire(f"n{next(NUMBERS)}.test")))
    asked = attacked.upstream.asked
    ids = [int.from_bytes(one.octets[:2]) for one in asked]
    assert len(asked) == 400
    assert len({one.source[1] for one in asked}) > 40
    assert len(set(ids)) > 380
    assert sum(0 <= after - before < 256 for before, after in pairwise(ids)) < 20


def test_cve_2020_25686_the_same_question_from_many_is_asked_once(attacked):
    held = []

    def say(query):
        held.append(query)
        return response(query, RIGHT) if len(held) > 1 else None

    name = attacked.saying(say)
    with ExitStack() as stack:
        clients = [stack.enter_context(udp_socket(attacked.address)) for _ in range(60)]
        for number, client in enumerate(clients):
            client.send(raw(wire(name), id=number))
        answers = [client.recv(65535) for client in clients]
    assert len(attacked.upstream.asked) <= 3
    assert [int.from_bytes(answer[:2]) for answer in answers] == list(range(60))


def test_cve_2022_30698_a_ghost_domain_does_not_outlive_its_ttl(attacked):
    ghost = f"ghost{next(NUMBERS)}.test"

    def say(query):
        name = dns.message.from_wire(query).question[0].name.to_text()
        ns = (
            wire(ghost)
            + struct.pack("!2HIH", NS, 1, 300 if name == f"{ghost}." else 86_400, 2)
            + b"\0"[:0]
            + b"\xc0\x0c"
        )
        if name == f"{ghost}.":
            return response(query, ns)
        return response(query, RIGHT, ns, counts=(1, 1, 0))

    attacked.saying(say)
    first = ask(attacked.address, question(ghost, "NS")).answer[0].ttl
    for number in range(5):
        ask(attacked.address, question(f"renew{number}.{ghost}"))
    again = [ask(attacked.address, question(ghost, "NS")).answer[0].ttl for _ in range(4)]
    assert max(again) <= first <= 300


@pytest.mark.parametrize("kind", ["answers", "denials"])
def test_cve_2023_2828_what_is_kept_of_others_does_not_grow(attacked, kind):
    soa = record(b"\4test\0", 6, b"\0\0" + struct.pack("!5I", 1, 2, 3, 4, 300))

    def say(query):
        return response(query, RIGHT) if kind == "answers" else response(query, soa, counts=(0, 1, 0), flags=0x8183)

    attacked.saying(say)
    with udp_socket(attacked.address) as sock:
        for _ in range(500):
            sock.send(raw(wire(f"n{next(NUMBERS)}.test")))
            sock.recv(65535)
    family = next(one for one in attacked.server.server.metrics.families() if one.name == "fedresolver_cache_entries")
    assert family.values
    assert max(family.values.values()) <= 100
    assert max(family.values.values()) >= 50


# Connections.


def test_cve_2024_0760_who_asks_and_never_reads_is_not_answered_for_ever(attacked):
    with connected(attacked.address) as sock:
        sent = flood(sock, raw(wire("many.example"), ANY, more=opt()))
        assert sent < 3_000_000
        assert attacked.is_well()


def test_cve_2019_6477_who_pipelines_what_waits_holds_up_nobody(attacked):
    attacked.saying(lambda query: None)
    with connected(attacked.address) as sock:
        queries = [raw(wire(f"n{next(NUMBERS)}.test"), id=number) for number in range(3000)]
        sock.settimeout(0.5)
        with suppress(TimeoutError):
            sock.sendall(framed(*queries))
        eventually(lambda: len({one.text for one in attacked.upstream.asked}) >= 100)
        assert attacked.is_well()
        with connected(attacked.address) as other:
            other.sendall(framed(raw(wire("www.example"), id=5)))
            assert receive(other)[:2] == b"\0\5"
        assert len({one.text for one in attacked.upstream.asked}) <= 256


def test_cve_2023_4408_a_large_message_costs_as_much_as_it_is_long(attacked):
    names = b"".join(b"\1" + bytes((number % 250 + 1,)) for number in range(100))
    records = b"".join(names[: 2 * (number % 100)] + b"\0\0\1\0\1\0\0\0\0\0\0" for number in range(500))
    whole = message(records, counts=(0, 0, 500))[:65_000]
    before = attacked.cpu()
    with connected(attacked.address) as sock:
        sock.sendall(framed(*[whole] * 50))
        assert {rcode(receive(sock)) for _ in range(50)} == {FORMERR}
    assert attacked.cpu() - before < 0.5


# Whatever else may come.


def mutated(rng, octets):
    """Return a message with some octets changed, cut, doubled or put in between."""
    found = bytearray(octets)
    for _ in range(rng.randrange(1, 6)):
        place = rng.randrange(len(found) + 1)
        match rng.randrange(4):
            case 0 if place < len(found):
                found[place] = rng.choice((0, 1, 0x3F, 0x40, 0x80, 0xC0, 0xFF, rng.randrange(256)))
            case 1:
                del found[place : place + rng.randrange(8)]
            case 2:
                found[place:place] = rng.randbytes(rng.randrange(8))
            case _:
                found += found[place : place + rng.randrange(40)]
    return bytes(found)


SEEDS = (
    raw(wire("www.example"), more=opt()),
    raw(wire("x.wild.example"), ANY),
    raw(wire("many.example"), TXT, more=opt(4096, option(10, b"12345678") + option(8, b"\0\1\x18\0\xc0\0\2"), do=True)),
    raw(wire("example"), 252),
    raw(wire("example"), 6, flags=0x2000),
    message(record(wire("example"), 6, b"\0\0" + bytes(20)), counts=(0, 1, 0), name="example", rtype=251),
    raw(wire("version.bind"), TXT, 3),
)


def mutations(seed, number):
    rng = random.Random(seed)
    made = [*SEEDS, signed()[0]]
    for _ in range(number):
        yield rng.randbytes(rng.randrange(600)) if rng.random() < 0.1 else mutated(rng, rng.choice(made))


@pytest.mark.parametrize("seed", range(3))
def test_random_datagrams_do_no_harm(attacked, seed):
    attacked.saying(lambda query: response(query, RIGHT))
    with udp_socket(attacked.address) as sock:
        for number, octets in enumerate(mutations(seed, 3000)):
            sock.send(octets)
            if number % 100 == 0:
                assert attacked.is_well()


@pytest.mark.parametrize("seed", range(3))
def test_random_messages_on_connections_do_no_harm(attacked, seed):
    attacked.saying(lambda query: response(query, RIGHT))
    octets = [one for one in mutations(seed, 2000) if one]
    for start in range(0, len(octets), 100):
        with connected(attacked.address) as sock, suppress(ConnectionError):
            sock.sendall(framed(*octets[start : start + 100], raw(wire("www.example"), id=0xBEEF)))
            sock.shutdown(socket.SHUT_WR)
            with suppress(EOFError):
                while receive(sock)[:2] != b"\xbe\xef":
                    pass


@pytest.mark.parametrize("seed", range(3))
def test_random_octets_on_connections_do_no_harm(attacked, seed):
    rng = random.Random(seed)
    for _ in range(50):
        with connected(attacked.address) as sock, suppress(OSError):
            sock.sendall(rng.randbytes(rng.randrange(4000)))
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65536):
                pass


@pytest.mark.parametrize("seed", range(3))
def test_random_replies_of_an_upstream_do_no_harm(attacked, seed):
    rng = random.Random(seed)

    def say(query):
        return [mutated(rng, response(query, RIGHT, record(_QNAME, TXT, b"\3abc"))), response(query, RIGHT)]

    attacked.saying(say)
    for _ in range(300):
        answer = dns.message.from_wire(over_udp(attacked.address, raw(wire(f"n{next(NUMBERS)}.test"), id=3)))
        assert answer.id == 3


def client_hello():
    """Return what a client of TLS begins with."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing).do_handshake()
    return outgoing.read()


@pytest.mark.parametrize("seed", range(3))
def test_random_records_of_tls_do_no_harm(attacked, seed):
    rng, address = random.Random(seed), attacked.server.address("127.0.0.9", transport="tls")
    for number in range(60):
        hello = client_hello()
        octets = rng.choice((mutated(rng, hello), hello[: rng.randrange(len(hello))], hello + rng.randbytes(300)))
        with connected(address) as sock, suppress(OSError):
            sock.sendall(octets)
            if number % 2:
                sock.shutdown(socket.SHUT_WR)
                while sock.recv(65536):
                    pass


def resident(pid):
    """Return the octets of memory that a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_flood_of_random_messages_takes_no_memory(tmp_path):
    with (
        dns_server(lambda asked: response(asked.octets, RIGHT)) as upstream,
        process(tmp_path, corefile(tmp_path, upstream)) as server,
    ):
        address = server.address()

        def attack(seed):
            with udp_socket(address) as sock:
                for number, octets in enumerate(mutations(seed, 3000)):
                    sock.send(octets)
                    if number % 50 == 0:
                        assert is_answered()

        def is_answered():
            return addresses(ask(address, question("www.example"))) == {"192.0.2.1"}

        eventually(is_answered)
        attack(1)
        before = resident(server.pid)
        for seed in (2, 3, 4):
            attack(seed)
        assert resident(server.pid) - before < 8 * 1024 * 1024
        assert "exception" not in server.text
