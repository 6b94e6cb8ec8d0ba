"""What a zone says of a question: rcode and AA, then the records by section, as text. Each rule with its RFC."""

import pytest

from fedresolver.wire.const import Type, rcode_text, type_text
from fedresolver.wire.name import from_text, starts
from fedresolver.wire.rr import RRset
from fedresolver.zone.answer import answer
from fedresolver.zone.ask import ask
from fedresolver.zone.contents import Contents
from fedresolver.zone.zone import zone
from tests.support.records import lines, text
from tests.support.request import number_of
from tests.support.zone_text import zone_of

ZONE = """
@ NS ns
@ NS ns.sub
@ MX 10 mail
@ MX 20 mail.example.net.
ns A 192.0.2.53
mail A 192.0.2.25
mail AAAA 2001:db8::25
www A 192.0.2.1
www A 192.0.2.2
a.b.ent TXT deep
alias CNAME Www
out CNAME www.example.net.
sub NS ns.sub
sub NS ns.sibling
sub NS ns.example.net.
sub DS 1 13 250 11
sub TXT occluded
ns.sub A 192.0.2.54
www.sub A 192.0.2.55
sibling NS ns.sibling
ns.sibling A 192.0.2.56
*.wild A 192.0.2.9
*.wild MX 10 mail
there.wild TXT there
x.ent.wild TXT below
cut.wild NS ns
*.alias CNAME www
x.*.entwild TXT below
*.mid.star A 192.0.2.10
dname DNAME target
dname TXT beside
hidden.dname TXT hidden
x.target A 192.0.2.11
_sip._tcp SRV 1 2 5060 mail
_sip._tcp SRV 1 2 5060 www.sub
svc HTTPS 1 . alpn=h2
svc A 192.0.2.12
svc2 SVCB 1 mail
"""
SOA = "example.org. 60 SOA ns.example.org. hostmaster.example.org. 1 7200 1800 86400 60"
NODATA = ["NOERROR aa", f"auth {SOA}"]
ABSENT = ["NXDOMAIN aa", f"auth {SOA}"]
SERVERS = [
    f"auth sub.example.org. 300 NS ns.{name}" for name in ("sub.example.org.", "sibling.example.org.", "example.net.")
]
REFERRAL = [
    "NOERROR",
    *SERVERS,
    "more ns.sub.example.org. 300 A 192.0.2.54",
    "more ns.sibling.example.org. 300 A 192.0.2.56",
]
MAIL = ["more mail.example.org. 300 A 192.0.2.25", "more mail.example.org. 300 AAAA 2001:db8::25"]


def told(contents, question):
    """Return what is said of a question, `name type`, a line for each record, and last where a chain goes on."""
    name, rtype = question.split()
    qname = from_text(name)
    made = zone(contents)
    found = answer(made, ask(made, qname, starts(qname), number_of(rtype)))
    said = [rcode_text(found.rcode) + (" aa" if found.authoritative else "")]
    for section, rrsets in (("", found.answer), ("auth ", found.authority), ("more ", found.additional)):
        said += [section + line for line in lines(rrsets)]
    return said if found.target is None else [*said, f"then {found.target!r}"]


def ok(written, *then):
    return ["NOERROR aa", *text(written), *then]


def then(name):
    return f"then {from_text(name)!r}"


