import dns.message
import dns.rcode
import dns.zone
import pytest

from bench.check import answer_of, echoed, same
from bench.queries import absent, query
from bench.truth import APEX, SUFFIX, Answer, Truth
from bench.world import World

TRUTH = Truth(World(2))
REGION = "us-central1.example.com."
TOPOLOGY_ZONE = f"us-central1-a.{REGION}"
PUBLIC = "nginx.mynamespace.myfederation.svc"


def answer(*records, authority=None):
    rcode = dns.rcode.NXDOMAIN if authority else dns.rcode.NOERROR
    return Answer(rcode, frozenset(records), authority)


@pytest.mark.parametrize(
    ("name", "right"),
    [
        pytest.param(
            f"SVC-00002.{SUFFIX}",
            answer((f"svc-00002.{SUFFIX}", 5, "A", "10.0.0.2")),
            id="a healthy local shard is its ClusterIP",
        ),
        pytest.param(
            f"nginx.{SUFFIX}",
            answer(
                (f"nginx.{SUFFIX}", 5, "CNAME", f"{PUBLIC}.{TOPOLOGY_ZONE}"),
                (f"{PUBLIC}.{TOPOLOGY_ZONE}", 180, "CNAME", f"{PUBLIC}.{REGION}"),
                (f"{PUBLIC}.{REGION}", 180, "CNAME", f"{PUBLIC}.example.com."),
                (f"{PUBLIC}.example.com.", 180, "A", "198.18.128.3"),
                (f"{PUBLIC}.example.com.", 180, "A", "198.19.0.3"),
                (f"{PUBLIC}.example.com.", 180, "A", "198.19.128.3"),
            ),
            id="a shard that is not healthy walks to the others",
        ),
        pytest.param(f"other.{SUFFIX}", answer(authority=APEX), id="an absent name has the SOA of the apex"),
    ],
)
def test_answer(name, right):
    assert TRUTH.answer(name) == right


@pytest.mark.parametrize("message", [query(f"nginx.{SUFFIX}").to_wire(), next(absent(1))], ids=["walk", "absent"])
def test_a_canned_reply_is_right(message):
    asked = dns.message.from_wire(message)
    reply = TRUTH.reply(asked)
    assert (echoed(reply), answer_of(dns.message.from_wire(reply))) == (
        echoed(message),
        TRUTH.answer(asked.question[0].name.to_text()),
    )


def test_the_zone_files_hold_every_record():
    zones = [dns.zone.from_text(TRUTH.zone(apex), apex, relativize=False) for apex in (APEX, "example.com.")]
    found = {name.to_text() for zone in zones for name in zone.nodes}
    assert set(TRUTH.records) <= found


def test_hosts_has_the_local_addresses():
    assert TRUTH.hosts().splitlines()[:2] == [f"10.0.0.1 svc-00001.{SUFFIX}", f"10.0.0.2 svc-00002.{SUFFIX}"]


@pytest.mark.parametrize(
    ("ttl", "address", "ages", "agrees"),
    [
        pytest.param(5, "10.0.0.1", False, True, id="the same answer agrees"),
        pytest.param(4, "10.0.0.1", False, False, id="another TTL does not"),
        pytest.param(4, "10.0.0.1", True, True, id="but a cache may count it down"),
        pytest.param(6, "10.0.0.1", True, False, id="and not up"),
        pytest.param(5, "10.0.0.2", True, False, id="another address never agrees"),
    ],
)
def test_same(ttl, address, ages, agrees):
    right = answer(("a.", 5, "A", "10.0.0.1"))
    assert same(answer(("a.", ttl, "A", address)), right, ages=ages) is agrees
