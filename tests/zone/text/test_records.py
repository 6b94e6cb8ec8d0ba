"""Zone text against the records that it says."""

from itertools import pairwise

import pytest

from fedresolver.wire.name import from_text
from fedresolver.zone.text.read import read_zone
from tests.zone.text.zones import HEAD, Files, body, read, records, warnings


def test_a_small_zone():
    text = """\
; who we are
$TTL 1h
@       IN SOA  ns hostmaster (
                2024010101 ; serial
                2h         ; refresh
                30m 1w 5m )
        IN NS   ns
        IN NS   ns.example.net.
ns         A    192.0.2.53
        60 AAAA 2001:db8::53
www     IN CNAME @
@       IN MX   10 mail
mail       A    192.0.2.25
"""
    parsed = read(text)
    assert records(parsed) == [
        "@ 3600 SOA ns.example.org. hostmaster.example.org. 2024010101 7200 1800 604800 300",
        "@ 3600 NS ns.example.org.",
        "@ 3600 NS ns.example.net.",
        "@ 3600 MX 10 mail.example.org.",
        "ns 3600 A 192.0.2.53",
        "ns 60 AAAA 2001:db8::53",
        "www 3600 CNAME example.org.",
        "mail 3600 A 192.0.2.25",
    ]
    assert (parsed.warnings, parsed.files, parsed.records) == ((), ("z",), 8)
    assert parsed.contents.serial == 2024010101


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a A 192.0.2.1", ["a 300 A 192.0.2.1"], id="the least that a record has"),
        pytest.param("a IN 5 A 192.0.2.1", ["a 5 A 192.0.2.1"], id="the class may come before the TTL"),
        pytest.param("a 5 IN A 192.0.2.1", ["a 5 A 192.0.2.1"], id="the TTL may come before the class"),
        pytest.param("a 1w2d3h4m5s a 192.0.2.1", ["a 788645 A 192.0.2.1"], id="a TTL may have units"),
        pytest.param("A Class1 Type1 192.0.2.1", ["a 300 A 192.0.2.1"], id="class and type may be numbers"),
        pytest.param("in A 192.0.2.1", ["in 300 A 192.0.2.1"], id="the first word is the owner, whatever it is"),
        pytest.param(
            "a A 192.0.2.1\n  AAAA ::1\n\n ; x\n\tTXT x",
            ["a 300 A 192.0.2.1", "a 300 AAAA ::1", 'a 300 TXT "x"'],
            id="without an owner it is the last one",
        ),
        pytest.param("a CNAME @", ["a 300 CNAME example.org."], id="at is the origin in data too"),
        pytest.param(r"a CNAME \@", [r"a 300 CNAME \@.example.org."], id="an escaped at is a label"),
        pytest.param("a CNAME WWW.Example.Net.", ["a 300 CNAME WWW.Example.Net."], id="data keeps its letter case"),
        pytest.param("aBC A 192.0.2.1", ["abc 300 A 192.0.2.1"], id="owners are in small letters"),
        pytest.param(r"a\.b TXT x", [r'a\.b 300 TXT "x"'], id="an escaped dot is in a label"),
        pytest.param(r"\065\000 TXT x", [r'a\000 300 TXT "x"'], id="any octet can be in a label"),
        pytest.param(
            b"\xc3\xa4\xff TXT \xc3\xa4\xff", [r'\195\164\255 300 TXT "\195\164\255"'], id="octets are octets"
        ),
        pytest.param(r"a TXT \195\164 \255", [r'a 300 TXT "\195\164" "\255"'], id="numbers are decimal octets"),
        pytest.param('a TXT "" "a;b" c"d" e;f', ['a 300 TXT "" "a;b" "c" "d" "e"'], id="strings"),
        pytest.param(f"a TXT {'x' * 255} {'y' * 255}", [f'a 300 TXT "{"x" * 255}" "{"y" * 255}"'], id="long text"),
        pytest.param(
            "a AAAA ::ffff:192.0.2.1", ["a 300 AAAA ::ffff:192.0.2.1"], id="an IPv6 address with an IPv4 tail"
        ),
        pytest.param(
            "a HTTPS 1 www alpn=h2,h3 key65280=x",
            ['a 300 HTTPS 1 www.example.org. alpn="h2,h3" key65280="x"'],
            id="a relative target",
        ),
        pytest.param('a SVCB 1 . alpn="h2"', ['a 300 SVCB 1 . alpn="h2"'], id="quoted parameters"),
        pytest.param(
            'a TXT "v=1;\n  b" c\n  TXT d',
            [r'a 300 TXT "v=1;\010  b" "c"', 'a 300 TXT "d"'],
            id="a string of two lines",
        ),
        pytest.param('a SVCB 1 . key9="x\ny"', [r'a 300 SVCB 1 . key9="x\010y"'], id="a parameter of two lines"),
        pytest.param("a SVCB 0 .", ["a 300 SVCB 0 ."], id="an alias"),
        pytest.param(
            "a HTTPS 0 www alpn=h2",
            [r"a 300 HTTPS \# 26 000003777777076578616d706c65036f72670000010003026832"],
            id="an alias whose parameters mean nothing",
        ),
        pytest.param(
            r"a SVCB \# 10 00000000010003026832",
            [r"a 300 SVCB \# 10 00000000010003026832"],
            id="and in its generic form",
        ),
        pytest.param("a TLSA 3 1 1 ab cd", [r"a 300 TLSA \# 5 030101abcd"], id="a digest of another length"),
        pytest.param(r"a TLSA \# 5 030101abcd", [r"a 300 TLSA \# 5 030101abcd"], id="and in its generic form"),
        pytest.param(
            "a NID 1 14:4fff:ff20:ee64", ["a 300 NID 1 0014:4fff:ff20:ee64"], id="a locator with short groups"
        ),
        pytest.param(r"a TYPE65280 \# 3 01 ( 02" + "\n 03 )", [r"a 300 TYPE65280 \# 3 010203"], id="an unknown type"),
        pytest.param(r"a TYPE65280 \# 0", [r"a 300 TYPE65280 \# 0"], id="no data at all"),
        pytest.param(r"a A \# 4 C0000201", ["a 300 A 192.0.2.1"], id="the generic form of a known type"),
        pytest.param("a A 192.0.2.1\na A 192.0.2.1", ["a 300 A 192.0.2.1"], id="the same record twice"),
        pytest.param("a MX 1 b\na MX 1 B", ["a 300 MX 1 b.example.org."], id="the same but for letter case"),
        pytest.param("a MX 65 b.\na MX 97 b.", ["a 300 MX 65 b.", "a 300 MX 97 b."], id="numbers have no letter case"),
        pytest.param("a TXT b\na TXT B", ['a 300 TXT "b"', 'a 300 TXT "B"'], id="text has letter case"),
        pytest.param("a CNAME b\na CNAME B", ["a 300 CNAME b.example.org."], id="the same CNAME twice"),
        pytest.param(
            "a CNAME b\na NSEC b CNAME",
            ["a 300 CNAME b.example.org.", "a 300 NSEC b.example.org. CNAME"],
            id="signed CNAMEs",
        ),
    ],
)
def test_records(text, expected):
    assert body(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "$ORIGIN a\n@ A 192.0.2.1\nb A 192.0.2.2",
            ["a 300 A 192.0.2.1", "b.a 300 A 192.0.2.2"],
            id="a relative origin",
        ),
        pytest.param("$ORIGIN a\n$ORIGIN b\n@ A 192.0.2.1", ["b.a 300 A 192.0.2.1"], id="relative to a relative one"),
        pytest.param("$ORIGIN .\nexample.org A 192.0.2.1", ["@ 300 A 192.0.2.1"], id="the root as origin"),
        pytest.param("$origin a\n@ A 192.0.2.1", ["a 300 A 192.0.2.1"], id="directives in small letters"),
        pytest.param(
            "$TTL 1m\na A 192.0.2.1\n$TTL 2m\nb A 192.0.2.1", ["a 60 A 192.0.2.1", "b 120 A 192.0.2.1"], id="$TTL"
        ),
        pytest.param(
            "a 5 A 192.0.2.1\nb A 192.0.2.1", ["a 5 A 192.0.2.1", "b 300 A 192.0.2.1"], id="$TTL before the last TTL"
        ),
        pytest.param(r"\$a A 192.0.2.1", [r"\$a 300 A 192.0.2.1"], id="a name that looks like a directive"),
        pytest.param("$GENERATE 1-2 a$ A 192.0.2.$", ["a1 300 A 192.0.2.1", "a2 300 A 192.0.2.2"], id="$GENERATE"),
        pytest.param(
            "$GENERATE 0-9/5 $ 5 IN PTR ${1,3}.b",
            ["0 5 PTR 001.b.example.org.", "5 5 PTR 006.b.example.org."],
            id="format",
        ),
        pytest.param('$GENERATE 7-7 a TXT "n $" b$', ['a 300 TXT "n 7" "b7"'], id="generated text of several words"),
        pytest.param(
            '$GENERATE 7-7 a MX "$ b$"', ["a 300 MX 7 b7.example.org."], id="generated data in quotes, as in BIND"
        ),
        pytest.param('$GENERATE 7-7 a HTTPS 1 . alpn="h$"', ['a 300 HTTPS 1 . alpn="h7"'], id="generated parameters"),
        pytest.param(
            "b TXT x\n$GENERATE 7-7 a$ TXT x\n TXT y",
            ['b 300 TXT "x"', 'b 300 TXT "y"', 'a7 300 TXT "x"'],
            id="generated owners are forgotten",
        ),
    ],
)
def test_directives(text, expected):
    assert body(text) == expected


