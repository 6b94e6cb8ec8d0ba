"""The image, as far as it can be seen without building it: there is no registry here to have its base from."""

import json
import re
import tomllib
from fnmatch import fnmatch

import pytest
import yaml

from deploy.render import FOLDER
from tests.support.manuals import ROOT

LINES = re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", (ROOT / "Containerfile").read_text(), flags=re.MULTILINE))
STAGES = [
    [tuple(line.split(maxsplit=1)) for line in stage.splitlines() if line]
    for stage in re.split(r"^(?=FROM )", LINES, flags=re.MULTILINE)
]
VALUES = yaml.safe_load((FOLDER / "chart" / "values.yaml").read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LAST = dict(STAGES[-1])


def runs():
    """Return the commands that build."""
    return [command.strip() for word, rest in STAGES[1] if word == "RUN" for command in rest.split("&&")]


def names(requirements):
    return {re.match(r"[A-Za-z0-9._-]+", line)[0].lower().replace("_", "-") for line in requirements}


def test_it_has_two_stages_and_nothing_is_run_in_the_last():
    assert len(STAGES) == 3  # what is before the first, and they
    assert {word for word, _ in STAGES[-1]} == {"FROM", "COPY", "ENV", "USER", "EXPOSE", "ENTRYPOINT", "CMD"}
    assert [rest for word, rest in STAGES[-1] if word == "COPY"] == ["--from=build /opt/fedresolver /opt/fedresolver"]


def test_its_base_has_neither_a_shell_nor_pip():
    bases = dict(rest.split("=", 1) for word, rest in STAGES[0] if word == "ARG")
    assert LAST["FROM"] == "${BASE}"
    assert bases["BASE"].startswith("gcr.io/distroless/python3-debian12:")
    assert ":debug" not in bases["BASE"]
    assert "bookworm" in bases["BUILD"]  # the same Debian, and so the same path of Python


def test_pip_stays_where_it_builds():
    assert "python3 -m venv --without-pip /opt/fedresolver" in runs()
    assert [run for run in runs() if "/opt/fedresolver" in run and "pip" in run and "--python" not in run] == [
        "python3 -m venv --without-pip /opt/fedresolver"
    ]


def test_whatever_is_fetched_has_its_hash():
    pips = [run for run in runs() if re.search(r"/pip .*(install|wheel) ", run)]
    assert len(pips) == 4
    assert [run for run in pips if "--no-index" not in run and "--require-hashes" not in run] == []
    assert {word for run in pips for word in run.split() if word.endswith(".lock")} == {
        "requirements.lock",
        "release/build.lock",
    }


@pytest.mark.parametrize("name", ["requirements.lock", "release/build.lock"])
def test_each_line_of_a_lock_file_has_hashes(name):
    entries = re.split(r"^(?=[a-z0-9])", (ROOT / name).read_text(), flags=re.MULTILINE)[1:]
    assert [entry for entry in entries if "--hash=sha256:" not in entry or "==" not in entry] == []


def test_what_builds_is_locked():
    needed = PROJECT["build-system"]["requires"]
    assert PROJECT["dependency-groups"]["build"] == needed
    locked = re.findall(r"^[a-z0-9].*==", (ROOT / "release" / "build.lock").read_text(), flags=re.MULTILINE)
    assert names(needed) <= names(locked)


def test_it_runs_as_the_chart_runs_it():
    assert LAST["USER"] == f"{VALUES['user']}:{VALUES['user']}"
    assert LAST["EXPOSE"].split() == [f"{VALUES['ports']['dns']}/{protocol}" for protocol in ("udp", "tcp")]
    assert json.loads(LAST["ENTRYPOINT"]) == ["/opt/fedresolver/bin/fedresolver"]
    template = (FOLDER / "chart" / "templates" / "_container.tpl").read_text()
    assert f"args: [{', '.join(json.loads(LAST['CMD']))}]\n" in template
    assert PROJECT["project"]["version"] == yaml.safe_load((FOLDER / "chart" / "Chart.yaml").read_text())["appVersion"]


def test_what_is_copied_is_let_in_and_no_more():
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"
    kept = [line[1:] for line in lines if line.startswith("!")]
    copied = [word for kind, rest in STAGES[1] if kind == "COPY" for word in rest.split()[:-1] if word != "."]
    assert [path for path in copied if not any(path == one or path.startswith(f"{one}/") for one in kept)] == []
    assert [one for one in kept if not (ROOT / one).exists()] == []
    assert not any(fnmatch(secret, one) for one in kept for secret in (".git", ".venv", "tests", "bench"))
