"""Zone text against what is wrong with it; lines are counted from behind the SOA, NS and address of the zone."""

import pytest

from fedresolver.config.errors import ConfigError
from fedresolver.wire.name import from_text
from fedresolver.zone.text.complaints import GIVE_UP, MOST
from fedresolver.zone.text.gathered import Gathered
from fedresolver.zone.text.read import read_zone
from tests.zone.text.zones import Files, errors, read

USAGE = "write OWNER [TTL] [IN] TYPE DATA"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a A 192.0.2.256", "1: `192.0.2.256` is no IPv4 address; write four numbers from 0 to 255, as 192.0.2.1"),
        ("a A 192.0.2.01", "1: `192.0.2.01` is no IPv4 address; write four numbers from 0 to 255, as 192.0.2.1"),
        ("a A ::1", "1: `::1` is no IPv4 address; write four numbers from 0 to 255, as 192.0.2.1"),
        ("a AAAA fe80::1%eth0", "1: `fe80::1%eth0` is no IPv6 address; write it as 2001:db8::1"),
        ("a AAAA 192.0.2.1", "1: `192.0.2.1` is no IPv6 address; write it as 2001:db8::1"),
        ("a A 192.0.2.1 192.0.2.2", "1: 2 words of data; write `A ADDRESS`"),
        ("\na MX 10", "2: 1 word of data; write `MX PREFERENCE HOST`"),
        ("a TXT", '1: 0 words of data; write `TXT "TEXT" ["TEXT"...]`'),
        ("a MX 65536 b", "1: `65536` is no number from 0 to 65535; write `MX PREFERENCE HOST`"),
        ("a SRV 1 2 www 3", "1: `www` is no number from 0 to 65535; write `SRV PRIORITY WEIGHT PORT HOST`"),
        ("a TLSA 3 1 256 ab", "1: `256` is no number from 0 to 255; write `TLSA USAGE SELECTOR MATCHING-TYPE HEX`"),
        ("a TLSA 3 1 1 abc", "1: `abc` is not hexadecimal; write two digits of 0-9 and a-f per octet"),
        (
            "a TXT " + "x" * 256,
            f"1: `{'x' * 60}...` has 256 octets; "
            'a string has at most 255, so write it as several: `"first part" "second part"`',
        ),
        ("a URI 1 1 x", '1: `x` stands without quotes (RFC 7553 4.4); write `URI PRIORITY WEIGHT "TARGET"`'),
        ("a CAA 0 is-sue x", "1: `is-sue` is no tag of a CAA record; write letters and digits, as `issue`"),
        (
            "a NS 192.0.2.1",
            "1: `192.0.2.1` is an address; write the name of the server, and an A record for that name",
        ),
        (
            "a LOC 52 x",
            "1: `52 x` is no data of type LOC: bad latitude hemisphere value; write `LOC 52 22 23.000 N 4 53 32.000 E -2.00m`",
        ),
        (
            "a DS 1 8 2 ab",
            "1: `1 8 2 ab` is no data of type DS: digest length inconsistent with digest type; "
            "write `DS KEYTAG ALGORITHM DIGEST-TYPE HEX`",
        ),
        ("a NSEC b", "1: `b` is no data of type NSEC: it names no types; write `NSEC NEXT TYPE...`"),
        (
            "a TYPE65280 x",
            r"1: `x` is no data of type TYPE65280: generic rdata does not start with \#; "
            r"write `TYPE65280 \# LENGTH HEX`",
        ),
        (r"a TYPE65280 \#", r"1: `\#` stands alone; write `\# LENGTH HEX`, LENGTH in octets"),
        (
            r"a TYPE65280 \# 2 01",
            r"1: 2 octets are announced and 1 are there; write `\# LENGTH HEX`, LENGTH in octets",
        ),
        (r"a TYPE65280 \# 1 0g", r"1: `0g` is not hexadecimal; write `\# LENGTH HEX`, LENGTH in octets"),
        (r"a A \# 3 010203", "1: these octets are no data of type A"),
        (r"a MX \# 5 000a 01 78 c0", "1: these octets are no data of type MX"),
        ("a FOO bar", f"1: `FOO` is no type of records; {USAGE}"),
        ("a CNAM b", "1: `CNAM` is no type of records; did you mean `CNAME`?"),
        ("a ANY b", "1: `ANY` is no type of records; it stands in questions and messages only"),
        (r"a TYPE41 \# 0", "1: `TYPE41` is no type of records; it stands in questions and messages only"),
        ("a 192.0.2.1", f"1: `192.0.2.1` is neither a TTL, as `3600` or `1h30m`, nor a type; {USAGE}"),
        ("a 1h30 A 192.0.2.1", f"1: `1h30` is neither a TTL, as `3600` or `1h30m`, nor a type; {USAGE}"),
        ("a 4294967296 A 192.0.2.1", "1: `4294967296` is too long; the longest time is 4294967295 seconds"),
        ("a CH TXT x", "1: class `CH` is not served; write `IN`, or leave the class out"),
        ("a CLASS3 TXT x", "1: class `CLASS3` is not served; write `IN`, or leave the class out"),
        ("a IN IN TXT x", "1: the class `IN` stands here twice; remove one"),
        ("a IN", f"1: a record without a type; {USAGE}"),
        ("a", f"1: a record without a type; {USAGE}"),
        ('a "A" 192.0.2.1', f'1: `"A"` is no type of records; {USAGE}'),
        ("a..b A 192.0.2.1", "1: `a..b` has an empty label; write one dot between labels, and none before the first"),
        ("a" * 64 + " A ::1", f"1: `{'a' * 60}...` has a label of 64 octets; a label has at most 63"),
        (
            ".".join(["a" * 49] * 5) + " A ::1",
            f"1: `{'a' * 49}.{'a' * 10}...` becomes a name of 263 octets; "
            "a name has at most 255 (a name that does not end with a dot is completed by the origin)",
        ),
        (r"a\256 A ::1", r"1: `\256` is no octet; write `\000` to `\255`, or `\X` for a character X"),
        (r"a TXT \25", r"1: `\2` is no octet; write `\000` to `\255`, or `\X` for a character X"),
        ('a CNAME "b"', '1: `"b"` is no name; a name stands without quotes'),
        ('a TXT "b', '1: this quote is never closed; close it with `"`'),
        ("a TXT ( b\nc TXT d\n", "1: this `(` is never closed; write `)` behind the last word of the record"),
        ("a TXT b )", r"1: this `)` closes nothing; remove it, or write `\)` for the character"),
        ("@ SOA ns mail 2 2 3 4 5", "1: a second SOA for this name, the first is in line 2; keep one"),
        ("a SOA ns mail 1 2 3 4 5", "1: an SOA stands at the apex of its zone only, which is `example.org.`"),
        (
            "a CNAME b\n  TXT x",
            "2: `a.example.org.` is a CNAME already, in line 5; a CNAME stands alone (RFC 1034 3.6.2)",
        ),
        (
            "a TXT x\na CNAME b",
            "2: `a.example.org.` has a TXT record already, in line 5; a CNAME stands alone (RFC 1034 3.6.2)",
        ),
        (
            "a DNAME x\na CNAME b",
            "2: `a.example.org.` has a DNAME record already, in line 5; a CNAME stands alone (RFC 1034 3.6.2)",
        ),
        ("a CNAME b\na CNAME c", "2: a second CNAME for this name, the first is in line 5; keep one"),
        ("a DNAME b\na DNAME c", "2: a second DNAME for this name, the first is in line 5; keep one"),
        (
            "$FOO x",
            "1: unknown directive `$FOO`; known here: `$TTL`, `$ORIGIN`, `$INCLUDE`, `$GENERATE` "
            r"(a name that begins so is written `\$`)",
        ),
        (
            "$INCLUD x",
            r"1: unknown directive `$INCLUD`; did you mean `$INCLUDE`? (a name that begins so is written `\$`)",
        ),
        ("$TTL", "1: 0 words after the directive; write `$TTL SECONDS`"),
        ("$TTL 1x", "1: `1x` is no time; write seconds, or `1h30m` with the units s, m, h, d and w"),
        ("$ORIGIN a b", "1: 2 words after the directive; write `$ORIGIN NAME`"),
        ("$GENERATE 1-2 a", "1: 2 words after the directive; write `$GENERATE START-STOP[/STEP] OWNER [TTL] [IN] TYPE DATA`"),
        ("$GENERATE 1 a A ::1", "1: `1` is no range of numbers; write START-STOP or START-STOP/STEP, as `1-254`"),
        ("$GENERATE 2-1 a A ::1", "1: `2-1` is no range; START is at most STOP, STEP at least 1, all below 2^31"),
        ("$GENERATE 1-2/0 a A ::1", "1: `1-2/0` is no range; START is at most STOP, STEP at least 1, all below 2^31"),
        ("$GENERATE 0-65536 a A ::1", "1: `0-65536` makes 65537 records; one `$GENERATE` makes at most 65536"),
        (
            "$GENERATE 1-2 a${0 A ::1",
            "1: `${0` is no place for a number; write ${OFFSET}, ${OFFSET,WIDTH} or ${OFFSET,WIDTH,BASE} "
            "with BASE one of d o x X n N",
        ),
        ("$GENERATE 1-2 a${-2,0,x} A ::1", "1: `${-2,0,x}` makes 1 negative; only the base d may be"),
        ("$GENERATE 200-300 a$ A 192.0.2.$", "1: `192.0.2.256` is no IPv4 address; write four numbers from 0 to 255, as 192.0.2.1"),
        ("$GENERATE 1-2 a TXT " + "$" * 1001, "1: 1001 places for the number; one line has at most 1000"),
        ('a MX 1 "b\nc"', r'1: `"b\nc"` is no name; a name stands without quotes'),
        ('$GENERATE 1-2 a MX "1\nb"', "1: in the quoted data: it goes on in another line; write it in one"),
        ('$GENERATE 1-2 a TXT "a ("', "1: in the quoted data: this `(` is never closed; write `)` behind the last word of the record"),
        (b"a TXT \xff\x1b[31m\n\xff \x1b x", r"2: `\x1b` is no type of records; " + USAGE),
    ],
)  # fmt: skip
def test_one_error(text, expected):
    assert errors(text) == [expected]


