"""A configuration that is read again, under a running server and with somebody who asks all the time."""

import socket
from contextlib import ExitStack

import dns.rcode
import pytest

from fedresolver.run.places import Place
from tests.support.ask import ask, connected, framed, is_closed, over_udp, question, raw, receive, wire
from tests.support.asker import asking
from tests.support.cart import BOTH, CART, corefile, is_local
from tests.support.deadline import eventually
from tests.support.manifests import put, shard
from tests.support.running import free_ports, page, running


@pytest.fixture
def folder(tmp_path):
    put(tmp_path / "members", "c1", "cart.yaml", *shard("cart"))
    return tmp_path


@pytest.fixture
def server(folder):
    with running(folder, corefile()) as server:
        eventually(lambda: not server.server.missing())
        yield server


def ttl(server):
    return ask(server.address(), question(CART)).answer[0].ttl


@BOTH
def test_a_good_reload_loses_no_query_and_no_state(server, tcp):
    with asking(server.address(), raw(wire(CART)), is_local, tcp=tcp) as asker:
        for number in range(20):
            server.reload(corefile(local_ttl=6 + number))
            before = asker.asked
            eventually(lambda before=before: asker.asked > before)
            assert ttl(server) == 6 + number
    assert len(server.log.having("INFO reloaded")) == 20


def test_a_reload_keeps_sockets_and_connections(server):
    listener = server.server.listeners.dns[Place("127.0.0.1", 0)]
    sockets = [sock.fileno() for sock in listener.sockets]
    with connected(server.address()) as sock:
        sock.sendall(framed(raw(wire(CART))))
        receive(sock)
        server.reload(corefile(local_ttl=7))
        sock.sendall(framed(raw(wire(CART))))
        assert is_local(receive(sock))
    assert server.server.listeners.dns[Place("127.0.0.1", 0)] is listener
    assert [sock.fileno() for sock in listener.sockets] == sockets


def test_a_reload_of_the_same_text_keeps_what_runs(server):
    units = server.server._built.units
    server.reload()
    pairs = zip(server.server._built.units, units, strict=True)
    changed = [type(unit).__name__ for unit, former in pairs if unit is not former]
    assert changed == ["Outside"], "the chain itself is new, and what asks through it"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param(corefile(more="erors"), "Corefile:10: unknown directive `erors`", id="an unknown directive"),
        pytest.param(".:0 {", "Corefile:1: ", id="a brace that stays open"),
        pytest.param(corefile(local_ttl="soon"), "Corefile:8: ", id="a wrong argument"),
        pytest.param(
            corefile().replace("members", "nowhere"), "Corefile:6: there is no folder", id="a folder that is away"
        ),
        pytest.param(". {\n}\nimport nowhere/x\n", "Corefile:3: ", id="an import that is away"),
        pytest.param("", "Corefile:1: there is no server block", id="a file that is being written"),
    ],
)
def test_a_bad_reload_keeps_the_old_configuration(server, text, complaint):
    with asking(server.address(), raw(wire(CART)), is_local):
        server.reload(text)
        assert ttl(server) == 5
    (line,) = server.log.having("ERROR")
    assert line.startswith("ERROR reload failed, the old configuration stays: ")
    assert complaint in line
    assert server.metric("fedresolver_reload_failed_total") == 1
    assert server.metric("fedresolver_reload_successful") == 0
    server.reload(corefile(local_ttl=9))
    assert ttl(server) == 9
    assert server.metric("fedresolver_reload_successful") == 1


def test_going_back_to_what_runs_mends_a_bad_reload(server):
    before = server.corefile.read_text()
    server.reload(corefile(more="erors"))
    server.corefile.write_text(before)
    assert server.metric("fedresolver_reload_successful") == 0
    assert not server.server.changed()
    assert server.metric("fedresolver_reload_successful") == 1


def test_every_error_of_a_bad_reload_is_told(server):
    server.reload(corefile(more="erors\n    prometheis"))
    assert len(server.log.having("reload failed")) == 2
    assert server.metric("fedresolver_reload_failed_total") == 1


