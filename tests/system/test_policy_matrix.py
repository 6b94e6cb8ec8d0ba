"""What a server block demands of clients holds on every transport, and for answers that are kept in any way.

Somebody who may have an answer asks first and has it kept; then comes somebody who may not, and the other way round.
"""

from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from io import StringIO
from itertools import count
from time import monotonic, time

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import pytest

from fedresolver.server.packed import packed
from fedresolver.wire.cookie import is_valid
from tests.e2e.authority import Authority
from tests.support.ask import SILENCE, addresses, dig, opt, option, raw, udp_socket, wire
from tests.support.dns_server import dns_server, reply
from tests.support.running import running
from tests.support.signed import BASE64, NAME, signed, verified
from tests.support.transports import TRANSPORTS

GOOD, BAD = "127.0.0.1", "127.0.0.2"
EVERY = pytest.mark.parametrize("transport", TRANSPORTS, ids=[transport.name for transport in TRANSPORTS])
A, AAAA, TXT = 1, 28, 16
NUMBERS = count(1)
HOSTS = {"dns": "127.0.0.1", "tls": "127.0.0.9", "https": "127.0.0.10"}
"""Where each scheme is served: two of them cannot have the same port of one address."""
ZONE = """
$ORIGIN example.
$TTL 60
@ SOA ns hm 1 2 3 4 5
@ NS ns
""" + "".join(
    f"*.{action} A 192.0.2.1\n*.{action} AAAA 2001:db8::1\nlast.{action} A 192.0.2.1\n*.to-{action}.open CNAME last.{action}\n"
    for action in ("block", "filter", "drop", "type", "open")
)
ACL = """
    acl block.example block.test {
        block net 127.0.0.2
    }
    acl filter.example filter.test {
        filter net 127.0.0.2 2001:db8::/32
    }
    acl drop.example drop.test {
        drop net 127.0.0.2/31
    }
    acl type.example type.test {
        allow net 127.0.0.4/30
        block type A net 127.0.0.2
    }
"""
COREFILE = """
(policy) {{
    errors
    {policy}
    file zone example
    secondary copy.block.example {{
        transfer from 127.0.0.1:1
    }}
    cache
    forward . {upstream}
}}
.:0 {{
    bind 127.0.0.1
    import policy
}}
tls://.:0 {{
    bind 127.0.0.9
    tls {certificate} {key}
    import policy
}}
https://.:0 {{
    bind 127.0.0.10
    tls {certificate} {key}
    import policy
}}
"""


def from_test(asked):
    """Answer as the zone file does, for names below `test`, chains whole."""
    name, rtype = asked.text.split()
    data = "2001:db8::1" if rtype == "AAAA" else "192.0.2.1"
    labels = name.split(".")
    if not labels[1].startswith("to-"):
        return reply(asked, f"{name} 300 IN {rtype} {data}")
    there = f"last.{labels[1].removeprefix('to-')}.test."
    return reply(asked, f"{name} 300 IN CNAME {there}", f"{there} 300 IN {rtype} {data}")


@dataclass
class Asked:
    """A server with a policy, as clients of a transport see it."""

    server: object
    corefile: object

    def reload(self, policy):
        """Go over to another policy."""
        self.server.reload(self.corefile(policy))

    def address(self, transport):
        return self.server.address(HOSTS[transport.scheme], transport=transport.scheme)

    def ask(self, transport, source, message):
        return dns.message.from_wire(transport.ask(self.address(transport), source, message))

    def is_left(self, transport, source, message):
        then = raw(wire(f"n{next(NUMBERS)}.open.{name_of(message).split('.')[-1]}"), id=0x4321)
        return transport.is_left(self.address(transport), source, message, then)


def name_of(message):
    return dns.message.from_wire(message).question[0].name.to_text(omit_final_dot=True)


def serving(folder, policy):
    """Give a server with a policy, its zone file, certificate and upstream."""
    (folder / "zone").write_text(ZONE)
    certificate, key = Authority(folder).server("server", "127.0.0.1")
    with dns_server(from_test) as upstream:

        def corefile(policy):
            return COREFILE.format(policy=policy, upstream=upstream.to, certificate=certificate, key=key)

        with running(folder, corefile(policy)) as server:
            yield Asked(server, corefile)
            assert server.metric("fedresolver_panics_total") == 0


@pytest.fixture(scope="module")
def acl(tmp_path_factory):
    yield from serving(tmp_path_factory.mktemp("acl"), ACL)


def the_same(name, rtype=A):
    """Return the same message each time: the answer is kept for it."""
    message = raw(wire(name), rtype, more=opt())
    return lambda: message


