"""What a running server answers, asked by dig and dnspython over UDP and TCP, IPv4 and IPv6."""

import re

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import pytest

from tests.support.ask import addresses, ask, dig, is_dropped, opt, option, over_tcp, over_udp, question, raw, wire
from tests.support.deadline import eventually
from tests.support.manifests import put, shard
from tests.support.running import free_ports, running

COREFILE = """
(federation) {
    errors
    federation myfederation example.com {
        manifests members
        local c1
        topology c1 north oslo
        topology c2 south rome
        topology c3 south rome
    }
}
.:0 {
    bind 127.0.0.1 127.0.0.2 ::1
    import federation
}
"""
MANY = tuple(f"198.51.100.{number}" for number in range(1, 101))
PORTS = {f"port-{number}": 8000 + number for number in range(4)}
MANY_NAME = "many.shop.myfederation.svc.example.com"
CART = "cart.shop.myfederation"
BOTH = pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
HOSTS = pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1"])


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    put(folder / "members", "c1", "cart.yaml", *shard("cart", cluster_ips=["10.0.0.1", "fd00::1"]))
    put(folder / "members", "c1", "far.yaml", *shard("far", ready=False))
    put(folder / "members", "c2", "far.yaml", *shard("far", load_balancers=["192.0.2.9"]))
    put(folder / "members", "c2", "many.yaml", *shard("many", load_balancers=MANY[:50], ports=PORTS))
    put(folder / "members", "c3", "many.yaml", *shard("many", load_balancers=MANY[50:], ports=PORTS))
    with running(folder, COREFILE) as server:
        eventually(lambda: not server.server.missing())
        yield server


@HOSTS
@BOTH
def test_dnspython_gets_the_local_address_at_each_of_them(server, host, tcp):
    response = ask(server.address(host), question(f"{CART}.svc.cluster.local"), tcp=tcp)
    assert addresses(response) == {"10.0.0.1"}
    assert response.flags == dns.flags.QR | dns.flags.AA | dns.flags.RD
    assert response.answer[0].ttl == 5


@HOSTS
@pytest.mark.parametrize("transport", ["+notcp", "+tcp"])
def test_dig_gets_the_local_address_at_each_of_them(server, host, transport):
    assert dig(server.address(host), transport, "+short", CART, "AAAA") == "fd00::1\n"


@BOTH
def test_the_whole_chain_of_a_walk_is_in_one_response(server, tcp):
    response = ask(server.address(), question("far.shop.myfederation"), tcp=tcp)
    chain = [
        f"{rrset.name} {rrset.ttl} {rr}" for rrset in response.answer for rr in rrset if rrset.rdtype.name == "CNAME"
    ]
    assert chain == [
        "far.shop.myfederation. 5 far.shop.myfederation.svc.oslo.north.example.com.",
        "far.shop.myfederation.svc.oslo.north.example.com. 180 far.shop.myfederation.svc.north.example.com.",
        "far.shop.myfederation.svc.north.example.com. 180 far.shop.myfederation.svc.example.com.",
    ]
    assert addresses(response) == {"192.0.2.9"}


