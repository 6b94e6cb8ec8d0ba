"""What is believed of an upstream's response, and what is left out of it.

RFC 1034 3.6.2, RFC 2181 5.2, 8 and 10.1, RFC 2308, RFC 4035 3.2, RFC 6604, RFC 6672, RFC 6891 6.1.3.
"""

import struct

import pytest

from fedresolver.wire.received import Received, ResponseError, is_answer_to, is_truncated, read_response
from tests.support.upstream_text import expected, query, response, shown

WWW = "www.example.com. A"
CHAIN = "".join(f"an c{number}.example.com. 60 CNAME c{number + 1}.example.com.\n" for number in range(8))
LONG = "c0.example.com. A"
SOA = "SOA ns.example.com. admin.example.com. 1 7200 3600 86400 60"


def read(asked, written, *, do=False, **options):
    return read_response(response(asked, written, **options), query(asked, do))


def case(name, asked, written, kept, **options):
    return pytest.param(asked, written, kept, options, id=name)


SAME = "as it was sent"


@pytest.mark.parametrize(
    ("asked", "written", "kept", "options"),
    [
        case("one address", WWW, "an www.example.com. 60 A 192.0.2.1", SAME),
        case(
            "several, in their order",
            WWW,
            """an www.example.com. 60 A 192.0.2.9
               an www.example.com. 60 A 192.0.2.1""",
            SAME,
        ),
        case(
            "the same record twice is one",
            WWW,
            """an www.example.com. 60 A 192.0.2.9
               an www.example.com. 60 A 192.0.2.1
               an www.example.com. 60 A 192.0.2.9""",
            """an www.example.com. 60 A 192.0.2.9
               an www.example.com. 60 A 192.0.2.1""",
        ),
        case(
            "the least TTL is that of all",
            WWW,
            """an www.example.com. 60 A 192.0.2.9
               an www.example.com. 30 A 192.0.2.1
               an www.example.com. 90 A 192.0.2.2""",
            """an www.example.com. 30 A 192.0.2.9
               an www.example.com. 30 A 192.0.2.1
               an www.example.com. 30 A 192.0.2.2""",
        ),
        case(
            "no TTL is above a day",
            WWW,
            "an www.example.com. 2147483647 A 192.0.2.1",
            "an www.example.com. 86400 A 192.0.2.1",
        ),
        case(
            "letter case means nothing",
            WWW,
            """an WWW.example.COM. 60 CNAME Web.Example.NET.
               an web.example.net. 60 A 192.0.2.1
               an WEB.example.net. 60 A 192.0.2.2""",
            """an www.example.com. 60 CNAME web.example.net.
               an web.example.net. 60 A 192.0.2.1
               an web.example.net. 60 A 192.0.2.2""",
        ),
        case(
            "a chain is put in order",
            WWW,
            """an c.example.net. 10 A 192.0.2.1
               an b.example.org. 20 CNAME c.example.net.
               an www.example.com. 30 CNAME b.example.org.
               an c.example.net. 10 A 192.0.2.2""",
            """an www.example.com. 30 CNAME b.example.org.
               an b.example.org. 20 CNAME c.example.net.
               an c.example.net. 10 A 192.0.2.1
               an c.example.net. 10 A 192.0.2.2""",
        ),
        case("8 CNAMEs", LONG, CHAIN + "an c8.example.com. 60 A 192.0.2.1", SAME),
        case("a chain whose end is not there", WWW, "an www.example.com. 60 CNAME web.example.net.", SAME),
        case(
            "what does not belong to the question is left out",
            WWW,
            f"""an www.example.com. 60 A 192.0.2.1
                an www.example.org. 60 A 192.0.2.66
                an www.example.com. 60 TXT "more"
                an other.example.com. 60 CNAME www.example.com.
                an example.com. 60 NS ns.example.com.
                au example.com. 60 NS ns.example.com.
                au example.com. 60 {SOA}
                au example.com. 60 SIG NS example.com.
                ad ns.example.com. 60 A 192.0.2.53""",
            "an www.example.com. 60 A 192.0.2.1",
        ),
        case(
            "signatures that nobody wanted are left out",
            WWW,
            """an www.example.com. 60 A 192.0.2.1
               an www.example.com. 60 SIG A example.com.""",
            "an www.example.com. 60 A 192.0.2.1",
        ),
        case(
            "a CNAME that was asked for is not followed",
            "www.example.com. CNAME",
            "an www.example.com. 60 CNAME x.",
            SAME,
        ),
        case(
            "and what it leads to is left out",
            "www.example.com. CNAME",
            """an www.example.com. 60 CNAME b.example.com.
               an b.example.com. 60 CNAME c.example.com.""",
            "an www.example.com. 60 CNAME b.example.com.",
        ),
        case(
            "ANY gives one RRset, signatures last",
            "example.com. ANY",
            """an example.com. 60 SIG MX example.com.
               an other.example.com. 60 A 192.0.2.1
               an example.com. 60 MX 10 mail.example.com.
               an example.com. 60 MX 20 mx.example.com.
               an example.com. 60 TXT "text" """,
            """an example.com. 60 MX 10 mail.example.com.
               an example.com. 60 MX 20 mx.example.com.""",
        ),
        case(
            "ANY gives no meta-types",
            "example.com. ANY",
            r"""an example.com. 60 TYPE251 \# 0
                an example.com. 60 A 192.0.2.1""",
            "an example.com. 60 A 192.0.2.1",
        ),
        case(
            "ANY gives signatures if there is nothing else", "example.com. ANY", "an example.com. 60 SIG A com.", SAME
        ),
        case(
            "signatures that were asked for",
            "example.com. RRSIG",
            """an example.com. 60 SIG A example.com.
               an example.com. 60 SIG MX example.com.
               an www.example.com. 60 SIG A example.com.""",
            """an example.com. 60 SIG A example.com.
               an example.com. 60 SIG MX example.com.""",
        ),
        case("an HTTPS record", "example.com. HTTPS", 'an example.com. 60 HTTPS 1 . alpn="h2"', SAME),
        case("a type that nobody knows", "example.com. TYPE65280", r"an example.com. 60 TYPE65280 \# 2 c00c", SAME),
        case(
            "the names in data keep their letters",
            "example.com. MX",
            "an example.com. 60 MX 10 Mail.Example.net.",
            SAME,
        ),
        case("the root is a name like any other", ". NS", "an . 60 NS a.root-servers.net.", SAME),
    ],
)
def test_a_positive_answer(asked, written, kept, options):
    received = read(asked, written, **options)
    assert shown(received) == expected(written if kept is SAME else kept)
    assert received.rcode == 0


