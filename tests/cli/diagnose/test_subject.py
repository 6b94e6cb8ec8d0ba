"""Which federation is looked at."""

import pytest

from fedresolver.cli.diagnose.address import parsed
from fedresolver.cli.diagnose.subject import Subject, subject
from fedresolver.cli.diagnose.verdict import Unseen
from fedresolver.status.documents import Federation

ONE, TWO = (
    Federation(name=name, inside=f"{name}.svc.c.example.", bare=f"{name}.", domain=f"{name}.example.")
    for name in ("one", "two")
)


@pytest.mark.parametrize(
    ("asked", "known", "expected"),
    [
        ("", (ONE, TWO), Subject("one", "one.svc.c.example", "c.example", public="one.example")),
        ("s.n.two", (ONE, TWO), Subject("two", "two.svc.c.example", "c.example", "s.n.two", "two.example")),
        (
            "S.N.Two.svc.two.example.",
            (ONE, TWO),
            Subject("two", "two.svc.c.example", "c.example", "s.n.two.svc.two.example", "two.example"),
        ),
        ("s.n.three", (ONE, TWO), Unseen("the server has no federation that s.n.three is of")),
        ("", (), Unseen("the server has no federation")),
        ("s.n.f", None, Subject("f", "f.svc.cluster.local", "cluster.local", "s.n.f")),
        ("s.n.f.svc.c.example", None, Subject("f", "f.svc.c.example", "c.example", "s.n.f.svc.c.example")),
        (
            "s.n",
            None,
            Unseen("no federation is known here: name SERVICE.NAMESPACE.FEDERATION, or --server, or --conf"),
        ),
    ],
)
def test_the_subject(asked, known, expected):
    assert subject(asked, known) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
        ("0.0.0.0:53", ("127.0.0.1", 53)),
        ("[::]:53", ("::1", 53)),
    ],
)
def test_addresses(text, expected):
    assert parsed(text) == expected


@pytest.mark.parametrize("text", ["dns.example", "192.0.2.1:x", "192.0.2.1:0", "[2001:db8::1]", ""])
def test_what_is_no_address(text):
    with pytest.raises(ValueError, match=r"write 192\.0\.2\.1:53"):
        parsed(text)
