import pytest
from msgspec.structs import replace

from fedresolver.chain.handler import FOREVER, Client, Reply, Verdict
from fedresolver.chain.proof import Proofs
from fedresolver.observe.metrics import Metrics
from fedresolver.plugins.rrl.accounts import Accounts
from fedresolver.plugins.rrl.handler import Limiter, Limits
from fedresolver.plugins.rrl.kind import Kind
from fedresolver.plugins.rrl.metrics import Counts, RrlMetrics
from fedresolver.wire.const import Rcode
from fedresolver.wire.name import ROOT, from_text
from fedresolver.wire.query import Edns
from tests.plugins.rrl.test_accounts import Clock
from tests.support.request import ask, records, request

SEND, SLIP, DROP = Verdict.SEND, Verdict.SLIP, Verdict.DROP
FIVE = dict.fromkeys(Kind, 5.0)
COOKIE = Edns(1232, 0, False, b"\0\x0a\0\x10" + bytes(16))


class Limited:
    """A limiter in front of a handler that answers whatever is in `reply`."""

    def __init__(self, *, zones=(ROOT,), proofs=(), **limits):
        self.clock, self.counts, self.asked = Clock(), Counts(), 0
        self.reply = Reply(answer=records("203.0.113.1"), cell=FOREVER)
        self.accounts = Accounts(1000, 15, self.clock)
        given = Limits(**({"rates": FIVE} | limits))
        self.limiter = Limiter(given, frozenset(zones), self.accounts, Proofs(proofs), self.counts)
        self.handler = self.limiter.wrap(self.answer)

    async def answer(self, request):
        self.asked += 1
        return self.reply

    def ask(self, text="www.example.org A", **more):
        return ask(self.handler, request(text, **more))

    def verdicts(self, count, text="www.example.org A", **more):
        return [self.ask(text, **more).verdict for _ in range(count)]

    def sent(self, count, text="www.example.org A", **more):
        return self.verdicts(count, text, **more).count(SEND)

    def told(self):
        metrics = Metrics()
        made = metrics.part(RrlMetrics)
        metrics.read_with([lambda: self.counts.tell(made, "dns://:53", len(self.accounts))])
        return {family.name: dict(family.values) for family in metrics.families() if "rrl" in family.name}


def who(address, transport="udp"):
    return Client(address, 1, transport, "192.0.2.53", 53)


@pytest.mark.parametrize(
    ("slip", "expected"),
    [(0, [DROP] * 4), (1, [SLIP] * 4), (2, [DROP, SLIP] * 2), (3, [DROP, DROP, SLIP, DROP])],
)
def test_beyond_the_limit_answers_are_dropped_and_each_so_manieth_slips(slip, expected):
    assert Limited(slip=slip).verdicts(9) == [SEND] * 5 + expected


def test_a_second_later_there_is_more():
    limited = Limited()
    found = [limited.sent(6)]
    limited.clock.now += 1.5
    found.append(limited.sent(6))
    assert found == [5, 5]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("192.0.2.1", "192.0.2.254", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("192.0.2.1", "::ffff:192.0.2.9", True),
        ("2001:db8::1", "2001:db8:0:ff::1", True),
        ("2001:db8::1", "2001:db8:0:100::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
    ],
)
def test_a_network_is_counted_together(one, other, together):
    limited = Limited()
    assert limited.sent(5, client=one) == 5
    assert limited.sent(5, client=other) == (0 if together else 5)


def test_networks_may_have_another_size():
    limited = Limited(ipv4_bits=32, ipv6_bits=128)
    clients = ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2")
    assert [limited.sent(6, client=client) for client in clients] == [5, 5, 5, 5]


def test_names_have_limits_of_their_own_where_there_are_records():
    limited = Limited()
    assert [limited.sent(6, text) for text in ("a.example.org A", "b.example.org A", "A.example.org AAAA")] == [5, 5, 0]


@pytest.mark.parametrize("rcode", [Rcode.NXDOMAIN, Rcode.SERVFAIL, Rcode.REFUSED])
def test_names_that_nobody_has_are_counted_together(rcode):
    limited = Limited()
    limited.reply = Reply(rcode=rcode)
    assert sum(limited.sent(1, f"{number}.example.org A") for number in range(20)) == 5