def test_an_error_is_logged_once_until_a_file_changes(server):
    def told(corefile=None):
        before = len(server.log.having("reload failed"))
        server.reload(corefile)
        return len(server.log.having("reload failed")) - before

    broken, unreadable = corefile(more="erors"), ".:0 {"
    assert [told(broken), told(), told(broken), told()] == [1, 0, 0, 0]
    assert [told(broken + "# now\n"), told()] == [1, 0]
    assert [told(unreadable), told(), told(broken)] == [1, 0, 1]
    assert [told(corefile()), told(broken)] == [0, 1]
    assert server.metric("fedresolver_reload_failed_total") == 10


def test_an_error_that_comes_back_is_logged_again(server):
    broken = corefile(more="erors")
    server.reload(broken)
    server.corefile.write_text(corefile())
    assert not server.server.changed()
    server.reload(broken)
    assert len(server.log.having("reload failed")) == 2


def test_an_error_of_an_imported_file_is_logged_again_when_that_changes(server):
    part = server.corefile.with_name("part")
    for text in ("erors\n", "erors\n\n", "erors\n\n"):
        part.write_text(text)
        server.reload(corefile(more="import part"))
    assert len(server.log.having("reload failed")) == 2


def test_a_corefile_that_vanished_keeps_what_runs(server):
    server.corefile.unlink()
    server.reload()
    assert ttl(server) == 5
    assert "No such file" in server.log.having("ERROR reload failed")[0]


def test_an_address_that_somebody_else_has_keeps_what_runs(server):
    (port,) = free_ports(1)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        server.reload(corefile(port=port, local_ttl=9))
    assert f"cannot listen on 127.0.0.1 port {port}: Address already in use" in server.log.having("ERROR")[0]
    assert ttl(server) == 5
    assert server.metric("fedresolver_reload_failed_total") == 1


def test_a_failed_reload_leaves_the_numbers_of_what_runs(folder):
    with running(folder, corefile(more="prometheus 127.0.0.1:0")) as server:
        eventually(lambda: not server.server.missing())
        (port,) = free_ports(1)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
            other.bind(("127.0.0.1", port))
            other.listen()
            server.reload(corefile(port=port, local_ttl=9, more="whoami"))
        assert server.log.having("Address already in use")
        assert server.metric("fedresolver_federation_services", "myfederation") == 1
        assert server.metric("fedresolver_plugin_enabled", "dns://:0", ".", "prometheus") == 1
        assert server.metric("fedresolver_plugin_enabled", "dns://:0", ".", "whoami") == 0


def test_a_good_reload_brings_the_numbers_of_what_runs(folder):
    with running(folder, corefile(more="prometheus 127.0.0.1:0")) as server:
        eventually(lambda: not server.server.missing())
        other = corefile(more="prometheus 127.0.0.1:0\n    whoami").replace("myfederation", "other")
        server.reload(other)
        eventually(lambda: server.metric("fedresolver_federation_services", "other") == 1)
        assert server.metric("fedresolver_federation_services", "myfederation") == 0
        names = ("bind", "prometheus", "errors", "federation", "whoami")
        assert [server.metric("fedresolver_plugin_enabled", "dns://:0", ".", name) for name in names] == [1] * 5


def test_a_port_may_change(server):
    (port,) = free_ports(1)
    old = server.address()
    server.reload(corefile(port=port))
    assert is_local(over_udp(("127.0.0.1", port), raw(wire(CART))))
    with pytest.raises(ConnectionRefusedError):
        over_udp(old, raw(wire(CART)))
    with pytest.raises(ConnectionRefusedError), connected(old):
        pass


def test_a_connection_to_an_address_that_goes_is_closed(server):
    with connected(server.address()) as sock:
        sock.sendall(framed(raw(wire(CART))))
        receive(sock)
        server.reload(corefile(port=free_ports(1)[0]))
        assert is_closed(sock)


