"""From the octets of a query to the octets of its response: refusals, failures, observers, what is kept."""

import asyncio
import logging

import dns.flags
import dns.message
import dns.rcode
import pytest

from fedresolver.chain.handler import FOREVER, Ede, Reply
from fedresolver.chain.plugin import UNCOUNTED
from fedresolver.server.router import Block
from fedresolver.wire.name import from_text
from fedresolver.wire.rr import RRset
from fedresolver.wire.tsig import find, read_record
from tests.support.ask import addresses, ask, is_dropped, opt, option, over_tcp, over_udp, question, raw, wire
from tests.support.listening import answering, listening, router
from tests.support.signed import signed

WWW = wire("www.example.org")
BOTH = pytest.mark.parametrize("exchange", [over_udp, over_tcp], ids=["udp", "tcp"])


@pytest.fixture(scope="module")
def server():
    with listening() as server:
        yield server


def header(octets):
    """Return the opcode, the rcode, the other flags, and the four counts of a response."""
    flags = int.from_bytes(octets[2:4])
    counts = [int.from_bytes(octets[position : position + 2]) for position in (4, 6, 8, 10)]
    return flags >> 11 & 0xF, flags & 0xF, flags & 0x87F0, counts


FORMERR, NOTIMP, REFUSED, NOTAUTH, BADKEY = 1, 4, 5, 9, 17
QR, AA, TC, RD, RA, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0010
TSIG = wire("key.example.org") + b"\0\xfa\0\xff\0\0\0\0\0\0"


@BOTH
@pytest.mark.parametrize("opcode", range(1, 16))
def test_an_opcode_that_is_not_served_is_not_implemented(server, exchange, opcode):
    response = exchange(server.address, raw(WWW, flags=opcode << 11 | RD))
    assert header(response)[:3] == (opcode, NOTIMP, QR | RD)


@BOTH
@pytest.mark.parametrize(
    ("message", "rcode"),
    [
        pytest.param(raw(WWW, flags=0x1000, more=opt()), NOTIMP, id="an opcode that is not served"),
        pytest.param(raw(WWW, more=opt()) + b"\0", FORMERR, id="an octet too many"),
        pytest.param(raw(WWW, 41, more=opt()), FORMERR, id="a question for OPT"),
    ],
)
def test_a_refusal_has_edns_where_the_query_has(server, exchange, message, rcode):
    response = exchange(server.address, message)
    assert header(response)[1::2] == (rcode, [0, 0, 0, 1])
    assert response[12:] == opt()


def test_an_unknown_opcode_wins_over_whatever_follows(server):
    assert header(over_udp(server.address, b"\x12\x34\x28\0" + b"\xff" * 20))[:2] == (5, NOTIMP)


@BOTH
@pytest.mark.parametrize(
    "message",
    [
        pytest.param(raw(WWW)[:4] + bytes(8), id="no question"),
        pytest.param(raw(WWW)[:4] + b"\0\2" + bytes(6) + (WWW + b"\0\1\0\1") * 2, id="two questions"),
        pytest.param(raw(WWW)[:4] + b"\0\1" + bytes(6), id="a header that promises a question"),
        pytest.param(raw(WWW)[:-1], id="a question without its last octet"),
        pytest.param(raw(WWW) + b"\0", id="an octet too many"),
        pytest.param(raw(WWW) + b"\0" * 400, id="many octets too many"),
        pytest.param(raw(WWW, more=opt()) + b"\0", id="an octet after OPT"),
        pytest.param(raw(WWW)[:10] + b"\0\1" + raw(WWW)[12:], id="a record that is not there"),
        pytest.param(raw(WWW)[:6] + b"\0\1\0\0\0\0" + raw(WWW)[12:] + opt(), id="an answer in a query"),
        pytest.param(raw(WWW)[:10] + b"\0\2" + raw(WWW)[12:] + opt() + opt(), id="OPT twice"),
        pytest.param(raw(WWW, more=wire("a") + opt()[1:]), id="OPT with an owner"),
        pytest.param(raw(WWW, more=opt()[:-2] + b"\0\5"), id="OPT that is longer than the message"),
        pytest.param(raw(WWW, more=opt(1232, b"\0\x0a\0\x08\1\2")), id="an option longer than OPT"),
        pytest.param(raw(b"\xc0\x0c"), id="a pointer in the question"),
        pytest.param(raw(b"\x40abc\0"), id="a label type that does not exist"),
        pytest.param(raw((b"\x3f" + b"a" * 63) * 4 + b"\0"), id="a name above 255 octets"),
        pytest.param(raw(WWW, 41), id="a question for OPT"),
    ],
)
def test_a_malformed_query_is_a_format_error(server, exchange, message):
    opcode, rcode, flags, counts = header(exchange(server.address, message))
    assert (opcode, rcode, flags & (QR | AA | TC | RA)) == (0, FORMERR, QR)
    assert counts[1] == counts[2] == 0


