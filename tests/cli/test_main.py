"""The command: what it prints, and what its exit codes mean."""

import json
import os
import subprocess
import sys

import click
import pytest

from fedresolver import __version__
from fedresolver.cli.main import main
from tests.support.manifests import put, shard
from tests.support.running import ROOT, command

GOOD = """
. {
    errors
    federation myfederation example.com {
        manifests members
        local c1
    }
}
"""
BAD = """
. {
    erors
    federation myfederation example.com {
        manifest members
        ttl soon
    }
}
"""


@pytest.fixture
def folder(tmp_path):
    put(tmp_path / "members", "c1", "cart.yaml", *shard("cart"))
    return tmp_path


def corefile(folder, text):
    path = folder / "Corefile"
    path.write_text(text)
    return str(path)


def test_the_version():
    done = command("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"fedresolver, version {__version__}\n", "")


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["serve", "-h"], ["check", "--help"]], ids=" ".join)
def test_help_is_no_failure(words):
    done = command(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: python -m fedresolver")


def test_the_list_of_commands_says_of_each_what_it_does_and_cuts_nothing():
    listed = command("--help").stdout.partition("Commands:\n")[2].splitlines()
    assert len(listed) == len({line.split()[0] for line in listed}) > 10
    assert [line for line in listed if not line.endswith(".") or line.endswith("...")] == []


def test_the_variable_that_names_a_server_is_told():
    assert "FEDRESOLVER_SERVER" in command("clusters", "--help").stdout


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        pytest.param(["serv"], "No such command 'serv'", id="a command that is not there"),
        pytest.param(["serve", "--prot", "53"], "No such option", id="an option that is not there"),
        pytest.param(["serve", "--port", "dns"], "'dns' is not a valid integer", id="a port that is no number"),
        pytest.param(["serve", "--port", "65536"], "65536 is not in the range", id="a port above the last"),
        pytest.param(["serve", "Corefile"], "unexpected extra argument", id="an argument too many"),
        pytest.param(["check", "-o", "xml"], "'xml' is not one of", id="an output that is not there"),
        pytest.param(["check", "--conf"], "requires an argument", id="an option without its value"),
        pytest.param(["explain"], "Missing argument 'NAME'", id="an argument too few"),
        pytest.param(["completion"], "Choose from: bash, zsh, fish", id="one of several"),
        pytest.param(["simulate"], "write --down MEMBER", id="nothing to do"),
    ],
)
def test_wrong_usage_is_code_2_and_one_line(words, complaint):
    done = command(*words)
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in line
    assert line.startswith("fedresolver: ")
    path = " ".join(["python -m fedresolver", *words[: words[0] != "serv"]])
    assert line.endswith(f" See `{path} --help`.")


def test_without_a_command_the_help_is_printed():
    done = command()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: python -m fedresolver")


def test_check_of_a_good_corefile(folder):
    path = corefile(folder, GOOD)
    done = command("check", "--conf", path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{path}: good\n", "")


def test_the_corefile_of_the_folder_is_the_default(folder):
    corefile(folder, GOOD)
    done = command("check", folder=folder)
    assert (done.returncode, done.stdout) == (0, "Corefile: good\n")


def test_check_opens_nothing(folder):
    path = corefile(folder, GOOD.replace("errors", "errors\n    bind 192.0.2.254\n    health 192.0.2.254:1"))
    assert command("check", "--conf", path).returncode == 0


def errors(path):
    return [
        f"{path}:3: unknown directive `erors`; did you mean `errors`?",
        f"{path}:5: unknown option `manifest`; did you mean `manifests`?",
    ]


@pytest.mark.parametrize("name", ["serve", "check"])
def test_all_errors_are_told_each_with_its_place(folder, name):
    path = corefile(folder, BAD)
    done = command(name, "--conf", path)
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert lines[:2] == errors(path)
    assert lines[2].startswith(f"{path}:6: ")
    assert len(lines) == 3


@pytest.mark.parametrize("name", ["serve", "check"])
@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        pytest.param("nowhere", "nowhere: No such file or directory\n", id="that is not there"),
        pytest.param("members", "members: Is a directory\n", id="that is a folder"),
    ],
)
def test_a_corefile(folder, name, path, complaint):
    done = command(name, "--conf", path, folder=folder)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", complaint)