@pytest.mark.parametrize(
    ("asked", "written", "kept", "options"),
    [
        case("a name that does not exist", WWW, f"au example.com. 60 {SOA}", SAME, rcode="NXDOMAIN"),
        case("no such data", WWW, f"au example.com. 60 {SOA}", SAME),
        case("of the zone itself", "example.com. A", f"au example.com. 60 {SOA}", SAME),
        case("of the root", "example. A", f"au . 60 {SOA}", SAME, rcode="NXDOMAIN"),
        case("no SOA", WWW, "", "", rcode="NXDOMAIN"),
        case("no such data, no SOA", WWW, "", ""),
        case(
            "no such data, no SOA, name servers of the server's own zone",
            WWW,
            "au example.com. 9 NS a.",
            "",
            flags="QR AA",
        ),
        case("an SOA below the name", "example.com. A", f"au www.example.com. 60 {SOA}", ""),
        case("an SOA beside the name", WWW, f"au example.org. 60 {SOA}", "", rcode="NXDOMAIN"),
        case("an SOA of a zone whose name only looks alike", WWW, f"au ample.com. 60 {SOA}", "", rcode="NXDOMAIN"),
        case(
            "the nearest SOA",
            WWW,
            f"""au com. 60 {SOA}
                au example.com. 60 {SOA}
                au . 60 {SOA}""",
            f"au example.com. 60 {SOA}",
        ),
        case(
            "a chain to a name that does not exist (RFC 6604)",
            WWW,
            f"""an www.example.com. 60 CNAME web.example.net.
                au example.com. 60 {SOA}
                au example.net. 60 {SOA}""",
            f"""an www.example.com. 60 CNAME web.example.net.
                au example.net. 60 {SOA}""",
            rcode="NXDOMAIN",
        ),
        case(
            "a chain to a name without such data",
            WWW,
            f"""an www.example.com. 60 CNAME web.example.net.
                au net. 60 {SOA}""",
            SAME,
        ),
        case(
            "records of another name beside an SOA",
            WWW,
            f"""an www.example.org. 60 A 192.0.2.66
                au example.com. 60 {SOA}""",
            f"au example.com. 60 {SOA}",
        ),
        case("an upstream that fails", WWW, "", "", rcode="SERVFAIL"),
        case("an upstream that fails with records", WWW, "an www.example.com. 60 A 192.0.2.1", "", rcode="REFUSED"),
        case(
            "an upstream that fails with nonsense",
            WWW,
            """an www.example.com. 60 CNAME www.example.com.
               au example.com. 60 NS ns.example.com.""",
            "",
            rcode="SERVFAIL",
        ),
        case("an rcode above 15", WWW, "an www.example.com. 60 A 192.0.2.1", "", rcode="BADVERS"),
    ],
)
def test_a_negative_answer(asked, written, kept, options):
    received = read(asked, written, **options)
    assert shown(received) == expected(written if kept is SAME else kept)
    assert received.rcode == {"NXDOMAIN": 3, "SERVFAIL": 2, "REFUSED": 5, "BADVERS": 16}.get(options.get("rcode"), 0)


