"""DNS servers in front of us, configured with the very text that `docs/neighbours.md` has, asked by dig."""

import pytest

from tests.neighbours.neighbours import NEIGHBOURS
from tests.neighbours.world import (
    ABSENT,
    BALANCERS,
    CLUSTER_IP,
    CROWD,
    DOWN,
    FAR,
    HERE,
    MANY,
    MOVING,
    PLACES,
    POD,
    SUFFIX,
    TTL,
    move,
)
from tests.support.deadline import eventually

PATIENCE = 30.0
"""Seconds; less than the TTL of what must not be cached so long."""
SPARE_TTL = 60
"""Seconds that a test may take until a TTL of 180 counts as cut."""


@pytest.fixture(scope="module", params=NEIGHBOURS, ids=lambda neighbour: neighbour.section)
def neighbour(request, hosts, served, tmp_path_factory):
    _, theirs = hosts
    with request.param.running(theirs, tmp_path_factory.mktemp("neighbour")):
        yield request.param


@pytest.fixture
def asking(neighbour, hosts):
    """Ask the neighbour with dig."""
    return lambda *words: hosts[1].dig(neighbour.address, *words)


@pytest.mark.parametrize("name", [f"{HERE}.{POD}", HERE])
def test_a_healthy_service_is_its_cluster_ip(asking, neighbour, name):
    found = asking(name)
    assert (found.status, found.data("A")) == ("NOERROR", [CLUSTER_IP])
    assert found.ttls("A")[0] <= neighbour.local_ttl


def test_letter_case_does_not_matter(asking):
    assert asking(f"{HERE}.{POD}".upper()).data("A") == [CLUSTER_IP]


@pytest.mark.parametrize("name", [f"{FAR}.{POD}", FAR])
def test_a_walk_comes_whole_and_in_order(asking, name):
    found = asking(name)
    assert found.status == "NOERROR"
    assert found.data("CNAME") == [f"{FAR}.{place}" for place in PLACES]
    assert set(found.data("A")) == BALANCERS


def test_a_public_name_is_answered(asking):
    assert set(asking(f"{FAR}.svc.example.com").data("A")) == BALANCERS


def test_the_ttls_of_a_walk_are_passed_on_or_cut_to_the_least(asking, neighbour):
    found = asking(f"{FAR}.{POD}")
    first, *others = found.ttls("CNAME") + found.ttls("A")
    assert first <= neighbour.local_ttl
    low, high = (0, neighbour.local_ttl) if neighbour.one_ttl else (TTL - SPARE_TTL, TTL)
    assert [ttl for ttl in others if not low <= ttl <= high] == []


def test_what_is_healthy_nowhere_does_not_exist(asking):
    found = asking(f"{DOWN}.{POD}")
    assert found.status == "NXDOMAIN"
    assert found.data("CNAME") == [f"{DOWN}.{place}" for place in PLACES]


@pytest.mark.parametrize("name", [f"{ABSENT}.{POD}", ABSENT, f"{ABSENT}.svc.example.com"])
def test_what_is_known_nowhere_does_not_exist(asking, name):
    found = asking(name)
    assert (found.status, found.answer) == ("NXDOMAIN", [])
    assert [rtype for _, _, rtype, _ in found.authority] == ["SOA"]


def test_the_family_that_is_not_there_is_no_data(asking):
    found = asking(f"{HERE}.{POD}", "AAAA")
    assert (found.status, found.answer) == ("NOERROR", [])


@pytest.mark.parametrize("name", [f"{HERE}.{POD}", HERE])
def test_a_port_is_found_by_its_name(asking, name):
    assert asking(f"_http._tcp.{name}", "SRV").data("SRV") == [f"0 100 80 {HERE}.{POD}."]


def test_a_port_of_a_walk_is_found_by_its_name(asking):
    (found,) = asking(f"_http._tcp.{FAR}.{POD}", "SRV").data("SRV")
    assert found == f"0 100 80 {FAR}.svc.rome.south.example.com."


@pytest.mark.parametrize("words", [["+noedns"], ["+bufsize=512"], ["+tcp"], ["+bufsize=1232"]], ids=" ".join)
def test_a_large_answer_comes_whole(asking, words):
    assert set(asking(f"{MANY}.{POD}", *words).data("A")) == CROWD


def test_the_reason_passes_where_the_page_says_so(asking, neighbour):
    assert asking(f"why.{SUFFIX}.{POD}").why == ("nowhere: no shard" if neighbour.reason else None)


def test_a_change_is_seen_when_the_short_ttl_is_over(asking, served):
    assert asking(f"{MOVING}.{POD}").data("A") == [CLUSTER_IP]
    move(served.members, ready=False)
    try:
        eventually(lambda: asking(f"{MOVING}.{POD}").data("A") == ["192.0.2.1"], PATIENCE)
    finally:
        move(served.members, ready=True)
    eventually(lambda: asking(f"{MOVING}.{POD}").data("A") == [CLUSTER_IP], PATIENCE)
