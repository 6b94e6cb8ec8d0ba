"""Text against the tokens that it is."""

import pytest

from fedresolver.config.errors import StanzaError
from fedresolver.config.lexer import MAX_CHARACTERS, Token, lex


def tokens(text):
    return [(t.line, t.text) for t in lex(text, "f")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing is no token"),
        pytest.param(" \t\r\n\n", [], id="white space is no token"),
        pytest.param("a b\tc\nd", [(1, "a"), (1, "b"), (1, "c"), (2, "d")], id="white space parts tokens"),
        pytest.param("a\r\nb\r\n", [(1, "a"), (2, "b")], id="line ends of Windows are line ends"),
        pytest.param('a # b { "\nc', [(1, "a"), (2, "c")], id="a comment ends with its line"),
        pytest.param("# only\n#", [], id="a comment may be all there is"),
        pytest.param("a#b #c", [(1, "a")], id="a hash ends a token"),
        pytest.param("a#b\nc", [(1, "a"), (2, "c")], id="a comment behind a token ends with its line"),
        pytest.param(
            "a#b c", [(1, "a"), (1, "c")], id="a comment that touches a token ends at white space, as in CoreDNS"
        ),
        pytest.param("a\\#b\\\nc", [(1, "a\\"), (2, "c")], id="no backslash works in a comment"),
        pytest.param("a\rb\r#c", [(1, "ab")], id="a carriage return parts nothing"),
        pytest.param("\ufeff.", [(1, ".")], id="a byte order mark may come first"),
        pytest.param('"a b" c', [(1, "a b"), (1, "c")], id="quotes keep white space"),
        pytest.param('"" x', [(1, ""), (1, "x")], id="empty quotes are an empty token"),
        pytest.param('"a # b"', [(1, "a # b")], id="a hash in quotes is text"),
        pytest.param('"a\nb" c\nd', [(1, "a\nb"), (2, "c"), (3, "d")], id="quotes may span lines"),
        pytest.param(r'"say \"a\"" b', [(1, 'say "a"'), (1, "b")], id="a quote in quotes is escaped"),
        pytest.param(r'"^\d+\.$" "\\"', [(1, r"^\d+\.$"), (1, r"\\")], id="nothing else is escaped in quotes"),
        pytest.param('a"b c"', [(1, 'a"b'), (1, 'c"')], id="a quote inside a token is text"),
        pytest.param('"a"b', [(1, "a"), (1, "b")], id="a token ends with its quote"),
        pytest.param("a \\\n  b\nc", [(1, "a"), (2, "b"), (3, "c")], id="a joined line keeps its number"),
        pytest.param("a\\\r\nb", [(1, "a"), (2, "b")], id="a backslash joins lines of Windows"),
        pytest.param("a\\b c\\", [(1, "a\\b"), (1, "c\\")], id="another backslash is text"),
        pytest.param("{ } {} a{", [(1, "{"), (1, "}"), (1, "{}"), (1, "a{")], id="braces are words"),
        pytest.param("zürich.example ★", [(1, "zürich.example"), (1, "★")], id="text is Unicode"),
    ],
)
def test_lex(text, expected):
    assert tokens(text) == expected


def test_a_token_knows_file_line_quotes_and_whether_it_begins_a_line():
    text = '\na "{" \\\n b\n"c" d'
    found = lex(text, "conf/x")
    assert found == (
        Token("a", "conf/x", 2),
        Token("{", "conf/x", 2, quoted=True),
        Token("b", "conf/x", 3),
        Token("c", "conf/x", 4, quoted=True),
        Token("d", "conf/x", 4),
    )
    assert [token.first for token in found] == [True, False, False, True, False]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            'a\n"b\nc',
            'f:2: this quote is never closed; close it with `"`, and write a quote inside as `\\"`',
            id="quote",
        ),
        pytest.param(
            '"', 'f:1: this quote is never closed; close it with `"`, and write a quote inside as `\\"`', id="end"
        ),
        pytest.param(
            ".\n\ufeffa",
            "f:2: a byte order mark stands in the file; save the file as UTF-8 without one",
            id="byte order mark",
        ),
        pytest.param("a\nb\0", "f:2: a NUL octet stands in the file; a Corefile is text in UTF-8", id="NUL"),
        pytest.param(
            "a" * (MAX_CHARACTERS + 1),
            "f:1: the file is longer than 1048576 characters; split it and import the parts",
            id="too long",
        ),
    ],
)
def test_lex_refuses(text, message):
    with pytest.raises(StanzaError) as caught:
        lex(text, "f")
    assert str(caught.value) == message
