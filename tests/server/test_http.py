"""The HTTP pages, asked over real sockets on the loopback."""

import asyncio
import errno
import socket
import time

import pytest

from fedresolver.chain.plugin import Response, Route
from fedresolver.server.http import HttpListener


async def page(visit):
    return Response(200, visit.accept.encode() or b"OK")


async def broken(visit):
    raise RuntimeError("no page today")


def route(path="/health", respond=page, names=frozenset()):
    return Route(host="127.0.0.1", port=0, path=path, respond=respond, names=names)


async def raw(address, octets):
    """Send `octets`, and return all that comes back until the other side closes."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(octets)
    try:
        return await asyncio.wait_for(reader.read(), 5)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


def run(test, host="127.0.0.1", routes=None, **limits):
    async def body():
        listener = HttpListener(host, 0, **limits)
        listener.routes = routes or [route(), route("/broken", broken)]
        await listener.open()
        try:
            return await asyncio.wait_for(test(listener), 20)
        finally:
            await listener.close()

    return asyncio.run(body())


def ask(method, path, headers=""):
    octets = f"{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode()
    answer = run(lambda listener: raw(listener.address, octets))
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body, head.lower()


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        pytest.param("GET", "/health", (200, b"OK"), id="GET of a page gets it"),
        pytest.param("GET", "/health?x=1", (200, b"OK"), id="a query string does not matter"),
        pytest.param("HEAD", "/health", (200, b""), id="HEAD gets no body"),
        pytest.param("GET", "/other", (404, b"404 page not found\n"), id="an unknown path is not found"),
        pytest.param("POST", "/other", (404, b"404 page not found\n"), id="an unknown path is not found by any method"),
        pytest.param("POST", "/health", (405, b"405 only GET and HEAD are allowed\n"), id="POST is not allowed"),
        pytest.param("DELETE", "/health", (405, b"405 only GET and HEAD are allowed\n"), id="DELETE is not allowed"),
        pytest.param(
            "GET", "/broken", (500, b"500 internal server error\n"), id="a page that fails says no more than that"
        ),
    ],
)
def test_answers(method, path, expected):
    assert ask(method, path)[:2] == expected


def test_one_connection_carries_one_request():
    two = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 2
    assert run(lambda listener: raw(listener.address, two)).count(b"HTTP/1.1 200") == 1


def test_a_method_that_is_not_allowed_is_told_which_are():
    assert b"allow: get, head" in ask("PUT", "/health")[2]


def test_a_page_is_given_the_accept_header():
    assert ask("GET", "/health", "Accept: text/html\r\n")[1] == b"text/html"


def test_nothing_is_said_about_the_software_below():
    head = ask("GET", "/health")[2]
    assert b"server: fedresolver" in head
    assert b"python" not in head


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", id="a long request line"),
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", id="a long header"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 1000 + b"\r\n", id="a thousand headers"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS"),
    ],
)
def test_what_is_out_of_bounds_is_refused_in_silence(octets, caplog):
    assert run(lambda listener: raw(listener.address, octets)).startswith(b"HTTP/1.0 400")
    assert caplog.records == []


def test_a_page_that_fails_is_logged_once(caplog):
    ask("GET", "/broken")
    assert [record.getMessage() for record in caplog.records] == ["http: /broken failed"]


def test_routes_can_be_replaced_while_it_runs():
    async def test(listener):
        listener.routes = [route("/metrics")]
        old = await raw(listener.address, b"GET /health HTTP/1.0\r\n\r\n")
        new = await raw(listener.address, b"GET /metrics HTTP/1.0\r\n\r\n")
        return old.split()[1], new.split()[1]

    assert run(test) == (b"404", b"200")


def test_a_slow_client_is_dropped_at_the_deadline():
    async def test(listener):
        begin = time.monotonic()
        assert await raw(listener.address, b"GET /health HTTP/1.1\r\n") == b""
        return time.monotonic() - begin

    assert 0.15 < run(test, deadline=0.2) < 4


def test_a_page_that_never_comes_is_cancelled_at_the_deadline():
    cancelled = []

    async def never(visit):
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(visit.accept)

    answer = run(
        lambda listener: raw(listener.address, b"GET /never HTTP/1.0\r\n\r\n"),
        routes=[route("/never", never)],
        deadline=0.2,
    )
    assert (answer, cancelled) == (b"", [""])


def test_idle_connections_never_lock_out_a_probe():
    async def test(listener):
        idle = [await asyncio.open_connection(*listener.address) for _ in range(12)]
        answer = await raw(listener.address, b"GET /health HTTP/1.0\r\n\r\n")
        for _, writer in idle:
            writer.close()
        return answer.split()[1], len(listener._connections)

    assert run(test, limit=4) == (b"200", 4)


@pytest.mark.parametrize("loopback", ["127.0.0.1", "::1"])
def test_an_empty_host_is_every_address(loopback):
    if loopback == "::1" and not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    answer = run(lambda listener: raw((loopback, listener.address[1]), b"GET /health HTTP/1.0\r\n\r\n"), host="")
    assert answer.split()[1] == b"200"


def test_a_host_name_is_resolved():
    assert (
        run(lambda listener: raw(listener.address, b"GET /health HTTP/1.0\r\n\r\n"), host="localhost").split()[1]
        == b"200"
    )


def test_an_address_in_use_is_named():
    async def test(listener):
        with pytest.raises(OSError, match=r"cannot listen on http://127\.0\.0\.1:\d+: Address already in use") as error:
            await HttpListener(*listener.address).open()
        return error.value.errno

    assert run(test) == errno.EADDRINUSE


def test_a_closed_listener_gives_its_port_back():
    async def test(listener):
        address = listener.address
        await listener.close()
        again = HttpListener(*address)
        await again.open()
        await again.close()
        return address[1] > 0

    assert run(test)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("localhost:8053", b"200", id="a name that it has"),
        pytest.param("LOCALHOST", b"200", id="in capitals, without a port"),
        pytest.param("[::1]:8053", b"200", id="an IPv6 address"),
        pytest.param("evil.example", b"421", id="a name of somebody else (DNS rebinding)"),
        pytest.param("localhost.evil.example", b"421", id="a name that only begins so"),
        pytest.param("", b"421", id="no name"),
    ],
)
def test_a_page_with_names_is_served_under_no_other(host, status):
    names = frozenset(("localhost", "::1"))
    answer = run(
        lambda listener: raw(listener.address, f"GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()),
        routes=[route(names=names)],
    )
    assert answer.split()[1] == status


def test_a_page_is_given_the_query():
    async def echo(visit):
        return Response(200, repr(sorted(visit.query.items())).encode())

    answer = run(
        lambda listener: raw(listener.address, b"GET /health?a=1&b=%3Cx%3E HTTP/1.0\r\n\r\n"),
        routes=[route(respond=echo)],
    )
    assert answer.endswith(b"[('a', '1'), ('b', '<x>')]")


def test_an_answer_may_go_on_beyond_the_deadline_of_others():
    async def pieces(opened):
        yield b"one "
        await opened.wait()
        yield b"two"

    async def test(listener):
        opened = asyncio.Event()
        listener.routes[0] = route(respond=lambda visit: responded(opened))
        reader, writer = await asyncio.open_connection(*listener.address)
        writer.write(b"GET /health HTTP/1.0\r\n\r\n")
        assert (await reader.readuntil(b"one ")).endswith(b"0 one ")
        assert await raw(listener.address, b"GET") == b""  # came later, and is dropped at the deadline
        opened.set()
        rest = await reader.read()
        writer.close()
        return rest

    async def responded(opened):
        return Response(200, b"0 ", stream=pieces(opened))

    assert run(test, deadline=0.1) == b"two"
