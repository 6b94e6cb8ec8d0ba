"""Whatever octets come: HTTP is answered or ended, never failed at."""

import asyncio
import random

import pytest

from fedresolver.server.https.frames import PREFACE
from fedresolver.server.https.http1 import Http1
from fedresolver.server.https.http2 import Http2
from tests.server.https.line import Line, work_off
from tests.server.https.test_http1 import GET, chunked, post
from tests.server.https.test_http2 import ANSWER, QUERY, frame
from tests.support import http2
from tests.support.http2 import Client

SEEDS = range(300)


def exchange_of_a_client():
    """Return what a client of HTTP/2 sends."""
    client = Client()
    for _ in range(3):
        client.request(http2.get("/dns-query?dns=AAAA"))
        client.request(http2.post(len(QUERY)), QUERY)
    client.h2.ping(bytes(8))
    return client.outgoing()


def changed(octets, chance):
    """Return octets of which some are others, twice, or missing."""
    found = bytearray(octets)
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(found))
        match chance.randrange(4):
            case 0:
                found[at] = chance.randrange(256)
            case 1:
                del found[at : at + chance.randrange(1, 12)]
            case 2:
                found[at:at] = chance.randbytes(chance.randrange(1, 12))
            case 3:
                found[at:at] = found[at : at + 40]
        if not found:
            break
    return bytes(found)


def parts(octets, chance):
    """Yield octets as they may be read."""
    while octets:
        size = chance.randrange(1, 200)
        yield octets[:size]
        octets = octets[size:]


def worked_off(talk, line, octets, chance):
    for part in parts(octets, chance):
        if line.closed:
            return
        work_off(talk, line, part)
    if not line.closed:
        talk.check(1000.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_http2(seed):
    chance, line = random.Random(seed), Line(lambda message: ANSWER)
    worked_off(Http2(line, 100), line, changed(exchange_of_a_client(), chance), chance)


@pytest.mark.parametrize("seed", SEEDS)
def test_frames_of_any_kind(seed):
    chance, line = random.Random(seed), Line(lambda message: chance.choice((ANSWER, None, ANSWER + bytes(5000))))
    octets = PREFACE + frame(4)
    for _ in range(50):
        payload = chance.randbytes(chance.choice((0, 4, 5, 6, 8, 30)))
        octets += frame(chance.randrange(12), payload, chance.choice((0, 1, 4, 5, 8, 0x20)), chance.randrange(12))
    worked_off(Http2(line, 100), line, octets, chance)


@pytest.mark.parametrize("seed", SEEDS)
def test_http1(seed):
    async def work():
        chance, line = random.Random(seed), Line(lambda message: ANSWER)
        octets = GET + post(QUERY) + chunked(QUERY[:9], QUERY[9:]) + GET
        worked_off(Http1(line), line, changed(octets, chance), chance)

    asyncio.run(work())