def others(name, rtype=A):
    """Return messages that ask the same in ever another form: the answer is kept for the question."""
    return lambda: raw(wire(name), rtype, more=opt(options=option(65001, next(NUMBERS).to_bytes(4))))


def plain(name, rtype=A):
    """Return the same message each time, without EDNS."""
    message = raw(wire(name), rtype)
    return lambda: message


def is_denied(acl, transport, action, message):
    """Say whether the client that may not have it is told so, and how."""
    if action == "drop":
        return acl.is_left(transport, BAD, message)
    response = acl.ask(transport, BAD, message)
    code, ede = {"filter": (dns.rcode.NOERROR, 17)}.get(action, (dns.rcode.REFUSED, 15))
    errors = [one.code for one in response.options if isinstance(one, dns.edns.EDEOption)]
    sections = response.answer + response.authority + response.additional
    return (response.rcode(), sections, errors) == (code, [], [ede] if response.edns == 0 else [])


@EVERY
@pytest.mark.parametrize("zone", ["example", "test"], ids=["of ours", "forwarded"])
@pytest.mark.parametrize("place", ["{0}", "to-{0}.open"], ids=["directly", "through a chain"])
@pytest.mark.parametrize("action", ["block", "filter", "drop", "type"])
@pytest.mark.parametrize("form", [the_same, others, plain])
@pytest.mark.parametrize("order", ["gggggbbggb", "bbgggggbbgb"], ids=["allowed first", "denied first"])
def test_each_client_has_its_own_decision(acl, transport, zone, place, action, form, order):
    message = form(f"n{next(NUMBERS)}.{place.format(action)}.{zone}")
    for number, who in enumerate(order):
        if who == "g":
            assert addresses(acl.ask(transport, GOOD, message())) == {"192.0.2.1"}, number
        else:
            assert is_denied(acl, transport, action, message()), number


@pytest.mark.parametrize("words", ["+notcp", "+tcp"])
def test_dig_shows_why(acl, words):
    address, name = acl.server.address(), f"n{next(NUMBERS)}"
    asked = ("-b", BAD, words)
    assert dig(address, f"{name}.block.example", "+short", words) == "192.0.2.1\n"
    for action, status, error in (("block", "REFUSED", "15 (Blocked)"), ("filter", "NOERROR", "17 (Filtered)")):
        found = dig(address, *asked, f"{name}.to-{action}.open.example")
        assert f"status: {status}" in found
        assert f"EDE: {error}" in found
        assert "192.0.2.1" not in found


@EVERY
@pytest.mark.parametrize("zone", ["example", "test"])
def test_a_type_that_is_not_denied_is_answered(acl, transport, zone):
    name = f"n{next(NUMBERS)}.type.{zone}"
    for source in (GOOD, BAD, GOOD, BAD):
        assert addresses(acl.ask(transport, source, the_same(name, AAAA)())) == {"2001:db8::1"}
    assert is_denied(acl, transport, "type", the_same(name)())


@EVERY
@pytest.mark.parametrize(
    "message",
    [
        pytest.param(raw(wire("x.block.example"), 252, more=opt()), id="AXFR"),
        pytest.param(raw(wire("x.block.example"), TXT, 3, more=opt()), id="class CH"),
        pytest.param(raw(wire("copy.block.example"), 6, flags=0x2000, more=opt()), id="NOTIFY"),
        pytest.param(raw(wire("x.block.example"), 255, more=opt()), id="ANY"),
        pytest.param(raw(wire("X.bLOCK.eXAMPLE"), more=opt()), id="in another letter case"),
        pytest.param(raw(wire("x.block.example"), more=opt(options=option(8, b"\0\1\x20\0\x7f\0\0\1"))), id="in another's name"),
        pytest.param(raw(wire("x.block.example"), more=opt(options=option(10, b"12345678"))), id="with a cookie"),
    ],
)  # fmt: skip
def test_whatever_the_message_is_it_is_denied(acl, transport, message):
    for _ in range(3):
        assert is_denied(acl, transport, "block", message)
    allowed = acl.ask(transport, GOOD, message)
    assert not [one for one in allowed.options if isinstance(one, dns.edns.EDEOption)]


@EVERY
def test_every_repeat_is_counted(acl, transport):
    message = the_same(f"n{next(NUMBERS)}.block.example")()
    here = f"{transport.scheme}://:0"
    names = [
        (f"fedresolver_acl_{what}_requests_total", here, *zone)
        for what, *zone in (["allowed"], ["blocked", "block.example."])
    ]
    before = [acl.server.metric(*name) for name in names]
    for source in (GOOD, GOOD, BAD, GOOD, BAD):
        acl.ask(transport, source, message)
    assert [acl.server.metric(*name) - number for name, number in zip(names, before, strict=True)] == [3, 2]


