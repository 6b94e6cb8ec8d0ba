import pytest

from fedresolver.chain.handler import REFUSED, Reply, request_of_ours
from fedresolver.plugins.whoami.handler import whoami
from fedresolver.wire.const import Type
from fedresolver.wire.name import ROOT, from_labels, from_text
from fedresolver.wire.query import question as query
from fedresolver.wire.rr import RRset
from tests.support.request import answering, ask, records, request

WHOAMI = whoami(answering(REFUSED))


def port(owner, number):
    return RRset(from_text(owner), Type.SRV, 0, (b"\0\0\0\0" + number.to_bytes(2) + b"\0",))


@pytest.mark.parametrize(
    ("question", "additional"),
    [
        pytest.param(
            request(),
            (*records("192.0.2.7", ttl=0), port("_udp.www.example.org", 40212)),
            id="over IPv4 and UDP",
        ),
        pytest.param(
            request(client="2001:db8::7", transport="tcp", port=1),
            (*records("2001:db8::7", ttl=0), port("_tcp.www.example.org", 1)),
            id="over IPv6 and TCP",
        ),
        pytest.param(
            request(client="::ffff:192.0.2.7"),
            (*records("192.0.2.7", ttl=0), port("_udp.www.example.org", 40212)),
            id="IPv4 on a socket for IPv6",
        ),
        pytest.param(
            request(". MX"), (*records("192.0.2.7", owner=".", ttl=0), port("_udp", 40212)), id="the root, and any type"
        ),
    ],
)
def test_the_answer_is_about_the_client(question, additional):
    assert ask(WHOAMI, question) == Reply(additional=additional, plugin="whoami")


def test_a_name_of_full_length_has_no_port_record():
    longest = from_labels((b"a" * 63,) * 3 + (b"b" * 61,))
    assert len(longest) == 255
    question = request(".".join(["a" * 63] * 3 + ["b" * 61]) + " A")
    assert [rrset.rtype for rrset in ask(WHOAMI, question).additional] == [Type.A]


def test_the_answer_is_never_kept():
    assert ask(WHOAMI).cell is None


def test_where_no_client_asks_nothing_is_said_of_one():
    ours = request_of_ours(query(from_text("www.example.org"), Type.A), ROOT, 0.0)
    assert ask(WHOAMI, ours) == Reply(plugin="whoami")
