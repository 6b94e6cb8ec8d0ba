"""A whole server with `secondary`, its primary a fake one; asked over real sockets."""

from contextlib import contextmanager

import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rrset
import pytest

from fedresolver.config.read import ConfigError
from fedresolver.wire.name import from_text
from tests.support.ask import addresses, ask, dig, over_udp, question
from tests.support.deadline import eventually
from tests.support.dns_server import dns_server
from tests.support.primary import response
from tests.support.records import ede_of
from tests.support.running import running
from tests.support.setup import Surroundings, plugin
from tests.support.signed import BASE64, OTHER_SECRET, signed, theirs
from tests.support.zone_records import NS, soa

WWW = "www.example.org. 60 A 192.0.2.{}"
COREFILE = """
.:0 {{
    bind 127.0.0.1
    errors
    ready 127.0.0.1:0
    prometheus 127.0.0.1:0
    {before}
    secondary example.org {{
        transfer from {to}
        {options}
    }}
}}
"""


class Zone:
    """What a primary says: a zone of a serial and with an address, nothing or REFUSED."""

    def __init__(self, serial=1):
        self.serial = serial
        self.refuses = False

    def __call__(self, asked):
        if self.refuses:
            return response(asked.octets, rcode="REFUSED")
        if asked.text.endswith(" SOA"):
            return response(asked.octets, soa(self.serial))
        if asked.text.endswith(" IXFR"):
            return response(asked.octets, rcode="NOTIMP")
        return response(asked.octets, soa(self.serial), NS, WWW.format(self.serial), soa(self.serial))


@contextmanager
def copied(tmp_path, zone=None, options="", before="", key=""):
    """Give a server that copies `zone`, and its primary."""
    with (
        dns_server(zone or Zone()) as primary,
        running(tmp_path, COREFILE.format(to=f"{primary.to} {key}", options=options, before=before)) as server,
    ):
        yield server, primary


def loaded(server):
    """Return whether there is something to answer from."""
    return ask(server.address(), question("example.org", "SOA")).rcode() == dns.rcode.NOERROR


def serial(server):
    return int(ask(server.address(), question("example.org", "SOA")).answer[0][0].serial)


def notify(name="example.org", rtype="SOA", hint=None):
    message = dns.message.make_query(name, rtype)
    message.set_opcode(dns.opcode.NOTIFY)
    message.flags = (message.flags & ~dns.flags.RD) | dns.flags.AA
    if hint is not None:
        owner, ttl, kind, data = soa(hint).split(maxsplit=3)
        message.answer.append(dns.rrset.from_text(owner, int(ttl), "IN", kind, data))
    return message


def test_a_zone_is_answered_once_it_has_come(tmp_path):
    with copied(tmp_path) as (server, primary):
        eventually(lambda: loaded(server))
        found = ask(server.address(), question("www.example.org"))
        assert (addresses(found), found.answer[0].ttl) == ({"192.0.2.1"}, 60)
        assert found.flags & dns.flags.AA
        absent = ask(server.address(), question("x.example.org"))
        assert (absent.rcode(), absent.authority[0].rdtype) == (dns.rcode.NXDOMAIN, 6)
        assert primary.names() == ["example.org. AXFR"]


def test_a_primary_may_have_an_ipv6_address(tmp_path):
    zone = Zone()
    with (
        dns_server(zone, host="::1") as primary,
        running(tmp_path, COREFILE.format(to=primary.to, options="", before="bind ::1")) as server,
    ):
        assert ask(server.address("::1"), notify()).rcode() == dns.rcode.NOERROR
        assert ask(server.address(), notify()).rcode() == dns.rcode.REFUSED
        eventually(lambda: loaded(server))


def test_until_then_nobody_knows(tmp_path):
    zone = Zone()
    zone.refuses = True
    with copied(tmp_path, zone) as (server, primary):
        eventually(lambda: primary.asked)
        found = ask(server.address(), question("www.example.org", use_edns=0))
        assert (found.rcode(), ede_of(found)) == (dns.rcode.SERVFAIL, "14")
        zone.refuses = False
        eventually(lambda: loaded(server))


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_a_change_is_followed_when_it_is_told(tmp_path, tcp):
    zone = Zone()
    with copied(tmp_path, zone) as (server, primary):
        eventually(lambda: loaded(server))
        assert addresses(ask(server.address(), question("www.example.org"))) == {"192.0.2.1"}
        zone.serial = 2
        found = ask(server.address(), notify(hint=2), tcp=tcp)
        assert (found.rcode(), found.opcode()) == (dns.rcode.NOERROR, dns.opcode.NOTIFY)
        assert found.flags & 0x87FF == dns.flags.QR | dns.flags.AA
        eventually(lambda: addresses(ask(server.address(), question("www.example.org"))) == {"192.0.2.2"})
        assert primary.names()[1:] == ["example.org. SOA", "example.org. IXFR", "example.org. AXFR"]


@pytest.mark.parametrize(
    ("message", "rcode"),
    [
        pytest.param(notify("example.net"), "NOTAUTH", id="another zone"),
        pytest.param(notify("www.example.org"), "NOTAUTH", id="a name of the zone"),
        pytest.param(notify(rtype="A"), "FORMERR", id="another type"),
        pytest.param(notify("Example.ORG"), "NOERROR", id="capital letters"),
    ],
)
def test_what_a_notify_may_say(tmp_path, message, rcode):
    with copied(tmp_path) as (server, _):
        assert ask(server.address(), message).rcode() == dns.rcode.from_text(rcode)


