"""Zones that we have from other servers: what dig gets from us is what it gets from them, also after a change."""

import re
import time
from functools import partial

import pytest

from tests.neighbours import primaries
from tests.neighbours.primaries import KEY, SOFTWARE
from tests.support.ask import dig
from tests.support.deadline import eventually
from tests.support.running import free_ports, running
from tests.support.signed import BASE64

SECONDS = 2.0
"""How long we may be behind a primary."""
ZONE = """\
$TTL 300
$ORIGIN example.org.
@ SOA ns hm {serial} 3600 600 86400 60
@ NS ns
@ NS ns.example.net.
@ MX 10 Mail.Example.Org.
@ CAA 0 issue "ca.example.net"
ns A 127.0.0.1
www A 192.0.2.1
www A 192.0.2.{serial}0
www AAAA 2001:db8::1
alias CNAME WWW
far CNAME www.example.net.
a.b.c TXT "deep" "\\255\\000"
*.wild A 192.0.2.9
*.wild TXT "{serial}"
sub NS ns.sub
sub NS ns.example.net.
ns.sub A 192.0.2.53
ns.sub AAAA 2001:db8::53
d DNAME target
x.target A 192.0.2.5
_sip._udp SRV 1 2 5060 www
naptr NAPTR 10 20 "u" "sip+E2U" "!^.*$!sip:info@example.org!" .
rp RP hm.example.org. txt.example.org.
svc SVCB 1 www alpn=h2
unk TYPE65300 \\# 3 010203
big TXT {long}
{more}
"""
QUESTIONS = [
    "example.org SOA",
    "example.org NS",
    "example.org MX",
    "example.org CAA",
    "example.org A",
    "www.example.org A",
    "www.example.org AAAA",
    "www.example.org TXT",
    "alias.example.org A",
    "far.example.org A",
    "c.example.org A",
    "a.b.c.example.org TXT",
    "x.wild.example.org A",
    "x.wild.example.org TXT",
    "x.wild.example.org MX",
    "x.y.wild.example.org A",
    "wild.example.org A",
    "sub.example.org A",
    "www.sub.example.org A",
    "sub.example.org DS",
    "x.d.example.org A",
    "d.example.org DNAME",
    "_sip._udp.example.org SRV",
    "naptr.example.org NAPTR",
    "rp.example.org RP",
    "svc.example.org TYPE64",
    "unk.example.org TYPE65300",
    "big.example.org TXT",
    "h77.example.org A",
    "new.example.org A",
    "absent.example.org A",
]
COREFILE = """
example.org:{port} {{
    bind 127.0.0.1
    errors
    prometheus 127.0.0.1:0
    {tsig}
    secondary {{
        transfer from 127.0.0.1:{primary} {key}
    }}
}}
"""
COMMENT = re.compile(r"^;.*|\s+$", re.MULTILINE)
LONG = " ".join(['"' + "a" * 250 + '"'] * 4)


def zone(serial, more=""):
    """Return a version of the zone: with some records of the serial, many that stay, and more."""
    hosts = "\n".join(f"h{number} A 10.0.{number % 250}.1" for number in range(500))
    return ZONE.format(serial=serial, long=LONG, more=f"{hosts}\n{more}")


@pytest.fixture(params=[True, False], ids=["signed", "unsigned"])
def is_signed(request):
    return request.param


@pytest.fixture(params=SOFTWARE, ids=lambda software: software.name)
def software(request):
    return request.param


@pytest.fixture
def pair(software, is_signed, tmp_path):
    """A primary, and our server, which follows it."""
    theirs, ours = free_ports(2)
    tsig = f"tsig {{\nsecret {KEY} {BASE64}\n}}" if is_signed else ""
    text = COREFILE.format(port=ours, primary=theirs, tsig=tsig, key=f"key {KEY}" if is_signed else "")
    with (
        primaries.running(software, tmp_path / "primary", zone(1), (theirs, ours), signed=is_signed) as primary,
        running(tmp_path, text) as server,
    ):
        eventually(lambda: serial(server, ours) == 1)
        yield primary, server, server.address(port=ours), software


def serial(server, port):
    found = dig(server.address(port=port), "+short", "+norec", "example.org", "SOA").split()
    return int(found[2]) if len(found) == 7 else None


def is_at(server, port, version):
    return serial(server, port) == version


def said(address, question):
    """Return what a server says: the status, the flag AA, and the records of each section, sorted."""
    text = dig(address, "+norec", "+noall", "+comments", "+answer", "+authority", "+bufsize=1232", *question.split())
    head = re.search(r"status: (\w+)", text)[1], " aa" in re.search(r";; flags:([a-z ]*);", text)[1]
    return head, sorted(" ".join(line.split()) for line in COMMENT.sub("", text).splitlines() if line)


def differences(primary, address):
    """Return the questions to which we say something else than the primary."""
    return [
        (one, said(address, one), said(primary.address, one)) for one in QUESTIONS if not alike(primary, address, one)
    ]


def alike(primary, address, question):
    ours, theirs = said(address, question), said(primary.address, question)
    if ours[0][0] == "NOERROR" and ours[1]:
        # Who leaves out the NS records of an authoritative answer, and who has them, is up to each server.
        theirs = theirs[0], [line for line in theirs[1] if line in ours[1] or " NS " not in line]
    return ours == theirs


def test_a_zone_is_followed(pair):
    primary, server, address, software = pair
    assert differences(primary, address) == []
    for version in (2, 3):
        primary.change(zone(version, f"new A 192.0.2.{version}"))
        began = time.monotonic()
        eventually(partial(is_at, server, address[1], version))
        assert time.monotonic() - began < SECONDS
        assert differences(primary, address) == []
    labels = "dns://:" + str(address[1]), "example.org."
    ways = [server.metric("fedresolver_secondary_transfers_total", *labels, way) for way in ("AXFR", "IXFR")]
    assert ways == ([1, 2] if software.has_differences else [3, 0])
    primary.kill()
    assert dig(address, "+short", "new.example.org") == "192.0.2.3\n"
