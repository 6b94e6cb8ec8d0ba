"""Text against server blocks."""

import pytest

from fedresolver.config.corefile import unknown_directive
from fedresolver.config.errors import ConfigError
from tests.config.files import outlines, parsed, stanza, wrong

OPEN = "put `{` at the end of the line that it belongs to, after a space, and nothing behind it"
NEEDS_BLOCK = "put it between a line such as `.:53 {` and its `}`"
TWICE = "put both into one server block, or give one another port"
EMPTY = "an environment variable that is not set is empty"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing is no block"),
        pytest.param(".:53 {\n errors\n cache 30\n}", ["dns://.:53[errors; cache 30]"], id="a block"),
        pytest.param("org {\n}\ncom {\n log\n}", ["dns://org.[]", "dns://com.[log]"], id="several blocks"),
        pytest.param("org com {\n}", ["dns://org. dns://com.[]"], id="keys parted by spaces"),
        pytest.param("org, com,net {\n}", ["dns://org. dns://com. dns://net.[]"], id="keys parted by commas"),
        pytest.param(
            "org,\ncom ,\n\nnet {\n}", ["dns://org. dns://com. dns://net.[]"], id="a comma goes on in the next line"
        ),
        pytest.param(
            "10.0.2.0/23 {\n}",
            ["dns://2.0.10.in-addr.arpa. dns://3.0.10.in-addr.arpa.[]"],
            id="a network is its reverse zones",
        ),
        pytest.param(
            "org:53 {\n}\norg:54 {\n}\ntls://org:53 {\n}\norg {\n}",
            ["dns://org.:53[]", "dns://org.:54[]", "tls://org.:53[]", "dns://org.[]"],
            id="a zone may stand on several ports and transports",
        ),
        pytest.param("org", ["dns://org.[]"], id="keys alone are a block"),
        pytest.param(
            "org com\nlog\nforward . 192.0.2.1,\nfile x {\n reload 5\n}",
            ["dns://org. dns://com.[log; forward . 192.0.2.1,; file x[reload 5]]"],
            id="one block needs no braces",
        ),
        pytest.param(
            "org,\ncom\nlog", ["dns://org. dns://com.[log]"], id="keys without braces go on after a comma too"
        ),
        pytest.param("org\n{\n log\n}", ["dns://org.[log]"], id="the brace may stand below the keys"),
        pytest.param('"example.org" {\n}', ["dns://example.org.[]"], id="a key may be quoted"),
        pytest.param(
            ". {\n federation f d {\n  member m {\n   namespaces a*\n  }\n }\n}",
            ["dns://.[federation f d[member m[namespaces a*]]]"],
            id="blocks of stanzas nest",
        ),
    ],
)
def test_parse(text, expected):
    assert outlines(parsed(text)) == expected


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(
            '. {\n log "x\n}',
            ['2: this quote is never closed; close it with `"`, and write a quote inside as `\\"`'],
            id="nothing follows an error of the lexer",
        ),
        pytest.param(
            "errors\n. {\n}", [f"1: `errors` stands in no server block; {NEEDS_BLOCK}"], id="a directive before a block"
        ),
        pytest.param(
            "org {\n}\nlog", [f"3: `log` stands in no server block; {NEEDS_BLOCK}"], id="a directive after a block"
        ),
        pytest.param(
            "org, {\n}", ["1: no key follows the comma; write another key, or take the comma away"], id="comma, then {"
        ),
        pytest.param(
            "org,", ["1: no key follows the comma; write another key, or take the comma away"], id="comma, then the end"
        ),
        pytest.param(
            "org, , {\n}", ["1: no key follows the comma; write another key, or take the comma away"], id="two commas"
        ),
        pytest.param(
            '"" {\n}',
            [f"1: the key of this server block is empty; name a zone, `.` for the root; {EMPTY}"],
            id="no key",
        ),
        pytest.param(". {\n {$NONE} x\n}", [f"2: this directive has no name; {EMPTY}"], id="no directive"),
        pytest.param(
            "org,\nORG. {\n}", [f"2: `dns://org.` is served twice, first at Corefile:1; {TWICE}"], id="twins in a block"
        ),
        pytest.param(
            "tls://.,\ntls://.:853 {\n}",
            [f"2: `tls://.:853` is served twice, first at Corefile:1; {TWICE}"],
            id="a default port is that port",
        ),
        pytest.param(
            "10.0.0.0/23,\n10.0.1.0/23 {\n}",
            [f"2: `dns://0.0.10.in-addr.arpa.` is served twice, first at Corefile:1; {TWICE}"],
            id="a network is one error",
        ),
        pytest.param(
            "grpc://org {\n}\na..b {\n x { y\n}\n}\n}",
            [
                "1: `grpc` is no transport that is served; write one of `dns://`, `tls://`, `https://`",
                "3: the zone `a..b` has a label of 0 octets; a label has 1 to 63",
                f"4: `y` stands after a `{{`; {OPEN}",
                "7: this `}` closes no block; remove it, or open a block before it",
            ],
            id="every error is told, by line",
        ),
    ],
)
def test_parse_refuses(text, lines):
    assert wrong(text) == [f"Corefile:{line}" for line in lines]


def test_two_blocks_may_serve_a_zone_at_other_addresses():
    text = "org {\n bind ::1\n}\norg {\n bind 127.0.0.1\n}"
    assert outlines(parsed(text)) == ["dns://org.[bind ::1]", "dns://org.[bind 127.0.0.1]"]


def test_the_commands_port_is_for_keys_that_name_none():
    corefile = parsed("org com:99 {\n}\ntls://org {\n}").on_port(1053)
    assert outlines(corefile) == ["dns://org.:1053 dns://com.:99[]", "tls://org.:853[]"]


def test_the_commands_port_may_make_two_keys_one():
    corefile = parsed("org,\n\norg:1053 {\n}")
    with pytest.raises(ConfigError) as caught:
        corefile.on_port(1053)
    assert str(caught.value) == f"Corefile:3: `dns://org.:1053` is served twice, first at Corefile:1; {TWICE}"


def test_zones_are_bounded():
    text = "".join(f"10.0.{n}.0/25 {{\n}}\n" for n in range(200))
    assert wrong(text) == ["Corefile:313: more than 20000 zones are served; write wider networks, or fewer zones"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("chache 30", "Corefile:1: unknown directive `chache`; did you mean `cache`?"),
        ("whatever", "Corefile:1: unknown directive `whatever`; known here: `cache`, `file`"),
    ],
)
def test_unknown_directive(text, message):
    assert str(unknown_directive(stanza(text), ["file", "cache"])) == message
