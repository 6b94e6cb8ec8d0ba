"""The two who ask in the demo: what they read, and what they refuse."""

import pytest

from fedresolver.cli.demo import client, dig
from fedresolver.cli.demo.answer import NO_ANSWER, Answer, Record
from fedresolver.wire.error import FormatError

WWW = b"\x03www\x07example\x00"
HEAD = b"\0\1\x84\x00\0\1\0\2\0\0\0\1"
QUESTION = WWW + b"\0\1\0\1"
CHAIN = b"\xc0\x0c\0\5\0\1\0\0\0\5\0\4\x01a\xc0\x10"
ADDRESS = b"\xc0\x29\0\1\0\1\0\0\0\xb4\0\4\xc0\0\2\1"
OPT = b"\0\0\x29\x04\xd0\0\0\0\0\0\x0b\0\x0f\0\7\0\0local"
WANTED = Answer(
    "NOERROR",
    (Record("www.example.", 5, "CNAME", "a.example."), Record("a.example.", 180, "A", "192.0.2.1")),
    "local",
)
DIG = """\
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 30049
;; flags: qr aa; QUERY: 1, ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 1

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags:; udp: 1232
; EDE: 0 (Other): (local)
;; ANSWER SECTION:
www.example.\t5\tIN\tCNAME\ta.example.
a.example.\t\t180\tIN\tA\t192.0.2.1

"""


def test_a_response_is_read_with_its_chain_and_its_reason():
    assert client.read(HEAD + QUESTION + CHAIN + ADDRESS + OPT) == WANTED


def test_what_dig_prints_is_read_to_the_same():
    assert dig.read(DIG) == WANTED


def test_dig_that_got_no_answer_is_no_answer():
    assert dig.read(";; communications error to 127.0.0.1#53: timed out\n;; no servers could be reached\n") == NO_ANSWER


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(HEAD[:11], id="less than a header"),
        pytest.param(HEAD + QUESTION + CHAIN, id="records that are announced and missing"),
        pytest.param(HEAD + b"\xc0\x0c\0\1\0\1", id="a pointer to itself"),
        pytest.param(HEAD + QUESTION + b"\x01a\xc0\x1d" + CHAIN[2:], id="a pointer to where its name begins"),
    ],
)
def test_a_response_that_cannot_be_read_is_an_error(message):
    with pytest.raises(FormatError):
        client.read(message)
