"""Members that are API servers under a whole server: reloads and restarts lose nothing that is known of them."""

import socket
from contextlib import contextmanager

import pytest

from tests.e2e.kubeconfig import Context, write
from tests.support.ask import ask, question, raw, wire
from tests.support.asker import asking
from tests.support.cart import CART, is_local
from tests.support.deadline import eventually
from tests.support.manifests import endpoints, node, service
from tests.support.records import ede_of
from tests.support.running import running
from tests.support.stub_api.api import StubApi

IDLE = """.:0 {
    bind 127.0.0.1
    whoami
}
"""
PORT = 41380
"""Of the load balancers, which are on loopback addresses of their own."""
OTHERS = ["127.0.9.1", "127.0.9.3"]
"""The load balancers of three members without the second."""


def kubeconfig(path, servers):
    """Write a kubeconfig with a context for each server."""
    write(path, [Context(name, url) for name, url in servers.items()])


def corefile(*lines):
    inside = "\n        ".join(("kubeconfig kubeconfig", "local c1", "allow_addresses 127.0.0.0/8", *lines))
    return f""".:0 {{
    bind 127.0.0.1
    federation myfederation example.com {{
        {inside}
    }}
}}
"""


def region(number):
    """Return the public name of the cart in the region of the member of this number."""
    return f"cart.shop.myfederation.svc.region-{number}.example.com"


def shard_at(balancer, cluster_ip="10.0.0.9"):
    """Return a healthy shard of the cart behind a load balancer."""
    cart = service("cart", cluster_ips=[cluster_ip], load_balancers=[balancer], ports={"http": PORT})
    return (cart, endpoints("cart"))


class World:
    """A server, and the API servers of its members by name, in the server's loop."""

    def __init__(self, server, folder):
        self.server = server
        self.folder = folder
        self.apis = {}

    def begin(self, *numbers):
        """Have members, each in a region of its own, with a healthy shard of the cart; written into the kubeconfig."""
        for number in numbers:
            api = self.apis[f"c{number}"] = StubApi()
            self.server.loop.run(api.start())
            self.put(
                number,
                node("n1", f"region-{number}", f"zone-{number}"),
                *shard_at(f"127.0.9.{number}", f"10.0.0.{number}"),
            )
        self.write(self.apis)

    def write(self, names):
        kubeconfig(self.folder / "kubeconfig", {name: self.apis[name].url for name in names})

    def reload(self, *lines):
        """Go over to a configuration; a failed reload would leave the old one."""
        before = len(self.server.log.having("INFO reloaded"))
        self.server.reload(corefile(*lines))
        assert len(self.server.log.having("INFO reloaded")) == before + 1

    def put(self, number, *things):
        for thing in things:
            self.server.loop.call(self.apis[f"c{number}"].put, thing)

    def lose(self, *numbers):
        for number in numbers:
            self.server.loop.run(self.apis[f"c{number}"].stop())

    def answer(self, name=CART):
        return ask(self.server.address(), question(name, use_edns=0))

    def listed(self):
        return not self.server.server.missing() and bool(self.answer().answer)

    def is_phase(self, number, phase):
        labels = ("myfederation", f"c{number}", phase)
        return self.server.metric("fedresolver_federation_member_phase", *labels) == 1

    def stop(self):
        self.server.reload(IDLE)
        for api in self.apis.values():
            self.server.loop.run(api.stop())


@contextmanager
def world(folder, *lines, members=(1, 2)):
    """Give a server of these members, all of them listed."""
    with running(folder, IDLE) as server:
        found = World(server, folder)
        try:
            found.begin(*members)
            found.reload(*lines)
            eventually(found.listed)
            yield found
        finally:
            found.stop()


@contextmanager
def balancer(number):
    """Give the load balancer of a member: it accepts connections until it is closed."""
    with socket.create_server((f"127.0.9.{number}", PORT)) as listener:
        yield listener


