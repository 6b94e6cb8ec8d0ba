"""Names of others over a reload: what is known of them stays, and the chain that is asked is the new one."""

import dns.message
import pytest

from fedresolver.wire.const import Rcode
from tests.support.federation import Listener, federations
from tests.support.records import lines_of
from tests.support.request import request
from tests.support.world import events

COREFILE = "federation shop example.com {\nmanifests .\nlocal c1\n}"
SAID = "c1 in north/oslo\nc1 store/www none external www.x\nc2 in south/rome\nc2 store/cart up 10.0.0.2 lb elb.x"
CART = "cart.store.shop.svc.example.com"


def answers(running, name):
    """Return what a new resolver answers for the addresses of a name."""
    return lines_of(running.ask(Listener(running.resolver()), dns.message.make_query(name, "A")).answer)


def say(running, elb, www):
    """Let others say where two names lead to, each for 100 s."""
    for name, address in (("elb.x", elb), ("www.x", www)):
        running.elsewhere.say(f"{name} A", ["NOERROR", f"{name} 100 A {address}"])
        running.elsewhere.say(f"{name} AAAA", ["NOERROR", "- x 900 1000"])


@pytest.mark.parametrize(
    "corefile",
    [
        pytest.param(COREFILE, id="as before"),
        pytest.param(COREFILE.replace("}", "ttl 90\n}"), id="with other settings"),
    ],
)
def test_a_reload_asks_nothing_again_and_then_the_new_chain(corefile):
    with federations(COREFILE) as running:
        say(running, "192.0.2.1", "192.0.2.2")
        running.tell(events(SAID))
        assert answers(running, CART)[0].endswith(" A 192.0.2.1")
        assert answers(running, "www.store.shop")[1].endswith(" 100 A 192.0.2.2")
        former = running.elsewhere

        running.reload(corefile)
        former.asked.clear()
        assert answers(running, CART)[0].endswith(" A 192.0.2.1")
        assert answers(running, "www.store.shop")[1].endswith(" 100 A 192.0.2.2")
        assert running.elsewhere.asked == []

        say(running, "192.0.2.8", "192.0.2.9")
        running.loop.advance(101)
        assert answers(running, CART)[0].endswith(" A 192.0.2.8")
        assert answers(running, "www.store.shop")[1].endswith(" A 192.0.2.9")
        assert (former.asked, sorted(running.elsewhere.asked)) == ([], ["elb.x A", "www.x A"])


@pytest.mark.parametrize(
    ("said", "rcode"),
    [
        pytest.param(["NOERROR", "www.x 100 A 192.0.2.2"], Rcode.NOERROR, id="an address"),
        pytest.param(["NXDOMAIN", "- x 900 1000"], Rcode.NXDOMAIN, id="no such name"),
        pytest.param(["SERVFAIL"], Rcode.SERVFAIL, id="a failure"),
    ],
)
def test_what_others_say_of_a_name_that_ours_leads_to_is_for_no_cache(said, rcode):
    """It is right for as long as the first name leads there, which nobody knows but the federation."""
    with federations(COREFILE) as running:
        running.elsewhere.say("www.x A", said)
        running.tell(events(SAID))
        handler = running.plugin.wrap(running.elsewhere)
        reply = running.loop.run_until_complete(handler(request("www.store.shop A")))
        assert (reply.rcode, reply.foreign, reply.cell, reply.life) == (rcode, False, None, None)


def test_a_federation_that_goes_has_nothing_resolved_any_more():
    with federations(COREFILE) as running:
        say(running, "192.0.2.1", "192.0.2.2")
        running.tell(events(SAID))
        running.loop.advance(1)
        former = running.elsewhere
        running.reload(COREFILE.replace("shop", "bank"))
        former.asked.clear()
        running.loop.advance(1)
        assert sorted(running.elsewhere.asked) == ["elb.x A", "elb.x AAAA"]
        running.loop.advance(600)
        assert former.asked == []
