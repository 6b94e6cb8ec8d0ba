"""Imported files, patterns and snippets."""

import pytest

from fedresolver.config import imports
from fedresolver.config.corefile import parse
from fedresolver.config.errors import ConfigError
from tests.config.files import Files, outlines, parsed, wrong

USAGE = "import takes one argument and no block; write `import SNIPPET`, or a path or pattern"


@pytest.mark.parametrize(
    ("text", "files", "expected"),
    [
        pytest.param("(s) {\n log\n errors\n}\n. {\n import s\n}", {}, ["dns://.[log; errors]"], id="a snippet"),
        pytest.param(
            "(s) {\n log\n}\norg {\n import s\n}\ncom {\n import s\n}",
            {},
            ["dns://org.[log]", "dns://com.[log]"],
            id="a snippet may be used several times",
        ),
        pytest.param(
            "(s) {\n ttl 5\n}\n. {\n f {\n  import s\n }\n}", {}, ["dns://.[f[ttl 5]]"], id="a snippet of options"
        ),
        pytest.param(
            "(a) {\n log\n}\n(b) {\n import a\n errors\n}\n. {\n import b\n}",
            {},
            ["dns://.[log; errors]"],
            id="a snippet in a snippet",
        ),
        pytest.param("(s) {\n org {\n  log\n }\n}\nimport s", {}, ["dns://org.[log]"], id="a snippet of blocks"),
        pytest.param("(s) {\n}\n. {\n import s\n}", {}, ["dns://.[]"], id="an empty snippet"),
        pytest.param(". {\n (s) {\n }\n}", {}, ["dns://.[(s)[]]"], id="only at the top parentheses make a snippet"),
        pytest.param(
            ". {\n log\n import a\n errors\n}", {"a": "x\ny"}, ["dns://.[log; x; y; errors]"], id="a file of stanzas"
        ),
        pytest.param("import a\ncom {\n}", {"a": "org {\n}"}, ["dns://org.[]", "dns://com.[]"], id="a file of blocks"),
        pytest.param("import a", {"a": "org\nlog"}, ["dns://org.[log]"], id="a file with a block without braces"),
        pytest.param("import a\n. {\n import s\n}", {"a": "(s) {\n log\n}"}, ["dns://.[log]"], id="a file of snippets"),
        pytest.param(
            "import d/a",
            {"d/a": "org {\n import b\n}", "d/b": "import ../c", "c": "log"},
            ["dns://org.[log]"],
            id="a path is relative to the file that names it",
        ),
        pytest.param(". {\n import /etc/a\n}", {"/etc/a": "log"}, ["dns://.[log]"], id="a path may be absolute"),
        pytest.param(
            "import d/*.conf",
            {"d/b.conf": "b {\n}", "d/a.conf": "a {\n}", "d/c": "c {\n}"},
            ["dns://a.[]", "dns://b.[]"],
            id="a pattern imports what matches, in order",
        ),
        pytest.param("import a?", {"a1": "org {\n}"}, ["dns://org.[]"], id="a question mark is a pattern"),
        pytest.param(
            ". {\n import a\n import a\n}", {"a": "log"}, ["dns://.[log; log]"], id="a file may be imported twice"
        ),
        pytest.param('. {\n "import" a\n}', {}, ["dns://.[import a]"], id="a quoted import is a directive"),
    ],
)
def test_import(text, files, expected):
    assert outlines(parsed(text, files)) == expected


@pytest.mark.parametrize(
    ("text", "files", "lines"),
    [
        pytest.param("import", {}, [f"Corefile:1: {USAGE}"], id="no argument"),
        pytest.param("import a b", {}, [f"Corefile:1: {USAGE}"], id="two arguments"),
        pytest.param('import ""', {}, [f"Corefile:1: {USAGE}"], id="an empty argument"),
        pytest.param("import a {\n}", {"a": ""}, [f"Corefile:1: {USAGE}"], id="a block"),
        pytest.param(
            "import d/a",
            {"d/a": "\nimport b"},
            ["d/a:2: there is no snippet and no file `b` to import; looked for `d/b`"],
            id="a missing file",
        ),
        pytest.param(
            ". {\n import s\n}\n(s) {\n}",
            {},
            ["Corefile:2: there is no snippet and no file `s` to import; looked for `s`"],
            id="a snippet that is defined later",
        ),
        pytest.param(
            "import a",
            {"a": IsADirectoryError(21, "Is a directory")},
            ["Corefile:1: cannot read `a`: Is a directory"],
            id="folder",
        ),
        pytest.param(
            "import a", {"a": OSError("odd")}, ["Corefile:1: cannot read `a`: odd"], id="an error without a number"
        ),
        pytest.param(
            "import a",
            {"a": UnicodeDecodeError("utf-8", b"a\xff", 1, 2, "invalid start byte")},
            ["Corefile:1: `a` is not UTF-8 text (octet 1)"],
            id="not UTF-8",
        ),
        pytest.param(
            "import [ab]",
            {},
            ["Corefile:1: the pattern `[ab]` is too wide; use one `*` or one `?`"],
            id="a set of characters",
        ),
        pytest.param(
            "import */*", {}, ["Corefile:1: the pattern `*/*` is too wide; use one `*` or one `?`"], id="two stars"
        ),
        pytest.param(
            "import ??", {}, ["Corefile:1: the pattern `??` is too wide; use one `*` or one `?`"], id="two marks"
        ),
        pytest.param(
            "(s) {\n}\n(s) {\n}",
            {},
            ["Corefile:3: the snippet `(s)` is defined twice, first at Corefile:1; give one of them another name"],
            id="a snippet defined twice",
        ),
        pytest.param(
            "(s)", {}, ["Corefile:1: the snippet `(s)` has no block; end the line with ` {`"], id="a snippet, no block"
        ),
        pytest.param(
            "import a\n. {\n import a\n}",
            {"a": 'x\n"'},
            ['a:2: this quote is never closed; close it with `"`, and write a quote inside as `\\"`'],
            id="an error in an imported file is told once",
        ),
        pytest.param(
            ". {\n import a\n grr {\n}",
            {"a": "x {\n"},
            [
                "Corefile:1: the block of `.` is never closed; 1 more `}` must stand before the end of the file",
                "a:1: the block of `x` is never closed; 1 more `}` must stand before the end of the file",
            ],
            id="a block ends in the file where it begins",
        ),
        pytest.param(
            "import a",
            {"a": "org {\n}\nimport b", "b": "import a"},
            ["b:1: imports run in a circle: a -> b -> a"],
            id="files in a circle",
        ),
        pytest.param(
            "import ./Corefile",
            {"Corefile": ""},
            ["Corefile:1: imports run in a circle: Corefile -> Corefile"],
            id="itself",
        ),
        pytest.param(
            "(a) {\n import b\n}\n(b) {\n import a\n}\n. {\n import a\n}",
            {},
            ["Corefile:5: imports run in a circle: (a) -> (b) -> (a)"],
            id="snippets in a circle",
        ),
        pytest.param(
            "import import.0",
            {f"import.{n}": f"import import.{n + 1}" for n in range(30)},
            ["import.15:1: imports are nested more than 16 deep"],
            id="too deep",
        ),
    ],
)
def test_import_refuses(text, files, lines):
    assert wrong(text, files) == lines