def targets(answer):
    """Return the addresses at the end of an answer."""
    return sorted(str(rr) for rrset in answer.answer if rrset.rdtype == 1 for rr in rrset)


def ttl(answer):
    return answer.answer[0].ttl


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("local_ttl 7", id="what the answers look like"),
        pytest.param("stale_after 40s", id="how members are watched"),
        pytest.param("topology c2 south rome", id="where a member is"),
        pytest.param("probe off", id="what is probed"),
        pytest.param("snapshot state", id="what is kept"),
    ],
)
def test_a_reload_loses_no_query_and_no_member(tmp_path, line):
    with world(tmp_path) as found, asking(found.server.address(), raw(wire(CART)), is_local) as asker:
        found.reload(line)
        before = asker.asked
        eventually(lambda: asker.asked > before + 50)


def test_a_reload_that_reads_more_of_members_goes_over_when_it_is_read(tmp_path):
    with world(tmp_path) as found:
        export = {
            "apiVersion": "multicluster.x-k8s.io/v1alpha1",
            "kind": "ServiceExport",
            "metadata": {"name": "cart", "namespace": "shop"},
        }
        found.put(1, export)
        with asking(found.server.address(), raw(wire(CART)), is_local):
            found.reload("select exported", "local_ttl 7")
            assert ttl(found.answer()) == 7
        assert found.answer(region(2)).answer[0].rdtype == 5


def test_a_reload_keeps_what_is_known_of_members_that_are_lost(tmp_path):
    with world(tmp_path) as found:
        found.lose(1, 2)
        with asking(found.server.address(), raw(wire(CART)), is_local):
            for number in range(3):
                found.reload(f"local_ttl {6 + number}", f"stale_after {31 + number}s")
                assert ttl(found.answer()) == 6 + number
                assert targets(found.answer(region(2))) == ["127.0.9.2"]


def test_a_member_that_a_reload_brings_is_not_waited_for(tmp_path):
    with world(tmp_path) as found:
        found.begin(3)
        found.lose(3)
        found.reload("local_ttl 7")
        assert ede_of(found.answer("absent.shop.myfederation")) == "0 nowhere: no shard"


def test_contexts_come_and_go_without_a_reload_or_a_lost_answer(tmp_path):
    with world(tmp_path) as found, asking(found.server.address(), raw(wire(CART)), is_local):
        found.begin(3)
        eventually(lambda: targets(found.answer(region(3))) == ["127.0.9.3"])
        found.write(("c1", "c3"))
        eventually(lambda: found.answer(region(2)).rcode() == 3)
        assert targets(found.answer(region(3))) == ["127.0.9.3"]


def test_a_kubeconfig_that_is_broken_while_we_run_changes_nothing(tmp_path):
    with world(tmp_path) as found, asking(found.server.address(), raw(wire(CART)), is_local):
        (tmp_path / "kubeconfig").write_text("clusters: [")
        eventually(lambda: found.server.log.having("the members stay as they were"))
        assert targets(found.answer(region(2))) == ["127.0.9.2"]
        found.write(found.apis)
        found.begin(3)
        eventually(lambda: targets(found.answer(region(3))) == ["127.0.9.3"])
    assert len(found.server.log.having("the members stay as they were")) == 1


def test_a_member_that_moves_to_another_kubeconfig_is_taken_from_there_when_it_leaves_the_first(tmp_path):
    kubeconfig(tmp_path / "other", {})
    with world(tmp_path, "kubeconfig other") as found:
        there = found.apis["c3"] = StubApi()
        found.server.loop.run(there.start())
        for thing in (node("n1", "region-2", "zone-2"), *shard_at("127.0.9.3")):
            found.server.loop.call(there.put, thing)
        kubeconfig(tmp_path / "other", {"c2": there.url})
        eventually(lambda: found.server.log.having("member c2 is there twice"))
        assert targets(found.answer(region(2))) == ["127.0.9.2"]
        found.write(("c1",))
        eventually(lambda: targets(found.answer(region(2))) == ["127.0.9.3"])
        for thing in shard_at("127.0.9.5"):
            found.server.loop.call(there.put, thing)
        eventually(lambda: targets(found.answer(region(2))) == ["127.0.9.5"])
        kubeconfig(tmp_path / "other", {})
        eventually(lambda: found.answer(region(2)).rcode() == 3)


