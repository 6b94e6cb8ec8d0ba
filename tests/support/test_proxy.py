import socket
import threading
import time
from contextlib import contextmanager

import pytest

from tests.support.ask import SILENCE
from tests.support.deadline import eventually
from tests.support.loop import looping
from tests.support.proxy import BLACK_HOLE, NARROW, PASS, REFUSED, Link, proxying


def echo(listener):
    """Send back what comes, on each connection, until the listener is closed."""
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=back, args=(client,)).start()


def back(client):
    with client:
        try:
            while data := client.recv(4096):
                client.sendall(data)
        except OSError:
            pass


@contextmanager
def echoing():
    """Give the address of a server that sends back what comes."""
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=echo, args=(listener,))
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.fixture
def loop():
    with looping() as found:
        yield found


@pytest.fixture
def proxy(loop):
    with echoing() as target, proxying(loop, target) as found:
        yield found


@pytest.fixture
def client(proxy):
    with socket.create_connection(proxy.address, 10) as sock:
        yield sock


def comes_back(sock, data):
    sock.sendall(data)
    found = b""
    while len(found) < len(data):
        found += sock.recv(4096)
    return found == data


def test_it_passes_what_comes_and_the_end_too(client, proxy):
    assert comes_back(client, b"hello")
    client.shutdown(socket.SHUT_WR)
    assert client.recv(1) == b""
    eventually(lambda: proxy.connections == 0)


def test_a_black_hole_takes_connections_and_carries_nothing_until_it_is_healed(client, proxy):
    assert comes_back(client, b"before")
    proxy.become(BLACK_HOLE)
    with socket.create_connection(proxy.address, 10) as other:
        for sock in (client, other):
            sock.sendall(b"lost?")
            sock.settimeout(SILENCE)
            with pytest.raises(TimeoutError):
                sock.recv(1)
            sock.settimeout(10)
        proxy.become(PASS)
        assert [sock.recv(5) for sock in (client, other)] == [b"lost?", b"lost?"]


def test_a_closed_port_refuses_and_keeps_what_is_connected(client, proxy):
    assert comes_back(client, b"before")
    proxy.become(REFUSED)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(proxy.address, 10)
    assert comes_back(client, b"still there")
    proxy.become(PASS)
    with socket.create_connection(proxy.address, 10) as other:
        assert comes_back(other, b"again")


def test_connections_are_reset_on_demand(client, proxy):
    assert comes_back(client, b"before")
    proxy.reset()
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    with socket.create_connection(proxy.address, 10) as other:
        assert comes_back(other, b"again")


def test_a_target_that_is_down_is_a_reset(loop):
    with (
        proxying(loop, ("127.0.0.1", 1)) as proxy,
        pytest.raises(ConnectionResetError),
        socket.create_connection(proxy.address, 10) as sock,
    ):
        sock.recv(1)


@pytest.mark.parametrize(
    ("link", "octets", "least"),
    [(Link(latency=0.2), 5, 0.4), (NARROW, 500, 0.4)],
    ids=["a fifth of a second each way", "a thousand octets in a second"],
)
def test_a_slow_link_takes_its_time(client, proxy, link, octets, least):
    proxy.become(link)
    begun = time.monotonic()
    assert comes_back(client, b"x" * octets)
    assert least <= time.monotonic() - begun < least + 3
