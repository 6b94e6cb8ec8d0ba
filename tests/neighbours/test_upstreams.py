"""DNS servers behind us: what dig gets through us is what it gets from them."""

from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from string import Template

import pytest
import yaml

from bench import tools
from tests.e2e.authority import Authority
from tests.neighbours.local import started, written
from tests.support.ask import Address, dig
from tests.support.network import Said
from tests.support.running import free_ports, running

HOST = "127.0.0.1"
NAME = "dns.example.com"
"""What the certificate of the upstream over TLS is for."""
DOMAIN = "example.org"
ZONE = f"""\
$TTL 300
@ SOA ns hm 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
www A 192.0.2.1
www AAAA 2001:db8::1
alias CNAME www
far CNAME further
further CNAME alias
dangling CNAME nothing
*.wild A 192.0.2.9
d DNAME target
x.target A 192.0.2.5
big TXT {" ".join(['"' + "a" * 250 + '"'] * 20)}
$GENERATE 1-60 many A 192.0.2.$
svc SVCB 1 www alpn=h2
unk TYPE65300 \\# 3 010203
"""
BIND = Template("""\
options {
    directory "$folder";
    listen-on port $port { 127.0.0.1; };
    listen-on-v6 { none; };
    pid-file none;
    session-keyfile none;
    recursion no;
    dnssec-validation no;
    minimal-responses yes;
};
dnssec-policy csk {
    keys { csk lifetime unlimited algorithm 13; };
    nsec3param iterations 0 optout no salt-length 0;
};
zone "$domain" {
    type primary;
    file "zone";
    dnssec-policy csk;
    inline-signing yes;
};
controls { };
""")
UNBOUND = Template("""\
server:
    interface: 127.0.0.1@$port
    interface: 127.0.0.1@$tls_port
    tls-port: $tls_port
    tls-service-pem: $certificate
    tls-service-key: $key
    username: ""
    chroot: ""
    directory: "$folder"
    pidfile: ""
    use-syslog: no
    do-not-query-localhost: no
    module-config: "validator iterator"
    trust-anchor: "$anchor"
stub-zone:
    name: $domain
    stub-addr: 127.0.0.1@$upstream
remote-control:
    control-enable: no
""")
DNSMASQ = Template("""\
user=root
no-resolv
no-hosts
bind-interfaces
listen-address=127.0.0.1
port=$port
cache-size=0
server=127.0.0.1#$upstream
""")
COREDNS = Template("""\
.:$port {
    bind 127.0.0.1
    forward . 127.0.0.1:$upstream
}
""")
OURS = Template(""".:$port {
    bind 127.0.0.1
    errors
    $before
    forward . $to {
        $options
    }
}
""")


@dataclass(frozen=True, slots=True)
class Way:
    """An upstream, how it is asked, and what stands before `forward` in our block."""

    name: str
    upstream: str
    options: tuple[str, ...] = ()
    before: str = ""
    tls: bool = False


MIXED = ("randomize_case",)
WAYS = (
    Way("BIND", "bind"),
    Way("BIND, mixed case", "bind", MIXED),
    Way("BIND, cached", "bind", before="cache"),
    Way("unbound", "unbound", MIXED),
    Way("unbound over TCP", "unbound", ("force_tcp",)),
    Way("unbound over TLS", "unbound_tls", (f"tls_servername {NAME}", "tls $ca"), tls=True),
    Way("unbound, cached", "unbound", before="cache"),
    Way("dnsmasq", "dnsmasq", MIXED),
    Way("CoreDNS", "coredns", MIXED),
)
QUESTIONS = (
    "www A",
    "www AAAA",
    "WwW A",
    "www A +dnssec",
    "alias A",
    "far AAAA",
    "far A +dnssec",
    "dangling A +dnssec",
    "x.d A",
    "x.d A +dnssec",
    "any.wild A",
    "any.wild A +dnssec",
    "nothing A",
    "nothing A +dnssec",
    "www MX",
    "www MX +dnssec",
    "wild A +dnssec",
    "svc SVCB",
    "unk TYPE65300",
    "many A +dnssec",
    "many A +tcp",
    "big TXT",
    "big TXT +tcp +dnssec",
    "@ DNSKEY +dnssec",
    "@ SOA +dnssec",
    "www A +cdflag +dnssec",
    "www A +adflag",
)


def said(address: Address, words: str) -> Said:
    """Return what dig gets for a question about a name of the zone."""
    name, *rest = words.split()
    whole = DOMAIN if name == "@" else f"{name}.{DOMAIN}"
    (message,) = yaml.safe_load(dig(address, "+yaml", "+noadflag", "+bufsize=1232", whole, *rest))
    return Said(message["message"]["response_message_data"])


def is_signed(address: Address) -> bool:
    """Say whether all of the zone is signed."""
    if not answers(address):
        return False
    proofs = said(address, "nothing A +dnssec").authority
    return types(proofs) == {"SOA", "NSEC3", "RRSIG"} and len(said(address, "@ DNSKEY").answer) == 1


