"""Why answers of two servers differ."""

import pytest

from fedresolver.cli.demo.answer import NO_ANSWER, Answer, Record
from fedresolver.cli.migrate.comparing import short, why


def answer(*words, rcode="NOERROR"):
    """Return an answer with CNAMEs and addresses."""
    records = (Record("x.", 5, "CNAME", "y.") if word == "CNAME" else Record("x.", 5, "A", word) for word in words)
    return Answer(rcode, tuple(records))


NOWHERE = answer("CNAME", "CNAME", rcode="NXDOMAIN")
LOCAL, REMOTE = "10.0.0.1", "192.0.2.1"


@pytest.mark.parametrize(
    ("old", "ours", "reason"),
    [
        pytest.param(answer(LOCAL), answer(LOCAL), "", id="the same"),
        pytest.param(answer("CNAME", LOCAL, REMOTE), answer(REMOTE, LOCAL), "", id="by another way"),
        pytest.param(answer(LOCAL), answer("CNAME", REMOTE), "no local endpoint is ready", id="no endpoint"),
        pytest.param(answer(), NOWHERE, "it is healthy nowhere", id="nowhere"),
        pytest.param(answer("CNAME"), answer("CNAME", REMOTE), "the rest of the chain", id="a dangling CNAME"),
        pytest.param(NO_ANSWER, answer(LOCAL), "the old server does not answer", id="no answer"),
        pytest.param(answer(LOCAL), NO_ANSWER, "fedresolver does not answer", id="none of ours"),
        pytest.param(answer(LOCAL), answer(rcode="SERVFAIL"), "was never listed", id="not listed"),
        pytest.param(answer(REMOTE), answer(rcode="NXDOMAIN"), "no member has such a Service", id="unknown"),
        pytest.param(answer(REMOTE, "192.0.2.2"), answer("CNAME", REMOTE), "other shards count", id="other shards"),
    ],
)
def test_the_reason(old, ours, reason):
    assert why(old, ours).startswith(reason) or reason in why(old, ours)
    assert bool(why(old, ours)) == bool(reason)


@pytest.mark.parametrize(
    ("given", "expected"),
    [(answer(), "no data"), (NOWHERE, "NXDOMAIN 2 CNAMEs"), (answer("CNAME", LOCAL), f"1 CNAME {LOCAL}")],
)
def test_an_answer_in_a_few_words(given, expected):
    assert short(given) == expected
