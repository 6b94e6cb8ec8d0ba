"""Lines and braces against nested stanzas."""

import pytest

from fedresolver.config.errors import ConfigError, Errors
from fedresolver.config.lexer import lex
from fedresolver.config.tree import MAX_DEPTH, tree
from tests.config.files import outline

OPEN = "put `{` at the end of the line that it belongs to, after a space, and nothing behind it"
CLOSE = "put `}` on a line of its own"
APART = "put a space before `{` and end the line after it, and put `}` on a line of its own"


def read(text):
    errors = Errors()
    found = outline(tree(lex(text, "f"), errors))
    try:
        errors.raise_any()
    except ConfigError as error:
        return found, [f"{e.line}: {e.wrong}; {e.right}" for e in error.errors]
    return found, []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("a b\nc", "a b; c", id="lines"),
        pytest.param("a {\n}", "a[]", id="an empty block"),
        pytest.param("a b {\n c d\n e\n}\nf", "a b[c d; e]; f", id="a block holds the lines up to its brace"),
        pytest.param("a {\n b {\n  c {\n   d\n  }\n }\n}", "a[b[c[d]]]", id="blocks nest"),
        pytest.param("a b \\\n c {\n d\n}", "a b c[d]", id="a joined line is one"),
        pytest.param('a "{" "}" "{}"\n"}" "b{"', "a { } {}; } b{", id="braces in quotes are text"),
        pytest.param("a {x} y{}z", "a {x} y{}z", id="braces inside a word are text"),
        pytest.param("a b\n{\n c\n}", "a b[c]", id="at the top the brace may stand below its line"),
    ],
)
def test_tree(text, expected):
    assert read(text) == (expected, [])


@pytest.mark.parametrize(
    ("text", "expected", "errors"),
    [
        pytest.param(
            "a {\n}\n}\nb", "a[]; b", ["3: this `}` closes no block; remove it, or open a block before it"], id="}"
        ),
        pytest.param(
            "a {\n{\nx\n}\nb\n}", "a[b]", [f"2: this `{{` belongs to no directive; {OPEN}"], id="{ alone in a block"
        ),
        pytest.param("{\nx\n}\nb", "b", [f"1: this `{{` belongs to no directive; {OPEN}"], id="{ alone at the top"),
        pytest.param("a {\n}\n{\n}", "a[]", [f"3: this `{{` belongs to no directive; {OPEN}"], id="{ below a block"),
        pytest.param("a { b\n c\n}", "a[c]", [f"1: `b` stands after a `{{`; {OPEN}"], id="text after {"),
        pytest.param("a { b }\nc", "a[]; c", [f"1: `b` stands after a `{{`; {OPEN}"], id="a block on one line"),
        pytest.param("a { }\nc", "a[]; c", [f"1: `}}` stands after a `{{`; {OPEN}"], id="an empty block on one line"),
        pytest.param("a {\n b }\nc", "a[b]; c", [f"2: `b` stands beside a `}}`; {CLOSE}"], id="} after text"),
        pytest.param("a {\n} b\nc", "a[]; c", [f"2: `b` stands beside a `}}`; {CLOSE}"], id="text after }"),
        pytest.param("a{\n b\n}\nc", "a[b]; c", [f"1: `a{{` runs into a brace; {APART}"], id="{ glued to a word"),
        pytest.param("a b{\n c\n}", "a b[c]", [f"1: `b{{` runs into a brace; {APART}"], id="{ glued to an argument"),
        pytest.param("a {\n b\n}c", "a[b]", [f"3: `}}c` runs into a brace; {APART}"], id="} glued to a word"),
        pytest.param("a {}\nb", "a[]; b", [f"1: `{{}}` runs into a brace; {APART}"], id="both glued"),
        pytest.param(
            "a {\n b {\n c",
            "a[b[c]]",
            ["1: the block of `a` is never closed; 2 more `}` must stand before the end of the file"],
            id="blocks that are never closed",
        ),
        pytest.param("{\n a {", "", [f"1: this `{{` belongs to no directive; {OPEN}"], id="{ alone and never closed"),
    ],
)
def test_a_misplaced_brace_is_one_error_and_the_reading_goes_on(text, expected, errors):
    assert read(text) == (expected, errors)


def test_blocks_nest_to_a_limit():
    assert read("a {\n" * MAX_DEPTH + "}\n" * MAX_DEPTH)[1] == []
    with pytest.raises(ConfigError) as caught:
        read("a {\n" * (MAX_DEPTH + 1))
    assert str(caught.value) == "f:33: blocks are nested more than 32 deep"
