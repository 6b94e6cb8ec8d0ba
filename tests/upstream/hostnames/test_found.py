"""What a reply says about the addresses of a name."""

from ipaddress import ip_address

import pytest

from fedresolver.upstream.hostnames.found import MOST_ADDRESSES, found
from fedresolver.wire.const import Type
from fedresolver.wire.name import from_text
from tests.support.elsewhere import reply

CHAIN = "\n".join(f"c{number}.x 60 CNAME c{number + 1}.x" for number in range(9))


def read(text, question="c0.x A"):
    """Return the addresses and the TTL, None where nothing is known by a reply."""
    name, rtype = question.split()
    rcode, *records = text.splitlines()
    said = found(reply(rcode, records), from_text(name), Type[rtype])
    return None if said is None else " ".join([*(str(ip_address(one)) for one in said.addresses), str(said.ttl)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("NOERROR\nc0.x 60 A 192.0.2.1", "192.0.2.1 60", id="an address"),
        pytest.param("NOERROR\nc0.x 60 A 192.0.2.2\nc0.x 60 A 192.0.2.1", "192.0.2.1 192.0.2.2 60", id="in order"),
        pytest.param(
            "NOERROR\nc0.x 60 A 192.0.2.1\nc0.x 60 AAAA ::2\nc1.x 5 A 192.0.2.3", "192.0.2.1 60", id="others'"
        ),
        pytest.param("NOERROR\nc0.x 30 CNAME C1.x\nc1.x 60 A 192.0.2.1", "192.0.2.1 30", id="the least of the chain"),
        pytest.param("NOERROR\nc1.x 60 A 192.0.2.1\nc0.x 300 CNAME c1.x", "192.0.2.1 60", id="in whatever order"),
        pytest.param("NOERROR\nc0.x 0 A 192.0.2.1", "192.0.2.1 0", id="a TTL of nothing"),
        pytest.param("NOERROR\nc0.x 2000000000 A 192.0.2.1", "192.0.2.1 86400", id="one of many years"),
        pytest.param("NXDOMAIN\n- x 900 60", "60", id="no such name: MINIMUM"),
        pytest.param("NXDOMAIN\n- x 30 60", "30", id="no such name: the SOA's TTL"),
        pytest.param("NOERROR\n- x 900 60", "60", id="not in this family"),
        pytest.param("NOERROR\nc0.x 40 CNAME c1.x\n- x 900 60", "40", id="the chain ends before that"),
        pytest.param("NXDOMAIN\nc0.x 900 CNAME c1.x\n- x 900 60", "60", id="the name at its end does not exist"),
        pytest.param("NXDOMAIN\n- x 900 0", "5", id="asked again after five seconds at the least"),
        pytest.param("NXDOMAIN\n- x 900000 900000", "10800", id="and after three hours at the most"),
        pytest.param("NOERROR", "5", id="nothing, without a word for how long"),
        pytest.param("SERVFAIL", None, id="a failure"),
        pytest.param("FORMERR", None, id="another one"),
        pytest.param("REFUSED", None, id="nobody to ask"),
        pytest.param(f"NOERROR\n{CHAIN}\nc9.x 60 A 192.0.2.1", None, id="a chain of nine"),
        pytest.param(f"NOERROR\n{CHAIN}\nc8.x 60 A 192.0.2.1", "192.0.2.1 60", id="one of eight"),
        pytest.param("NOERROR\nc0.x 60 CNAME c0.x", None, id="a chain that never ends"),
    ],
)
def test_what_a_reply_says(text, expected):
    assert read(text) == expected


def test_the_other_family():
    assert read("NOERROR\nc0.x 60 A 192.0.2.1\nc0.x 30 AAAA 2001:db8::1", "c0.x AAAA") == "2001:db8::1 30"


def test_there_are_so_many_addresses_and_no_more():
    many = "\n".join(f"c0.x 60 A 192.0.2.{number}" for number in range(100))
    assert len(read(f"NOERROR\n{many}").split()) == MOST_ADDRESSES + 1
