"""`fedresolver gather` asks a real server, of whose secrets none is in the archive."""

import json
import tarfile

import pytest

from tests.support.ailing import NAME, TOKEN, ailing
from tests.support.deadline import eventually
from tests.support.running import command
from tests.support.stub_api import lies

TSIG = "bm90IGEgc2VjcmV0LCBhIHNlY3JldCE="
COOKIE = "e5e973e5a6b2a43f48e7dc849e37bfcf"
PROXY = "swordfish-8"
VARIABLE = "correcthorsebattery"
PLANTED = {
    "a token that an API server repeats": TOKEN,
    "a TSIG secret in the Corefile": TSIG,
    "the secret of cookies": COOKIE,
    "the password of a proxy": PROXY,
    "the value of a variable": VARIABLE,
}
MORE = f"""
    tsig {{
        secret key.example.org. {TSIG}
        secret other.example.org. {{$OTHER_KEY}}
    }}
    cookie {COOKIE}
    prometheus 127.0.0.1:0
    # forward . https://user:{PROXY}@192.0.2.1
"""


@pytest.fixture
def it(tmp_path, authority):
    with ailing(tmp_path, authority) as found:
        yield found


def unpacked(path):
    """Return the files of an archive by their names, without the folder that they are in."""
    with tarfile.open(path) as archive:
        return {one.name.partition("/")[2]: archive.extractfile(one).read().decode() for one in archive}


def gather(it, *words):
    """Return the archive that the command makes, and its files."""
    path = it.folder / "report.tar.gz"
    done = command("gather", NAME, "--server", it.url, "--resolv-conf", str(it.pod), "--output", str(path), *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{path}: ")
    return path, unpacked(path)


def plant(it):
    """Put each secret where it may get from into a bug report."""
    it.configure(more=MORE.replace("{$OTHER_KEY}", TSIG))
    said = f"token {TOKEN} has expired; proxy http://user:{PROXY}@192.0.2.7"
    it.apis["c2"].lies.tell(lies.refused(403, said))
    it.ask_again("c2")
    (it.folder / "log").write_text(
        f"[WARNING] plugin/federation: member c2: forbidden: {said}\n[INFO] {VARIABLE} {TSIG} {COOKIE}\n"
    )
    it.server.corefile.write_text(
        it.server.corefile.read_text().replace("other.example.org. " + TSIG, "o. {$OTHER_KEY}")
    )


def test_no_secret_is_in_the_archive(it, monkeypatch):
    monkeypatch.setenv("OTHER_KEY", VARIABLE)
    plant(it)
    said = eventually(lambda: [text for text in (it.server.page("/v1/clusters")[1],) if TOKEN in text])
    assert PROXY in said[0]  # else nothing is proved
    path, files = gather(it, "--log", str(it.folder / "log"))
    found = [(what, name) for what, secret in PLANTED.items() for name, text in files.items() if secret in text]
    assert found == []
    assert files["corefile/environment.txt"] == "OTHER_KEY: set here\n"
    assert path.stat().st_mode & 0o077 == 0


def test_what_is_in_the_archive(it):
    it.configure(more="prometheus 127.0.0.1:0")
    (it.folder / "log").write_text("[INFO] listening on dns://127.0.0.1:53\n")
    _, files = gather(it, "--log", str(it.folder / "log"))
    assert {
        "versions.json",
        "status/server.json",
        "status/clusters.json",
        "status/services.json",
        "status/zones.json",
        "status/transitions.json",
        "status/explain.json",
        "corefile/0-Corefile",
        "corefile/environment.txt",
        "process/limits.txt",
        "process/memory.txt",
        "diagnose.json",
        "log.txt",
    } <= set(files)
    assert files["log.txt"] == "[INFO] listening on dns://127.0.0.1:53\n"
    assert "federation myfederation example.com {" in files["corefile/0-Corefile"]
    assert "Max open files" in files["process/limits.txt"]
    (metrics,) = [text for name, text in files.items() if name.endswith("-metrics.txt")]
    assert "fedresolver_federation_members" in metrics
    assert json.loads(files["diagnose.json"])["ok"] is True
    assert [one["name"] for one in json.loads(files["status/clusters.json"])["clusters"]] == ["c1", "c2"]
    assert "***" not in files["diagnose.json"]


def test_without_a_server_there_is_an_archive_all_the_same(tmp_path):
    path = tmp_path / "report.tar.gz"
    done = command("gather", "--server", "http://127.0.0.1:1", "--output", str(path), folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    files = unpacked(path)
    assert "status/server.json: cannot ask http://127.0.0.1:1: Connection refused" in files["lacking.txt"]
    assert json.loads(files["diagnose.json"])["ok"] is False


def test_what_cannot_be_written_is_one_line(tmp_path):
    done = command("gather", "--server", "http://127.0.0.1:1", "--output", str(tmp_path / "absent" / "x.tar.gz"))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "No such file or directory" in done.stderr


def test_a_password_of_the_command_line_is_no_part_of_it(tmp_path):
    path = tmp_path / "report.tar.gz"
    url = f"http://user:{PROXY}@127.0.0.1:1"
    assert command("gather", "--server", url, "--output", str(path), folder=tmp_path).returncode == 0
    assert [name for name, text in unpacked(path).items() if PROXY in text] == []