def test_all_errors_are_told_together_in_the_order_of_the_lines():
    text = "a A x\nb A 192.0.2.1\nc MX 1\n d e f\n(g\nA 2)\n"
    assert errors(text) == [
        "1: `x` is no IPv4 address; write four numbers from 0 to 255, as 192.0.2.1",
        "3: 1 word of data; write `MX PREFERENCE HOST`",
        f"4: `d` is no type of records; {USAGE}",
        "5: `2` is no IPv4 address; write four numbers from 0 to 255, as 192.0.2.1",
    ]


def test_a_bad_owner_is_told_once_and_the_data_of_its_other_records_is_still_read():
    assert errors("a..b A 192.0.2.1\n  A 192.0.2.2\n  A x\nc CNAME d") == [
        "1: `a..b` has an empty label; write one dot between labels, and none before the first",
        "3: `x` is no IPv4 address; write four numbers from 0 to 255, as 192.0.2.1",
    ]


def test_a_bad_ttl_is_told_once():
    assert errors("$TTL x\na A 192.0.2.1") == [
        "1: `x` is no time; write seconds, or `1h30m` with the units s, m, h, d and w"
    ]


def test_what_is_beside_a_cname_does_not_take_its_place():
    one, two = errors("a CNAME b\na TXT x\na A 192.0.2.1")
    assert one.startswith("2: `a.example.org.` is a CNAME already, in line 5")
    assert two.startswith("3: `a.example.org.` is a CNAME already, in line 5")