@pytest.mark.parametrize(
    ("name", "rtype", "rcode", "authority"),
    [
        pytest.param(CART, "TXT", "NOERROR", True, id="a type that is not there is NODATA"),
        pytest.param(CART, "TYPE65280", "NOERROR", True, id="an unknown type is NODATA"),
        pytest.param(CART, "NULL", "NOERROR", True, id="an obsolete type is NODATA"),
        pytest.param(CART, "ANY", "NOERROR", False, id="ANY is one RRset"),
        pytest.param(f"x.{CART}.svc.example.com", "TYPE65280", "NXDOMAIN", True, id="an unknown type of no name"),
        pytest.param("nobody.shop.myfederation", "A", "NXDOMAIN", True, id="a Service that nobody has"),
        pytest.param("svc.example.com", "A", "NOERROR", True, id="svc is an empty non-terminal"),
        pytest.param("paris.south.example.com", "A", "NXDOMAIN", True, id="a place where nobody is"),
        pytest.param("shop.myfederation", "A", "NOERROR", True, id="a namespace is an empty non-terminal"),
        pytest.param("myfederation", "SOA", "NOERROR", False, id="the apex has an SOA"),
        pytest.param("example.com", "NS", "NOERROR", False, id="the public domain has name servers"),
        pytest.param("example.com", "A", "NOERROR", True, id="the apex has no address"),
        pytest.param("www.example.org", "A", "REFUSED", False, id="a zone that is not ours is refused"),
        pytest.param(".", "NS", "REFUSED", False, id="the root is not ours"),
        pytest.param("myfederation.example.net", "A", "REFUSED", False, id="a name that only looks like ours"),
    ],
)
@BOTH
def test_response_codes(server, name, rtype, rcode, authority, tcp):
    response = ask(server.address(), question(name, rtype), tcp=tcp)
    assert dns.rcode.to_text(response.rcode()) == rcode
    assert [rrset.rdtype.name for rrset in response.authority] == (["SOA"] if authority else [])
    if rtype == "ANY":
        assert len(response.answer) == 1


@pytest.mark.parametrize("case", [str.upper, str.title, str.lower])
def test_letter_case_is_echoed_and_does_not_matter(server, case):
    name = case(f"{CART}.svc.example.com")
    response = ask(server.address(), question(name))
    assert response.question[0].name.to_text() == f"{name}."
    assert addresses(response) == {"192.0.2.1"}


@pytest.mark.parametrize(
    "label",
    [
        pytest.param(b"ca\0rt", id="a zero octet"),
        pytest.param(b"cart.shop", id="a dot"),
        pytest.param(b"\xff\xfe\xc3\x28", id="octets that are no UTF-8"),
    ],
)
@BOTH
def test_labels_may_hold_any_octet(server, label, tcp):
    name = bytes((len(label),)) + label + wire("shop.myfederation")
    response = (over_tcp if tcp else over_udp)(server.address(), raw(name))
    assert (response[3] & 0xF, response[12 : 12 + len(name)]) == (3, name)


RFC_8906 = [
    pytest.param(["+noedns", "+noad", "+norec", CART], "NOERROR", id="8.1.1 plain DNS"),
    pytest.param(["+noedns", "+noad", "+norec", "-t", "TYPE1000", CART], "NOERROR", id="8.1.2 an unknown type"),
    pytest.param(["+noedns", "+noad", "+norec", "+cd", CART], "NOERROR", id="8.1.3.1 CD"),
    pytest.param(["+noedns", "+norec", "+ad", CART], "NOERROR", id="8.1.3.2 AD"),
    pytest.param(["+noedns", "+noad", "+norec", "+zflag", CART], "NOERROR", id="8.1.3.3 the reserved bit"),
    pytest.param(["+noedns", "+noad", "+rec", CART], "NOERROR", id="8.1.3.4 RD"),
    pytest.param(
        ["+noedns", "+noad", "+norec", "+opcode=15", "+header-only", CART], "NOTIMP", id="8.1.4 an unknown opcode"
    ),
    pytest.param(["+noedns", "+noad", "+norec", "+tcp", CART], "NOERROR", id="8.1.5 TCP"),
    pytest.param(["+edns=0", "+noad", "+norec", "+nocookie", CART], "NOERROR", id="8.2.1 EDNS"),
    pytest.param(["+edns=1", "+noednsneg", "+noad", "+norec", CART], "BADVERS", id="8.2.2 EDNS 1"),
    pytest.param(["+ednsopt=100", "+noad", "+norec", CART], "NOERROR", id="8.2.3 an unknown option"),
    pytest.param(["+ednsflags=0x40", "+noad", "+norec", CART], "NOERROR", id="8.2.4 an unknown flag of EDNS"),
    pytest.param(
        ["+edns=1", "+noednsneg", "+ednsopt=100", "+noad", "+norec", CART], "BADVERS", id="8.2.6 EDNS 1, an option"
    ),
    pytest.param(
        ["+edns=0", "+bufsize=512", "+dnssec", "+norec", MANY_NAME], "NOERROR", id="8.2.7 truncated, with OPT"
    ),
    pytest.param(["+edns=0", "+dnssec", "+noad", "+norec", CART], "NOERROR", id="8.2.8 DO"),
    pytest.param(["+ednsopt=100", "+edns=1", "+noednsneg", "+dnssec", CART], "BADVERS", id="8.2.9 all at once"),
    pytest.param(["+cookie", "+norec", CART], "NOERROR", id="8.3 cookies"),
    pytest.param(["+nsid", "+subnet=192.0.2.0/24", "+expire", "+keepalive", CART], "NOERROR", id="other options"),
    pytest.param(["CH", "TXT", "version.bind"], "REFUSED", id="class CH"),
    pytest.param(["+noedns", "+opcode=2", CART], "NOTIMP", id="STATUS"),
    pytest.param(["+noedns", "+opcode=4", CART], "NOTIMP", id="NOTIFY"),
    pytest.param(["+edns=0", "+nocookie", "+opcode=15", CART], "NOTIMP", id="an unknown opcode with EDNS"),
    pytest.param(["+noedns", "+opcode=5", CART], "NOTIMP", id="UPDATE"),
]


