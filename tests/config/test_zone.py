"""Zone names and reverse zones."""

import pytest

from fedresolver.config.zone import normalise, zone_names

LONG = ".".join(["a" * 63] * 3 + ["b" * 61])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".", "."),
        ("example.org", "example.org."),
        ("Example.ORG.", "example.org."),
        ("_tcp.*.a-b.example", "_tcp.*.a-b.example."),
        ("0/25.2.0.192.in-addr.arpa", "0/25.2.0.192.in-addr.arpa."),
        (r"a\.b.example", r"a\.b.example."),
        (r"\065\046b.example", r"a\.b.example."),
        (r"a\ b\+\000\255.example", r"a\032b\+\000\255.example."),
        ("a" * 63, "a" * 63 + "."),
        (LONG, LONG + "."),
    ],
)
def test_normalise(text, expected):
    assert normalise(text) == expected
    assert normalise(expected) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has a label of 0 octets; a label has 1 to 63"),
        ("..", "has a label of 0 octets; a label has 1 to 63"),
        ("a..b", "has a label of 0 octets; a label has 1 to 63"),
        (".a", "has a label of 0 octets; a label has 1 to 63"),
        ("a" * 64, "has a label of 64 octets; a label has 1 to 63"),
        (LONG + "b", "has 256 octets; a name has at most 255"),
        ("a." * 511, "has 1022 characters; a name has at most 255 octets"),
        ("a:b", r"has the character `:`, which no host name holds; write \DDD if it is meant"),
        ("a\nb", r"has the character `\n`, which no host name holds; write \DDD if it is meant"),
        ("zürich", "has the character `ü`; write the label in ASCII, as xn--..."),
        ("\u212aube", "has the character `\u212a`; write the label in ASCII, as xn--..."),
        ("a\\", r"has a bad escape; write \X, or \DDD from \000 to \255"),
        (r"a\256", r"has a bad escape; write \X, or \DDD from \000 to \255"),
        (r"a\12", r"has a bad escape; write \X, or \DDD from \000 to \255"),
        ("\\ü", r"has a bad escape; write \X, or \DDD from \000 to \255"),
    ],
)
def test_normalise_refuses(text, message):
    with pytest.raises(ValueError, match="has ") as caught:
        normalise(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "zones"),
    [
        pytest.param("Example.org", "example.org.", id="a name is itself"),
        pytest.param("10.0.0.0/24", "0.0.10.in-addr.arpa.", id="a mask at an octet is one zone"),
        pytest.param("10.0.0.7/24", "0.0.10.in-addr.arpa.", id="bits behind the mask do not count"),
        pytest.param("10.0.0.0/8", "10.in-addr.arpa.", id="fewer octets are a wider zone"),
        pytest.param("0.0.0.0/0", "in-addr.arpa.", id="every address of IPv4"),
        pytest.param("192.0.2.1/32", "1.2.0.192.in-addr.arpa.", id="one address of IPv4"),
        pytest.param(
            "10.0.2.0/23", "2.0.10.in-addr.arpa. 3.0.10.in-addr.arpa.", id="a mask inside an octet is several"
        ),
        pytest.param("2001:DB8::/32", "8.b.d.0.1.0.0.2.ip6.arpa.", id="a mask at a nibble is one zone"),
        pytest.param("::/0", "ip6.arpa.", id="every address of IPv6"),
        pytest.param(
            "2001:db8::/31",
            "8.b.d.0.1.0.0.2.ip6.arpa. 9.b.d.0.1.0.0.2.ip6.arpa.",
            id="a mask inside a nibble is several",
        ),
    ],
)
def test_zone_names(text, zones):
    assert zone_names(text) == tuple(zones.split())


def test_a_mask_inside_the_last_octet_is_a_zone_for_each_address():
    zones = zone_names("192.0.2.128/25")
    assert (len(zones), zones[0], zones[-1]) == (
        128,
        "128.2.0.192.in-addr.arpa.",
        "255.2.0.192.in-addr.arpa.",
    )


@pytest.mark.parametrize("text", ["10.0.0.0/33", "300.0.0.0/8", "10.0/16", "2001:db8::/129", "a::b::c/8"])
def test_zone_names_refuses(text):
    with pytest.raises(ValueError, match="is not a network; write ADDRESS/BITS"):
        zone_names(text)
