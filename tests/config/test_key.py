"""Keys of server blocks."""

import pytest

from fedresolver.config.errors import StanzaError
from fedresolver.config.key import Key, keys
from fedresolver.config.lexer import Token


def key(text):
    return Token(text, "Corefile", 7)


@pytest.mark.parametrize(
    ("text", "transport", "zone", "port"),
    [
        (".", "dns", ".", None),
        (".:53", "dns", ".", 53),
        (":53", "dns", ".", 53),
        ("example.org", "dns", "example.org.", None),
        ("Example.ORG.:1053", "dns", "example.org.", 1053),
        ("dns://example.org:0", "dns", "example.org.", 0),
        ("DNS://", "dns", ".", None),
        ("tls://.", "tls", ".", 853),
        ("tls://.:8853", "tls", ".", 8853),
        ("https://dns.example.org", "https", "dns.example.org.", 443),
        ("10.0.0.0/24", "dns", "0.0.10.in-addr.arpa.", None),
        ("10.0.0.0/24:5300", "dns", "0.0.10.in-addr.arpa.", 5300),
        ("2001:db8::/32", "dns", "8.b.d.0.1.0.0.2.ip6.arpa.", None),
        ("tls://2001:db8::/32:65535", "tls", "8.b.d.0.1.0.0.2.ip6.arpa.", 65535),
    ],
)
def test_keys(text, transport, zone, port):
    assert keys(key(text)) == (Key(transport, zone, port, key(text)),)


def test_a_network_may_be_several_keys():
    assert [str(k) for k in keys(key("tls://10.0.2.0/23:99"))] == [
        "tls://2.0.10.in-addr.arpa.:99",
        "tls://3.0.10.in-addr.arpa.:99",
    ]


def test_a_key_without_a_port_is_shown_without():
    assert str(keys(key("org"))[0]) == "dns://org."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "",
            "the key of this server block is empty; name a zone, `.` for the root; "
            "an environment variable that is not set is empty",
        ),
        ("grpc://.", "`grpc` is no transport that is served; write one of `dns://`, `tls://`, `https://`"),
        ("quic://.:853", "`quic` is no transport that is served; write one of `dns://`, `tls://`, `https://`"),
        ("://.", "`` is no transport that is served; write one of `dns://`, `tls://`, `https://`"),
        (".:", "`.:` has no port behind its `:`; write a number from 0 to 65535"),
        (".:65536", "`.:65536` has no port behind its `:`; write a number from 0 to 65535"),
        (".:" + "9" * 99, "`.:" + "9" * 58 + "...` has no port behind its `:`; write a number from 0 to 65535"),
        ("a..b", "the zone `a..b` has a label of 0 octets; a label has 1 to 63"),
        (
            "a:domain",
            "the zone `a:domain` has the character `:`, which no host name holds; write \\DDD if it is meant",
        ),
        ("10.0.0.0/99", "the zone `10.0.0.0/99` is not a network; write ADDRESS/BITS, as 10.0.0.0/24 or 2001:db8::/32"),
    ],
)
def test_keys_refuses(text, message):
    with pytest.raises(StanzaError) as caught:
        keys(key(text))
    assert str(caught.value) == f"Corefile:7: {message}"