@pytest.mark.parametrize(("words", "expected"), RFC_8906)
def test_the_list_of_rfc_8906(server, words, expected):
    text = dig(server.address(), "+qr", "+ignore", *words)
    sent, received = text.split(";; Got answer:")
    assert f"status: {expected}" in received
    flags = re.search(r";; flags: ([a-z ]+);", received)[1].split()
    assert not {"ra", "ad"} & set(flags)
    assert "MBZ" not in received
    assert ("EDNS: version: 0" in received) is ("EDNS: version" in sent and "+header-only" not in words)
    for word in ("COOKIE", "NSID", "CLIENT-SUBNET", "EXPIRE", "KEEPALIVE", "OPT=100"):
        assert word not in received


@pytest.mark.parametrize("words", [["+tcp", "AXFR"], ["+tcp", "IXFR=1"]], ids=" ".join)
def test_a_transfer_fails(server, words):
    assert "Transfer failed." in dig(server.address(), *words, "example.com")


def test_a_service_of_100_addresses_is_truncated_without_edns(server):
    query = question(MANY_NAME)
    response = ask(server.address(), query)
    assert response.flags & dns.flags.TC
    assert 20 < len(addresses(response)) < 40
    assert len(over_udp(server.address(), query.to_wire())) <= 512


@pytest.mark.parametrize(
    ("size", "most"), [(0, 512), (511, 512), (512, 512), (1232, 1232), (4096, 1232), (65535, 1232)]
)
def test_a_service_of_100_addresses_uses_what_the_client_can_take(server, size, most):
    query = question(MANY_NAME, use_edns=0, payload=size)
    octets = over_udp(server.address(), query.to_wire())
    response = dns.message.from_wire(octets)
    assert most - 16 < len(octets) <= most
    assert (bool(response.flags & dns.flags.TC), response.edns, response.payload) == (True, 0, 1232)


def test_a_service_of_100_addresses_comes_whole_over_tcp(server):
    response = ask(server.address(), question(MANY_NAME, use_edns=0), tcp=True)
    assert addresses(response) == set(MANY)
    assert not response.flags & dns.flags.TC
    assert len(dig(server.address(), "+short", MANY_NAME).split()) == 100


def test_the_addresses_of_srv_targets_are_left_out_before_tc_is_set(server):
    query = question(f"_port-1._tcp.{MANY_NAME}", "SRV", use_edns=0)
    over = {tcp: ask(server.address(), query, tcp=tcp) for tcp in (False, True)}
    assert [len(over[tcp].answer[0]) for tcp in (False, True)] == [1, 1]
    assert [bool(response.flags & dns.flags.TC) for response in over.values()] == [False, False]
    assert [len(response.additional[0]) if response.additional else 0 for response in over.values()] == [0, 100]


