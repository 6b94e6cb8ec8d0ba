"""Edits of manifests under a running server, with somebody who asks all the time."""

import shutil
import time

import dns.rcode
import pytest

from fedresolver.run.places import Place
from tests.support.ask import addresses, ask, opt, option, question, raw, udp_socket, wire
from tests.support.asker import asking
from tests.support.deadline import eventually
from tests.support.manifests import put, shard
from tests.support.running import running

CART = "cart.shop.myfederation"
EVERYWHERE = f"{CART}.svc.example.com"
COREFILE = """
.:0 {
    bind 127.0.0.1
    errors
    federation myfederation example.com {
        manifests members
        local c1
        topology c1 north oslo
        topology c2 south rome
    }
}
"""
ERRORS = "fedresolver_federation_manifest_errors_total"


@pytest.fixture
def folder(tmp_path):
    put(tmp_path / "members", "c1", "cart.yaml", *shard("cart", load_balancers=["192.0.2.1"]))
    put(tmp_path / "members", "c2", "cart.yaml", *shard("cart", load_balancers=["192.0.2.2"]))
    return tmp_path


@pytest.fixture
def members(folder):
    return folder / "members"


@pytest.fixture
def server(folder):
    with running(folder, COREFILE) as server:
        eventually(lambda: not server.server.missing())
        yield server


def found(server, name=EVERYWHERE, rtype="A"):
    response = ask(server.address(), question(name, rtype))
    return addresses(response) if response.rcode() == dns.rcode.NOERROR else dns.rcode.to_text(response.rcode())


def shows(server, expected, name=EVERYWHERE, within=1.0):
    """Wait until the answer is the expected one; it must be so within a second of now."""
    begin = time.monotonic()
    eventually(lambda: found(server, name) == expected)
    assert time.monotonic() - begin < within


def one_of(*expected):
    """Say whether an answer has one of these sets of addresses, as their last octets, and nothing else."""

    def is_good(answer):
        count = int.from_bytes(answer[6:8])
        last = {answer[len(answer) - 16 * turn - 1] for turn in range(count)}
        return answer[3] & 0xF == 0 and last in expected

    return is_good


def test_an_edit_shows_within_a_second(server, members):
    with asking(server.address(), raw(wire(EVERYWHERE)), one_of({1, 2}, {1, 3})):
        put(members, "c2", "cart.yaml", *shard("cart", load_balancers=["192.0.2.3"]))
        shows(server, {"192.0.2.1", "192.0.2.3"})


def test_a_new_member_shows_within_a_second(server, members):
    with asking(server.address(), raw(wire(EVERYWHERE)), one_of({1, 2}, {1, 2, 3})):
        put(members, "c3", "cart.yaml", *shard("cart", load_balancers=["192.0.2.3"]))
        shows(server, {"192.0.2.1", "192.0.2.2", "192.0.2.3"})


def test_a_deleted_file_shows_within_a_second(server, members):
    with asking(server.address(), raw(wire(EVERYWHERE)), one_of({1, 2}, {1})):
        (members / "c2" / "cart.yaml").unlink()
        shows(server, {"192.0.2.1"})


def test_a_deleted_member_shows_within_a_second(server, members):
    with asking(server.address(), raw(wire(EVERYWHERE)), one_of({1, 2}, {1})):
        shutil.rmtree(members / "c2")
        shows(server, {"192.0.2.1"})


def test_a_new_service_shows_within_a_second_although_its_absence_was_asked_for(server, members):
    assert found(server, "new.shop.myfederation") == "NXDOMAIN"
    put(members, "c1", "new.yaml", *shard("new", cluster_ips=["10.0.0.7"]))
    shows(server, {"10.0.0.7"}, "new.shop.myfederation")


def test_a_shard_that_fails_moves_the_answer_out_and_back_in(server, members):
    assert found(server, CART) == {"10.0.0.1"}
    put(members, "c1", "cart.yaml", *shard("cart", ready=False, load_balancers=["192.0.2.1"]))
    shows(server, {"192.0.2.2"}, CART)
    put(members, "c1", "cart.yaml", *shard("cart", load_balancers=["192.0.2.1"]))
    shows(server, {"10.0.0.1"}, CART)


DAMAGES = pytest.mark.parametrize(
    "damage",
    [
        pytest.param("kind: Service\nmetadata: [", id="no YAML"),
        pytest.param("\0\1\2", id="no text"),
        pytest.param("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n" + "kind: [\n", id="aliases and no end"),
        pytest.param("{" * 5000, id="braces without end"),
    ],
)


