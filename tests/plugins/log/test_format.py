import pytest

from fedresolver.chain.handler import Reply
from fedresolver.plugins.log.format import (
    COMBINED,
    COMMON,
    TOKENS,
    UnknownTokenError,
    compiled,
    flags_text,
    seconds_text,
)
from fedresolver.wire.const import Rcode
from fedresolver.wire.query import Edns
from tests.support.request import finished, request

PLAIN = finished()
IPV6 = finished(
    question=request("www.example.org AAAA", client="2001:db8::7", transport="tcp", edns=Edns(4096, do=True))
)


@pytest.mark.parametrize(
    ("text", "answer", "line"),
    [
        pytest.param(
            COMMON,
            PLAIN,
            '192.0.2.7:40212 - 29008 "A IN www.example.org. udp 41 false 512" NOERROR qr,aa,rd 68 0.000123s',
            id="the Common Log Format",
        ),
        pytest.param(
            COMBINED,
            IPV6,
            '[2001:db8::7]:40212 - 29008 "AAAA IN www.example.org. tcp 41 true 65535" '
            'NOERROR qr,aa,rd 68 0.000123s "0"',
            id="the Common Log Format and the opcode, over IPv6 and TCP",
        ),
        pytest.param("{common}", PLAIN, compiled(COMMON)(PLAIN), id="common is a word for it"),
        pytest.param("x {combined}", PLAIN, "x " + compiled(COMBINED)(PLAIN), id="combined too, and may be a part"),
        pytest.param("{local}", IPV6, "[2001:db8::53]", id="the address of the server"),
        pytest.param("{>BufSize}{>DO}", PLAIN, "512false", id="words with > in any letter case"),
        pytest.param("{/metadata/x}", PLAIN, "-", id="there is no metadata"),
        pytest.param('{"name":"{name}"}', PLAIN, '{"name":"www.example.org."}', id="other braces are braces"),
        pytest.param("", PLAIN, "", id="nothing"),
        pytest.param(
            "{>bufsize}",
            finished(question=request(edns=Edns(1232))),
            "1232",
            id="the size that the client says in EDNS",
        ),
        pytest.param("{>bufsize}", finished(question=request(edns=Edns(100))), "512", id="of at least 512"),
        pytest.param("{rcode}", finished(Reply(rcode=Rcode.NXDOMAIN)), "NXDOMAIN", id="the response code"),
    ],
)
def test_lines(text, answer, line):
    assert compiled(text)(answer) == line


@pytest.mark.parametrize("word", ["{nmae}", "{>flags}", "{Name}"])
def test_a_word_that_stands_for_nothing_is_refused(word):
    with pytest.raises(UnknownTokenError, match=word):
        compiled(f"{{name}} {word}")


@pytest.mark.parametrize("word", TOKENS)
def test_every_word_stands_for_something(word):
    assert compiled(f"{{{word}}}")(IPV6) not in ("", f"{{{word}}}")


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (0, "-"),
        (0x8000, "qr"),
        (0x8180, "qr,rd,ra"),
        (0x87B0, "qr,aa,tc,rd,ra,ad,cd"),
        (0x8040, "qr,z"),
        (0xF80F, "qr"),
    ],
)
def test_flags_are_in_the_order_of_the_header(flags, text):
    assert flags_text(flags) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.000123, "0.000123s"),
        (0.037990251, "0.037990251s"),
        (1.0, "1s"),
        (10.0, "10s"),
        (0.0, "0s"),
        (1e-9, "0.000000001s"),
    ],
)
def test_seconds_are_written_as_go_does(seconds, text):
    assert seconds_text(seconds) == text