def test_why_is_said_to_those_who_understand_edns(server):
    response = ask(server.address(), question(CART, use_edns=0))
    (ede,) = response.options
    assert (ede.otype, ede.code, ede.text) == (dns.edns.OptionType.EDE, 0, "local")
    assert ask(server.address(), question(CART)).opt is None
    assert ask(server.address(), question(f"{CART}.svc.example.com", use_edns=0)).options == ()


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(raw(wire(CART), flags=0x8000), id="a response"),
        pytest.param(raw(wire(CART))[:11], id="a header that is cut off"),
        pytest.param(b"", id="an empty datagram"),
    ],
)
def test_silence(server, octets):
    assert is_dropped(server.address(), octets, raw(wire(CART), id=7))


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(opt(options=option(10, bytes(8))), id="a client cookie"),
        pytest.param(opt(options=option(10, bytes(8 + 32))), id="both cookies"),
        pytest.param(opt(options=option(10, b"short")), id="a cookie of the wrong length"),
    ],
)
def test_cookies_are_neither_acted_on_nor_echoed(server, more):
    octets = over_udp(server.address(), raw(wire(f"{CART}.svc.example.com"), more=more))
    assert octets.endswith(opt())
    assert octets[3] & 0xF == 0


BLOCKS = """
example.com:FIRST {
    bind 127.0.0.1
    whoami
}
.:FIRST {
    bind 127.0.0.1
}
example.com:SECOND example.net:SECOND {
    bind 127.0.0.1
    whoami
}
"""


@pytest.fixture(scope="module")
def ports(tmp_path_factory):
    first, second = free_ports(2)
    corefile = BLOCKS.replace("FIRST", str(first)).replace("SECOND", str(second))
    with running(tmp_path_factory.mktemp("blocks"), corefile):
        yield first, second


@pytest.mark.parametrize(
    ("port", "name", "rcode"),
    [
        (0, "www.example.com", "NOERROR"),
        (0, "www.example.net", "REFUSED"),
        (1, "www.example.com", "NOERROR"),
        (1, "example.net", "NOERROR"),
        (1, "notexample.net", "REFUSED"),
        (1, "net", "REFUSED"),
    ],
)
@BOTH
def test_blocks_answer_by_port_and_zone(ports, port, name, rcode, tcp):
    response = ask(("127.0.0.1", ports[port]), question(name), tcp=tcp)
    assert dns.rcode.to_text(response.rcode()) == rcode


def test_a_zone_may_be_served_by_two_blocks_at_different_addresses(tmp_path):
    corefile = "example.com:0 {\n bind 127.0.0.1\n whoami\n}\nexample.com:0 {\n bind 127.0.0.2\n}\n"
    with running(tmp_path, corefile) as server:
        answers = [ask(server.address(host), question("example.com")) for host in ("127.0.0.1", "127.0.0.2")]
    assert [answer.rcode() for answer in answers] == [dns.rcode.NOERROR, dns.rcode.REFUSED]


def test_a_wildcard_and_an_address_may_have_the_same_port(tmp_path):
    (port,) = free_ports(1)
    corefile = f"example.com:{port} {{\n whoami\n}}\nexample.net:{port} {{\n bind 127.0.0.1\n whoami\n}}\n"
    with running(tmp_path, corefile):
        for tcp in (False, True):
            for host, name in (("127.0.0.5", "example.com"), ("::1", "example.com"), ("127.0.0.1", "example.net")):
                assert ask((host, port), question(name), tcp=tcp).rcode() == dns.rcode.NOERROR
            assert ask(("127.0.0.1", port), question("example.com"), tcp=tcp).rcode() == dns.rcode.REFUSED
