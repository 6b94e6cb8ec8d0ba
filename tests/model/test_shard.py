"""Which shards are healthy, inside of their cluster and for the others, and with what they answer."""

from ipaddress import ip_address

import pytest

from fedresolver.model.rules import Rules, ip_network
from tests.support.world import key, world

CART = key("shop/cart")


def shard(text, rules=None):
    (found,) = world("c1 in nowhere\n" + text, rules).shards(CART)
    return found


def health(text):
    found = shard(text)
    outside = found.alive and found.reachable
    return " ".join(word for word, true in (("inside", found.answers_inside), ("outside", outside)) if true)


def addresses(packed):
    return [str(ip_address(address)) for address in packed]


@pytest.mark.parametrize(
    ("text", "healthy"),
    [
        pytest.param("c1 shop/cart up 10.0.0.1 lb 192.0.2.1", "inside outside", id="a ready endpoint"),
        pytest.param("c1 shop/cart 1/3 10.0.0.1 lb 192.0.2.1", "inside outside", id="one ready endpoint of three"),
        pytest.param("c1 shop/cart up 10.0.0.1", "inside", id="nothing for others to connect to"),
        pytest.param("c1 shop/cart up 10.0.0.1 lb elb.example.net", "inside outside", id="a host name to connect to"),
        pytest.param("c1 shop/cart up 10.0.0.1 ips 192.0.2.1", "inside outside", id="external addresses"),
        pytest.param("c1 shop/cart down 10.0.0.1 lb 192.0.2.1", "", id="no ready endpoint"),
        pytest.param("c1 shop/cart none 10.0.0.1 lb 192.0.2.1", "", id="no endpoint"),
        pytest.param("c1 shop/cart down 10.0.0.1 lb 192.0.2.1 publish", "inside outside", id="published anyway"),
        pytest.param("c1 shop/cart none 10.0.0.1 lb 192.0.2.1 publish", "", id="nothing there to be published"),
        pytest.param("c1 shop/cart draining 10.0.0.1 lb 192.0.2.1", "inside", id="serving and terminating: local only"),
        pytest.param("c1 shop/cart up 10.0.0.1 lb 192.0.2.1 deleting", "", id="being deleted"),
        pytest.param("c1 shop/cart up headless lb 192.0.2.1", "inside outside", id="headless, ready"),
        pytest.param("c1 shop/cart draining headless", "inside", id="headless, serving and terminating"),
        pytest.param("c1 shop/cart none headless", "", id="headless, no endpoint"),
        pytest.param("c1 shop/cart none external www.example.net", "inside", id="another name"),
        pytest.param("c1 shop/cart none external www.example.net deleting", "", id="another name, being deleted"),
        pytest.param("c1 shop/cart up", "", id="neither ClusterIP nor headless nor another name"),
    ],
)
def test_health_of_a_service(text, healthy):
    assert health(text) == healthy


@pytest.mark.parametrize(
    ("slices", "healthy"),
    [
        pytest.param("a 10.1.0.1", "inside outside", id="ready"),
        pytest.param("a 10.1.0.1!unready", "", id="serving but not ready, and not terminating"),
        pytest.param("a 10.1.0.1!down", "", id="neither"),
        pytest.param("a 10.1.0.1!draining", "inside", id="serving and terminating"),
        pytest.param("a 10.1.0.1!gone", "", id="terminating, and not serving any more"),
        pytest.param("a 10.1.0.1!down 10.1.0.2", "inside outside", id="one of two"),
        pytest.param("a 10.1.0.1!down\nb 10.1.0.2", "inside outside", id="one of two slices"),
        pytest.param("a 10.1.0.1!down\nb fd00::1", "inside outside", id="one of two families"),
        pytest.param("a", "", id="a slice without endpoints"),
    ],
)
def test_health_of_endpoints(slices, healthy):
    text = "c1 shop/cart as 10.0.0.1 lb 192.0.2.1"
    assert health("\n".join([text, *(f"c1 shop/cart slice {line}" for line in slices.splitlines())])) == healthy


@pytest.mark.parametrize(
    ("slices", "counts"),
    [
        pytest.param("a 10.1.0.1 10.1.0.2!down", (1, 0, 2), id="ready and all"),
        pytest.param("a 10.1.0.1\nb 10.1.0.2!draining 10.1.0.3!gone", (1, 1, 3), id="slices add up"),
        pytest.param(
            "a 10.1.0.1!down 10.1.0.2\nb 10.1.0.1", (2, 0, 2), id="one that moves from slice to slice does not"
        ),
        pytest.param("a 10.1.0.1\nb 10.1.0.1!draining", (1, 0, 1), id="nor one that is about to go"),
        pytest.param("a 10.1.0.1 10.1.0.2\nb fd00::1 fd00::2!down", (2, 0, 2), id="families do not"),
    ],
)
def test_endpoints_are_counted_once(slices, counts):
    lines = ["c1 shop/cart as 10.0.0.1", *(f"c1 shop/cart slice {line}" for line in slices.splitlines())]
    found = shard("\n".join(lines))
    assert (found.ready, found.draining, found.total) == counts


@pytest.mark.parametrize(
    ("endpoints", "targets"),
    [
        pytest.param("10.1.0.1 web-0=10.1.0.2", [("10.1.0.1", ""), ("10.1.0.2", "web-0")], id="the ready ones"),
        pytest.param("10.1.0.1 10.1.0.2!unready 10.1.0.3!draining", [("10.1.0.1", "")], id="no others"),
        pytest.param("10.1.0.1!down 10.1.0.2!draining", [("10.1.0.2", "")], id="draining ones where none is ready"),
        pytest.param("10.1.0.1!gone", [], id="none"),
    ],
)
def test_endpoints_of_a_headless_service(endpoints, targets):
    found = shard(f"c1 shop/cart as headless\nc1 shop/cart slice a {endpoints}")
    assert [(addresses(target.addresses)[0], target.hostname) for target in found.targets] == targets


