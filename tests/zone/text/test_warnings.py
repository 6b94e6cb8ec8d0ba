"""Zone text against what its operator should hear of; lines are counted from behind the head of the zone."""

import pytest

from fedresolver.zone.text.complaints import MOST
from tests.zone.text.zones import body, read, warnings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "a 2147483648 A 192.0.2.1",
            ["1: the TTL `2147483648` counts as 0; the longest is 2147483647 (RFC 2181 8)"],
            id="a TTL with the top bit",
        ),
        pytest.param("a 2147483647 A 192.0.2.1", [], id="the longest TTL"),
        pytest.param(
            "@ NSEC3PARAM 1 0 150 -\n@ NSEC3PARAM 1 0 151 -",
            ["1: 151 iterations are too many, the NSEC3 records of the zone are not used as proofs; sign it with `-H 0` (RFC 9276 3.1)"],
            id="hashing that strangers could keep us busy with",
        ),
        pytest.param(
            "$TTL 4294967295",
            ["1: the TTL `4294967295` counts as 0; the longest is 2147483647 (RFC 2181 8)"],
            id="$TTL with the top bit",
        ),
        pytest.param(
            "@ NS ns2",
            ["-1: the NS of `example.org.` names `ns2.example.org.`, which has no address in the zone; write its A or AAAA record"],
            id="a name server without an address",
        ),
        pytest.param("@ NS ns2.example.net.", [], id="names outside are not ours"),
        pytest.param("d NS d2\nd2 AAAA ::1", [], id="a delegation with an address"),
        pytest.param(
            "d NS ns.d",
            ["1: the NS of `d.example.org.` names `ns.d.example.org.`, which has no address here; write its A or AAAA record as glue"],
            id="a delegation without glue",
        ),
        pytest.param("d NS ns.d\nns.d A 192.0.2.1", [], id="a delegation with glue"),
        pytest.param("d NS ns.e\ne NS ns.d\nns.d A 192.0.2.1", [], id="a name server in another delegation"),
        pytest.param("@ MX 10 mail.d\nd NS ns.example.net.", [], id="hosts below a delegation are not ours"),
        pytest.param(
            "@ MX 10 mail",
            ["1: the MX of `example.org.` names `mail.example.org.`, which has no address in the zone; write its A or AAAA record"],
            id="a mail server without an address",
        ),
        pytest.param(
            "@ MX 10 mail\nmail TXT x",
            ["1: the MX of `example.org.` names `mail.example.org.`, which has no address in the zone; write its A or AAAA record"],
            id="a mail server with other data only",
        ),
        pytest.param(
            "_x._tcp SRV 1 2 3 www\nwww CNAME w3\nw3 A 192.0.2.1",
            ["1: the SRV of `_x._tcp.example.org.` names `www.example.org.`, which is a CNAME; name a host that has addresses (RFC 2181 10.3)"],
            id="a service at a CNAME",
        ),
        pytest.param("@ MX 0 .\na SRV 0 0 0 .", [], id="no service at all"),
        pytest.param("@ MX 1 a.w\n*.w A 192.0.2.1", [], id="a wildcard gives addresses"),
        pytest.param(
            "@ MX 1 a.b.w\n*.w A 192.0.2.1\nb.w TXT x",
            [
                "1: the MX of `example.org.` names `a.b.w.example.org.`, which has no address in the zone; "
                "write its A or AAAA record"
            ],
            id="a wildcard ends where names are",
        ),
        pytest.param(
            "d NS ns.example.net.\na.d TXT x\nb.c.d TXT x\nd TXT y",
            ["2: `a.d.example.org.` (and 1 more such names) is never answered: `d.example.org.` is delegated"],
            id="data below a delegation",
        ),
        pytest.param(
            "d DNAME e\na.d A 192.0.2.1",
            ["2: `a.d.example.org.` is never answered: `d.example.org.` is redirected by a DNAME"],
            id="data below a DNAME",
        ),
        pytest.param(
            "d DNAME e\n@ NS ns.d\nns.d A 192.0.2.1",
            [
                "-1: the NS of `example.org.` names `ns.d.example.org.`, which does not exist: `d.example.org.` is a DNAME",
                "3: `ns.d.example.org.` is never answered: `d.example.org.` is redirected by a DNAME",
            ],
            id="a name server below a DNAME",
        ),
    ],
)  # fmt: skip
def test_warnings(text, expected):
    assert warnings(text) == expected


def test_data_below_a_delegation_is_kept():
    assert 'a.d 300 TXT "x"' in body("d NS ns.example.net.\na.d TXT x")


def test_of_many_warnings_the_first_are_told_and_how_many_more_there_are():
    found = warnings("x.net. A 192.0.2.1\n" * (MOST + 20))
    assert (len(found), found[-1]) == (MOST + 1, f"{MOST + 1}: 20 more warnings from here on")


def test_nothing_is_missing_below_the_apex_of_another_zone():
    assert read("$TTL 5\n@ SOA ns mail 1 2 3 4 5\n NS a.ns.net.\n", apex="net").warnings == (
        "z:3: the NS of `net.` names `a.ns.net.`, which has no address in the zone; write its A or AAAA record",
    )