@BOTH
@pytest.mark.parametrize("rtype", [251, 252], ids=["IXFR", "AXFR"])
def test_a_transfer_is_refused(server, exchange, rtype):
    octets = raw(WWW, rtype)
    if rtype == 251:  # RFC 1995 3: with the SOA that the asker has
        octets = octets[:8] + b"\0\1\0\0" + octets[12:] + WWW + b"\0\6\0\1\0\0\0\0\0\x16\0\0" + bytes(20)
    assert header(exchange(server.address, octets))[:3] == (0, REFUSED, QR)


@pytest.mark.parametrize("rclass", [0, 2, 3, 4, 254, 255, 65280])
def test_a_class_that_is_not_ours_is_refused(server, rclass):
    assert header(over_udp(server.address, raw(WWW, rclass=rclass)))[1] == REFUSED


def test_a_signature_that_is_malformed_is_a_bad_format(server):
    assert header(over_udp(server.address, raw(WWW, more=TSIG)))[1::2] == (FORMERR, [1, 0, 0, 0])


@BOTH
def test_nobody_is_known_by_a_server_without_keys(server, exchange):
    response = exchange(server.address, signed(question("www.example.org")))
    assert header(response)[1::2] == (NOTAUTH, [1, 0, 0, 1])
    assert read_record(response, find(response)).error == BADKEY


@BOTH
@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        pytest.param(0, QR | AA, id="none"),
        pytest.param(RD, QR | AA | RD, id="RD comes back, RA does not come with it"),
        pytest.param(CD, QR | AA | CD, id="CD comes back"),
        pytest.param(0x0020, QR | AA, id="AD does not"),
        pytest.param(0x0040, QR | AA, id="Z does not"),
        pytest.param(TC, QR | AA, id="TC does not"),
        pytest.param(AA | RA, QR | AA, id="AA and RA mean nothing in a query"),
        pytest.param(0x000F, QR | AA, id="a response code means nothing in a query"),
        pytest.param(0x07FF, QR | AA | RD | CD, id="all at once"),
    ],
)
def test_flags_of_the_query(server, exchange, flags, expected):
    for _ in range(2):  # new, and again
        opcode, rcode, found, counts = header(exchange(server.address, raw(WWW, flags=flags)))
        assert (opcode, rcode, found, counts) == (0, 0, expected, [1, 1, 0, 0])


OPT_ROOM = 11


@BOTH
@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param(b"", b"", id="none without one"),
        pytest.param(opt(), opt(), id="one for one"),
        pytest.param(opt(0), opt(), id="with our size, whatever theirs is"),
        pytest.param(opt(do=True), opt(do=True), id="with DO as it was"),
        pytest.param(opt(options=option(65001, b"x")), opt(), id="without an unknown option"),
        pytest.param(opt(options=option(10, b"12345678")), opt(), id="without a cookie"),
        pytest.param(opt(options=option(3, b"")), opt(), id="without a name of ours (NSID)"),
        pytest.param(opt(options=option(11, b"\0\1")), opt(), id="without a keepalive that tells a time itself"),
        pytest.param(opt(options=option(12, bytes(40))), opt(), id="without padding"),
        pytest.param(opt(options=option(8, b"\0\1\x18\0\xc0\0\2")), opt(), id="without a client subnet"),
        pytest.param(opt(options=option(65001, b"") * 30), opt(), id="without thirty unknown options"),
        pytest.param(opt()[:5] + b"\0\0\x7f\xff\0\0", opt(), id="with Z bits as zero"),
    ],
)
def test_the_opt_record_of_the_response(server, exchange, more, expected):
    for _ in range(2):
        response = exchange(server.address, raw(WWW, more=more))
        assert header(response)[3] == [1, 1, 0, 1 if expected else 0]
        assert response[-OPT_ROOM:] == expected if expected else response.endswith(b"\xc0\0\x02\1")


