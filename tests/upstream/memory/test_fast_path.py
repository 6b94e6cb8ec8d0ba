"""What the server repeats of a cache's answers, message by message: the real resolver before another server of ours."""

import dns.flags
import dns.message
import dns.rcode
import pytest

from fedresolver.chain.handler import link
from fedresolver.observe.metrics import Counter
from fedresolver.server.resolve import Resolver
from fedresolver.server.router import Block
from fedresolver.upstream.memory.caching import Caching
from fedresolver.upstream.memory.keeping import Policy, Prefetch, Stale
from tests.support.clock import virtual_loop
from tests.support.foreign import Upstream, reply
from tests.support.listening import router
from tests.support.way import Way

A, B = "www.example.org {} A 192.0.2.1", "www.example.org {} A 192.0.2.2"
SOA = "example.org 20 SOA ns.example.org admin.example.org 1 2 3 4 20"


class Server:
    """A resolver with a cache before another server; `through` are the moments of queries that came to the cache."""

    def __init__(self, loop, says, turns=False, **policy):
        self.loop, self.upstream, self.way, self.through = loop, Upstream(loop, says), Way(), []
        self.cache = Caching(Policy(**policy), loop.time)
        handler = link((self.seen(turns), self.cache.wrap), self.upstream)
        self.resolver = Resolver(router({".": Block(handler, recursive=True)}), loop.time, Counter("x_total", ""))

    def seen(self, turns):
        def wrap(next_):
            async def handle(request):
                self.through.append(self.loop.time())
                found = await next_(request)
                return type(found)(
                    **{name: getattr(found, name) for name in found.__struct_fields__} | {"turns": turns}
                )

            return handle

        return wrap

    async def _answered(self, message):
        hot = self.way.hot.get(message[2:])
        if hot is None:
            found = self.resolver.resolve(message, self.way, None)
        else:
            found = self.resolver.again(message, hot, self.way, None)
        if isinstance(found, bytes):
            return found
        sent = self.loop.create_future()
        found.start(lambda _, octets: sent.set_result(octets))
        return await sent

    def ask(self, name="www.example.org", rtype="A", **options):
        """Return the response as dnspython reads it."""
        query = dns.message.make_query(name, rtype, **options)
        response = dns.message.from_wire(self.loop.run_until_complete(self._answered(query.to_wire())))
        assert query.is_response(response)
        return response

    def ttls(self, **options):
        response = self.ask(**options)
        return [rrset.ttl for section in (response.answer, response.authority) for rrset in section]


@pytest.fixture
def loop():
    with virtual_loop() as loop:
        yield loop