NSEC = "NSEC z.example.com. A RRSIG NSEC"
NSEC3 = "NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A"
HASH = "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"


@pytest.mark.parametrize(
    ("asked", "written", "kept", "options"),
    [
        case(
            "each RRset is followed by its signatures",
            WWW,
            """an www.example.com. 60 CNAME web.example.net.
               an web.example.net. 60 A 192.0.2.1
               an web.example.net. 60 SIG A example.net.
               an web.example.net. 60 SIG A other.
               an web.example.net. 60 SIG AAAA example.net.
               an mail.example.net. 60 SIG A example.net.
               an www.example.com. 60 SIG CNAME example.com.""",
            """an www.example.com. 60 CNAME web.example.net.
               an www.example.com. 60 SIG CNAME example.com.
               an web.example.net. 60 A 192.0.2.1
               an web.example.net. 60 SIG A example.net.
               an web.example.net. 60 SIG A other.""",
        ),
        case(
            "the TTL of a signature is that of its records (RFC 4034 3)",
            WWW,
            """an www.example.com. 60 A 192.0.2.1
               an www.example.com. 900 SIG A example.com.""",
            """an www.example.com. 60 A 192.0.2.1
               an www.example.com. 60 SIG A example.com.""",
        ),
        case(
            "a name that does not exist",
            WWW,
            f"""au example.com. 60 {NSEC}
                au example.com. 60 SIG NSEC example.com.
                au example.com. 60 {SOA}
                au example.com. 60 SIG SOA example.com.
                au v.example.com. 60 {NSEC}
                au v.example.com. 60 SIG NSEC example.com.
                au other.example.com. 60 SIG A example.com.""",
            f"""au example.com. 60 {SOA}
                au example.com. 60 SIG SOA example.com.
                au example.com. 60 {NSEC}
                au example.com. 60 SIG NSEC example.com.
                au v.example.com. 60 {NSEC}
                au v.example.com. 60 SIG NSEC example.com.""",
            rcode="NXDOMAIN",
        ),
        case(
            "the proof of a wildcard, beside the answer, without the rest",
            WWW,
            f"""an www.example.com. 60 A 192.0.2.1
                an www.example.com. 60 SIG A example.com.
                au example.com. 60 NS ns.example.com.
                au example.com. 60 SIG NS example.com.
                au {HASH}.example.com. 60 {NSEC3}
                au {HASH}.example.com. 60 SIG NSEC3 example.com.""",
            f"""an www.example.com. 60 A 192.0.2.1
                an www.example.com. 60 SIG A example.com.
                au {HASH}.example.com. 60 {NSEC3}
                au {HASH}.example.com. 60 SIG NSEC3 example.com.""",
        ),
        case(
            "a proof that nobody signed stands below the SOA",
            WWW,
            f"""au example.com. 60 {SOA}
                au v.example.com. 60 {NSEC}
                au v.example.org. 60 {NSEC}""",
            f"""au example.com. 60 {SOA}
                au v.example.com. 60 {NSEC}""",
        ),
        case("a proof that nobody signed, without SOA", WWW, f"au v.example.com. 60 {NSEC}", ""),
        case(
            "a proof signed by a zone that is not on the way",
            WWW,
            f"""an www.example.com. 60 A 192.0.2.1
                au v.example.org. 60 {NSEC}
                au v.example.org. 60 SIG NSEC example.org.""",
            "an www.example.com. 60 A 192.0.2.1",
        ),
        case(
            "a proof signed by a zone that it is not in",
            WWW,
            f"""an www.example.com. 60 A 192.0.2.1
                au v.example.org. 60 {NSEC}
                au v.example.org. 60 SIG NSEC example.com.""",
            "an www.example.com. 60 A 192.0.2.1",
        ),
        case(
            "proofs of each zone on the way",
            WWW,
            f"""an www.example.com. 60 CNAME web.example.net.
                au v.example.com. 60 {NSEC}
                au v.example.com. 60 SIG NSEC Example.COM.
                au example.net. 60 {SOA}
                au v.example.net. 60 {NSEC}
                au v.example.net. 60 SIG NSEC net.""",
            f"""an www.example.com. 60 CNAME web.example.net.
                au example.net. 60 {SOA}
                au v.example.com. 60 {NSEC}
                au v.example.com. 60 SIG NSEC Example.COM.
                au v.example.net. 60 {NSEC}
                au v.example.net. 60 SIG NSEC net.""",
        ),
        case(
            "signatures that were asked for are not signed",
            "example.com. RRSIG",
            "an example.com. 60 SIG RRSIG com.",
            SAME,
        ),
    ],
)
def test_an_answer_with_dnssec(asked, written, kept, options):
    assert shown(read(asked, written, do=True, **options)) == expected(written if kept is SAME else kept)