@pytest.mark.parametrize("name", ["serve", "check", "rbac", "diagnose", "gather", "migrate"])
def test_a_file_that_nobody_may_read_is_no_wrong_usage(name):
    paths = [one.type for one in main.commands[name].params if isinstance(one.type, click.Path) and one.name != "log"]
    assert [path.readable for path in paths] == [False] * len(paths) != []


@pytest.mark.parametrize("name", ["serve", "check"])
@pytest.mark.parametrize("text", ["", "# nothing yet\n", "(common) {\n    errors\n}\n"])
def test_a_corefile_that_serves_nothing(folder, name, text):
    (folder / "Corefile").write_text(text)
    done = command(name, folder=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Corefile:1: there is no server block; write one, `. { ... }`\n"


@pytest.mark.parametrize("name", ["serve", "check"])
def test_a_corefile_that_is_no_text(folder, name):
    (folder / "Corefile").write_bytes(b". {\n    \xff\xfe\n}\n")
    done = command(name, folder=folder)
    complaint = "Corefile:2: this is not UTF-8 text; save the file as UTF-8\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", complaint)


def test_check_as_json_of_a_good_corefile(folder):
    path = corefile(folder, GOOD)
    done = command("check", "--conf", path, "-o", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"file": path, "ok": True, "errors": [], "warnings": []}


def test_check_as_json_of_a_bad_corefile(folder):
    path = corefile(folder, BAD)
    done = command("check", "--conf", path, "-o", "json")
    found = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (1, "")
    assert (found["ok"], found["errors"][:2], len(found["errors"])) == (False, errors(path), 3)


@pytest.mark.parametrize("output", ["text", "json"])
def test_check_tells_warnings_and_is_content(folder, output):
    path = corefile(folder, GOOD.replace("federation myfederation", "federation dev"))
    done = command("check", "--conf", path, "-o", output)
    assert done.returncode == 0
    if output == "json":
        (warning,) = json.loads(done.stdout)["warnings"]
    else:
        warning = done.stderr.removeprefix("warning: ").rstrip("\n")
        assert done.stdout == f"{path}: good\n"
    assert warning.startswith(f"{path}:4: federation dev is called like a top-level domain that exists")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("tls://.:853 {\n    whoami\n}\n", ":1: ", id="tls is not served"),
        pytest.param(".:53 {\n}\n.:53 {\n}\n", ":3: ", id="a key twice"),
        pytest.param(". {\n}\n}\n", ":3: ", id="a stray brace"),
        pytest.param(". {\n    federation f example.com {\n    }\n}\n", ":2: ", id="a federation without members"),
        pytest.param(
            ". {\n    federation f example.com {\n        manifests .\n        stale_after 10m\n"
            "        expire_after 30s\n    }\n}\n",
            ":5: ",
            id="expiry before staleness",
        ),
    ],
)
def test_what_cannot_be_is_told_with_its_line(folder, text, complaint):
    path = corefile(folder, text)
    done = command("check", "--conf", path)
    assert done.returncode == 1
    assert done.stderr.startswith(path + complaint)
    assert done.stderr.count("\n") == 1


def printing(folder, words, where):
    """Return code and errors of a command that prints on `where`."""
    done = subprocess.run(
        (sys.executable, "-m", "fedresolver", *words),
        stdout=where,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        timeout=20,
        check=False,
        env=os.environ | {"PYTHONPATH": ROOT, "PYTHONUNBUFFERED": ""},
    )
    return done.returncode, done.stderr


PRINTING = [
    pytest.param(("check",), id="check"),
    pytest.param(("rbac",), id="rbac"),
    pytest.param(("diagnose", "--server", "http://127.0.0.1:1"), id="diagnose"),
    pytest.param(("migrate", "old"), id="migrate"),
]


@pytest.fixture
def printer(folder):
    corefile(folder, GOOD.replace("local c1", "in_cluster c9"))
    (folder / "old").write_text(". {\n federation cluster.local {\n  prod example.com\n }\n}\n")
    return folder


@pytest.mark.parametrize("words", PRINTING)
def test_that_nothing_can_be_printed_is_one_line(printer, words):
    with open("/dev/full", "w") as full:
        assert printing(printer, words, full) == (1, "fedresolver: No space left on device\n")


@pytest.mark.parametrize("words", PRINTING)
def test_a_reader_that_has_gone_has_read_enough(printer, words):
    reads, writes = os.pipe()
    os.close(reads)
    with open(writes, "w") as gone:
        assert printing(printer, words, gone) == (0, "")
