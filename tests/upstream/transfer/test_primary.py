"""Zones from primaries that behave well, badly, or not at all; real sockets."""

import asyncio
import gc
import time

import dns.message
import pytest

from fedresolver.upstream.target import Target
from fedresolver.upstream.transfer.failure import TransferError
from fedresolver.upstream.transfer.primary import Patience, Primary
from fedresolver.wire.const import Type
from fedresolver.zone.contents import serial_of
from fedresolver.zone.incoming import Limits
from tests.support.ask import framed
from tests.support.clock import LeapLoop, leap
from tests.support.dns_server import dns_server, truncated
from tests.support.hostile_primary import ENDLESS, LIES, WWW, WWW_2, ZONE
from tests.support.primary import answer, many, octets, response, signed
from tests.support.signed import key, theirs
from tests.support.upstream import ADDRESS, upstream
from tests.support.zone_records import APEX, NS, soa, told, zone_of

NEXT = (soa(2), NS, WWW_2)
DIFFERENCE = (soa(2), soa(1), WWW, soa(2), WWW_2, soa(2))
ENDS = ((soa(1), NS), *((f"h{number}.example.org. 60 A 192.0.2.9",) for number in range(250)), (soa(1),))


class Script:
    """A primary that answers each question with messages which a test makes of it, by type."""

    def __init__(self, **answers):
        self._answers = answers
        self.asked = []

    async def __call__(self, conversation):
        query = await conversation.query()
        rtype = Type(int.from_bytes(query[query.index(0, 12) + 1 :][:2])).name
        self.asked.append(rtype)
        found = self._answers[rtype](query)
        if hasattr(found, "__aiter__"):
            async for octets in found:
                conversation.write(octets)
                await conversation.drain()
        else:
            conversation.send(*found)


def run(script, work, **how):
    """Return what `work(primary)` does; nothing may be left of it, and the loop may not complain."""

    async def all_of_it():
        complaints = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))
        async with upstream(script) as server:
            primary = Primary(Target(ADDRESS, server.port), how.pop("key", None), time.time, **how)
            result = await work(primary)
        gc.collect()
        assert complaints == []
        return result

    with asyncio.Runner(loop_factory=LeapLoop) as runner:
        return runner.run(all_of_it())


def transferred(script, had=None, limits=None, **how):
    """Return what comes of a transfer; `had` are the lines of the version before."""
    before = None if had is None else zone_of(*had)
    return run(script, lambda primary: primary.transfer(APEX, before, limits or Limits()), **how)


def in_one(*lines):
    return lambda query: [answer(query, *lines)]


def in_many(*lines, question):
    """Return what sends a record in each message."""
    return lambda query: [answer(query, line, question=question or not number) for number, line in enumerate(lines)]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(in_one(*ZONE, soa(1)), id="one message"),
        pytest.param(in_many(*ZONE, soa(1), question=True), id="a message for each record"),
        pytest.param(in_many(*ZONE, soa(1), question=False), id="the question in the first message only"),
    ],
)
def test_a_zone_comes_whole(sent):
    script = Script(AXFR=sent)
    found = transferred(script)
    assert told(found.contents) == told(zone_of(*ZONE))
    assert (script.asked, found.is_difference, found.received) == (["AXFR"], False, 4)


@pytest.mark.parametrize("question", [True, False])
@pytest.mark.parametrize("way", ["one", "many"])
def test_a_newer_version_comes_as_a_difference(way, question):
    sent = in_one(*DIFFERENCE) if way == "one" else in_many(*DIFFERENCE, question=question)
    script = Script(IXFR=sent)
    found = transferred(script, had=ZONE)
    assert told(found.contents) == told(zone_of(*NEXT))
    assert (script.asked, found.is_difference) == (["IXFR"], True)