SPLIT = "sub.example.com. 60 DNAME sub.example.net."


@pytest.mark.parametrize(
    ("asked", "written", "kept", "options"),
    [
        case(
            "with its CNAME",
            "a.sub.example.com. A",
            f"""an {SPLIT}
                an a.sub.example.com. 60 CNAME a.sub.example.net.
                an a.sub.example.net. 60 A 192.0.2.1""",
            SAME,
        ),
        case(
            "a CNAME of TTL 0, as old servers make it, gets the DNAME's",
            "a.sub.example.com. A",
            f"""an {SPLIT}
                an a.sub.example.com. 0 CNAME a.sub.example.net.""",
            f"""an {SPLIT}
                an a.sub.example.com. 60 CNAME a.sub.example.net.""",
        ),
        case(
            "without its CNAME",
            "a.sub.example.com. A",
            f"""an a.sub.example.net. 60 A 192.0.2.1
                an {SPLIT}""",
            f"""an {SPLIT}
                an a.sub.example.com. 60 CNAME a.sub.example.net.
                an a.sub.example.net. 60 A 192.0.2.1""",
        ),
        case(
            "a CNAME that contradicts it is not believed",
            "a.sub.example.com. A",
            f"""an {SPLIT}
                an a.sub.example.com. 60 CNAME evil.example.org.
                an evil.example.org. 60 A 192.0.2.66""",
            f"""an {SPLIT}
                an a.sub.example.com. 60 CNAME a.sub.example.net.""",
        ),
        case(
            "nor is data below it",
            "a.sub.example.com. A",
            f"""an a.sub.example.com. 60 A 192.0.2.66
                an {SPLIT}""",
            f"""an {SPLIT}
                an a.sub.example.com. 60 CNAME a.sub.example.net.""",
        ),
        case(
            "nor another DNAME below it",
            "a.sub.example.com. A",
            f"""an {SPLIT}
                an example.com. 60 DNAME example.org.""",
            """an example.com. 60 DNAME example.org.
               an a.sub.example.com. 60 CNAME a.sub.example.org.""",
        ),
        case(
            "the data of its own owner",
            "sub.example.com. A",
            f"""an {SPLIT}
                an sub.example.com. 60 A 192.0.2.1""",
            "an sub.example.com. 60 A 192.0.2.1",
        ),
        case("a DNAME that was asked for", "sub.example.com. DNAME", f"an {SPLIT}", SAME),
        case(
            "one DNAME twice on the way stands once",
            "a.one. A",
            """an one. 60 DNAME two.
               an a.two. 60 CNAME b.one.""",
            """an one. 60 DNAME two.
               an a.one. 60 CNAME a.two.
               an a.two. 60 CNAME b.one.
               an b.one. 60 CNAME b.two.""",
        ),
        case(
            "with signatures, of which its CNAME has none",
            "a.sub.example.com. A",
            f"""an {SPLIT}
                an sub.example.com. 60 SIG DNAME example.com.
                an a.sub.example.com. 60 CNAME a.sub.example.net.""",
            f"""an {SPLIT}
                an sub.example.com. 60 SIG DNAME example.com.
                an a.sub.example.com. 60 CNAME a.sub.example.net.""",
            do=True,
        ),
    ],
)
def test_a_dname(asked, written, kept, options):
    assert shown(read(asked, written, **options)) == expected(written if kept is SAME else kept)