CASES = {
    "data, RFC 1034 4.3.2": [
        ("www.example.org A", ok("www.example.org. 300 A 192.0.2.1\nwww.example.org. 300 A 192.0.2.2")),
        ("example.org SOA", ok(SOA.replace(" 60 SOA", " 300 SOA"))),
        ("www.example.org AAAA", NODATA),
        ("nope.example.org A", ABSENT),
        ("x.www.example.org A", ABSENT),
    ],
    "one RRset for ANY, RFC 8482 4.1": [
        ("www.example.org ANY", ok("www.example.org. 300 A 192.0.2.1\nwww.example.org. 300 A 192.0.2.2")),
        ("alias.example.org ANY", ok("alias.example.org. 300 CNAME Www.example.org.")),
        ("b.ent.example.org ANY", NODATA),
    ],
    "empty non-terminals, RFC 4592 2.2.2": [
        ("b.ent.example.org TXT", NODATA),
        ("ent.example.org A", NODATA),
        ("c.ent.example.org A", ABSENT),
        ("_tcp.example.org SRV", NODATA),
    ],
    "aliases, RFC 1034 3.6.2": [
        ("alias.example.org A", ok("alias.example.org. 300 CNAME Www.example.org.", then("www.example.org"))),
        ("alias.example.org CNAME", ok("alias.example.org. 300 CNAME Www.example.org.")),
        ("out.example.org MX", ok("out.example.org. 300 CNAME www.example.net.", then("www.example.net"))),
    ],
    "delegations, RFC 1034 4.3.2 3b": [
        ("sub.example.org NS", REFERRAL),
        ("sub.example.org TXT", REFERRAL),
        ("sub.example.org ANY", REFERRAL),
        ("ns.sub.example.org A", REFERRAL),
        ("x.y.sub.example.org A", REFERRAL),
        ("x.cut.wild.example.org A", ["NOERROR", "auth cut.wild.example.org. 300 NS ns.example.org.", "more ns.example.org. 300 A 192.0.2.53"]),
    ],
    "DS is the parent's, RFC 4035 3.1.4.1": [
        ("sub.example.org DS", ok("sub.example.org. 300 DS 1 13 250 11")),
        ("sibling.example.org DS", NODATA),
        ("x.sub.example.org DS", REFERRAL),
    ],
    "wildcards, RFC 4592": [
        ("x.wild.example.org A", ok("x.wild.example.org. 300 A 192.0.2.9")),
        ("x.y.wild.example.org A", ok("x.y.wild.example.org. 300 A 192.0.2.9")),
        ("x.wild.example.org MX", ok("x.wild.example.org. 300 MX 10 mail.example.org.", *MAIL)),
        ("x.wild.example.org TXT", NODATA),
        ("wild.example.org A", NODATA),
        ("*.wild.example.org A", ok("*.wild.example.org. 300 A 192.0.2.9")),
        ("x.*.wild.example.org A", ABSENT),
        ("there.wild.example.org A", NODATA),
        ("x.there.wild.example.org A", ABSENT),
        ("ent.wild.example.org A", NODATA),
        ("y.ent.wild.example.org A", ABSENT),
        ("x.alias.example.org A", ok("x.alias.example.org. 300 CNAME www.example.org.", then("www.example.org"))),
        ("x.alias.example.org CNAME", ok("x.alias.example.org. 300 CNAME www.example.org.")),
        ("y.entwild.example.org TXT", NODATA),
        ("x.*.entwild.example.org TXT", ok('x.*.entwild.example.org. 300 TXT "below"')),
        ("y.*.entwild.example.org TXT", ABSENT),
        ("x.mid.star.example.org A", ok("x.mid.star.example.org. 300 A 192.0.2.10")),
        ("x.other.star.example.org A", ABSENT),
    ],
    "DNAME, RFC 6672": [
        ("x.dname.example.org A", ok("dname.example.org. 300 DNAME target.example.org.\nx.dname.example.org. 300 CNAME x.target.example.org.", then("x.target.example.org"))),
        ("hidden.dname.example.org TXT", ok("dname.example.org. 300 DNAME target.example.org.\nhidden.dname.example.org. 300 CNAME hidden.target.example.org.", then("hidden.target.example.org"))),
        ("x.dname.example.org CNAME", ok("dname.example.org. 300 DNAME target.example.org.\nx.dname.example.org. 300 CNAME x.target.example.org.")),
        ("dname.example.org DNAME", ok("dname.example.org. 300 DNAME target.example.org.")),
        ("dname.example.org TXT", ok('dname.example.org. 300 TXT "beside"')),
        ("dname.example.org A", NODATA),
    ],
    "addresses of targets, RFC 1035 3.3.9, RFC 2782, RFC 9460 4.1": [
        ("example.org MX", ok("example.org. 300 MX 10 mail.example.org.\nexample.org. 300 MX 20 mail.example.net.", *MAIL)),
        ("example.org NS", ok("example.org. 300 NS ns.example.org.\nexample.org. 300 NS ns.sub.example.org.", "more ns.example.org. 300 A 192.0.2.53", "more ns.sub.example.org. 300 A 192.0.2.54")),
        ("_sip._tcp.example.org SRV", ok("_sip._tcp.example.org. 300 SRV 1 2 5060 mail.example.org.\n_sip._tcp.example.org. 300 SRV 1 2 5060 www.sub.example.org.", *MAIL)),
        ("svc.example.org HTTPS", ok('svc.example.org. 300 HTTPS 1 . alpn="h2"', "more svc.example.org. 300 A 192.0.2.12")),
        ("svc2.example.org SVCB", ok("svc2.example.org. 300 SVCB 1 mail.example.org.", *MAIL)),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "expected"),
    [pytest.param(*case, id=f"{rule}: {case[0]}") for rule, cases in CASES.items() for case in cases],
)
def test_a_question_is_answered(question, expected):
    assert told(zone_of(ZONE), question) == expected