@EVERY
def test_who_is_near_the_border_of_a_network(acl, transport):
    name = f"n{next(NUMBERS)}.type.example"
    found = [addresses(acl.ask(transport, f"127.0.0.{last}", the_same(name)())) for last in (1, 2, 3, 4, 5, 2)]
    there = {"192.0.2.1"}
    assert found == [there, set(), there, there, there, set()]


def test_other_rules_hold_from_a_reload_on(tmp_path):
    for asked in serving(tmp_path, ACL):
        messages = [
            (one, the_same(f"{one.name}.{place}")()) for one in TRANSPORTS for place in ("block.example", "block.test")
        ]
        for denied, allowed in ((BAD, GOOD), (GOOD, BAD), (BAD, GOOD)):
            asked.reload(f"acl {{\nblock net {denied}\n}}")
            for transport, message in messages:
                for _ in range(3):
                    assert addresses(asked.ask(transport, allowed, message)) == {"192.0.2.1"}
                address = asked.address(transport)
                assert dns.message.from_wire(transport.ask(address, denied, message)).rcode() == dns.rcode.REFUSED


@pytest.mark.parametrize("transport", TRANSPORTS[1:3], ids=[transport.name for transport in TRANSPORTS[1:3]])
def test_a_zone_is_given_to_those_who_may_have_it(tmp_path, transport):
    policy = "acl {\nblock type AXFR IXFR net 127.0.0.2\n}\ntransfer {\nto *\n}"
    transfer = raw(wire("example"), 252, more=opt())
    for asked in serving(tmp_path, policy):
        for _ in range(2):
            assert len(asked.ask(transport, GOOD, transfer).answer) > 10
            assert is_denied(asked, transport, "block", transfer)


def test_each_query_is_logged_on_each_transport(tmp_path):
    with redirect_stdout(StringIO()) as out:
        for asked in serving(tmp_path, "log example open.test"):
            for transport in TRANSPORTS:
                for zone in ("example", "test"):
                    for form in (the_same, others):
                        message = form(f"{transport.name}-{form.__name__}.open.{zone}")
                        for source in (GOOD, GOOD, BAD, GOOD, BAD):
                            asked.ask(transport, source, message())
    lines = out.getvalue().splitlines()
    for transport in TRANSPORTS:
        for zone in ("example", "test"):
            for form in ("the-same", "others"):
                mine = [line for line in lines if f" {transport.name}-{form.replace('-', '_')}.open.{zone}. " in line]
                assert [BAD in line for line in mine] == [False, False, True, False, True], (transport.name, zone, form)


@pytest.mark.parametrize("zone", ["example", "test"])
@pytest.mark.parametrize("form", [the_same, others, plain])
def test_answers_to_one_network_are_limited_over_udp_alone(tmp_path, zone, form):
    limit = "rrl {\nresponses-per-second 2\nwindow 3600\nslip-ratio 1\n}"
    udp, *connections = TRANSPORTS
    there = {"192.0.2.1"}
    for asked in serving(tmp_path, limit):
        message, began = form(f"www.open.{zone}"), monotonic()
        responses = [asked.ask(udp, f"127.0.1.{number + 1}", message()) for number in range(20)]
        seconds = monotonic() - began
        whole = [response for response in responses if addresses(response) == there]
        assert 2 <= len(whole) <= 2 + 2 * seconds
        assert {bool(one.flags & dns.flags.TC) for one in responses if not one.answer} == {True}
        assert addresses(asked.ask(udp, "127.0.2.1", message())) == there
        for transport in connections:
            for _ in range(5):
                assert addresses(asked.ask(transport, "127.0.1.1", message())) == there


def cookie_of(response):
    """Return the cookie of a response."""
    (found,) = [one.to_wire() for one in response.options if one.otype == dns.edns.OptionType.COOKIE]
    return found


def with_cookie(name, cookie):
    return raw(wire(name), more=opt(options=option(10, cookie)))


@pytest.fixture(scope="module")
def cookies(tmp_path_factory):
    yield from serving(
        tmp_path_factory.mktemp("cookies"), "cookie\nrrl {\nresponses-per-second 1\nwindow 3600\nslip-ratio 1\n}"
    )


