"""A running server with more connections than it may have."""

import socket
from contextlib import ExitStack

import pytest

from tests.support.ask import addresses, ask, question
from tests.support.deadline import eventually
from tests.support.running import process

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