@pytest.mark.parametrize("rdata", [b"", b"\0", b"\0\1", b"\0\1\3ab", b"\0\1\xc0\x0c", b"\0\1\2ab"])
def test_data_that_is_not_what_its_type_has_leads_nowhere(rdata):
    """What another server transfers is not checked for the types that came after RFC 1035 (RFC 3597 4)."""
    owner, whole = from_text("odd.example.org"), zone_of("@ NS ns.example.net.")
    odd = RRset(owner, Type.HTTPS, 300, (rdata,))
    made = zone(Contents(whole.apex, {**whole.rrsets, owner: {odd.rtype: odd}}))
    found = answer(made, ask(made, owner, starts(owner), odd.rtype))
    assert (found.answer, found.additional) == ((odd,), ())


LABEL = "x" * 63


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param("y" * 49, "NOERROR aa", id="255 octets"),
        pytest.param("y" * 50, "YXDOMAIN aa", id="256 octets"),
    ],
)
def test_a_name_that_a_dname_makes_too_long_is_yxdomain(before, expected):
    """RFC 6672 2.2."""
    contents = zone_of(f"@ NS ns.example.net.\nlong DNAME {LABEL}.{LABEL}.{LABEL}.example.org.")
    said = told(contents, f"{before}.long.example.org A")
    assert (said[0], said[1].split()[2]) == (expected, "DNAME")
    assert any(line.startswith("then ") for line in said) == (expected == "NOERROR aa")


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        pytest.param("$TTL 300\n@ SOA ns h 1 2 3 4 60\n", 60, id="MINIMUM is less"),
        pytest.param("$TTL 300\n@ 30 SOA ns h 1 2 3 4 60\n", 30, id="the TTL is less"),
    ],
)
def test_a_denial_holds_for_the_lesser_of_ttl_and_minimum(numbers, expected):
    """RFC 2308 5."""
    made = zone(zone_of("@ NS ns.example.net.", head=numbers))
    assert made.denial[0].ttl == expected


def test_a_dname_at_the_apex_hides_all_below():
    contents = zone_of("@ DNAME example.net.\nwww A 192.0.2.1\n@ NS ns.example.net.")
    assert told(contents, "www.example.org A")[-1] == then("www.example.net")
    assert told(contents, "example.org NS") == ok("example.org. 300 NS ns.example.net.")


def test_signatures_are_not_what_any_is_answered_with_where_there_is_more():
    contents = zone_of(
        "@ NS ns.example.net.\nx RRSIG A 8 2 300 20300101000000 20200101000000 1 example.org. AAAA\nx A 192.0.2.1\n"
    )
    assert told(contents, "x.example.org ANY") == ok("x.example.org. 300 A 192.0.2.1")
    assert type_text(46) in told(contents, "x.example.org RRSIG")[1]


def test_the_size_is_the_number_of_records_and_others_have_their_turn():
    turns = []
    made = zone(
        zone_of("@ NS ns.example.net.\n" + "".join(f"n{n} A 192.0.2.1\n" for n in range(2500))), lambda: turns.append(1)
    )
    assert (made.size, len(turns)) == (2502, 3)


def test_a_zone_may_be_the_root():
    contents = zone_of("@ NS ns.org\norg NS ns.org\nns.org A 192.0.2.1\n*.wild A 192.0.2.2", apex=".")
    assert told(contents, "www.example.org A") == [
        "NOERROR",
        "auth org. 300 NS ns.org.",
        "more ns.org. 300 A 192.0.2.1",
    ]
    assert told(contents, "x.wild A") == ok("x.wild. 300 A 192.0.2.2")
    assert told(contents, "net A")[0] == "NXDOMAIN aa"
