"""What a release is made of, and that it is made the same again."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile

import pytest

from release.man import page
from tests.support.manuals import PLUGINS, ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def built(folder):
    """Build from what git has, as a release is; return the files by name."""
    source = folder / "source"
    source.mkdir(parents=True)
    archive = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in archive.decode().split("\0")[:-1]:
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    environ = os.environ | {"SOURCE_DATE_EPOCH": "1700000000"}
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder / "dist")],
        cwd=source,
        env=environ,
        capture_output=True,
        check=True,
    )
    return {path.name: path for path in (folder / "dist").iterdir()}


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    return [built(tmp_path_factory.mktemp("release") / "x") for _ in range(2)]


def test_a_release_is_the_same_when_it_is_built_again(releases):
    first, second = (
        {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()} for files in releases
    )
    assert first == second
    assert len(first) == 2


@pytest.fixture(scope="module")
def wheel(releases):
    (path,) = [path for name, path in releases[0].items() if name.endswith(".whl")]
    with zipfile.ZipFile(path) as opened:
        yield opened


def test_the_wheel_has_what_it_needs(wheel):
    names = set(wheel.namelist())
    assert {"fedresolver/py.typed", "fedresolver/plugins/status/page.html"} <= names
    assert not [name for name in names if name.startswith(("tests/", "bench/", "release/"))]


def test_the_wheel_has_a_man_page_for_each_plugin(wheel):
    found = {match[1] for name in wheel.namelist() if (match := re.search(r"man7/fedresolver-(\w+)\.7$", name))}
    assert found == {path.parent.name for path in PLUGINS.glob("*/README.md")}


def test_the_wheel_has_both_commands(wheel):
    (entries,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    text = wheel.read(entries).decode()
    assert "fedresolver = " in text
    assert "kubectl-fed = " in text


def test_the_bill_of_materials_names_what_is_locked(wheel):
    (name,) = [name for name in wheel.namelist() if "/sboms/" in name]
    bill = json.loads(wheel.read(name))
    locked = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", LOCK, re.MULTILINE))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert {one["name"]: one["version"] for one in bill["components"]} == {
        name.lower(): version for name, version in locked.items()
    }
    assert all(one["externalReferences"][0]["hashes"] for one in bill["components"])


def test_every_dependency_is_locked_with_hashes():
    wanted = {re.match(r"[A-Za-z0-9._-]+", text)[0].lower() for text in PROJECT["dependencies"]}
    entries = re.findall(
        r"^([A-Za-z0-9._-]+)==[^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", LOCK, re.MULTILINE
    )
    assert wanted <= {name.lower() for name, _ in entries}
    assert len(entries) == len(re.findall(r"^[A-Za-z0-9]", LOCK, re.MULTILINE))


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("## Name\n\n*a* - does `-b` **c**.\n", ".SH NAME\n.PP\n\\fIa\\fR \\- does \\fB\\-b\\fR \\fBc\\fR.\n"),
        ("    .code\n    'x\n", ".PP\n.RS 4\n.nf\n\\&.code\n\\&'x\n.fi\n.RE\n"),
        ("- one\n- two\n", ".IP \\(bu 2\none\n.IP \\(bu 2\ntwo\n"),
        ("| a | b |\n| - | - |\n| c | d |\n", ".TP\na\nb\n.TP\nc\nd\n"),
        ("a\\\\b\n", ".PP\na\\eb\n"),
    ],
)
def test_markdown_as_a_man_page(markdown, expected):
    head, _, text = page("x", 7, "1", markdown).partition("\n")
    assert head == '.TH "X" 7 "" "fedresolver 1" "fedresolver"'
    assert text == expected
