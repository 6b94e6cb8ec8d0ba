import pytest

from fedresolver.chain.handler import Reply
from fedresolver.chain.plugin import UNCOUNTED
from fedresolver.plugins.log.format import compiled
from fedresolver.plugins.log.handler import ALL, DENIAL, ERROR, SUCCESS, QueryLog, Rule, classify
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import from_text
from fedresolver.wire.rr import RRset, cname
from tests.support.request import finished, records, request

SOA = (RRset(from_text("example.org"), Type.SOA, 5, (b"",)),)
NS = (RRset(from_text("example.org"), Type.NS, 5, (b"\0",)),)
CNAME = cname(from_text("www.example.org"), 5, from_text("x.example.org"))


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(Reply(answer=records("192.0.2.1")), SUCCESS, id="an answer"),
        pytest.param(Reply(additional=records("192.0.2.1")), SUCCESS, id="only additional records"),
        pytest.param(Reply(authority=NS), SUCCESS, id="a referral"),
        pytest.param(Reply(authority=SOA), DENIAL, id="NODATA"),
        pytest.param(Reply(answer=(CNAME,), authority=SOA), SUCCESS, id="a CNAME to NODATA"),
        pytest.param(Reply(rcode=Rcode.NXDOMAIN, authority=SOA), DENIAL, id="NXDOMAIN"),
        pytest.param(Reply(rcode=Rcode.NXDOMAIN, answer=(CNAME,), authority=SOA), DENIAL, id="a CNAME to NXDOMAIN"),
        pytest.param(Reply(rcode=Rcode.SERVFAIL), ERROR, id="SERVFAIL"),
        pytest.param(Reply(rcode=Rcode.REFUSED), ERROR, id="REFUSED"),
    ],
)
def test_classes(reply, expected):
    assert classify(reply) == expected


def rule(scope, text, *classes):
    return Rule(write=compiled(text), scope=from_text(scope), classes=frozenset(classes or (ALL,)))


A = finished(Reply(answer=records("192.0.2.1")))
FAILED = finished(Reply(rcode=Rcode.SERVFAIL))
BELOW = (rule("example.org", "below {name}"), rule(".", "all {name}"))


@pytest.mark.parametrize(
    ("rules", "answer", "lines"),
    [
        pytest.param((rule(".", "{name}"),), A, ["www.example.org."], id="everything"),
        pytest.param(BELOW, A, ["below www.example.org."], id="the first rule for a name decides"),
        pytest.param(
            BELOW, finished(question=request("example.net A")), ["all example.net."], id="the next for others"
        ),
        pytest.param(BELOW[:1], finished(question=request("notexample.org A")), [], id="a name is below at a dot only"),
        pytest.param((rule(".", "x", ERROR),), A, [], id="a class that is not wanted"),
        pytest.param((rule(".", "x", ERROR),), FAILED, ["x"], id="a class that is wanted"),
        pytest.param((rule(".", "x", DENIAL, SUCCESS),), A, ["x"], id="one class of two"),
        pytest.param((rule("example.org", "x", ERROR), rule(".", "y")), A, [], id="no rule after the first is asked"),
    ],
)
def test_what_is_logged_is_not_kept_and_the_rest_is(rules, answer, lines):
    written = []
    log = QueryLog(rules, written.append)
    assert log.finished(answer) is (None if lines else UNCOUNTED)
    assert written == lines
