"""Stanzas against what plugins make of them."""

import pytest

from fedresolver.config.read import (
    ConfigError,
    among,
    arguments,
    duration,
    flag,
    no_block,
    one,
    options,
    path,
    some,
    within,
    zone,
)
from tests.config.files import stanza


def words(tokens):
    return [token.text for token in tokens]


def message(call, *args, **kwargs):
    with pytest.raises(ConfigError) as caught:
        call(*args, **kwargs)
    return str(caught.value)


def member(stanza):
    """A reader with a block of its own."""
    (name,) = arguments(stanza, 1, 1, "member NAME { ... }")
    return name.text, options(stanza, {"namespaces": some(lambda token: token.text, "GLOB")})


READERS = {
    "ttl": one(within(0, 300), "SECONDS"),
    "stale_after": one(duration, "DURATION"),
    "snapshot": one(path),
    "probe": one(among("on", "off")),
    "fallthrough": some(zone, "ZONE", 0),
    "witness": some(lambda token: token.text, "HOST:PORT"),
    "insecure": flag,
    "member": member,
}


def read(body):
    return options(stanza(f"federation f d {{\n{body}\n}}", "etc/Corefile"), READERS, repeatable={"member", "witness"})


@pytest.mark.parametrize(
    ("text", "at_least", "at_most"),
    [("a", 0, 0), ("a", 0, None), ("a x", 1, 1), ("a x y", 1, 2), ("a x y z", 2, None)],
)
def test_arguments(text, at_least, at_most):
    assert words(arguments(stanza(text), at_least, at_most)) == text.split()[1:]


@pytest.mark.parametrize(
    ("text", "limits", "expected"),
    [
        ("a x", (0, 0), "`a` takes no argument, not 1"),
        ("a", (1, 1), "`a` takes 1 argument, not 0"),
        ("a", (2, 2), "`a` takes 2 arguments, not 0"),
        ("a x y", (0, 1), "`a` takes 0 to 1 argument, not 2"),
        ("a", (1, None), "`a` takes 1 or more arguments, not 0"),
    ],
)
def test_arguments_refuses(text, limits, expected):
    assert message(arguments, stanza(text), *limits) == f"Corefile:1: {expected}"
    assert message(arguments, stanza(text), *limits, usage="a X") == f"Corefile:1: {expected}; write `a X`"


def test_no_block():
    assert no_block(stanza("a x")) is None
    assert message(no_block, stanza("a {\n}")) == "Corefile:1: `a` takes no block; remove its `{` and `}`"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param("", {}, id="an option that is not written is not there"),
        pytest.param("ttl 180\nstale_after 1m30s", {"ttl": 180, "stale_after": 90.0}, id="each has its own reader"),
        pytest.param("snapshot state", {"snapshot": "etc/state"}, id="paths follow the file"),
        pytest.param("probe off\ninsecure", {"probe": "off", "insecure": True}, id="words and flags"),
        pytest.param("fallthrough", {"fallthrough": ()}, id="no argument is an empty tuple"),
        pytest.param("fallthrough a B", {"fallthrough": ("a.", "b.")}, id="several arguments are a tuple"),
        pytest.param("witness a:1 b:2\nwitness c:3", {"witness": (("a:1", "b:2"), ("c:3",))}, id="repeated: a tuple"),
        pytest.param("witness a:1", {"witness": (("a:1",),)}, id="repeatable, written once: a tuple too"),
        pytest.param(
            "member m {\n namespaces a* b\n}\nmember n",
            {"member": (("m", {"namespaces": ("a*", "b")}), ("n", {}))},
            id="a reader may read a block",
        ),
    ],
)
def test_options(body, found):
    assert read(body) == found


def test_a_stanza_without_a_block_has_no_options():
    assert options(stanza("federation f d"), READERS) == {}


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        pytest.param("tll 5", ["2: unknown option `tll`; did you mean `ttl`?"], id="a slip"),
        pytest.param(
            "colour",
            [
                "2: unknown option `colour`; known here: `fallthrough`, `insecure`, `member`, `probe`, `snapshot`, "
                "`stale_after`, `ttl`, `witness`"
            ],
            id="something unknown",
        ),
        pytest.param("ttl 5\nttl 6", ["3: `ttl` is given twice, first at etc/Corefile:2; remove one"], id="twice"),
        pytest.param("ttl", ["2: `ttl` takes 1 argument, not 0; write `ttl SECONDS`"], id="too few"),
        pytest.param("ttl 5 {\n}", ["2: `ttl` takes no block; remove its `{` and `}`"], id="a block for a value"),
        pytest.param(
            "insecure yes", ["2: `insecure` takes no argument, not 1; write `insecure`"], id="a flag with a value"
        ),
        pytest.param(
            "insecure {\n}", ["2: `insecure` takes no block; remove its `{` and `}`"], id="a flag with a block"
        ),
        pytest.param(
            "witness", ["2: `witness` takes 1 or more arguments, not 0; write `witness HOST:PORT...`"], id="no value"
        ),
        pytest.param(
            "fallthrough {\n}", ["2: `fallthrough` takes no block; remove its `{` and `}`"], id="a block for values"
        ),
        pytest.param(
            "ttl 999\nprobe of\nmember m {\n namspaces x\n}\nwitness a:1",
            [
                "2: `999` is no whole number from 0 to 300",
                "3: `of` is not known here; did you mean `off`?",
                "5: unknown option `namspaces`; did you mean `namespaces`?",
            ],
            id="every error of the block and the blocks in it",
        ),
    ],
)
def test_options_refuses(body, lines):
    assert message(read, body).splitlines() == [f"etc/Corefile:{line}" for line in lines]