NARROW_AND_WIDE = pytest.mark.parametrize(
    ("binds", "asked"),
    [
        pytest.param(["0.0.0.0", "127.0.0.1"], "127.0.0.1", id="narrowed"),
        pytest.param(["127.0.0.1", "0.0.0.0"], "127.0.0.1", id="widened"),
        pytest.param(["127.0.0.1", "127.0.0.1 0.0.0.0"], "127.0.0.1", id="with a wildcard beside it"),
        pytest.param([":: 0.0.0.0", "::1"], "::1", id="narrowed to IPv6"),
    ],
)


@NARROW_AND_WIDE
@BOTH
def test_an_address_may_be_narrowed_or_widened_without_losing_a_query(folder, binds, asked, tcp):
    (port,) = free_ports(1)
    with running(folder, corefile(port=port, bind=binds[0])) as server, ExitStack() as stack:
        eventually(lambda: not server.server.missing())
        asker = stack.enter_context(asking((asked, port), raw(wire(CART)), is_local, tcp=tcp, patient=tcp))
        for number in range(6):
            server.reload(corefile(port=port, bind=binds[number % 2 == 0]))
            before = asker.asked
            eventually(lambda before=before: asker.asked > before + 5)
        assert server.metric("fedresolver_reload_failed_total") == 0


def test_a_port_that_was_shared_for_a_moment_is_not_shared_with_others(folder):
    (port,) = free_ports(1)
    with running(folder, corefile(port=port, bind="0.0.0.0")) as server:
        server.reload(corefile(port=port, bind="127.0.0.1"))
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            with socket.socket(socket.AF_INET, kind) as other, pytest.raises(OSError, match="in use"):
                other.bind(("127.0.0.1", port))


def test_a_page_may_come_and_go(server):
    server.reload(corefile(more="health 127.0.0.1:0"))
    assert server.page("/health") == (200, "OK")
    server.reload(corefile(more="ready 127.0.0.1:0"))
    assert [server.page(path)[0] for path in ("/health", "/ready")] == [404, 200]
    server.reload(corefile())
    assert server.server.listeners.http == {}


@pytest.mark.parametrize("hosts", [("", "127.0.0.1"), ("127.0.0.1", ""), ("", "[::1]"), ("0.0.0.0", "")])
def test_the_address_of_a_page_may_be_narrowed_or_widened(server, hosts):
    (port,) = free_ports(1)
    for host in hosts:
        server.reload(corefile(more=f"health {host}:{port}"))
        assert page(("::1" if "[" in host else "127.0.0.1", port), "/health") == (200, "OK")
    assert server.metric("fedresolver_reload_failed_total") == 0
    assert len(server.server.listeners.http) == 1


def test_a_page_at_two_names_of_one_address_is_an_error(server):
    (port,) = free_ports(1)
    server.reload(corefile(more=f"health localhost:{port}\n    ready 127.0.0.1:{port}"))
    assert "Address already in use" in server.log.having("ERROR")[0]


def test_a_block_may_come_and_go(server):
    two = corefile() + "example.net:0 {\n    bind 127.0.0.1\n    whoami\n}\n"
    found = []
    for text in (two, corefile()):
        server.reload(text)
        found.append(dns.rcode.to_text(ask(server.address(), question("example.net")).rcode()))
    assert found == ["NOERROR", "REFUSED"]


def test_a_second_federation_may_come_without_a_moment_without_answers(server):
    put(server.corefile.parent / "others", "d1", "cart.yaml", *shard("cart"))
    more = "federation other example.net {\n        manifests others\n    }"
    with asking(server.address(), raw(wire(CART)), is_local):
        server.reload(corefile(more=more))
        eventually(lambda: ask(server.address(), question("cart.shop.other.svc.example.net")).rcode() == 0)


def test_what_the_configuration_is_can_be_scraped(server):
    def digests():
        family = next(f for f in server.server.metrics.families() if f.name == "fedresolver_reload_version_info")
        return list(family.values)

    first = digests()
    server.reload(corefile(local_ttl=9))
    assert (len(first), len(digests()), digests() != first) == (1, 1, True)
