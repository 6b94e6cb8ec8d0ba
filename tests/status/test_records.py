"""Records as text."""

import pytest

from fedresolver.status.records import of_rrset
from fedresolver.wire.name import from_text
from fedresolver.wire.rr import RRset


@pytest.mark.parametrize(
    ("rtype", "rdata", "expected"),
    [
        pytest.param(1, b"\xc0\0\2\1", "a.example. 60 A 192.0.2.1", id="an address"),
        pytest.param(5, b"\3WWW\7example\0", "a.example. 60 CNAME WWW.example.", id="a name, as it is written"),
        pytest.param(16, b'\4a\x1b"b', r'a.example. 60 TXT "a\027\"b"', id="what a terminal would act on is escaped"),
        pytest.param(65280, b"\1\2", r"a.example. 60 TYPE65280 \# 2 0102", id="a type that nobody knows (RFC 3597)"),
        pytest.param(1, b"\1", r"a.example. 60 A \# 1 01", id="data that is none of its type"),
    ],
)
def test_a_record_as_text(rtype, rdata, expected):
    (found,) = of_rrset(RRset(from_text("a.example"), rtype, 60, (rdata,)))
    assert f"{found.owner} {found.ttl} {found.type} {found.data}" == expected