def test_of_many_errors_the_first_are_told_and_how_many_more_there_are():
    found = errors("a A x\n" * (MOST + 20))
    assert (len(found), found[-1]) == (MOST + 1, f"{MOST + 1}: 20 more errors from here on")


def test_after_very_many_errors_the_rest_is_not_read():
    found = errors("a A x\n" * (GIVE_UP + 20))
    assert found[-1] == f"{MOST + 1}: {GIVE_UP - MOST} more errors from here on; reading ended at z:1004"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "a 5 A 192.0.2.1",
            [
                "z:1: the zone `example.org.` has no SOA; "
                "write `example.org. IN SOA PRIMARY MAILBOX SERIAL REFRESH RETRY EXPIRE MINIMUM`",
                "z:1: the zone `example.org.` has no NS at its apex; write `example.org. IN NS HOST`",
            ],
        ),
        ("@ 5 SOA ns mail 1 2 3 4 5", ["z:1: the zone `example.org.` has no NS at its apex; write `example.org. IN NS HOST`"]),
        (
            "@ 5 SOA ns mail 1 2 3 4\n@ NS ns",
            [
                "z:1: 6 words of data; write `SOA PRIMARY MAILBOX SERIAL REFRESH RETRY EXPIRE MINIMUM`",
                "z:2: no TTL, neither here nor before; write `$TTL 3600` at the beginning of the file",
            ],
        ),
        (
            "@ A 192.0.2.1\n@ SOA ns mail 1 2 3 4 5\n@ A 192.0.2.2\n@ NS ns",
            ["z:1: no TTL, neither here nor before; write `$TTL 3600` at the beginning of the file"],
        ),
        (
            " A 192.0.2.1\n@ 5 SOA ns mail 1 2 3 4 5\n@ NS ns",
            ["z:1: the line begins with white space, and there is no owner before; write one"],
        ),
        (
            " $TTL 5\n@ 5 SOA ns mail 1 2 3 4 5\n@ NS ns",
            [
                "z:1: the line begins with white space, and there is no owner before; "
                "a directive begins at the start of its line"
            ],
        ),
        ("@ 5 SOA ns mail ( 1 2 3 4 5\n@ NS ns", ["z:1: this `(` is never closed; write `)` behind the last word of the record"]),
    ],
    ids=["no SOA", "no NS", "a bad SOA is not missed", "no TTL", "no owner", "indented directive", "an open SOA is not missed"],
)  # fmt: skip
def test_whole_files(text, expected):
    with pytest.raises(ConfigError) as raised:
        read(text)
    assert str(raised.value).splitlines() == expected