def test_without_ttls_the_minimum_of_the_soa_is_taken_and_told_once():
    parsed = read("@ SOA ns mail 1 2 3 4 77\n@ NS ns\nns A 192.0.2.53\n")
    assert [record.split()[1] for record in records(parsed)] == ["77"] * 3
    assert parsed.warnings == ("z:1: no TTL here, and no `$TTL` before: the minimum of the SOA is taken, 77",)


def test_without_a_directive_the_last_ttl_is_taken_and_told_once():
    parsed = read("@ 9 SOA ns mail 1 2 3 4 77\n@ NS ns\nns A 192.0.2.53\n")
    assert [record.split()[1] for record in records(parsed)] == ["9"] * 3
    assert parsed.warnings == ("z:2: no TTL here, and no `$TTL` before: that of the record before is taken, 9",)


def test_an_rrset_has_the_ttl_of_its_first_record():
    text = "a 5 A 192.0.2.1\na 6 A 192.0.2.2\n"
    assert body(text) == ["a 5 A 192.0.2.1", "a 5 A 192.0.2.2"]
    assert warnings(text) == [
        "2: the records of an RRset have one TTL (RFC 2181 5.2): 6 is not used, "
        "but the TTL of the first, 5, which is in line 5"
    ]


def test_signatures_may_differ_in_ttl_and_have_the_least():
    text = "".join(
        f"a {ttl} RRSIG {t} 8 3 300 20300101000000 20200101000000 1 @ AQID\n" for ttl, t in ((9, "A"), (5, "NS"))
    )
    assert [record.split()[1] for record in body(text)] == ["5", "5"]
    assert warnings(text) == []


def test_data_out_of_the_zone_is_left_out_and_told():
    assert body("a.example.net. A 192.0.2.1\nexample.net. TXT x\nxexample.org. TXT x") == []
    assert warnings("a.example.net. A 192.0.2.1") == [
        "1: `a.example.net.` is not in the zone `example.org.`, the record is left out"
    ]


def test_progress_tells_of_the_records():
    told = []
    text = HEAD + "".join(f"a{i} A 192.0.2.1\n" for i in range(1000)) + "$GENERATE 1-1000 b$ A 192.0.2.1\n"
    read_zone("z", from_text("example.org"), Files({"z": text}), told.append)
    assert told == sorted(told)
    assert max(later - earlier for earlier, later in pairwise(told)) <= 17
    assert told[-1] == 2003