@pytest.mark.parametrize(
    ("says", "first"),
    [
        pytest.param(A.format(4), [4], id="an answer"),
        pytest.param("www.example.org 6 CNAME x.org; x.org 4 A 192.0.2.1", [6, 4], id="a chain"),
        pytest.param("NXDOMAIN www.example.org 4 CNAME x.example.org /" + SOA, [4, 20], id="a chain to NXDOMAIN"),
    ],
)
def test_ttls_count_down_by_the_second_until_the_entry_ends(loop, says, first):
    server, found = Server(loop, says), []
    server.ask()
    for _ in range(8):
        found.append(server.ttls())
        loop.advance(0.5)
    assert found == [[ttl - number // 2 for ttl in first] for number in range(8)]
    assert (server.through, server.upstream.asked) == ([0, 0], [0])
    assert [server.ttls() for _ in range(3)] == [first] * 3
    assert (server.through, server.upstream.asked) == ([0, 0, 4, 4], [0, 4])


def test_what_is_asked_for_once_is_not_in_the_table(loop):
    server = Server(loop, A.format(10))
    for kept, through in ((0, 1), (1, 2), (1, 2)):
        server.ask()
        assert (len(server.way.hot), len(server.through)) == (kept, through)


def test_a_response_is_never_given_after_the_end_of_its_entry(loop):
    server = Server(loop, A.format(3))
    loop.advance(0.25)
    server.ask("other.example.org")  # here the second of the server begins
    loop.advance(0.5)
    for _ in range(2):
        server.ask()
    for moment, address in ((3.5, "192.0.2.1"), (3.6875, "192.0.2.1"), (3.75, "192.0.2.2")):
        loop.advance(moment - loop.time())
        server.upstream.says = B.format(3)
        assert [rdata.to_text() for rdata in server.ask().answer[0]] == [address]
    assert server.through == [0.25, 0.75, 0.75, 3.75]


def test_do_and_cd_have_their_own_answers(loop):
    server = Server(loop, A.format(10))
    for moment, options in enumerate(
        ({}, {"use_edns": 0}, {"want_dnssec": True}, {"flags": dns.flags.RD | dns.flags.CD})
    ):
        loop.advance(moment - loop.time())
        assert [server.ttls(**options) for _ in range(2)] == [[9] if moment == 1 else [10]] * 2
    loop.advance(4 - loop.time())
    assert [server.ttls(**one) for one in ({}, {"use_edns": 0}, {"want_dnssec": True})] == [[6], [6], [8]]
    assert (server.through, server.upstream.asked) == ([0, 0, 1, 2, 2, 3, 3], [0, 2, 3])


def test_ad_is_for_those_who_ask(loop):
    server = Server(loop, reply(A.format(10), authentic=True))
    for _ in range(3):
        plain, ad = (server.ask(flags=flags) for flags in (dns.flags.RD, dns.flags.RD | dns.flags.AD))
        assert [bool(found.flags & dns.flags.AD) for found in (plain, ad)] == [False, True]
        assert [found.flags & (dns.flags.RA | dns.flags.AA) for found in (plain, ad)] == [dns.flags.RA] * 2
        loop.advance(1)
    assert server.through == [0, 0, 1]


def test_a_failure_is_repeated_until_it_ends(loop):
    server = Server(loop, "SERVFAIL ")
    for moment in range(6):
        loop.advance(moment - loop.time())
        assert server.ask().rcode() == dns.rcode.SERVFAIL
    assert (server.through, server.upstream.asked) == ([0, 1, 5], [0, 5])


def test_turns_go_on_from_second_to_second(loop):
    server, found = Server(loop, "www.example.org 60 A 192.0.2.1 | 192.0.2.2 | 192.0.2.3", turns=True), []
    for moment in range(7):
        found.append(server.ask().answer[0][0].to_text()[-1])
        loop.advance(1 if moment else 0)
    assert "".join(found) == "1231231"
    assert server.through == [0, 0]


def test_what_is_popular_on_the_fast_path_is_asked_for_early(loop):
    server = Server(loop, A.format(100), prefetch=Prefetch(amount=20))
    for _ in range(20):
        server.ask()
        loop.advance(4)
    assert server.through == [0, 4]
    loop.advance(91 - loop.time())
    server.ask()
    loop.advance(0.5)
    assert (server.through, server.upstream.asked) == ([0, 4, 91], [0, 91])
    loop.advance(1)
    assert server.ttls() == [99]


def test_a_response_that_lost_records_is_made_anew(loop):
    server = Server(loop, "www.example.org 60 A " + "|".join(f"192.0.2.{number}" for number in range(60)))
    for _ in range(3):
        assert server.ask().flags & dns.flags.TC
    assert (len(server.through), len(server.upstream.asked)) == (3, 1)


def test_what_lost_its_only_additional_record_is_not_whole(loop):
    answer, extra = (f"{owner}.example.org 60 TXT {'x' * 250}" + f" {'x' * 250}" * 2 for owner in ("www", "extra"))
    server = Server(loop, reply(answer, additional=reply(extra).answer))
    for _ in range(3):
        assert len(server.ask(rtype="TXT", use_edns=0, payload=1232).to_wire()) < 900
    assert len(server.through) == 3


def test_stale_answers_are_seen_by_the_cache(loop):
    server = Server(loop, A.format(1), stale=Stale())
    server.ask()
    server.upstream.says = "SERVFAIL "
    loop.advance(2)
    assert [server.ttls() for _ in range(3)] == [[30]] * 3
    assert (server.through, server.upstream.asked) == ([0, 2, 2, 2], [0, 2])