def test_the_primary_is_told_which_version_there_is():
    asked = []

    def sent(query):
        asked.append(query)
        return [answer(query, *DIFFERENCE)]

    transferred(Script(IXFR=sent), had=ZONE)
    (sent_soa,) = dns.message.from_wire(asked[0]).authority
    assert sent_soa.to_text() == soa(1).replace(" SOA ", " IN SOA ")


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(lambda query: [answer(query, rcode="NOTIMP")], id="NOTIMP"),
        pytest.param(lambda query: [answer(query, rcode="FORMERR")], id="FORMERR"),
        pytest.param(lambda query: [answer(query, rcode="REFUSED")], id="REFUSED"),
        pytest.param(lambda query: [], id="the end of the connection"),
        pytest.param(lambda query: [answer(query)], id="no records"),
        pytest.param(in_one(soa(2), soa(1), "x.example.org. 60 A 192.0.2.1"), id="a difference that does not fit"),
        pytest.param(in_one(soa(2), soa(0), soa(2)), id="a difference to another version"),
        pytest.param(in_one(*DIFFERENCE[:-1]), id="a difference that breaks off"),
    ],
)
def test_what_cannot_be_had_as_a_difference_is_asked_for_whole(refusal):
    script = Script(IXFR=refusal, AXFR=in_one(*NEXT, soa(2)))
    found = transferred(script, had=ZONE)
    assert told(found.contents) == told(zone_of(*NEXT))
    assert (script.asked, found.is_difference) == (["IXFR", "AXFR"], False)


def test_the_whole_zone_in_place_of_a_difference_is_taken():
    script = Script(IXFR=in_one(*NEXT, soa(2)))
    found = transferred(script, had=ZONE)
    assert told(found.contents) == told(zone_of(*NEXT))
    assert (script.asked, found.is_difference) == (["IXFR"], False)


@pytest.mark.parametrize("serial", [1, 0])
def test_a_version_that_is_no_newer_is_none(serial):
    assert transferred(Script(IXFR=in_one(soa(serial))), had=ZONE).contents is None


@pytest.mark.parametrize(("lie", "why"), LIES.values(), ids=LIES)
def test_what_is_no_zone_is_not_taken(lie, why):
    with pytest.raises(TransferError, match=why):
        transferred(Script(AXFR=lambda query: [lie(query)]))


@pytest.mark.parametrize(("lie", "why"), LIES.values(), ids=LIES)
def test_what_is_no_answer_about_the_soa_is_not_believed(lie, why):
    if why not in ("without the question", "before the SOA", "behind the last SOA", "an SOA of serial 2"):
        with pytest.raises(TransferError):
            run(Script(SOA=lambda query: [lie(query)]), lambda primary: primary.soa(APEX))


def test_a_zone_that_does_not_end_is_not_taken():
    with pytest.raises(TransferError, match=r"127\.0\.0\.1:\d+: it closed the connection"):
        transferred(Script(AXFR=in_one(*ZONE)))


def test_nobody_there_is_told():
    with pytest.raises(TransferError, match="Connection refused"):
        asyncio.run(Primary(Target(ADDRESS, 1), None, time.time).transfer(APEX, None, Limits()))


@pytest.mark.parametrize(
    ("qtype", "sent"),
    [pytest.param("IXFR" if name == "differences" else "AXFR", sent, id=name) for name, sent in ENDLESS.items()],
)
@pytest.mark.parametrize("limits", [Limits(records=20_000), Limits(octets=1_000_000)], ids=["records", "octets"])
def test_what_does_not_end_is_given_up_at_the_limit(qtype, sent, limits):
    script = Script(**{qtype: sent})
    with pytest.raises(TransferError, match=r"more than .* \(`max_"):
        transferred(script, had=ZONE if qtype == "IXFR" else None, limits=limits)
    assert script.asked == [qtype]


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(lambda query: b"", id="nothing"),
        pytest.param(lambda query: b"\xff\xff" + b"x" * 100, id="a message that does not go on"),
        pytest.param(lambda query: framed(answer(query, *ZONE)), id="a zone that does not go on"),
    ],
)
def test_silence_is_given_up(first):
    async def script(conversation):
        conversation.write(first(await conversation.query()))
        await conversation.silence()

    async def work(primary):
        task = asyncio.ensure_future(primary.transfer(APEX, None, Limits()))
        waiting = 0
        while not task.done():
            await asyncio.sleep(0.01)
            waiting += 1
            if waiting > 20:
                await leap(5)
        return await task

    with pytest.raises(TransferError, match="nothing came in time"):
        run(script, work, patience=Patience(message=20))


def test_an_octet_now_and_then_is_not_enough():
    async def script(conversation):
        await conversation.drip(framed(answer(await conversation.query(), *ZONE, soa(1))))

    with pytest.raises(TransferError, match="nothing came in time"):
        transferred(script, patience=Patience(message=0.3))


def test_a_message_now_and_then_is_not_enough():
    async def script(conversation):
        query = await conversation.query()
        conversation.send(answer(query, *ZONE))
        while True:
            conversation.send(answer(query, WWW))
            await asyncio.sleep(0.01)

    with pytest.raises(TransferError, match="nothing came in time"):
        transferred(script, patience=Patience(whole=0.3))