@DAMAGES
def test_a_damaged_file_keeps_the_last_good_state(server, members, damage):
    path = members / "c2" / "cart.yaml"
    with asking(server.address(), raw(wire(EVERYWHERE)), one_of({1, 2})) as asker:
        path.write_text(damage)
        eventually(lambda: server.metric(ERRORS, "c2") == 1)
        before = asker.asked
        eventually(lambda: asker.asked > before + 100)
        assert server.metric(ERRORS, "c2") == 1
        (line,) = server.log.having("ERROR")
        assert line.startswith(f"ERROR {path}")
    put(members, "c2", "cart.yaml", *shard("cart", load_balancers=["192.0.2.3"]))
    shows(server, {"192.0.2.1", "192.0.2.3"})


def test_a_file_that_is_truncated_before_it_is_written_loses_nothing(server, members):
    path = members / "c2" / "cart.yaml"
    text = path.read_text()
    with asking(server.address(), raw(wire(EVERYWHERE)), one_of({1, 2})):
        for _ in range(20):
            path.write_text("")
            path.write_text(text)
        assert found(server) == {"192.0.2.1", "192.0.2.2"}


def test_many_edits_in_a_row_end_at_the_last(server, members):
    for number in range(3, 50):
        put(members, "c2", "cart.yaml", *shard("cart", load_balancers=[f"192.0.2.{number}"]))
    shows(server, {"192.0.2.1", "192.0.2.49"})


def test_the_serial_grows_with_an_edit(server, members):
    def serial():
        return ask(server.address(), question("example.com", "SOA")).answer[0][0].serial

    before = serial()
    put(members, "c2", "cart.yaml", *shard("cart", load_balancers=["192.0.2.3"]))
    eventually(lambda: (serial() - before) % 2**32 in range(1, 2**31))


def entries(server):
    """Return how many answers are kept, and how many cells they hang on."""
    listener = server.server.listeners.dns[Place("127.0.0.1", 0)]
    (federation,) = (unit for unit in server.server._built.units if hasattr(unit, "cells"))
    cells = len(federation.cells._lasting) + len(federation.cells._brief)
    return len(listener._udp.hot), len(listener._resolver._known), cells


@pytest.mark.parametrize(
    ("octets", "most"),
    [
        pytest.param(lambda n: raw(wire(f"{n}.shop.myfederation.svc.example.com")), 65_536, id="random Services"),
        pytest.param(lambda n: raw(wire(f"{n}.myfederation")), 65_536, id="random namespaces"),
        pytest.param(lambda n: raw(wire(f"cart.shop.myfederation.svc.{n}.example.com")), 65_536, id="random places"),
        pytest.param(lambda n: raw(wire(CART), rtype=256 + n), 65_536, id="random types"),
        pytest.param(lambda n: raw(wire(f"{n}.example.org")), 65_536, id="names of others"),
        pytest.param(lambda n: raw(wire(CART), more=opt(options=option(10, n.to_bytes(8)))), 0, id="random cookies"),
    ],
)
def test_a_flood_leaves_little_behind(server, octets, most):
    with udp_socket(server.address()) as sock:
        for start in range(0, 20_000, 100):
            for number in range(start, start + 100):
                sock.send(octets(number))
            for _ in range(100):
                sock.recv(512)
    hot, known, cells = server.loop.call(entries, server)
    assert hot <= most
    assert known <= 4
    assert cells <= 4


def test_the_state_is_kept_in_a_snapshot_and_a_damaged_one_is_set_aside(folder):
    (folder / "state").write_bytes(b"nonsense")
    corefile = COREFILE.replace("manifests members", "manifests members\n        snapshot state")
    with running(folder, corefile) as server:
        eventually(lambda: not server.server.missing())
        assert len(server.log.having("ERROR snapshot")) == 1
    assert (folder / "state.damaged").read_bytes() == b"nonsense"
    before = (folder / "state").read_bytes()
    assert before.count(b"cart") > 1
    put(folder / "members", "c2", "cart.yaml", *shard("cart", load_balancers=["192.0.2.3"]))
    with running(folder, corefile) as server:
        shows(server, {"192.0.2.1", "192.0.2.3"})
    assert (folder / "state").read_bytes() != before
