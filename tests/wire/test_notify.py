"""NOTIFY as dnspython reads it, and which octets answer one."""

import dns.flags
import dns.message
import dns.opcode
import pytest

from fedresolver.wire.notify import acknowledged, notify
from fedresolver.wire.query import read
from tests.support.records import lines_of
from tests.support.versions import soa

MESSAGE = notify(b"\x12\x34", soa(7))


def answer(**changes):
    found = dns.message.make_response(dns.message.from_wire(MESSAGE))
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def test_what_it_says():
    found = dns.message.from_wire(MESSAGE)
    assert (found.id, found.opcode(), found.flags & 0x8FFF) == (0x1234, dns.opcode.NOTIFY, dns.flags.AA)
    assert found.question[0].to_text() == "z. IN SOA"
    assert lines_of(found.answer) == ["z. 5 SOA ns.z. h.z. 7 7200 1800 86400 5"]
    assert read(MESSAGE).qname == b"\1z\0"


@pytest.mark.parametrize("rcode", [0, 4, 5, 9])
def test_an_answer_has_its_rcode(rcode):
    found = answer()
    found.set_rcode(rcode)
    assert acknowledged(found.to_wire(), b"\x12\x34") == rcode


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(answer().to_wire()[:11], id="no whole header"),
        pytest.param(answer(id=0x1235).to_wire(), id="another ID"),
        pytest.param(MESSAGE, id="the question itself"),
        pytest.param(answer(flags=dns.flags.QR).to_wire(), id="the answer to a query"),
    ],
)
def test_what_is_no_answer(octets):
    assert acknowledged(octets, b"\x12\x34") is None