def test_imports_are_nested_as_deep_as_is_said():
    files = {f"import.{n}": f"import import.{n + 1}" for n in range(15)} | {"import.15": "org {\n}"}
    assert outlines(parsed("import import.0", files)) == ["dns://org.[]"]


def test_blocks_are_nested_too_deep_by_imports():
    files = {"a": "x {\n" * 20 + "import b\n" + "}\n" * 20, "b": "y {\n" * 20 + "}\n" * 20}
    assert wrong("org {\nimport a\n}", files) == ["b:12: blocks are nested more than 32 deep by imports"]


def doubled(times, body):
    """Return snippets of which `s<times>` stands for `body` 2**times times."""
    return f"(s0) {{\n{body}\n}}\n" + "".join(f"(s{n + 1}) {{\n import s{n}\n import s{n}\n}}\n" for n in range(times))


def test_snippets_that_multiply_end_at_the_limit():
    assert wrong(doubled(12, "log" + " word" * 98) + ". {\n import s12\n}") == [
        "Corefile:2: the imports make more than 200000 words"
    ]


def test_the_same_error_is_told_once_however_often_its_line_is_imported():
    assert wrong(doubled(8, "import a b") + ". {\n import s8\n}") == [f"Corefile:2: {USAGE}"]


def test_words_are_bounded_over_all_files():
    files = {f"{n}.conf": "org {\n" + "a b c d e f\n" * 9_000 + "}\n" for n in range(4)}
    assert wrong("import *.conf", files) == ["Corefile:1: the configuration has more than 200000 words"]


def test_files_are_bounded():
    files = {f"{n}.conf": "" for n in range(imports.MAX_FILES)}
    assert wrong("import *.conf", files) == ["Corefile:1: more than 1000 files are imported"]


def test_a_pattern_without_a_match_is_a_warning():
    corefile = parsed("import d/*.conf\norg {\n}")
    assert outlines(corefile) == ["dns://org.[]"]
    assert [str(warning) for warning in corefile.warnings] == ["Corefile:1: no file matches `d/*.conf`"]


def test_every_file_is_listed_in_the_order_of_reading():
    files = {"a": "import b", "b": "", "d/c.conf": "org {\n}"}
    assert parsed("import d/*\nimport a", files).files == ("Corefile", "d/c.conf", "a", "b")


def test_the_digest_tells_a_change_of_any_file():
    def digest(text, name="a", imported="log"):
        return parsed(text, {name: imported}).digest

    base = digest("org {\n import a*\n}")
    assert digest("org {\n import a*\n}") == base
    others = {
        digest("com {\n import a*\n}"),
        digest("org {\n import a*\n}", "ab"),
        digest("org {\n import a*\n}", "a", "x"),
    }
    assert len(others - {base}) == 3


def test_a_stanza_knows_the_file_that_it_was_imported_from():
    (block,) = parsed(". {\n import d/a\n}", {"d/a": "\nlog"}).blocks
    assert (block.stanzas[0].file, block.stanzas[0].line) == ("d/a", 2)


def test_paths_follow_the_folder_of_the_corefile():
    corefile = parse("import a", "/etc/dns/Corefile", Files({"/etc/dns/a": "org {\n}"}), {})
    assert corefile.files == ("/etc/dns/Corefile", "/etc/dns/a")


def test_the_limit_ends_the_reading_but_not_the_errors_before_it():
    files = {f"{n}.conf": "" for n in range(imports.MAX_FILES)}
    with pytest.raises(ConfigError) as caught:
        parsed("import missing\nimport *.conf", files)
    assert [error.line for error in caught.value.errors] == [1, 2]
