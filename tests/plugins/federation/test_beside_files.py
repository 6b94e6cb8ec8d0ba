"""The public domain as a zone file: which names stay the federation's, and whose SOA denies them."""

import dns.message
import dns.rcode
import pytest

from fedresolver.authority.served import ServedZone
from fedresolver.chain.handler import REFUSED
from fedresolver.wire.name import from_text
from tests.support.federation import Listener, federations
from tests.support.records import lines_of
from tests.support.request import request
from tests.support.world import events
from tests.support.zone_text import zone_of

COREFILE = "federation shop example.com {\nmanifests .\nlocal c1\n}"
SAID = "c1 in north/oslo\nc2 in south/rome\nc2 store/cart up 10.0.0.2 lb 192.0.2.1"
HEAD = "$TTL 300\n@ SOA ns h {serial} 1 2 3 60\n@ NS ns\nns A 192.0.2.53\n"


def file(running, serial=7, text=""):
    """Put a zone file of the public domain beside the federation; return it."""
    apex = from_text("example.com")
    served = running.zones.files.setdefault(apex, ServedZone(apex))
    served.take(zone_of(HEAD.format(serial=serial) + text, "example.com", head=""))
    return served


def serial(running, listener, name):
    """Return the serial of the SOA that denies a name."""
    response = running.ask(listener, dns.message.make_query(name, "TXT"))
    (line,) = lines_of(response.authority)
    assert line.split()[:3] == ["example.com.", "60", "SOA"]
    return int(line.split()[5])


@pytest.mark.parametrize(
    "name", ["svc.example.com", "shop.svc.example.com", "north.example.com", "cart.store.shop.svc.example.com"]
)
def test_what_the_federation_denies_in_it_has_the_soa_of_the_file(name):
    with federations(COREFILE) as running:
        file(running)
        running.tell(events(SAID))
        assert serial(running, Listener(running.resolver()), name) == 7


def test_a_new_serial_of_the_file_shows_within_five_seconds():
    with federations(COREFILE) as running:
        file(running)
        running.tell(events(SAID))
        running.loop.advance(6)
        listener = Listener(running.resolver())
        for _ in range(3):
            assert serial(running, listener, "svc.example.com") == 7
        file(running, serial=8)
        running.loop.advance(5.1)
        assert serial(running, listener, "svc.example.com") == 8


def test_a_file_that_has_nothing_yet_leaves_the_soa_to_the_federation():
    with federations(COREFILE) as running:
        file(running).take(None)
        running.tell(events(SAID))
        response = running.ask(Listener(running.resolver()), dns.message.make_query("svc.example.com", "TXT"))
        assert lines_of(response.authority)[0].startswith("example.com. 5 SOA ns.example.com. hostmaster.example.com. ")


@pytest.mark.parametrize(
    ("name", "passed"),
    [
        ("example.com", True),
        ("ns.example.com", True),
        ("www.example.com", True),
        ("nope.store.shop.svc.example.com", True),
        ("cart.store.shop.svc.example.com", False),
        ("svc.example.com", False),
        ("north.example.com", False),
        ("other.shop", False),
    ],
)
def test_other_names_are_passed_on(name, passed):
    with federations(COREFILE) as running:
        file(running)
        running.tell(events(SAID))
        seen = []

        async def next_(request):
            seen.append(request.query.qname)
            return REFUSED

        running.loop.run_until_complete(running.plugin.wrap(next_)(request(f"{name} A")))
        assert seen == [from_text(name)] * passed


def test_a_name_that_may_be_a_place_is_the_files_if_it_stands_there():
    """Which places there are is not known before all members are listed."""
    with federations(COREFILE, events("c1 in north/oslo\nc2 unlisted")) as running:
        file(running, text="www A 192.0.2.80\n")
        handler = running.plugin.wrap(running.elsewhere)
        found = {
            name: running.loop.run_until_complete(handler(request(f"{name}.example.com A"))) for name in ("www", "nope")
        }
        assert found["nope"].rcode == dns.rcode.SERVFAIL
        assert found["nope"].plugin == "federation"
        assert found["www"].plugin != "federation"
