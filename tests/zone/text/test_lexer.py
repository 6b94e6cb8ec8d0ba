"""Octets against the entries that they are."""

import pytest

from fedresolver.zone.text.lexer import BEAT, MAX_ENTRY, MAX_LINE, Attached, entries


def lexed(octets):
    """Return `LINE[>] WORD...` for each entry, `>` when it is indented, and `LINE! WHAT` for each fault."""
    found = []
    for line, indented, words in entries(octets, lambda line, what: found.append(f"{line}! {what}"), lambda: None):
        found.append(f"{line}{'>' if indented else ''} {b' '.join(words).decode()}")
    return found


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        pytest.param(b"", [], id="nothing is no entry"),
        pytest.param(b" \t\n\r\n\n ; x\n;", [], id="white space and comments are no entry"),
        pytest.param(b"a  b\tc\nd", ["1 a b c", "2 d"], id="the last line needs no end"),
        pytest.param(b"a\r\nb\r\n\r\nc", ["1 a", "2 b", "4 c"], id="lines may end as in Windows"),
        pytest.param(b"a\rb\r\rc\r", ["1 a", "2 b", "4 c"], id="lines may end as on old Macs"),
        pytest.param(b"\xef\xbb\xbfa b", ["1 a b"], id="a byte order mark may come first"),
        pytest.param(b" a\n\tb\nc", ["1> a", "2> b", "3 c"], id="white space at the beginning is told"),
        pytest.param(b"a ; b\n c;d", ["1 a", "2> c"], id="a comment ends a word"),
        pytest.param(b'a ";" b', ['1 a ";" b'], id="a semicolon in quotes is text"),
        pytest.param(rb"a\;b \; c", [r"1 a\;b \; c"], id="an escaped semicolon is text"),
        pytest.param(b"a (b\nc) d\ne", ["1 a b c d", "3 e"], id="parentheses join lines"),
        pytest.param(b"(\n\na)\nb", ["1 a", "4 b"], id="an entry begins where its first line does"),
        pytest.param(b" (a\nb )", ["1> a b"], id="white space before a parenthesis is told"),
        pytest.param(b"a(b)c((d)e\n) f", ["1 a b c d e f"], id="parentheses part words and may be nested"),
        pytest.param(b'a "(" \\( b', ['1 a "(" \\( b'], id="parentheses in quotes and after a backslash are text"),
        pytest.param(b"a ( b ; )\n)\nc", ["1 a b", "3 c"], id="a parenthesis in a comment closes nothing"),
        pytest.param(b"()\n( ; x\n)", [], id="parentheses alone are no entry"),
        pytest.param(rb'a "b\"c" "\\"', [r'1 a "b\"c" "\\"'], id="a quote in quotes is escaped"),
        pytest.param(b'a"b c"d', ['1 a "b c" d'], id="quotes part words"),
        pytest.param(b"a\vb\fc", ["1 a\vb\fc"], id="other control characters are text"),
        pytest.param(b'a "b\nc" d\ne', ['1 a "b\nc" d', "3 e"], id="quotes may span lines (RFC 1035 5.1)"),
        pytest.param(b'a "b\r\n\r\n;(c\r\n"\r\nd', ['1 a "b\n\n;(c\n"', "5 d"], id="and whatever is in them is text"),
        pytest.param(b'a ("\n" b\n) "" c\nd', ['1 a "\n" b "" c', "4 d"], id="in parentheses, too"),
        pytest.param(b'a "b\\\n\\"\n" c', ['1 a "b\\\n\\"\n" c'], id="an escape at the end of a line in quotes"),
        pytest.param(
            b'a "b\n" )\nc',
            ["2! this `)` closes nothing; remove it, or write `\\)` for the character", "3 c"],
            id="what follows them",
        ),
        pytest.param(
            b'a\nb ( "c\nd\ne )', ["1 a", '2! this quote is never closed; close it with `"`'], id="open quote"
        ),
        pytest.param(
            b'a "' + b"b\n" * (MAX_ENTRY // 2) + b'"\nc',
            [f"{MAX_ENTRY // 2 + 1}! the record is too long", f"{MAX_ENTRY // 2 + 2} c"],
            id="a text may be too long",
        ),
        pytest.param(
            b"a\nb ( c\nd",
            ["1 a", "2! this `(` is never closed; write `)` behind the last word of the record"],
            id="a parenthesis that stays open is told where it opens",
        ),
        pytest.param(
            b"a ) b\nc",
            ["1! this `)` closes nothing; remove it, or write `\\)` for the character", "2 c"],
            id="a parenthesis that was not open",
        ),
        pytest.param(
            b"a \\\nc",
            ["1! the line ends with a backslash; remove it, or write `\\\\` for the character", "2 c"],
            id="a backslash joins no lines",
        ),
        pytest.param(
            b"a b\0c\nd",
            [
                "1! a NUL octet stands in the line; save the file as plain text in UTF-8, or write `\\000` for the octet",
                "2 d",
            ],
            id="no line of text has a NUL octet",
        ),
        pytest.param(
            b"a " * (MAX_LINE // 2 + 1) + b"\nb",
            [f"1! the line is longer than {MAX_LINE} octets", "2 b"],
            id="a line may be too long",
        ),
        pytest.param(
            b"(" + b"a\n" * (MAX_ENTRY // 2 + 5) + b")\nb",
            [f"{MAX_ENTRY // 2 + 1}! the record is too long", f"{MAX_ENTRY // 2 + 7} b"],
            id="an entry may be too long",
        ),
    ],
)
def test_entries(octets, expected):
    assert lexed(octets) == expected


def test_a_quoted_word_that_touches_an_unquoted_one_is_attached():
    ((_, _, words),) = entries(b'alpn="h2" a "b"c"d" "e""f"', lambda *_: None, lambda: None)
    assert [(word, isinstance(word, Attached)) for word in words] == [
        (b"alpn=", False),
        (b'"h2"', True),
        (b"a", False),
        (b'"b"', False),
        (b"c", False),
        (b'"d"', True),
        (b'"e"', False),
        (b'"f"', False),
    ]


@pytest.mark.parametrize("line", [b"a\n", b"\n", b"; x\n", b"(\n"], ids=["entries", "blank", "comments", "parentheses"])
def test_progress_is_told_every_few_lines_whatever_they_are(line):
    beats = []
    list(entries(line * (10 * BEAT), lambda *_: None, lambda: beats.append(1)))
    assert len(beats) == 10