@BOTH
@pytest.mark.parametrize("version", [1, 2, 255])
def test_a_later_version_of_edns_is_told_ours(server, exchange, version):
    response = dns.message.from_wire(exchange(server.address, raw(WWW, more=opt(version=version))))
    assert (response.rcode(), response.edns, response.answer) == (dns.rcode.BADVERS, 0, [])
    assert response.question[0].name.to_text() == "www.example.org."


@BOTH
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(wire("wWw.ExAmPlE.oRg"), id="letter case"),
        pytest.param(b"\x03a\0b\x03org\0", id="a zero octet in a label"),
        pytest.param(b"\x03a.b\x03org\0", id="a dot in a label"),
        pytest.param(b"\x04\xff\xfe\x80\xc3\x03org\0", id="octets that are no UTF-8"),
        pytest.param(b"\x01\x01\x01\x02\0", id="labels that look like lengths"),
        pytest.param(b"\x3f" + bytes(range(192, 255)) + b"\0", id="the longest label"),
        pytest.param((b"\1a" * 127) + b"\0", id="the longest name"),
        pytest.param(b"\0", id="the root"),
    ],
)
def test_the_question_is_echoed_octet_by_octet(server, exchange, name):
    for _ in range(3):
        response = exchange(server.address, raw(name))
        assert response[12 : 12 + len(name)] == name
        assert header(response)[1] == 0
        assert response.endswith(b"\xc0\0\x02\1")


def test_letter_case_makes_no_other_answer(server):
    lower, mixed = (over_udp(server.address, raw(wire(text))) for text in ("www.example.org", "WwW.eXample.org"))
    assert (lower[:12], lower[12 + len(WWW) :]) == (mixed[:12], mixed[12 + len(WWW) :])


def test_a_name_of_no_zone_is_refused():
    with listening(blocks={"example.org.": Block(answering("192.0.2.1"))}) as server:
        for _ in range(2):
            response = ask(server.address, question("www.example.com", use_edns=0))
            assert (response.rcode(), response.answer, response.authority) == (dns.rcode.REFUSED, [], [])
            assert not response.flags & dns.flags.AA


def test_each_zone_has_its_own_block():
    blocks = {"example.org.": Block(answering("192.0.2.1")), "sub.example.org.": Block(answering("192.0.2.2"))}
    with listening(blocks=blocks) as server:
        assert addresses(ask(server.address, question("sub.example.org"))) == {"192.0.2.2"}
        assert addresses(ask(server.address, question("example.org"))) == {"192.0.2.1"}


async def raising(request):
    raise RuntimeError("out of ideas")


async def waiting_and_raising(request):
    await asyncio.sleep(0)
    raise RuntimeError("out of ideas")


async def nonsense(request):
    return Reply(answer=(RRset(request.query.qname, 2, 60, (b"\x05ab",)),), cell=FOREVER)


@BOTH
@pytest.mark.parametrize(
    ("handler", "why"),
    [
        pytest.param(raising, "RuntimeError: out of ideas", id="that raises"),
        pytest.param(waiting_and_raising, "RuntimeError: out of ideas", id="that waits, and raises"),
        pytest.param(nonsense, "Error", id="whose records cannot be encoded"),
    ],
)
def test_a_handler_that_fails_is_servfail_one_line_and_a_count(exchange, handler, why, caplog):
    with listening(handler) as server:
        assert header(exchange(server.address, raw(WWW)))[1:] == (2, QR, [1, 0, 0, 0])
        assert server.panics.value() == 1
    (record,) = caplog.records
    assert record.getMessage().startswith("an exception answers SERVFAIL: www.example.org. A: ")
    assert why in record.getMessage()
    assert record.exc_info in (None, False)


def test_a_handler_that_failed_is_asked_again():
    failures = iter([True, False])

    async def handle(request):
        return await (raising if next(failures) else answering("192.0.2.1"))(request)

    with listening(handle) as server:
        found = [ask(server.address, question("www.example.org")).rcode() for _ in range(2)]
    assert found == [dns.rcode.SERVFAIL, dns.rcode.NOERROR]