def test_others_have_their_turn_while_a_large_message_is_read():
    turns = []

    async def work(primary):
        async def count():
            while True:
                turns.append(1)
                await asyncio.sleep(0)

        counting = asyncio.ensure_future(count())
        await primary.transfer(APEX, None, Limits())
        counting.cancel()

    script = Script(AXFR=lambda query: [answer(query, soa(1), NS), many(query, 0, 3000), answer(query, soa(1))])
    run(script, work)
    assert len(turns) > 2 * 3000 / 64


class TestSoa:
    def asked(self, respond, **how):
        with dns_server(respond) as server, asyncio.Runner() as runner:
            primary = Primary(Target(*server.address), None, time.time, **how)
            try:
                return serial_of(runner.run(primary.soa(APEX))), server.names("udp"), server.names("tcp")
            except TransferError as error:
                return str(error).partition(" ")[2], server.names("udp"), server.names("tcp")

    def test_it_is_asked_over_udp(self):
        found = self.asked(lambda asked: response(asked.octets, soa(7)))
        assert found == (7, ["example.org. SOA"], [])

    def test_what_does_not_fit_is_asked_over_tcp(self):
        found = self.asked(
            lambda asked: truncated(asked) if asked.transport == "udp" else response(asked.octets, soa(7))
        )
        assert found == (7, ["example.org. SOA"], ["example.org. SOA"])

    def test_what_is_lost_is_asked_again_and_then_over_tcp(self):
        found = self.asked(
            lambda asked: None if asked.transport == "udp" else response(asked.octets, soa(7)),
            patience=Patience(answer=0.05, tries=2),
        )
        assert found == (7, ["example.org. SOA"] * 2, ["example.org. SOA"])

    def test_what_answers_nothing_is_passed_over(self):
        found = self.asked(
            lambda asked: [
                b"",
                b"\0\0" + octets(response(asked.octets, soa(9)))[2:],
                answer(asked.octets, soa(9)).replace(b"\7example", b"\7exampel", 1),
                response(asked.octets, soa(7)),
            ]
        )
        assert found[0] == 7

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            pytest.param({"rcode": "REFUSED"}, "answers REFUSED to SOA", id="refused"),
            pytest.param({"rcode": "NXDOMAIN"}, "answers NXDOMAIN to SOA", id="no such name"),
            pytest.param(
                {"authoritative": False, "lines": (soa(7),)}, "is not authoritative for the zone", id="a cache"
            ),
            pytest.param({}, "is not authoritative for the zone", id="no SOA"),
            pytest.param(
                {"lines": ("org. 60 SOA a. b. 1 1 1 1 1",)}, "is not authoritative for the zone", id="another"
            ),
        ],
    )
    def test_who_is_no_primary_is_not_believed(self, said, why):
        lines = said.pop("lines", ())
        assert self.asked(lambda asked: response(asked.octets, *lines, **said)) == (why, ["example.org. SOA"], [])


class TestSigned:
    @pytest.mark.parametrize("skip", [0, 1, 98])
    def test_a_signed_zone_is_taken(self, skip):
        parts = ENDS[:1] + ENDS[1 : 1 + 2 * (skip + 1)][: 2 * (skip + 1) - 1] + ENDS[-1:]
        script = Script(AXFR=lambda query: signed(query, parts, theirs(), skip))
        found = transferred(script, key=key())
        assert found.contents.serial == 1

    @pytest.mark.parametrize(
        ("sent", "why"),
        [
            pytest.param(lambda query: [answer(query, *ZONE, soa(1))], "the answer is not signed", id="no signature"),
            pytest.param(
                lambda query: [signed(query, [(*ZONE, soa(1))], theirs())[0].replace(b"\xc0\0\2\1", b"\6\6\6\6")],
                "the signature of the answer is wrong",
                id="changed on the way",
            ),
            pytest.param(
                lambda query: signed(query, [*ENDS[:120], ENDS[-1]], theirs(), skip=200),
                "more than 99 messages without a signature",
                id="signed too seldom",
            ),
            pytest.param(
                lambda query: signed(query, [ENDS[0], ENDS[-1]], theirs(), skip=1),
                "the end of the answer is not signed",
                id="the end is not signed",
            ),
        ],
    )
    def test_what_is_not_signed_well_is_not_taken(self, sent, why):
        with pytest.raises(TransferError, match=why):
            transferred(Script(AXFR=sent), key=key())
