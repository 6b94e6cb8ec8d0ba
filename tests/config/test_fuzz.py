"""Whatever the text is, only a ConfigError comes out, soon; and what is written out is read back."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedresolver.config.corefile import parse
from fedresolver.config.errors import ConfigError
from fedresolver.config.lexer import lex
from fedresolver.config.stanza import Stanza
from fedresolver.config.zone import normalise, zone_names
from tests.config.files import Files, outline, parsed

GOOD = """
(common) {
    errors
    log . "{remote} \\"{name}\\""   # a comment
}

.:53, tls://example.org,
10.0.2.0/23 {
    import common
    import more.conf
    federation {$NAME} example.com {
        stale_after 1m30s
        member a {
            namespaces shop-* \\
                       web
        }
    }
    forward . /etc/resolv.conf
}
import d/*.conf
"""
FILES = Files({"more.conf": "cache 30\n", "d/a.conf": "com {\n}\n", "d/b.conf": "net {\n import ../more.conf\n}\n"})
PIECES = [
    "{",
    "}",
    " { ",
    "\n",
    " ",
    '"',
    "\\",
    "\\\n",
    "#",
    ",",
    "a,\n",
    ".",
    ":",
    "://",
    "/",
    "(",
    ")",
    "{$A}",
    "{%A%}",
    "\0",
]
WORDS = [
    "import ",
    "import *",
    "(common)",
    "more.conf",
    "Corefile",
    "d/*.conf",
    "10.0.0.0/9",
    "tls",
    "é",
    "\ufeff",
    "a" * 70,
]

hostile = st.lists(st.sampled_from(PIECES + WORDS) | st.text(max_size=5), max_size=60).map("".join)


def errors_of(text):
    """Return the errors of `text`; anything but a ConfigError comes out."""
    try:
        parse(text, "Corefile", FILES, {"NAME": "f", "A": "{ import"})
    except ConfigError as error:
        return error.errors
    return ()


def survive(text):
    """Parse `text`; its errors name their places, a line each."""
    for error in errors_of(text):
        assert error.line >= 1
        assert error.file
        assert len(str(error).splitlines()) == 1


def test_the_good_corefile_is_good():
    assert [len(block.keys) for block in parsed(GOOD, FILES.files, NAME="f").blocks] == [4, 1, 1]


@settings(deadline=1000, max_examples=300)
@given(st.text() | hostile)
def test_any_text(text):
    survive(text)


@settings(deadline=1000, max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 12), hostile), min_size=1, max_size=4))
def test_a_good_corefile_that_is_damaged(cuts):
    text = GOOD
    for start, length, patch in cuts:
        text = text[:start] + patch + text[start + length :]
    survive(text)


LONG = [
    "{",
    "{\n",
    "{$",
    "{%a",
    "a{\n",
    '\\"',
    '"\\',
    "a\\\n",
    "a ",
    "a\n",
    "},\n",
    "import x\n",
    "10.0.0.0/9 ",
    "a:1",
    ",",
    "a,\n",
    "::/1:1 ",
]


@pytest.mark.parametrize("piece", LONG)
def test_long_texts_are_read_in_time_that_grows_with_their_length(piece):
    text = piece * (100_000 // len(piece))
    start = time.process_time()
    for whole in (text, f". {{\n{text}", f'"{text}'):
        survive(whole)
    assert time.process_time() - start < 10  # it takes one; work that grows with the square takes minutes


words = st.text(st.characters(exclude_characters="\0\ufeff\\", exclude_categories=("Cs",)), max_size=8)


def quoted(word):
    return '"' + word.replace('"', '\\"') + '"'


@given(st.lists(words))
def test_quoted_tokens_are_read_as_they_were(texts):
    assert [token.text for token in lex(" ".join(map(quoted, texts)), "f")] == texts


def written(stanzas: tuple[Stanza, ...]) -> str:
    """Return stanzas as a Corefile has them."""
    return "".join(map(line_of, stanzas))


def line_of(stanza: Stanza) -> str:
    line = " ".join(quoted(token.text) for token in (stanza.name, *stanza.args))
    return f"{line}\n" if stanza.body is None else f"{line} {{\n{written(stanza.body)}}}\n"


shapes = st.recursive(
    st.tuples(st.lists(words, max_size=3), st.none()),
    lambda inner: st.tuples(st.lists(words, max_size=3), st.lists(inner, max_size=3)),
    max_leaves=12,
)


def text_of(shape):
    texts, body = shape
    line = " ".join(map(quoted, ["name", *texts]))
    return f"{line}\n" if body is None else f"{line} {{\n{''.join(map(text_of, body))}}}\n"


@given(st.lists(shapes, max_size=4))
def test_stanzas_are_read_as_they_were_written(shapes):
    text = "org {\n" + "".join(map(text_of, shapes)) + "}\n"
    (block,) = parsed(text.replace("{$", "").replace("{%", "")).blocks
    (again,) = parsed("org {\n" + written(block.stanzas) + "}\n").blocks
    assert outline(again.stanzas) == outline(block.stanzas)


labels = st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=8)


@given(labels)
def test_a_name_of_any_octets_is_normalised_once(found):
    text = ".".join("".join(f"\\{octet:03d}" for octet in label) for label in found)
    zone = normalise(text)
    assert zone.isascii()
    assert normalise(zone) == zone


@given(st.ip_addresses(), st.integers(0, 128))
def test_every_network_has_reverse_zones(address, bits):
    found = zone_names(f"{address}/{min(bits, address.max_prefixlen)}")
    assert len(found) == len(set(found)) <= 128
    assert all(zone.endswith(("in-addr.arpa.", "ip6.arpa.")) and normalise(zone) == zone for zone in found)
