"""The server as its users run it: a Corefile, a folder of manifests, dig, signals."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from fedresolver.cli.demo.world import LOCAL, write

NAME = "nginx.mynamespace.myfederation"


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def dig(port, *words, server="127.0.0.1"):
    command = ["dig", f"@{server}", "-p", str(port), "+time=2", "+tries=1", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def eventually(question, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)
    return answer


@contextmanager
def serving(folder, port, *, addresses=""):
    corefile = folder / "Corefile"
    bind = f"    bind {addresses}\n" if addresses else ""
    corefile.write_text(
        ". {\n" + bind + "    errors\n    federation myfederation example.com {\n"
        f"        manifests members\n        local {LOCAL}\n    }}\n    loadbalance\n}}\n"
    )
    command = [sys.executable, "-m", "fedresolver", "serve", "--conf", str(corefile), "--port", str(port)]
    log = (folder / "log").open("w")
    process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        eventually(lambda: process.poll() is not None or "10.10.0.80" in dig(port, "+short", NAME), 20)
        yield process
    finally:
        process.kill()
        process.wait()
        log.close()


@pytest.fixture
def world(tmp_path):
    write(tmp_path)
    return tmp_path


def test_dig_gets_the_local_address_over_both_transports_and_families(world):
    port = free_port()
    with serving(world, port):
        for server in ("127.0.0.1", "127.0.0.5", "::1"):
            for transport in ("+notcp", "+tcp"):
                assert dig(port, "+short", transport, NAME, server=server) == "10.10.0.80\n"


def test_an_edit_moves_the_answer_and_back(world):
    port = free_port()
    shard = world / "members" / LOCAL / "nginx.yaml"
    with serving(world, port, addresses="127.0.0.1"):
        shard.write_text(shard.read_text().replace("ready: true", "ready: false"))
        eventually(lambda: "203.0.113.50" in dig(port, "+short", NAME))
        shard.write_text(shard.read_text().replace("ready: false", "ready: true"))
        eventually(lambda: dig(port, "+short", NAME) == "10.10.0.80\n")


def test_a_member_that_leaves_takes_its_addresses_along(world):
    port = free_port()
    with serving(world, port, addresses="127.0.0.1"):
        shutil.rmtree(world / "members" / "gce-us-east1")
        eventually(lambda: "203.0.113.20" not in dig(port, "+short", f"{NAME}.svc.example.com"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(["www.example.org"], "status: REFUSED", id="a name of no zone of ours is refused"),
        pytest.param([f"nobody.{NAME}", "A"], "status: NXDOMAIN", id="an endpoint that is not there"),
        pytest.param([NAME, "AAAA"], "status: NOERROR.*AUTHORITY: 1", id="the family that is not there is no data"),
        pytest.param(["+edns=1", "+noednsneg", NAME], "status: BADVERS", id="a later version of EDNS"),
        pytest.param(["+opcode=5", NAME], "status: NOTIMP", id="UPDATE is not implemented"),
        pytest.param([f"_http._tcp.{NAME}", "SRV"], r"0 100 80 nginx\.", id="SRV by a named port"),
        pytest.param([NAME], r"EDE: 0 \(Other\): \(local\)", id="why the local shard answered"),
        pytest.param(["+noedns", NAME], "ADDITIONAL: 0", id="no OPT without EDNS"),
        pytest.param(["example.com", "SOA"], r"SOA\s+ns\.example\.com\.", id="the apex has an SOA"),
    ],
)
def test_dig_reads(served, words, expected):
    assert re.search(expected, dig(served, *words), re.DOTALL)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    write(folder)
    port = free_port()
    with serving(folder, port, addresses="127.0.0.1"):
        yield port


def test_sigterm_ends_it_with_code_0(world):
    with serving(world, free_port(), addresses="127.0.0.1") as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0


def test_a_bad_corefile_is_told_with_its_place(world):
    corefile = world / "Corefile"
    corefile.write_text(". {\n    erors\n    federation f example.com {\n        manifest members\n    }\n}\n")
    for command in ("serve", "check"):
        argv = [sys.executable, "-m", "fedresolver", command, "--conf", str(corefile)]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 1
        assert f"{corefile}:2: unknown directive `erors`; did you mean `errors`?" in done.stderr
        assert f"{corefile}:4: unknown option `manifest`; did you mean `manifests`?" in done.stderr


def test_a_bad_reload_keeps_what_runs(world):
    port = free_port()
    with serving(world, port, addresses="127.0.0.1") as process:
        (world / "Corefile").write_text(". {\n    erors\n}\n")
        process.send_signal(signal.SIGUSR1)
        eventually(lambda: "Corefile:2: unknown directive `erors`" in (world / "log").read_text())
        assert dig(port, "+short", NAME) == "10.10.0.80\n"
