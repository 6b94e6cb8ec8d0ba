"""`$INCLUDE` against the records of all files together, or what is wrong in which of them."""

import pytest

from fedresolver.wire.name import from_text
from fedresolver.zone.text.read import read_zone
from fedresolver.zone.text.reader import MAX_DEPTH, MAX_FILES
from tests.zone.text.zones import HEAD, Files, body, errors, read, records, warnings


@pytest.mark.parametrize(
    ("text", "files", "expected"),
    [
        pytest.param("$INCLUDE b", {"b": "a A 192.0.2.1"}, ["a 300 A 192.0.2.1"], id="a file"),
        pytest.param('$INCLUDE "b c"', {"b c": "a A 192.0.2.1"}, ["a 300 A 192.0.2.1"], id="a name with a blank"),
        pytest.param("$INCLUDE b sub", {"b": "a A 192.0.2.1"}, ["a.sub 300 A 192.0.2.1"], id="with an origin"),
        pytest.param(
            "$INCLUDE b sub\nc A 192.0.2.2",
            {"b": "$ORIGIN x\na A 192.0.2.1"},
            ["a.x.sub 300 A 192.0.2.1", "c 300 A 192.0.2.2"],
            id="the origin is as before behind it",
        ),
        pytest.param(
            "a A 192.0.2.1\n$INCLUDE b\n  TXT x",
            {"b": "  A 192.0.2.2\nc A 192.0.2.3"},
            ["a 300 A 192.0.2.1", "a 300 A 192.0.2.2", 'a 300 TXT "x"', "c 300 A 192.0.2.3"],
            id="the owner goes in, and is as before behind it",
        ),
        pytest.param(
            "$INCLUDE b\nc A 192.0.2.2",
            {"b": "$TTL 7\na A 192.0.2.1"},
            ["a 7 A 192.0.2.1", "c 7 A 192.0.2.2"],
            id="$TTL stays, as in BIND",
        ),
        pytest.param(
            "$INCLUDE d/b", {"d/b": "$INCLUDE c\n", "d/c": "a A 192.0.2.1"}, ["a 300 A 192.0.2.1"], id="beside it"
        ),
        pytest.param("$INCLUDE b\n$INCLUDE b x", {"b": "a TXT b"}, ['a 300 TXT "b"', 'a.x 300 TXT "b"'], id="twice"),
    ],
)
def test_records(text, files, expected):
    assert body(text, files) == expected


def test_the_soa_may_be_in_an_included_file():
    assert len(records(read("$INCLUDE head", {"head": HEAD}))) == 3


def test_all_files_that_were_read_are_named_as_they_were_opened():
    files = {"etc/z": HEAD + "$INCLUDE d/b\n$INCLUDE ../c\n$INCLUDE d/b\n", "etc/d/b": "", "c": ""}
    parsed = read_zone("etc/z", from_text("example.org"), Files(files))
    assert parsed.files == ("etc/z", "etc/d/b", "etc/../c")


def test_errors_and_warnings_name_the_included_file():
    files = {"b": "\na A 192.0.2.256"}
    assert errors("a A x\n$INCLUDE b\nb A y", files) == [
        "1: `x` is no IPv4 address; write four numbers from 0 to 255, as 192.0.2.1",
        "b:2: `192.0.2.256` is no IPv4 address; write four numbers from 0 to 255, as 192.0.2.1",
        "3: `y` is no IPv4 address; write four numbers from 0 to 255, as 192.0.2.1",
    ]
    assert warnings("$INCLUDE b", {"b": "x.net. A 192.0.2.1"}) == [
        "b:1: `x.net.` is not in the zone `example.org.`, the record is left out"
    ]
    assert errors("a CNAME b\n$INCLUDE b", {"b": "a CNAME c"}) == [
        "b:1: a second CNAME for this name, the first is in line 5 of z; keep one"
    ]


HERE = "the path is relative to the file with this line"


@pytest.mark.parametrize(
    ("text", "files", "expected"),
    [
        ("\n$INCLUDE no/b", {}, [f"2: `no/b` cannot be read: No such file or directory; {HERE}"]),
        ("$INCLUDE d", {"d": IsADirectoryError(21, "Is a directory")}, [f"1: `d` cannot be read: Is a directory; {HERE}"]),
        ("$INCLUDE z", {}, ["1: `z` includes itself; remove this line"]),
        ("$INCLUDE ./x/../z", {}, ["1: `./x/../z` includes itself; remove this line"]),
        ("$INCLUDE b", {"b": "\n$INCLUDE z"}, ["b:2: `z` includes itself; remove this line"]),
        ("$INCLUDE b", {"b": "(\n"}, ["b:1: this `(` is never closed; write `)` behind the last word of the record"]),
        ("$INCLUDE", {}, ["1: 0 words after the directive; write `$INCLUDE FILE [ORIGIN]`"]),
        ("$INCLUDE b a..b", {"b": ""}, ["1: `a..b` has an empty label; write one dot between labels, and none before the first"]),
    ],
)  # fmt: skip
def test_errors(text, files, expected):
    assert errors(text, files) == expected


def test_a_missing_file_may_have_held_the_soa():
    (error,) = errors("$INCLUDE b")
    assert error == f"1: `b` cannot be read: No such file or directory; {HERE}"


def _chain(length: int) -> dict[str, str]:
    return {f"f{i}": f"$INCLUDE f{i + 1}\n" for i in range(1, length)} | {f"f{length}": "a A 192.0.2.1\n"}


def test_files_may_be_included_so_deep_and_no_deeper():
    assert body("$INCLUDE f1", _chain(MAX_DEPTH)) == ["a 300 A 192.0.2.1"]
    assert errors("$INCLUDE f1", _chain(MAX_DEPTH + 1)) == [
        f"f{MAX_DEPTH}:1: `f{MAX_DEPTH + 1}` is included {MAX_DEPTH + 1} deep; at most {MAX_DEPTH} are read"
    ]


def test_files_that_multiply_have_an_end():
    files = {f"f{i}": f"$INCLUDE f{i + 1}\n" * 100 for i in range(1, MAX_DEPTH)} | {f"f{MAX_DEPTH}": "a A 192.0.2.1\n"}
    (error,) = errors("$INCLUDE f1", files)
    assert error.endswith(f"a zone has at most {MAX_FILES} files and 268435456 octets")
