"""What a signed zone adds for who wants DNSSEC records (RFC 4035 3.1): answers as text, signatures as `SIG type`."""

import pytest

from fedresolver.wire.const import rcode_text
from fedresolver.wire.name import from_text, starts
from fedresolver.zone.ask import ask
from fedresolver.zone.signed import signed
from fedresolver.zone.zone import zone
from tests.support.records import lines
from tests.support.request import number_of
from tests.support.zone_text import zone_of

TEXT = """
@ NS ns
@ NSEC alias NS SOA RRSIG NSEC
alias CNAME www
alias NSEC dname CNAME RRSIG NSEC
dname DNAME target
hidden.dname CNAME www
*.dname CNAME www
dname NSEC x.ent DNAME RRSIG NSEC
x.ent TXT deep
x.ent NSEC kid TXT RRSIG NSEC
kid NS ns.kid
kid DS 1 13 250 11
kid NSEC lame NS DS RRSIG NSEC
ns.kid A 192.0.2.60
lame NS ns.kid
lame NSEC ns NS RRSIG NSEC
mail MX 10 ns
ns A 192.0.2.53
ns NSEC *.wild A RRSIG NSEC
*.wild A 192.0.2.9
*.wild NSEC *.word A RRSIG NSEC
*.word CNAME www
*.word NSEC www CNAME RRSIG NSEC
www A 192.0.2.1
www A 192.0.2.2
www NSEC @ A RRSIG NSEC
"""
UNSIGNED = {("kid", "NS"), ("lame", "NS"), ("ns.kid", "A")}


def with_signatures(text):
    """Return the text of a zone with a signature of each RRset that a signer would sign."""
    kinds = dict.fromkeys(tuple(line.split()[:2]) for line in ("@ SOA", *text.strip().splitlines()))
    data = "13 2 300 20300101000000 20200101000000 1 example.org. AAAA"
    return text + "".join(f"{owner} RRSIG {kind} {data}\n" for owner, kind in kinds if (owner, kind) not in UNSIGNED)


ZONE = zone(zone_of(with_signatures(TEXT)))


def told(question, made=ZONE):
    """Return what is said to a question, `name type`: rcode, then the records by section."""
    name, rtype = question.split()
    qname = from_text(f"{name}.example.org" if name != "@" else "example.org")
    found = signed(made, made.proofs, qname, ask(made, qname, starts(qname), number_of(rtype)))
    said = [rcode_text(found.rcode)]
    for section, rrsets in (("", found.answer), ("auth ", found.authority), ("more ", found.additional)):
        said += [section + short(line) for line in lines(rrsets)]
    return said


def short(line):
    """Return a record without the zone's name: of a signature owner, TTL and what it covers, of a proof where it leads."""
    owner, ttl, rtype, *data = line.replace(".example.org.", "").replace("example.org.", "@").split()
    if rtype == "RRSIG":
        return f"{owner} {ttl} SIG {data[0]}"
    return f"{owner} {rtype} {' '.join(data[:1] if rtype == 'NSEC' else data)}"


SOA = ["auth @ SOA ns hostmaster 1 7200 1800 86400 60", "auth @ 60 SIG SOA"]


def nsec(*owners):
    """Return proofs by their owners: names with where each leads."""
    pairs = (owner.split(">") for owner in owners)
    return [line for owner, to in pairs for line in (f"auth {owner} NSEC {to}", f"auth {owner} 300 SIG NSEC")]


