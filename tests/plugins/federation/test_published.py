"""The public domain as a zone: what is transferred is what is answered, in every version."""

from contextlib import contextmanager
from itertools import product

import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedresolver.wire.name import from_text
from tests.support.federation import Listener, federations
from tests.support.records import lines, lines_of
from tests.support.world import events

D = from_text("example.com")
COREFILE = """
federation myfederation example.com {
    manifests .
    local c1
    ns ns.example.com 192.0.2.53 2001:db8::53
}
"""
PLACES = "c1 in north/oslo\nc2 in north/bergen south/oslo\nc3 in south/rome\n"
CART = "c1 shop/cart up 10.0.0.1 lb 192.0.2.1 port http/tcp/80\n"


class Published:
    """A federation whose public domain somebody follows, who notes the serial of each version."""

    def __init__(self, running):
        self.running = running
        self.zone = running.zones.federated[D]
        self.serials = []
        self.listener = Listener(running.resolver(), "tcp")

    def note(self):
        self.serials.append(None if self.zone.contents is None else self.zone.contents.serial)

    def follow(self):
        self.running.run(lambda: self.zone.subscribe(self.note))

    def leave(self):
        self.running.run(lambda: self.zone.unsubscribe(self.note))

    def tell(self, text):
        """Let the members say something, and wait until it is published."""
        self.running.tell(events(text))
        self.running.loop.advance(1.1)

    def ask(self, name, rtype):
        """Return the rcode of an answer, and its records of that very name, sorted."""
        found = self.running.ask(self.listener, dns.message.make_query(name, rtype))
        own = [rrset for rrset in found.answer if rrset.name == dns.name.from_text(name)]
        return dns.rcode.to_text(found.rcode()), sorted(lines_of(own))

    def records(self):
        """Return the records by owner as text, then by type."""
        found = {}
        for types in self.zone.contents.rrsets.values():
            for rrset in types.values():
                for line in lines((rrset,)):
                    owner, _, rtype, *_ = line.split()
                    found.setdefault(owner, {}).setdefault(rtype, []).append(line)
        return found


@contextmanager
def published(said, corefile=COREFILE):
    with federations(corefile, events(said)) as running:
        found = Published(running)
        found.follow()
        running.loop.advance(1.1)
        yield found
        if found.zone._followers:
            found.leave()


def check(found):
    """Compare all that is transferred with what is answered, and what is answered with what is transferred."""
    records = found.records()
    for owner, types in records.items():
        for rtype in ("A", "AAAA", "SRV", "NS", "SOA"):
            expected = types.get(rtype) or types.get("CNAME") or []
            assert found.ask(owner, rtype)[1] == sorted(expected), (owner, rtype)
    exists = {name for owner in records for name in ancestors(owner)}
    for name in names():
        for rtype in ("A", "SRV"):
            rcode, own = found.ask(name, rtype)
            if name not in records:
                # A port that no shard names has a chain all the same, which ends in NXDOMAIN; and a protocol is an
                # empty non-terminal (RFC 8020) also where no port has it.
                assert own == [] or (rcode == "NXDOMAIN" and name.startswith("_dns._udp.")), name
                assert (rcode == "NXDOMAIN") == (name not in exists) or name.startswith("_tcp."), name


def ancestors(owner):
    name = dns.name.from_text(owner)
    while len(name) > 1:
        yield name.to_text()
        name = name.parent()


def names():
    """Yield names that there may be: of every level, Service and named port."""
    levels = ["", "north.", "oslo.", "oslo.south.", "rome.south.", "rome."]
    services = ["cart.shop", "pay.shop", "cart.bank", "absent.shop"]
    for prefix, service, level in product(("", "_dns._udp.", "_tcp."), services, levels):
        yield f"{prefix}{service}.myfederation.svc.{level}example.com."


def test_the_zone_of_a_small_federation():
    with published(PLACES + CART) as found:
        records = found.records()
        assert sorted(records["example.com."]) == ["NS", "SOA"]
        assert records["ns.example.com."] == {
            "A": ["ns.example.com. 180 A 192.0.2.53"],
            "AAAA": ["ns.example.com. 180 AAAA 2001:db8::53"],
        }
        cart = "cart.shop.myfederation.svc"
        assert records[f"{cart}.example.com."] == {"A": [f"{cart}.example.com. 180 A 192.0.2.1"]}
        assert records[f"{cart}.oslo.example.com."] == {"A": [f"{cart}.oslo.example.com. 180 A 192.0.2.1"]}
        assert records[f"{cart}.rome.south.example.com."] == {
            "CNAME": [f"{cart}.rome.south.example.com. 180 CNAME {cart}.south.example.com."]
        }
        assert records[f"_http._tcp.{cart}.north.example.com."] == {
            "SRV": [f"_http._tcp.{cart}.north.example.com. 180 SRV 0 100 80 {cart}.oslo.north.example.com."]
        }
        check(found)


STATES = ["up", "down", "none", "draining", "1/2"]
BALANCERS = ["", "lb 192.0.2.1", "lb 192.0.2.2 2001:db8::2", "lb 2001:db8::3", "ips 198.51.100.1"]
PORTS = ["", "port http/tcp/80", "port http/tcp/8080 dns/udp/53"]
LINE = st.builds(
    lambda member, key, state, balancer, port, gone: (
        f"{member} {key} gone" if gone else f"{member} {key} {state} 10.0.0.1 {balancer} {port}"
    ),
    st.sampled_from(["c1", "c2", "c3"]),
    st.sampled_from(["shop/cart", "shop/pay", "bank/cart"]),
    st.sampled_from(STATES),
    st.sampled_from(BALANCERS),
    st.sampled_from(PORTS),
    st.booleans().filter(bool) | st.just(False),
)
BATCHES = st.lists(st.lists(LINE, min_size=1, max_size=4), min_size=1, max_size=3)