def test_each_kind_has_its_limit():
    limited = Limited(rates={Kind.RESPONSE: 2.0, Kind.NXDOMAIN: 3.0})
    replies = (limited.reply, Reply(rcode=Rcode.NXDOMAIN), Reply(rcode=Rcode.SERVFAIL), Reply())
    found = []
    for limited.reply in replies:
        found.append(limited.sent(10))
    assert found == [2, 3, 10, 10]


def test_what_has_no_limit_has_no_guard():
    limited = Limited(rates={Kind.NXDOMAIN: 3.0})
    assert limited.ask() == limited.reply


def test_other_zones_are_not_limited():
    limited = Limited(zones=(from_text("example.org"),))
    assert [limited.sent(9, f"{name} A") for name in ("www.example.org", "example.org", "example.net")] == [5, 5, 9]


@pytest.mark.parametrize("transport", ["tcp", "tls", "https"])
def test_who_has_a_connection_is_not_limited(transport):
    assert Limited(requests=1.0).sent(9, transport=transport) == 9


def test_who_has_proven_its_address_is_not_limited():
    limited = Limited(
        requests=1.0, proofs=[lambda query, client: query.edns == COOKIE and client.address == "192.0.2.7"]
    )
    assert [limited.sent(9, edns=COOKIE), limited.sent(9, edns=COOKIE, client="203.0.113.1"), limited.sent(9)] == [
        9,
        1,
        1,
    ]


def test_an_answer_that_is_kept_is_counted_too():
    limited = Limited()
    (guard,) = limited.ask().guards
    assert [guard(who("192.0.2.7"), None) for _ in range(6)] == [SEND] * 4 + [DROP, SLIP]
    assert guard(who("203.0.113.1"), None) is SEND
    assert limited.verdicts(1) == [DROP]


def test_a_kept_answer_is_for_whom_is_exempt_without_limit():
    limited = Limited(proofs=[lambda query, client: query is not None], requests=1.0)
    (guard,) = limited.ask(transport="tcp").guards
    assert [guard(who("192.0.2.7", "tls"), None) for _ in range(9)] == [SEND] * 9
    assert [guard(who("192.0.2.7"), request().query) for _ in range(9)] == [SEND] * 9
    assert [guard(who("192.0.2.7"), None) for _ in range(3)] == [SEND, DROP, DROP]


def test_guards_of_others_are_asked_first():
    limited = Limited()
    limited.reply = replace(limited.reply, guards=(len,))
    assert limited.ask().guards[0] is len


def test_too_many_requests_are_dropped_before_anything_is_looked_up():
    limited = Limited(requests=3.0)
    verdicts = [limited.ask(f"{number}.example.org A").verdict for number in range(6)]
    assert (verdicts, limited.asked) == ([SEND] * 3 + [DROP] * 3, 3)


def test_what_another_has_dropped_costs_nothing():
    limited = Limited()
    limited.reply = Reply(verdict=DROP)
    assert limited.verdicts(9) == [DROP] * 9
    assert len(limited.accounts) == 0


def test_who_only_reports_sends_everything():
    limited = Limited(report_only=True, requests=2.0)
    assert limited.sent(10) == 10
    told = limited.told()
    assert told["fedresolver_rrl_responses_exceeded_total"]["dns://:53", "response"] == 5
    assert told["fedresolver_rrl_requests_exceeded_total"] == {("dns://:53",): 8}
    assert told["fedresolver_rrl_slipped_responses_total"] == {("dns://:53",): 0}


def test_what_is_told():
    limited = Limited()
    limited.verdicts(9)
    limited.reply = Reply(rcode=Rcode.NXDOMAIN)
    limited.verdicts(6)
    told, here = limited.told(), "dns://:53"
    kinds = {"response": 4, "nodata": 0, "nxdomain": 1, "referral": 0, "error": 0}
    assert told["fedresolver_rrl_responses_exceeded_total"] == {(here, kind): number for kind, number in kinds.items()}
    assert told["fedresolver_rrl_slipped_responses_total"] == {(here,): 2}
    assert told["fedresolver_rrl_accounts"] == {(here,): 2}
    assert limited.told()["fedresolver_rrl_responses_exceeded_total"][here, "response"] == 0