@EVERY
@pytest.mark.parametrize("zone", ["example", "test"])
def test_a_cookie_goes_to_nobody_but_the_client_that_it_is_for(cookies, transport, zone):
    name = f"n{next(NUMBERS)}.open.{zone}"
    found = {source: set() for source in ("127.0.2.1", "127.0.2.2", "127.0.3.1")}
    for source in list(found) * 3:
        found[source].add(cookie_of(cookies.ask(transport, source, with_cookie(name, b"the same")))[8:])
    assert len(set.union(*found.values())) >= 3
    assert not found["127.0.2.1"] & found["127.0.2.2"]
    assert not found["127.0.2.1"] & found["127.0.3.1"]
    plain_one = cookies.ask(transport, "127.0.4.1", the_same(name)())
    assert plain_one.options == ()


@pytest.mark.parametrize("zone", ["example", "test"])
def test_who_has_a_cookie_of_ours_is_not_limited(cookies, zone):
    udp, name, source = TRANSPORTS[0], f"n{next(NUMBERS)}.open.{zone}", f"127.1.{next(NUMBERS) % 200}.1"
    first = cookies.ask(udp, source, with_cookie(name, b"of mine."))
    with_ours = with_cookie(name, cookie_of(first))
    with_anothers = with_cookie(name, cookie_of(cookies.ask(udp, "127.2.0.1", with_cookie(name, b"of mine."))))
    for _ in range(10):
        assert addresses(cookies.ask(udp, source, with_ours)) == {"192.0.2.1"}
    began = monotonic()
    limited = [message() for message in (the_same(name), lambda: with_anothers) for _ in range(10)]
    whole = sum(bool(cookies.ask(udp, source, message).answer) for message in limited)
    assert whole <= 2 + (monotonic() - began)


def flooded(address, source, count):
    """Return how many answers come to so many queries, sent at once with different IDs."""
    with udp_socket(address, (source, 0)) as sock:
        for number in range(count):
            sock.send(raw(wire("www.open.example"), id=number))
        sock.settimeout(SILENCE)
        found = 0
        with suppress(TimeoutError):
            while sock.recv(65535):
                found += 1
        return found


def test_what_is_beyond_the_limit_is_dropped(tmp_path):
    udp, *connections = TRANSPORTS
    for asked in serving(tmp_path, "rrl {\nrequests-per-second 3\nwindow 3600\n}"):
        began = monotonic()
        found = flooded(asked.address(udp), "127.0.1.1", 30)
        assert 3 <= found <= 3 + 3 * (monotonic() - began)
        for transport, source in ((udp, "127.0.2.1"), *((one, "127.0.1.1") for one in connections)):
            assert addresses(asked.ask(transport, source, plain("www.open.example")())) == {"192.0.2.1"}


def test_cookies_are_required_over_udp_alone(tmp_path):
    for asked in serving(tmp_path, "cookie {\nrequire\n}"):
        for zone in ("example", "test"):
            for form in (the_same, others, plain):
                message = form(f"n{next(NUMBERS)}.open.{zone}")
                for number in range(4):
                    for transport in TRANSPORTS:
                        response = asked.ask(transport, GOOD, message())
                        truncated = bool(response.flags & dns.flags.TC)
                        assert (truncated, not response.answer) == (transport.name == "udp",) * 2, number


def test_no_client_gets_the_cookie_of_another(tmp_path):
    secret = bytes(range(16))
    for asked in serving(tmp_path, f"cookie {secret.hex()}"):
        for zone in ("example", "test"):
            message = raw(wire(f"n{next(NUMBERS)}.open.{zone}"), more=opt(options=option(10, b"12345678")))
            for transport in TRANSPORTS:
                for source in (GOOD, GOOD, BAD, GOOD, BAD):
                    response = asked.ask(transport, source, message)
                    (cookie,) = [one for one in response.options if one.otype == dns.edns.COOKIE]
                    whole = cookie.client + cookie.server
                    assert addresses(response) == {"192.0.2.1"}
                    assert [is_valid(whole, packed(one), (secret,), int(time())) for one in (source, "127.0.0.3")] == [
                        True,
                        False,
                    ]


def test_signatures_are_required_on_every_transport(tmp_path):
    for asked in serving(tmp_path, f"tsig {{\nsecret {NAME} {BASE64}\nrequire all\n}}"):
        for zone in ("example", "test"):
            for form in (the_same, others, plain):
                message = form(f"n{next(NUMBERS)}.open.{zone}")
                for _ in range(3):
                    for transport in TRANSPORTS:
                        assert asked.ask(transport, GOOD, message()).rcode() == dns.rcode.REFUSED
                        query = dns.message.from_wire(message())
                        octets = transport.ask(asked.address(transport), GOOD, signed(query))
                        assert addresses(verified(octets, query)) == {"192.0.2.1"}