@settings(max_examples=12, deadline=None)
@given(BATCHES)
def test_what_is_transferred_is_what_is_answered(batches):
    with published(PLACES) as found:
        for batch in batches:
            found.tell("\n".join(batch))
            check(found)


@settings(max_examples=40, deadline=None)
@given(BATCHES)
def test_each_version_is_reached_from_those_before_it(batches):
    with published(PLACES + CART) as found:
        versions = [found.zone.contents]
        for batch in batches:
            found.tell("\n".join(batch))
            versions.append(found.zone.contents)
        for before in versions:
            have = all_of(before)
            for step in found.zone.since(before.serial):
                gone, come = some_of(step.removed), some_of(step.added)
                assert gone <= have
                assert not come & (have - gone)
                have = (have - gone - some_of((step.before,))) | come | some_of((step.after,))
            assert have == all_of(versions[-1])


def all_of(contents):
    return some_of(rrset for types in contents.rrsets.values() for rrset in types.values())


def some_of(rrsets):
    return {(rrset.owner, rrset.rtype, rrset.ttl, rdata) for rrset in rrsets for rdata in rrset.rdatas}


def test_nothing_is_made_for_nobody():
    with federations(COREFILE, events(PLACES + CART)) as running:
        running.loop.advance(5)
        zone = running.zones.federated[D]
        assert zone.contents is None


def test_without_followers_the_zone_ends():
    with published(PLACES + CART) as found:
        found.leave()
        assert found.zone.contents is None


def test_who_follows_again_gets_a_newer_version():
    with published(PLACES + CART) as found:
        serial = found.zone.contents.serial
        found.leave()
        found.follow()
        found.running.loop.advance(1.1)
        assert found.zone.contents.serial > serial
        check(found)


def test_the_soa_that_is_asked_for_is_that_of_the_zone():
    with published(PLACES) as found:
        for number in range(5):
            found.running.tell(events(f"c1 shop/cart up 10.0.0.1 lb 192.0.2.{number}"))
            for _ in range(4):
                found.running.loop.advance(0.25)
                _, (soa,) = found.ask("example.com.", "SOA")
                assert int(soa.split()[5]) == found.zone.contents.serial


def test_a_change_that_no_public_record_has_is_no_version():
    with published(PLACES + CART) as found:
        before = list(found.serials)
        found.tell("c1 shop/cart 2/2 10.0.0.7 lb 192.0.2.1 port http/tcp/80")
        assert found.serials == before


def test_versions_are_a_second_apart():
    with published(PLACES + CART) as found:
        before = len(found.serials)
        for number in range(40):
            found.running.tell(events(f"c1 shop/cart up 10.0.0.1 lb 192.0.2.{number}"))
            found.running.loop.advance(0.1)
        found.running.loop.advance(1)
        assert len(found.serials) - before == 5
        assert found.serials == sorted(set(found.serials))
        check(found)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("c1 leaves", id="a member leaves"),
        pytest.param("c4 in west/porto\nc4 shop/cart up 10.0.0.1 lb 192.0.2.4", id="a member joins"),
        pytest.param("c1 stale 0\nc1 expired", id="a member expires"),
        pytest.param("c1 node n1 west/porto", id="a place is new"),
    ],
)
def test_changes_of_the_world(change):
    with published(PLACES + CART + "c3 shop/cart up 10.0.0.1 lb 192.0.2.3") as found:
        found.tell(change)
        assert len(found.serials) == 2
        check(found)


def test_a_zone_that_is_not_known_yet_is_none():
    with published(PLACES + CART + "c4 unlisted") as found:
        assert found.zone.contents is None
        found.tell("c4 in west/porto")
        assert found.zone.contents is not None
        check(found)


def test_a_member_that_never_comes_is_waited_for_no_longer_than_questions_are():
    with published(PLACES + CART + "c4 unlisted") as found:
        found.running.loop.advance(31)
        assert found.zone.contents is not None
        check(found)


ELB = "c2 shop/pay up 10.0.0.2 lb {}"
PAY = "pay.shop.myfederation.svc.example.com."


def elsewhere(found, name, *lines):
    found.running.elsewhere.say(f"{name} A", lines or ("silent",))
    found.running.elsewhere.say(f"{name} AAAA", ("NOERROR",) if lines else ("silent",))


def test_a_first_version_waits_for_host_names():
    with published(PLACES + CART + ELB.format("elb.example.net")) as found:
        assert found.zone.contents is None
        found.running.loop.advance(12)
        assert PAY not in found.records()


def test_host_names_count_with_what_they_lead_to():
    with published(PLACES + CART) as found:
        elsewhere(found, "elb.example.net", "NOERROR", "elb.example.net 60 A 198.51.100.1")
        found.tell(ELB.format("elb.example.net"))
        assert found.records()[PAY] == {"A": [f"{PAY} 60 A 198.51.100.1"]}
        check(found)


def test_what_a_name_had_stays_while_its_host_names_are_not_resolved_yet():
    with published(PLACES + CART) as found:
        elsewhere(found, "elb.example.net", "NOERROR", "elb.example.net 60 A 198.51.100.1")
        elsewhere(found, "new.example.net")
        found.tell(ELB.format("elb.example.net"))
        found.tell(ELB.format("new.example.net"))
        assert found.records()[PAY] == {"A": [f"{PAY} 60 A 198.51.100.1"]}
