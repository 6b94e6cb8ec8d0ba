"""The server as a process: signals, exit codes, what it prints."""

import signal
import socket
import time
from pathlib import Path

import dns.rcode
import pytest

from fedresolver import __version__
from tests.support.ask import addresses, ask, connected, over_udp, question, raw, wire
from tests.support.asker import asking
from tests.support.cart import CART, corefile, is_local
from tests.support.deadline import eventually
from tests.support.manifests import put, shard
from tests.support.running import command, free_ports, page, process


@pytest.fixture
def folder(tmp_path):
    put(tmp_path / "members", "c1", "cart.yaml", *shard("cart"))
    return tmp_path


def is_answered(server):
    return ask(server.address(), question(CART)).rcode() == dns.rcode.NOERROR


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_soon_and_with_code_0(folder, number):
    with process(folder, corefile()) as server:
        eventually(lambda: is_answered(server))
        with connected(server.address()):
            server.signal(number)
            assert server.wait(5) == 0
        assert server.text.rstrip().endswith("[INFO] stopped")
        assert "Traceback" not in server.text


def test_a_signal_during_the_start_ends_it_too(folder):
    with process(folder, corefile(more="health 127.0.0.1:0")) as server:
        server.signal(signal.SIGUSR1)
        server.signal(signal.SIGTERM)
        assert server.wait(5) == 0


def test_lameduck_still_answers_and_is_not_ready_at_once(folder):
    with process(folder, corefile(more="health 127.0.0.1:0 {\n lameduck 1s\n }\n    ready 127.0.0.1:0")) as server:
        pages = server.address("http")
        eventually(lambda: page(pages, "/ready")[0] == 200)
        with asking(server.address(), raw(wire(CART)), is_local) as asker:
            begin = time.monotonic()
            server.signal(signal.SIGTERM)
            assert eventually(lambda: page(pages, "/ready")[0] == 503 and page(pages, "/ready")[1]) == "stopping\n"
            assert page(pages, "/health") == (200, "OK")
            assert time.monotonic() - begin < 0.9
            before = asker.asked
            eventually(lambda: asker.asked > before + 10)
            assert addresses(ask(server.address(), question(CART), tcp=True)) == {"10.0.0.1"}
        assert server.wait(5) == 0
        assert 1.0 <= time.monotonic() - begin < 5


def test_sigusr1_reloads(folder):
    with process(folder, corefile()) as server:
        eventually(lambda: is_answered(server))
        with asking(server.address(), raw(wire(CART)), is_local):
            (folder / "Corefile").write_text(corefile(local_ttl=77))
            server.signal(signal.SIGUSR1)
            eventually(lambda: ask(server.address(), question(CART)).answer[0].ttl == 77)
            (folder / "Corefile").write_text(corefile(more="erors"))
            server.signal(signal.SIGUSR1)
            eventually(lambda: "reload failed" in server.text)
            server.signal(signal.SIGUSR1)  # whoever asks again is told again
            eventually(lambda: server.text.count("reload failed") == 2)
        assert f"[ERROR] reload failed, the old configuration stays: {folder}/Corefile:10: unknown" in server.text
        assert ask(server.address(), question(CART)).answer[0].ttl == 77


def test_what_it_prints_first(folder):
    with process(folder, corefile(more="health 127.0.0.1:0")) as server:
        eventually(lambda: server.text.count("listening on") == 2)
        first, *others = server.text.splitlines()
    assert first.startswith(f"[INFO] fedresolver {__version__}, Python 3.")
    assert [line.rsplit(":", 1)[0] for line in others if "listening" in line] == [
        "[INFO] listening on dns://127.0.0.1",
        "[INFO] listening on http://127.0.0.1",
    ]


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["udp", "tcp"])
def test_a_port_in_use_is_one_clear_error_and_code_1(folder, kind):
    (port,) = free_ports(1)
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", port))
        if kind == socket.SOCK_STREAM:
            other.listen()
        (folder / "Corefile").write_text(corefile(port=port))
        done = command("serve", "--conf", str(folder / "Corefile"))
    assert (done.returncode, done.stderr) == (
        1,
        f"cannot listen on 127.0.0.1 port {port}: Address already in use\n",
    )


def test_a_second_server_on_the_same_port_fails_even_after_a_reload_of_the_first(folder):
    (port,) = free_ports(1)
    with process(folder, corefile(port=port)) as server:
        (folder / "Corefile").write_text(corefile(port=port).replace("127.0.0.1", "0.0.0.0"))
        server.signal(signal.SIGUSR1)
        eventually(lambda: "reloaded" in server.text)
        done = command("serve", "--conf", str(folder / "Corefile"))
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert is_answered(server)


def test_a_page_whose_port_is_in_use_is_one_clear_error_too(folder):
    (port,) = free_ports(1)
    with socket.create_server(("127.0.0.1", port)):
        (folder / "Corefile").write_text(corefile(more=f"health 127.0.0.1:{port}"))
        done = command("serve", "--conf", str(folder / "Corefile"))
    assert done.returncode == 1
    assert done.stderr == f"cannot listen on http://127.0.0.1:{port}: Address already in use\n"


def test_the_port_of_blocks_that_name_none(folder):
    first, second = free_ports(2)
    text = corefile().replace(".:0", ".") + f"example.net:{second} {{\n    bind 127.0.0.1\n    whoami\n}}\n"
    with process(folder, text, "--port", str(first)):
        assert ask(("127.0.0.1", second), question("example.net")).rcode() == dns.rcode.NOERROR
        assert over_udp(("127.0.0.1", first), raw(wire("example.net")))[3] & 0xF == dns.rcode.REFUSED


def test_port_0_is_any_free_port(folder):
    with process(folder, corefile().replace(".:0", "."), "--port", "0") as server:
        assert server.address()[1] > 0
        eventually(lambda: is_answered(server))


@pytest.mark.parametrize(("limits", "soft"), [("200:4000", "4000"), ("4000:4000", "4000")])
def test_it_may_have_as_many_descriptors_as_the_system_lets_it(folder, limits, soft):
    with process(folder, corefile(), before=("prlimit", f"--nofile={limits}")) as server:
        server.address()
        (line,) = [line for line in Path(f"/proc/{server.pid}/limits").read_text().splitlines() if "open files" in line]
        assert line.split()[3] == soft