def test_the_traceback_is_for_those_who_debug(caplog):
    caplog.set_level(logging.DEBUG, "fedresolver.server")
    with listening(raising) as server:
        over_udp(server.address, raw(WWW))
    assert caplog.records[0].exc_info


class Seen:
    """Takes note of answers; `tally` is what it counts repeats in."""

    def __init__(self, tally):
        self.tally = tally
        self.answers = []

    def finished(self, finished):
        self.answers.append((finished.request.query.qname, finished.request.client.transport, finished.size))
        return self.tally


class Broken(Seen):
    def finished(self, finished):
        raise RuntimeError("the disk is full")


@BOTH
@pytest.mark.parametrize(
    ("tallies", "shown"),
    [
        pytest.param([None], 3, id="who wants to see each answer does"),
        pytest.param([UNCOUNTED], 1, id="who does not care sees a repeated one once"),
        pytest.param([[0, 0, 0]], 1, id="who counts sees a repeated one once"),
        pytest.param([[0, 0, 0], None], 3, id="one who wants to see each is enough"),
        pytest.param([None, [0, 0, 0]], 3, id="wherever he stands"),
        pytest.param([[0, 0, 0], [0, 0, 0]], 3, id="two who count are shown each"),
    ],
)
def test_observers_are_shown_what_they_want(exchange, tallies, shown):
    observers = [Seen(tally) for tally in tallies]
    with listening(answering("192.0.2.1"), *observers) as server:
        sizes = [len(exchange(server.address, raw(WWW))) for _ in range(3)]
    transport = "udp" if exchange is over_udp else "tcp"
    assert [observer.answers for observer in observers] == [[(WWW, transport, sizes[0])] * shown] * len(observers)


def test_repeats_are_counted_with_their_octets():
    seen = Seen([0, 0, 0])
    with listening(answering("192.0.2.1"), seen) as server:
        message = raw(WWW)
        sizes = [len(over_udp(server.address, message)) for _ in range(5)]
        sizes += [len(over_tcp(server.address, message)) for _ in range(2)]
    assert len(seen.answers) == 2  # each listener has its own table
    assert seen.tally == [5, 5 * len(message), 5 * sizes[0]]


def test_an_observer_that_fails_costs_nobody_an_answer(caplog):
    with listening(answering("192.0.2.1"), Broken([0, 0, 0])) as server:
        assert [addresses(ask(server.address, question("www.example.org"))) for _ in range(2)] == [{"192.0.2.1"}] * 2
        assert server.panics.value() >= 1
    assert "the disk is full" in caplog.records[0].getMessage()


def test_other_blocks_answer_as_soon_as_they_are_routed_to():
    with listening() as server:
        assert addresses(ask(server.address, question("www.example.org"))) == {"192.0.2.1"}

        def change():
            server.resolver.route(router({".": Block(answering("192.0.2.2"))}))
            server.udp.hot.clear()

        server.loop.call(change)
        assert addresses(ask(server.address, question("www.example.org"))) == {"192.0.2.2"}


def test_an_extended_error_is_for_those_who_understand_it():
    async def handle(request):
        return Reply(ede=Ede(0, "because"), cell=FOREVER)

    with listening(handle) as server:
        for _ in range(2):
            assert over_udp(server.address, raw(WWW)).endswith(b"\0\1\0\1")
            assert over_udp(server.address, raw(WWW, more=opt())).endswith(b"\0\x0f\0\x09\0\0because")


def test_additional_records_go_before_tc_comes():
    extra = RRset(from_text("extra.example.org"), 16, 60, tuple(b"\xfa" + bytes(250) for _ in range(4)))

    async def handle(request):
        reply = await answering("192.0.2.1")(request)
        return Reply(answer=reply.answer, additional=(extra,), cell=FOREVER)

    with listening(handle) as server:
        small, large = over_udp(server.address, raw(WWW)), over_udp(server.address, raw(WWW, more=opt()))
    assert header(small)[2:] == (QR | AA, [1, 1, 0, 0])
    assert header(large)[2:] == (QR | AA, [1, 1, 0, 5])


def test_what_is_not_a_query_is_dropped_over_udp(server):
    assert is_dropped(server.address, raw(WWW, flags=QR), raw(WWW, id=1))