@pytest.mark.parametrize(
    ("asked", "written", "why", "options"),
    [
        case("9 CNAMEs", LONG, CHAIN + "an c8.example.com. 60 CNAME c9.", "more than 8 CNAMEs"),
        case("a DNAME into itself", "a.com. A", "an com. 60 DNAME b.com.", "more than 8 CNAMEs"),
        case(
            "a CNAME to itself", WWW, "an www.example.com. 60 CNAME WWW.example.com.", r"a loop .* www\.example\.com\."
        ),
        case("a loop", WWW, "an www.example.com. 60 CNAME a.\nan a. 60 CNAME b.\nan b. 60 CNAME a.", "a loop"),
        case(
            "two CNAMEs at one name (RFC 2181 10.1)",
            WWW,
            "an www.example.com. 60 CNAME a.\nan www.example.com. 60 CNAME b.",
            r"two different CNAME records at www\.example\.com\.",
        ),
        case("two DNAMEs", WWW, "an com. 60 DNAME a.\nan com. 60 DNAME b.", "two different DNAME records at com"),
        case("two SOAs", WWW, f"au com. 9 {SOA}\nau com. 9 {SOA}1", "two different SOA records at com"),
        case("a DNAME into too long a name", WWW, f"an com. 60 DNAME {'.'.join(['a' * 60] * 4)}.", "above 255 octets"),
        case("records of other names only", WWW, "an www.example.org. 60 A 192.0.2.66", "none belongs to the question"),
        case("records of other types only", WWW, "an www.example.com. 60 TXT x", "none belongs to the question"),
        case(
            "a referral", WWW, "au example.com. 60 NS ns.example.com.\nad ns.example.com. 60 A 192.0.2.53", "a referral"
        ),
        case("NXDOMAIN with data", WWW, "an www.example.com. 60 A 192.0.2.1", "NXDOMAIN, and yet", rcode="NXDOMAIN"),
        case("a truncated response", WWW, "", "truncated", flags="QR TC"),
    ],
)
def test_what_is_not_believed(asked, written, why, options):
    with pytest.raises(ResponseError, match=why):
        read(asked, written, **options)


def test_what_else_a_response_says():
    assert read(WWW, "") == Received(0, has_opt=True)
    assert read(WWW, "", edns=None) == Received(0)
    assert read(WWW, "", flags="QR AD") == Received(0, authentic=True, has_opt=True)
    assert read(WWW, "", flags="QR AD", rcode="SERVFAIL") == Received(2, has_opt=True)
    assert read(WWW, "", rcode="FORMERR", edns=None) == Received(1)
    assert read_response(head(0x8181, questions=0), query(WWW)) == Received(1)