CASES = {
    "data, RFC 4035 3.1.1": [
        ("www A", ["NOERROR", "www A 192.0.2.1", "www A 192.0.2.2", "www 300 SIG A"]),
        ("alias A", ["NOERROR", "alias CNAME www", "alias 300 SIG CNAME"]),
        ("www NSEC", ["NOERROR", "www NSEC @", "www 300 SIG NSEC"]),
        ("www ANY", ["NOERROR", "www A 192.0.2.1", "www A 192.0.2.2", "www 300 SIG A"]),
        ("kid DS", ["NOERROR", "kid DS 1 13 250 11", "kid 300 SIG DS"]),
        ("mail MX", ["NOERROR", "mail MX 10 ns", "mail 300 SIG MX", "more ns A 192.0.2.53", "more ns 300 SIG A"]),
    ],
    "a signature is of nothing else": [
        ("ns RRSIG", ["NOERROR", "ns 300 SIG A", "ns 300 SIG NSEC"]),
    ],
    "no data, RFC 4035 3.1.3.1": [
        ("www TXT", ["NOERROR", *SOA, *nsec("www>@")]),
        ("@ DS", ["NOERROR", *SOA, *nsec("@>alias")]),
        ("lame DS", ["NOERROR", *SOA, *nsec("lame>ns")]),
        ("ent TXT", ["NOERROR", *SOA, *nsec("dname>x.ent")]),
    ],
    "no name, RFC 4035 3.1.3.2": [
        ("nope A", ["NXDOMAIN", *SOA, *nsec("lame>ns", "@>alias")]),
        ("a A", ["NXDOMAIN", *SOA, *nsec("@>alias")]),
        ("x.www A", ["NXDOMAIN", *SOA, *nsec("www>@")]),
        ("y.ent A", ["NXDOMAIN", *SOA, *nsec("x.ent>kid", "dname>x.ent")]),
    ],
    "a wildcard answers, RFC 4035 3.1.3.3": [
        ("x.wild A", ["NOERROR", "x.wild A 192.0.2.9", "x.wild 300 SIG A", *nsec("*.wild>*.word")]),
        ("x.y.wild A", ["NOERROR", "x.y.wild A 192.0.2.9", "x.y.wild 300 SIG A", *nsec("*.wild>*.word")]),
        ("x.word A", ["NOERROR", "x.word CNAME www", "x.word 300 SIG CNAME", *nsec("*.word>www")]),
        ("*.wild A", ["NOERROR", "*.wild A 192.0.2.9", "*.wild 300 SIG A"]),
    ],
    "a wildcard has no data, RFC 4035 3.1.3.4": [
        ("x.wild TXT", ["NOERROR", *SOA, *nsec("*.wild>*.word")]),
    ],
    "referrals, RFC 4035 3.1.4": [
        ("x.kid A", ["NOERROR", "auth kid NS ns.kid", "auth kid DS 1 13 250 11", "auth kid 300 SIG DS", "more ns.kid A 192.0.2.60"]),
        ("lame A", ["NOERROR", "auth lame NS ns.kid", *nsec("lame>ns"), "more ns.kid A 192.0.2.60"]),
    ],
    "DNAME, RFC 6672 5.3.1: no signature of the CNAME that follows from it": [
        ("hidden.dname A", ["NOERROR", "dname DNAME target", "dname 300 SIG DNAME", "hidden.dname CNAME hidden.target"]),
        ("x.dname A", ["NOERROR", "dname DNAME target", "dname 300 SIG DNAME", "x.dname CNAME x.target"]),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "expected"),
    [pytest.param(*case, id=f"{rule}: {case[0]}") for rule, cases in CASES.items() for case in cases],
)
def test_a_question_is_answered_with_signatures_and_proofs(question, expected):
    assert told(question) == expected


def test_a_zone_without_signatures_has_no_proofs():
    assert zone(zone_of(TEXT)).proofs is None


def test_a_signed_zone_without_proofs_is_answered_with_what_it_has():
    made = zone(zone_of(with_signatures("@ NS ns\nns A 192.0.2.53\n")))
    assert told("nope A", made) == ["NXDOMAIN", *SOA]
    assert told("ns A", made) == ["NOERROR", "ns A 192.0.2.53", "ns 300 SIG A"]


def test_the_proof_of_a_long_name_is_found():
    label = "x" * 62
    made = zone(zone_of(with_signatures("@ NS ns\nns A 192.0.2.53\n@ NSEC ns NS\nns NSEC @ A\n")))
    assert told(f"{label}.{label}.{label}.xx A", made) == ["NXDOMAIN", *SOA, *nsec("ns>@", "@>ns")]


def test_the_first_signature_to_end_is_known():
    """RFC 4034 3.1.5."""
    sooner = "ns RRSIG TXT 13 3 300 20290102030405 20200101000000 1 example.org. AAAA\n"
    made = zone(zone_of(with_signatures("@ NS ns\nns A 192.0.2.53\n") + sooner))
    assert made.signed_until == 1862017445
    assert zone(zone_of(TEXT)).signed_until is None
