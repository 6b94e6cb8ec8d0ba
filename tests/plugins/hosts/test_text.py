from ipaddress import ip_address

import pytest

from fedresolver.plugins.hosts.text import LONGEST_LINE, Contents, Entry, read
from fedresolver.wire.name import from_text


def entry(address, *names):
    return Entry(ip_address(address).packed, tuple(map(from_text, names)))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("192.0.2.1 a.example.org", entry("192.0.2.1", "a.example.org"), id="a name"),
        pytest.param("\t192.0.2.1\ta  b\tc \r", entry("192.0.2.1", "a", "b", "c"), id="several, between white space"),
        pytest.param("192.0.2.1 A.Example.ORG", entry("192.0.2.1", "a.example.org"), id="case does not matter"),
        pytest.param("192.0.2.1 a.example.org.", entry("192.0.2.1", "a.example.org"), id="a final dot"),
        pytest.param("127.0.0.1 localhost", entry("127.0.0.1", "localhost"), id="localhost"),
        pytest.param("192.0.2.1 _a.b_c", entry("192.0.2.1", "_a.b_c"), id="underscores"),
        pytest.param("0.0.0.0 0.0.0.0", entry("0.0.0.0", "0.0.0.0"), id="a name of digits, as blocklists have it"),
        pytest.param("2001:DB8::1 a", entry("2001:db8::1", "a"), id="IPv6"),
        pytest.param("::ffff:192.0.2.1 a", entry("192.0.2.1", "a"), id="IPv4 that is written as IPv6"),
        pytest.param("fe80::1%lo0 a", entry("fe80::1", "a"), id="an interface is of no use to others"),
        pytest.param("192.0.2.1 a # b c", entry("192.0.2.1", "a"), id="a comment"),
        pytest.param("192.0.2.1 a#b", entry("192.0.2.1", "a"), id="a comment that touches a name"),
    ],
)
def test_a_line(line, expected):
    assert read(line, "h") == Contents((expected,))


@pytest.mark.parametrize("line", ["", " \t\r", "# 192.0.2.1 a", "  #"])
def test_a_line_that_says_nothing(line):
    assert read(f"{line}\n{line}", "h") == Contents(())


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        pytest.param("192.0.2.300 a", "`192.0.2.300` is no IP address", id="no address"),
        pytest.param("a.example.org 192.0.2.1", "`a.example.org` is no IP address", id="the name first"),
        pytest.param("192.0.2.1", "`192.0.2.1` has no name; write ADDRESS NAME...", id="no name"),
        pytest.param("192.0.2.1 # a", "`192.0.2.1` has no name; write ADDRESS NAME...", id="a name in a comment"),
        pytest.param(
            "192.0.2.1 a,b", "`a,b` is no host name; write letters, digits, `-`, `_` and dots", id="a bad character"
        ),
        pytest.param(
            "192.0.2.1 münchen.example",
            "`münchen.example` is no host name; write letters, digits, `-`, `_` and dots",
            id="not ASCII",
        ),
        pytest.param(
            "192.0.2.1 a..b", "`a..b` is no host name; write letters, digits, `-`, `_` and dots", id="an empty label"
        ),
        pytest.param("192.0.2.1 .", "`.` is no host name; write letters, digits, `-`, `_` and dots", id="the root"),
        pytest.param("192.0.2.1 *.a", "`*.a` is no host name; wildcards are not known here", id="a wildcard"),
        pytest.param(
            f"192.0.2.1 {'a' * 64}", "label of 64 octets; a label has 1 to 63 (RFC 1035 2.3.4)", id="a long label"
        ),
        pytest.param("1" * (LONGEST_LINE + 1), "the line is longer than 65536 characters", id="a long line"),
    ],
)
def test_what_is_wrong(line, wrong):
    text = f"# comment\n{line}\n192.0.2.7 good\nnonsense"
    assert read(text, "/etc/hosts") == Contents((entry("192.0.2.7", "good"),), 2, f"/etc/hosts:2: {wrong}")


def test_only_line_feeds_end_lines():
    assert read("# a comment\v192.0.2.1 a\x85192.0.2.1 a", "h") == Contents(())