def test_a_ttl_with_its_first_bit_set_is_none():
    octets = response(WWW, "an www.example.com. 60 A 192.0.2.1\nan www.example.com. 305419896 A 192.0.2.2")
    changed = octets.replace(struct.pack("!I", 305419896), b"\x80\0\0\0")
    assert [rrset.ttl for rrset in read_response(changed, query(WWW)).answer] == [0]


def test_a_question_in_mixed_letters_does_not_show_in_the_answer():
    octets = response("www.example.com. MX", "an www.example.com. 60 MX 10 mail.example.com.", edns=None)
    assert octets.count(b"example") == 1
    received = read_response(octets.replace(b"example", b"eXAmPLe"), query("www.example.com. MX"))
    assert shown(received) == ["an www.example.com. 60 MX 10 mail.example.com."]


HTTPS = b"\3www\7example\3com\0\0\x41\0\1"
TYPE97 = b"\3www\7example\3com\0\0\x61\0\1"


def head(flags=0x8180, questions=1, identity=b"\x124"):
    return identity + struct.pack("!5H", flags, questions, 0, 0, 0)


@pytest.mark.parametrize(
    ("octets", "exact", "answers"),
    [
        pytest.param(head() + HTTPS, True, True, id="the same question"),
        pytest.param(head() + HTTPS, False, True, id="the same question, any case"),
        pytest.param(
            head() + HTTPS.replace(b"www", b"wWw"), True, False, id="another case of a name sent in mixed case"
        ),
        pytest.param(head() + HTTPS.replace(b"www", b"wWw"), False, True, id="another case"),
        pytest.param(head() + TYPE97, False, False, id="a type that has the letters of another in small"),
        pytest.param(head() + HTTPS.replace(b"www", b"wxw"), False, False, id="another name"),
        pytest.param(head() + HTTPS[:-1] + b"\3", False, False, id="another class"),
        pytest.param(head() + HTTPS[4:], False, False, id="a parent"),
        pytest.param(head() + HTTPS[:-1], False, False, id="a question that is cut off"),
        pytest.param(head() + HTTPS + b"rest", True, True, id="whatever follows"),
        pytest.param(head(0x8783) + HTTPS, True, True, id="other flags and an rcode"),
        pytest.param(head(0x0180) + HTTPS, True, False, id="a query"),
        pytest.param(head(0xA180) + HTTPS, True, False, id="another opcode"),
        pytest.param(head(identity=b"\x125") + HTTPS, True, False, id="another ID"),
        pytest.param(head(questions=0) + HTTPS, True, False, id="no question"),
        pytest.param(head(questions=2) + HTTPS + HTTPS, True, False, id="two questions"),
        pytest.param(head(questions=257) + HTTPS, True, False, id="257 questions"),
        pytest.param(head(), True, False, id="a header alone"),
        pytest.param(head(0x8182, questions=0), True, False, id="a header alone that says SERVFAIL"),
        pytest.param(head(0x8181, questions=0), True, True, id="a header alone that says FORMERR"),
        pytest.param(head(0x8184, questions=0), False, True, id="a header alone that says NOTIMP"),
        pytest.param(head(0x8181, questions=0) + b"\0", False, False, id="FORMERR, and an octet more"),
        pytest.param(head(0x8181, questions=0, identity=b"\x125"), False, False, id="FORMERR for another ID"),
    ],
)
def test_which_message_answers_a_question(octets, exact, answers):
    assert is_answer_to(octets, b"\x124", HTTPS, exact=exact) is answers


def test_no_message_is_too_short_to_be_judged():
    whole = head(0x8380) + HTTPS
    for size in range(len(whole)):
        assert not is_answer_to(whole[:size], b"\x124", HTTPS, exact=False)
        assert is_truncated(whole[:size]) is (size > 2)
    assert not is_truncated(head())