def test_a_dead_namesake_in_another_kubeconfig_is_no_news_of_a_member(tmp_path):
    kubeconfig(tmp_path / "other", {})
    with world(tmp_path, "kubeconfig other", "stale_after 2s", "snapshot state") as found:
        requests = found.apis["c2"].requests
        kubeconfig(tmp_path / "other", {"c2": "http://127.0.0.1:1"})
        eventually(lambda: found.server.log.having("member c2: dial"))
        before = len(requests)
        eventually(lambda: len(requests) > before + 10)  # its watches are renewed more than once
        assert found.server.log.having("c2 is stale") == []
        assert ede_of(found.answer(region(2))) is None
        assert found.is_phase(2, "synced")


def test_a_member_that_has_expired_stays_so_over_a_reload(tmp_path):
    short = ("stale_after 1s", "expire_after 1s")
    with world(tmp_path, *short, members=(1, 2, 3)) as found:
        found.lose(2)
        eventually(lambda: found.is_phase(2, "expired"))
        assert targets(found.answer(region(2))) == OTHERS
        found.reload(*short, "local_ttl 7")
        assert ttl(found.answer()) == 7
        assert targets(found.answer(region(2))) == OTHERS


def test_a_shard_that_is_doubtful_stays_so_over_a_reload_until_it_accepts_again(tmp_path):
    with balancer(2) as listener, balancer(3), world(tmp_path, "stale_after 2s", members=(1, 2, 3)) as found:
        accepted = ("myfederation", "accepted")
        eventually(lambda: found.server.metric("fedresolver_federation_probes_total", *accepted) >= 2)
        listener.close()
        found.lose(2)
        eventually(lambda: targets(found.answer(region(2))) == OTHERS)
        assert found.is_phase(2, "stale")
        found.reload("stale_after 2s", "local_ttl 7")
        assert ttl(found.answer()) == 7
        assert targets(found.answer(region(2))) == OTHERS
        with balancer(2):
            eventually(lambda: targets(found.answer(region(2))) == ["127.0.9.2"])


def test_a_resolver_that_was_stopped_starts_from_its_snapshot_and_says_for_how_long_it_is_alone(tmp_path):
    with world(tmp_path, "snapshot state"):
        pass
    kubeconfig(tmp_path / "kubeconfig", {"c1": "http://127.0.0.1:1", "c2": "http://127.0.0.1:1"})
    with running(tmp_path, corefile("snapshot state")) as server:
        found = World(server, tmp_path)
        assert server.server.missing() == ()
        assert ede_of(found.answer()) == "3 local; stale 0s c1"
        assert targets(found.answer(region(2))) == ["127.0.9.2"]


def test_a_damaged_snapshot_is_set_aside_and_the_members_are_waited_for(tmp_path):
    (tmp_path / "state").write_bytes(b"nonsense")
    with world(tmp_path, "snapshot state") as found:
        assert targets(found.answer(region(2))) == ["127.0.9.2"]
    assert (tmp_path / "state.damaged").read_bytes() == b"nonsense"
    assert len(found.server.log.having("ERROR snapshot")) == 1


def test_what_depends_on_a_member_that_was_never_listed_is_servfail(tmp_path):
    kubeconfig(tmp_path / "kubeconfig", {"c1": "http://127.0.0.1:1", "c2": "http://127.0.0.1:1"})
    with running(tmp_path, corefile("startup_timeout 2s")) as server:
        found = World(server, tmp_path)
        assert ede_of(found.answer()) == "14 not listed yet: c1"
        eventually(lambda: server.server.missing() == ("federation myfederation: not listed yet: c1",))
        eventually(lambda: not server.server.missing())
        assert found.answer().rcode() == 3