def types(section):
    return {rtype for _, _, rtype, _ in section}


def answers(address: Address) -> bool:
    """Say whether a server answers anything."""
    return "status: NOERROR" in dig(address, f"www.{DOMAIN}", "+time=1")


@pytest.fixture(scope="module")
def upstreams(tmp_path_factory):
    """The addresses of the upstreams by name, and the file with the authority that certificates are checked by."""
    folder = tmp_path_factory.mktemp("upstreams")
    (folder / "authority").mkdir()
    authority = Authority(folder / "authority")
    certificate, key = authority.server("dns", NAME)
    names = ("bind", "unbound", "unbound_tls", "dnsmasq", "coredns")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    found = {name: (HOST, port) for name, port in ports.items()}
    with ExitStack() as stack:

        def start(name: str, template: Template, file: str, *command: str, ready=answers, **more: object) -> None:
            place = folder / name
            values = {"folder": place, "port": ports[name], "upstream": ports["bind"], "domain": DOMAIN, **more}
            path = written(place, file, template.substitute(values))
            stack.enter_context(started(place, (*command, path), lambda: ready(found[name])))

        written(folder / "bind", "zone", ZONE)
        start("bind", BIND, "named.conf", "named", "-g", "-c", ready=is_signed)
        (anchor,) = said(found["bind"], "@ DNSKEY").data("DNSKEY")
        tls = {"tls_port": ports["unbound_tls"], "certificate": certificate, "key": key}
        start("unbound", UNBOUND, "conf", "unbound", "-d", "-c", anchor=f"{DOMAIN}. DNSKEY {anchor}", **tls)
        start("dnsmasq", DNSMASQ, "conf", "dnsmasq", "-k", "-C")
        start("coredns", COREDNS, "Corefile", str(tools.coredns()), "-conf")
        yield found, authority.path


@pytest.fixture(scope="module")
def served(upstreams, tmp_path_factory):
    """Our addresses by way."""
    addresses, ca = upstreams
    ports = dict(zip(WAYS, free_ports(len(WAYS)), strict=True))
    blocks = []
    for way, port in ports.items():
        host, theirs = addresses[way.upstream]
        to = f"{'tls://' if way.tls else ''}{host}:{theirs}"
        options = Template("\n".join(way.options)).substitute(ca=ca)
        blocks.append(OURS.substitute(port=port, before=way.before, to=to, options=options))
    with running(tmp_path_factory.mktemp("ours"), "".join(blocks)) as server:
        yield {way: server.address(HOST, port) for way, port in ports.items()}
        assert server.metric("fedresolver_panics_total") == 0
        assert server.log.having("cannot be read") == []


@pytest.fixture(params=WAYS, ids=lambda way: way.name)
def way(request):
    return request.param


@pytest.fixture(scope="module")
def theirs(upstreams):
    """Ask an upstream directly; it is asked the same thing once."""
    return cache(lambda name, words: said(upstreams[0][name.removesuffix("_tls")], words))


def records(section):
    return sorted((owner.lower(), rtype, data) for owner, _, rtype, data in section)


def owners(section):
    """Return whose records there are, in order, without signatures."""
    return [key for key, _ in groupby((owner.lower(), rtype) for owner, _, rtype, _ in section if rtype != "RRSIG")]


@pytest.mark.parametrize("words", QUESTIONS)
def test_what_comes_through_us_is_what_they_say(way, served, theirs, words):
    expected = theirs(way.upstream, words)
    for _ in range(2 if way.before else 1):
        found = said(served[way], words)
        assert found.status == expected.status
        assert records(found.answer) == records(expected.answer)
        assert owners(found.answer) == owners(expected.answer)
        assert records(found.authority) == records(expected.authority)
        assert found.flags - {"ra", "rd"} == expected.flags - {"ra", "rd", "aa"}


@pytest.mark.parametrize("words", ["", "+dnssec"], ids=["plain", "DO"])
def test_of_any_one_rrset_is_given(way, served, theirs, words):
    words = f"www ANY +tcp {words}"
    found, expected = said(served[way], words), theirs(way.upstream, words)
    assert set(records(found.answer)) <= set(records(expected.answer))
    assert len(owners(found.answer)) == 1
    assert ("RRSIG" in types(found.answer)) == ("dnssec" in words)


@pytest.mark.parametrize(("words", "cut"), [("big TXT", True), ("many A", False)])
def test_what_does_not_fit_is_truncated_over_udp(way, served, words, cut):
    assert ("tc" in said(served[way], f"{words} +ignore").flags) is cut


def test_what_is_proved_is_said_to_be_so(upstreams, served):
    for way, address in served.items():
        secure = way.upstream.startswith("unbound")
        assert ("ad" in said(address, "www A +dnssec").flags) is secure
        assert ("ad" in said(address, "www A +adflag").flags) is secure
        assert "ad" not in said(address, "www A").flags