def test_strangers_are_refused_with_one_line(tmp_path):
    with copied(tmp_path) as (server, primary):
        eventually(lambda: loaded(server))
        for _ in range(20):
            assert "status: REFUSED" in dig(server.address(), "-b", "127.0.0.2", "+opcode=notify", "example.org", "SOA")
        assert len(server.log.having("NOTIFY from 127.0.0.2, which is no primary")) == 1
        assert primary.names() == ["example.org. AXFR"]


class TestKey:
    TSIG = f"tsig {{\nsecret key.example.org. {BASE64}\n}}"

    def test_a_signed_notify_is_taken_from_anywhere(self, tmp_path):
        with dns_server(lambda asked: None, host="127.0.0.3") as primary:
            corefile = COREFILE.format(to=f"{primary.to} key key.example.org.", options="", before=self.TSIG)
            with running(tmp_path, corefile) as server:
                assert self.rcode(server, theirs()) == "NOERROR"
                assert self.rcode(server, theirs(secret=OTHER_SECRET)) == "NOTAUTH"

    def rcode(self, server, by):
        return dns.rcode.to_text(over_udp(server.address(), signed(notify(), by))[3] & 0xF)

    def test_a_key_that_is_not_there_is_an_error(self):
        with pytest.raises(ConfigError, match=r"Corefile:3: there is no TSIG key `nobody\.`"):
            plugin("secondary {\ntransfer from 192.0.2.1 key nobody.\n}")


def test_no_zone_is_served_twice():
    text = "secondary example.org {\ntransfer from 192.0.2.1\n}\nsecondary example.org {\ntransfer from 192.0.2.2\n}"
    with pytest.raises(ConfigError, match=r"Corefile:5: the zone example\.org\. is served twice in this block"):
        plugin(text)


@pytest.mark.parametrize(("zones", "warned"), [(("example.net",), 1), (("org",), 0), (("a.example.org", "net"), 0)])
def test_a_zone_that_nobody_will_ask_for_is_a_warning(zones, warned):
    made = plugin("secondary example.org {\ntransfer from 192.0.2.1\n}", zones=tuple(map(from_text, zones)))
    assert len([text for text in made.warnings if "no name of the zone example.org." in text]) == warned


def test_readiness_waits_for_a_zone_or_a_failure(tmp_path):
    gone = []

    def respond(asked):
        gone.append(asked)
        eventually(lambda: zone.refuses)
        return zone(asked)

    zone = Zone()
    with copied(tmp_path, respond) as (server, _):
        eventually(lambda: gone)
        assert server.page("/ready", "127.0.0.1") == (503, "secondary example.org.: not transferred yet\n")
        zone.refuses = True
        eventually(lambda: server.page("/ready", "127.0.0.1")[0] == 200)


def test_metrics(tmp_path):
    zone, labels = Zone(), ("dns://:0", "example.org.")
    with copied(tmp_path, zone) as (server, _):
        eventually(lambda: loaded(server))
        assert server.metric("fedresolver_secondary_serial", *labels) == 1
        assert server.metric("fedresolver_secondary_transfers_total", *labels, "AXFR") == 1
        assert server.metric("fedresolver_secondary_transfers_total", *labels, "IXFR") == 0
        assert server.metric("fedresolver_secondary_expired", *labels) == 0
        assert server.metric("fedresolver_secondary_refresh_timestamp_seconds", *labels) > 1_700_000_000
        zone.refuses = True
        ask(server.address(), notify())
        eventually(lambda: server.metric("fedresolver_secondary_failures_total", *labels) == 1)


def test_a_reload_keeps_a_zone_that_did_not_change(tmp_path):
    with copied(tmp_path) as (server, primary):
        eventually(lambda: loaded(server))
        text = server.corefile.read_text()
        server.reload(text.replace("errors", "errors\n    log"))
        assert addresses(ask(server.address(), question("www.example.org"))) == {"192.0.2.1"}
        assert primary.names() == ["example.org. AXFR"]
        server.reload(text.replace("secondary example.org {", "secondary example.org {\nmax_records 99"))
        eventually(lambda: loaded(server))
        assert primary.names() == ["example.org. AXFR"] * 2


def test_what_falls_through_is_what_the_copy_does_not_have(tmp_path):
    with copied(tmp_path, options="fallthrough a.example.org", before="whoami") as (server, _):
        eventually(lambda: loaded(server))
        assert addresses(ask(server.address(), question("www.example.org"))) == {"192.0.2.1"}
        assert ask(server.address(), question("x.example.org")).rcode() == dns.rcode.NXDOMAIN
        assert ask(server.address(), question("x.a.example.org")).additional[0].name.to_text() == "x.a.example.org."


def test_units_outlive_a_reload_by_their_settings():
    around = Surroundings()
    one = plugin("secondary {\ntransfer from 192.0.2.1\n}", around, zones=(from_text("example.org"),))
    two = plugin("secondary {\ntransfer from 192.0.2.1\n}", around, zones=(from_text("example.org"),))
    three = plugin("secondary {\ntransfer from 192.0.2.2\n}", around, zones=(from_text("example.org"),))
    assert one.units == two.units
    assert three.units[0] is one.units[0]
    assert three.units[1] is not one.units[1]