@pytest.mark.parametrize("text", [b"", b"\0", b"\xef\xbb\xbf", b"; nothing\n"], ids=repr)
def test_a_file_with_nothing_in_it_is_no_zone(text):
    with pytest.raises(ConfigError):
        read(text)


def test_a_file_that_is_not_there():
    with pytest.raises(ConfigError) as raised:
        read_zone("no/such", from_text("example.org"), Files({}))
    assert str(raised.value) == "no/such:1: the file cannot be read: No such file or directory"


class _At:
    file, line = "z", 7


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"most": 2}, "z:7: the zone has more than 2 records"),
        ({"most_data": 9}, "z:7: the zone has more than 9 octets of data"),
    ],
)
def test_a_zone_may_be_too_large(limits, expected):
    gathered = Gathered(from_text("example.org"), **limits)
    for address in (b"\1\2\3\4", b"\1\2\3\5"):
        gathered.add(_At, from_text("example.org"), 1, 5, address)
    with pytest.raises(ConfigError, match=expected):
        gathered.add(_At, from_text("elsewhere"), 1, 5, b"\1\2\3\6")


def test_a_record_may_be_too_large():
    assert errors("a TXT (" + f"{'x' * 255}\n" * 257 + ")") == [
        "1: the data has 65792 octets; a record has at most 65535"
    ]
