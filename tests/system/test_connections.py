"""A running server with more connections than it may have."""

import re
import shutil
import socket
from contextlib import ExitStack

import pytest

from fedresolver.run.places import Place
from tests.support.ask import addresses, ask, question
from tests.support.deadline import eventually
from tests.support.running import process, running

COREFILE = """
.:0 {
    bind 127.0.0.1
    hosts names
}
"""
FILES = 64
"""The descriptors that the process may have."""


@pytest.fixture
def server(tmp_path):
    (tmp_path / "names").write_text("192.0.2.1 www.example.org\n")
    with process(tmp_path, COREFILE, before=("prlimit", f"--nofile={FILES}:{FILES}")) as started:
        yield started


def test_who_comes_later_is_answered_where_others_have_taken_all_sockets(server):
    address = server.address()
    with ExitStack() as stack:
        for _ in range(2 * FILES):
            stack.enter_context(socket.create_connection(address, 5))
        eventually(lambda: "no more connections can be accepted" in server.text)
        for tcp in (True, False) * 10:
            assert addresses(ask(address, question("www.example.org"), tcp=tcp)) == {"192.0.2.1"}
    assert addresses(ask(address, question("www.example.org"), tcp=True)) == {"192.0.2.1"}
    assert server.text.count("no more connections") == 1


COUNTED = """
dns://.:0 tls://.:0 {
    bind 127.0.0.1
    tls cert.pem key.pem
    prometheus 127.0.0.1:0
    hosts names
}
"""
NUMBERS = re.compile(
    r"^fedresolver_((?:connections|tls_handshakes_failed)[a-z_]*)\{server=\"(\w+)://:0\"\} ([\d.]+)$", re.M
)


def numbers(server):
    """Return what is told of connections, by name and transport."""
    text = server.page("/metrics")[1]
    return {(name, transport): float(value) for name, transport, value in NUMBERS.findall(text)}


def test_connections_are_counted(tmp_path, authority):
    (tmp_path / "names").write_text("192.0.2.1 www.example.org\n")
    for path, name in zip(authority.server("localhost", "127.0.0.1"), ("cert.pem", "key.pem"), strict=True):
        shutil.copy(path, tmp_path / name)
    with running(tmp_path, COUNTED) as server, ExitStack() as stack:
        tcp, tls = server.address(), server.address(transport="tls")
        assert numbers(server) == {
            ("connections", "dns"): 0,
            ("connections_refused_total", "dns"): 0,
            ("connections", "tls"): 0,
            ("connections_refused_total", "tls"): 0,
            ("tls_handshakes_failed_total", "tls"): 0,
        }
        for address in (tcp, tcp, tls):
            stack.enter_context(socket.create_connection(address, 5))
        with socket.create_connection(tls, 5) as garbage:
            garbage.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert garbage.recv(100)[:1] in (b"", b"\x15")
        eventually(lambda: numbers(server)["connections", "dns"] == 2 and numbers(server)["connections", "tls"] == 1)
        assert numbers(server)["tls_handshakes_failed_total", "tls"] == 1
        crowd = server.server.listeners.dns[Place("127.0.0.1", 0)].crowd
        for _ in range(crowd.limits.per_client):
            stack.enter_context(socket.create_connection(tcp, 5))
        eventually(lambda: numbers(server)["connections_refused_total", "dns"] == 2)
        assert numbers(server)["connections", "dns"] == crowd.limits.per_client
    assert crowd.connections == 0
