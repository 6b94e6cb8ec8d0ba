"""Messages that strangers make up or change, with signatures and cookies in them: an answer or none, never an exception."""

import time

from hypothesis import example, given
from hypothesis import strategies as st

from fedresolver.observe.metrics import Counter
from fedresolver.plugins.cookie.jar import Jar
from fedresolver.server.resolve import Resolver
from fedresolver.server.router import Block, Router
from fedresolver.wire.cookie import made
from fedresolver.wire.name import from_text
from tests.support.ask import opt, option, question, raw, wire
from tests.support.listening import answering
from tests.support.signed import key, ring, signed
from tests.support.way import Way

SECRET = b"s" * 16


def resolver(*, required):
    jar = Jar(lambda: (SECRET,), time.time, required=required)
    block = Block(answering("192.0.2.1"), gates=(jar.gate,), options=(jar.options,), keyring=ring(key(), key("k.")))
    return Resolver(Router({from_text("."): block}), time.monotonic, Counter("fedresolver_panics_total", "", ()))


COOKIE = made(b"12345678", b"\xc0\0\2\7", SECRET, int(time.time()))
WWW = wire("www.example.org")
SEEDS = (
    signed(question("www.example.org", use_edns=0)),
    signed(question("www.example.org", "AXFR")),
    raw(WWW, more=opt(options=option(10, COOKIE))),
    raw(WWW)[:4] + b"\0\0\0\0\0\0\0\1" + opt(options=option(10, COOKIE[:8])),
)


@st.composite
def changed(draw):
    """Return a good message of which some octets are others, or gone, or repeated."""
    message = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(2, len(message)))
        message[place : place + draw(st.integers(0, 8))] = draw(st.binary(max_size=8))
    return bytes(message)


@given(changed(), st.booleans())
@example(SEEDS[0], True)
@example(SEEDS[2], True)
@example(SEEDS[3], True)
def test_whatever_is_changed(message, required):
    if len(message) < 12:
        return
    answer = resolver(required=required).resolve(message, Way(), None)
    assert answer is None or (answer[:2] == message[:2] and len(answer) <= len(message) + 512)