def test_endpoints_that_are_in_two_slices_for_a_moment_are_answered_once():
    found = shard("c1 shop/cart as headless\nc1 shop/cart slice a 10.1.0.1\nc1 shop/cart slice b 10.1.0.1")
    assert len(found.targets) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("lb 192.0.2.1 2001:db8::1", ["192.0.2.1", "2001:db8::1"], id="both families"),
        pytest.param("lb 192.0.2.1 192.0.2.1", ["192.0.2.1"], id="no duplicates"),
        pytest.param("lb 192.0.2.1 ips 192.0.2.2", ["192.0.2.1"], id="external addresses count only without ingress"),
        pytest.param("ips 192.0.2.2", ["192.0.2.2"], id="external addresses"),
        pytest.param("lb elb.example.net ips 192.0.2.2", [], id="a host name is ingress too"),
        pytest.param("lb 192.0.2.1 elb.example.net", ["192.0.2.1"], id="address and host name"),
        pytest.param("", [], id="none"),
        pytest.param("lb 0.0.0.0 0.1.2.3 ::", [], id="unspecified"),
        pytest.param("lb 127.0.0.1 127.255.255.254 ::1", [], id="loopback"),
        pytest.param("lb 169.254.169.254 fe80::1 febf::1", [], id="link-local"),
        pytest.param("lb 224.0.0.1 239.255.255.255 ff02::1", [], id="multicast"),
        pytest.param("lb 255.255.255.255", [], id="broadcast"),
        pytest.param("lb ::ffff:127.0.0.1 ::ffff:169.254.169.254", [], id="the same, mapped into IPv6"),
        pytest.param("lb 127.0.0.1 192.0.2.1", ["192.0.2.1"], id="only the bad ones are left out"),
        pytest.param("lb 127.0.0.1 ips 192.0.2.2", [], id="a bad one is ingress all the same"),
        pytest.param("lb 10.0.0.1 192.168.0.1 fd00::1", ["10.0.0.1", "192.168.0.1", "fd00::1"], id="private ones"),
        pytest.param("lb 254.1.2.3 fec0::1 ::2", ["254.1.2.3", "fec0::1", "::2"], id="neighbours of the bad ranges"),
    ],
)
def test_load_balancer_addresses(text, expected):
    assert addresses(shard(f"c1 shop/cart up 10.0.0.1 {text}").balancer.addresses) == expected


def test_allowed_ranges_are_added_and_restrict_nothing():
    rules = Rules(allowed=(ip_network("127.0.0.0/24"), ip_network("fe80::/64")))
    found = shard("c1 shop/cart up 10.0.0.1 lb 127.0.0.9 127.0.1.1 fe80::1 fe80:0:0:1::1 192.0.2.1", rules)
    assert addresses(found.balancer.addresses) == ["127.0.0.9", "fe80::1", "192.0.2.1"]


def test_cluster_addresses_are_not_judged():
    assert addresses(shard("c1 shop/cart up 127.0.0.1").cluster_ips) == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("lb b.x a.x b.x", "? b.x a.x", id="nothing is known yet"),
        pytest.param("lb b.x\n= b.x 60 192.0.2.2 2001:db8::2", "192.0.2.2 2001:db8::2 60", id="where it leads to"),
        pytest.param("lb b.x 192.0.2.1\n= b.x 60 192.0.2.2", "192.0.2.1 192.0.2.2 60", id="beside an address"),
        pytest.param("lb b.x 192.0.2.1", "192.0.2.1 ? b.x", id="beside an address, not known yet"),
        pytest.param("lb a.x b.x\n= b.x 60 192.0.2.2", "192.0.2.2 60 ? a.x", id="one of two"),
        pytest.param("lb a.x b.x\n= b.x 60 192.0.2.2\n= a.x 9 192.0.2.2", "192.0.2.2 9", id="a set, the least TTL"),
        pytest.param("lb b.x\n= b.x 60", "", id="it leads nowhere"),
        pytest.param("lb b.x\n= b.x 60 127.0.0.1 ::1", "", id="nor to what no load balancer has"),
        pytest.param("lb a.x b.x\n= a.x 9 127.0.0.1\n= b.x 60 192.0.2.2", "192.0.2.2 60", id="and its TTL is none"),
        pytest.param("lb b.x ips 192.0.2.9\n= b.x 60", "", id="it is ingress all the same"),
        pytest.param("lb b.x\n= c.x 60 192.0.2.2", "? b.x", id="another name is nothing to it"),
        pytest.param("lb b.x\n= b.x 60 192.0.2.2\n= b.x 30 192.0.2.3", "192.0.2.3 30", id="the last word counts"),
    ],
)
def test_host_names_of_load_balancers(text, expected):
    found = shard(f"c1 shop/cart up 10.0.0.1 {text}").balancer
    ttl = [str(found.ttl)] if found.resolved else []
    unresolved = ["?", *found.unresolved] if found.unresolved else []
    assert " ".join([*addresses(found.addresses), *ttl, *unresolved]) == expected


def test_a_host_name_that_leads_nowhere_is_no_load_balancer():
    assert health("c1 shop/cart up 10.0.0.1 lb b.x\n= b.x 60") == "inside"
    assert health("c1 shop/cart up 10.0.0.1 lb b.x a.x\n= b.x 60") == "inside outside"
