"""A cache behind real sockets, asked by dnspython: its clock is moved by the test."""

import asyncio

from fedresolver.plugins.cache.setup import parse
from fedresolver.server.router import Block
from fedresolver.upstream.memory.caching import Caching
from tests.support.ask import ask, question
from tests.support.foreign import reply
from tests.support.listening import listening
from tests.support.setup import stanzas


def test_an_answer_counts_down_turns_stale_and_is_renewed():
    now, says = [0.0], ["www.example.org 10 A 192.0.2.1"]

    async def upstream(request):
        await asyncio.sleep(0)
        return reply(says[0])

    (stanza,) = stanzas("cache {\nserve_stale 1h\n}")
    cache = Caching(parse(stanza), lambda: now[0])

    def told(**options):
        found = ask(server.address, question("www.example.org", **options))
        return found.answer[0].ttl, found.answer[0][0].address[-1], [option.to_text() for option in found.options]

    with listening(blocks={".": Block(cache.wrap(upstream), recursive=True)}, clock=lambda: now[0]) as server:
        assert told(use_edns=0) == (10, "1", [])
        now[0] = 4.0
        assert told(want_dnssec=True) == (10, "1", [])
        assert told(use_edns=0, payload=1400) == (6, "1", [])  # another message, the same entry
        now[0], says[0] = 20.0, "SERVFAIL "
        for _ in range(2):
            assert told(use_edns=0, payload=1500) == (30, "1", ["EDE 3 (Stale Answer)"])
        now[0], says[0] = 60.0, "www.example.org 10 A 192.0.2.2"
        assert told(use_edns=0, payload=1600) == (10, "2", [])
        server.loop.run(cache.stop())
