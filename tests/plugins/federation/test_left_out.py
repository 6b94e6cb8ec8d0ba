"""What members say in vain is counted, and said once."""

import logging

import pytest

from tests.support.federation import federations
from tests.support.world import events

COREFILE = """federation shop example.com {
    manifests .
    allow_addresses 127.1.0.0/16
    member c2 {
        namespaces web-*
    }
}
"""


@pytest.mark.parametrize(
    ("line", "counted"),
    [
        pytest.param("c1 store/cart up 10.0.0.1 lb 192.0.2.1", {}, id="an ordinary load balancer"),
        pytest.param("c1 store/cart up 127.0.0.1 lb 127.1.0.1", {}, id="an allowed address, a ClusterIP"),
        pytest.param("c1 store/cart up 10.0.0.1 lb 127.0.0.1", {("shop", "c1", "address"): 1}, id="loopback"),
        pytest.param(
            "c1 store/cart up 10.0.0.1 lb 192.0.2.1 169.254.0.1 ips 224.0.0.1",
            {("shop", "c1", "address"): 2},
            id="link-local and multicast, beside one that is believed",
        ),
        pytest.param("c2 store/cart up 10.0.0.1", {("shop", "c2", "namespace"): 1}, id="a namespace of others"),
        pytest.param("c2 web-1/cart up 10.0.0.1", {}, id="a namespace of its own"),
        pytest.param("c1 store/cart slice a 127.0.0.1", {}, id="endpoints are no load balancers"),
    ],
)
def test_what_is_left_out_is_counted(line, counted):
    with federations(COREFILE, events("c1 in north/oslo\nc2 in north/bergen")) as running:
        running.tell(events(line))
        family = running.metrics.counter("fedresolver_federation_left_out_total", "", ("federation", "member", "why"))
        assert family.values == counted


def test_it_is_said_once(caplog):
    with federations(COREFILE, events("c1 in north/oslo")) as running, caplog.at_level(logging.WARNING):
        for number in (1, 2, 3):
            running.tell(events(f"c1 store/cart up 10.0.0.{number} lb 127.0.0.1"))
    said = [record.getMessage() for record in caplog.records if "left out" in record.getMessage()]
    assert said == ["member c1: an address of store/cart is left out: no load balancer has it; see allow_addresses"]


def test_where_a_host_name_leads_to_in_vain_is_counted_for_each_member_that_has_it(caplog):
    with federations(COREFILE, events("c1 in north/oslo\nc2 in north/bergen")) as running:
        for name, *addresses in (("bad.x", "127.0.0.1", "192.0.2.1"), ("good.x", "127.1.0.1")):
            running.elsewhere.say(f"{name} A", ["NOERROR", *(f"{name} 60 A {address}" for address in addresses)])
            running.elsewhere.say(f"{name} AAAA", ["NOERROR"])
        running.tell(
            events(
                "c1 store/cart up 10.0.0.1 lb bad.x good.x\nc1 store/db up 10.0.0.1 lb bad.x\nc2 web-1/a up lb bad.x"
            )
        )
        running.loop.advance(1)
        family = running.metrics.counter("fedresolver_federation_left_out_total", "", ("federation", "member", "why"))
        assert family.values == {("shop", "c1", "address"): 1, ("shop", "c2", "address"): 1}
    said = [record.getMessage() for record in caplog.records if "left out" in record.getMessage()]
    assert said == [
        f"member {member}: an address that host name bad.x leads to is left out: no load balancer has it; "
        "see allow_addresses"
        for member in ("c1", "c2")
    ]
