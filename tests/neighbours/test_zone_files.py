"""The same zones served by us, by BIND and by NSD: what each says of many names."""

import dns.flags
import dns.rcode
import pytest

from tests.neighbours.authorities import AUTHORITIES
from tests.support.ask import ask, question
from tests.support.deadline import eventually
from tests.support.records import lines_of
from tests.support.running import running

ZONES = {
    "example.org": """\
$TTL 300
@ 600 SOA ns hostmaster 7 7200 1800 86400 60
@ NS ns
@ NS ns.sub
@ NS ns.example.net.
@ MX 10 mail
@ MX 20 mail.wild
@ TXT "at the apex"
ns A 192.0.2.53
ns AAAA 2001:db8::53
mail A 192.0.2.25
www A 192.0.2.1
www A 192.0.2.2
www TXT "two families"
_sip._tcp SRV 1 2 5060 mail
_sip._tcp SRV 1 3 5060 www.sub
deep.er.and.deeper A 192.0.2.3
cname CNAME www
cname2 CNAME cname
cnamex CNAME nowhere
cnameent CNAME and.deeper
cnamewild CNAME any.wild
cnameout CNAME www.example.net.
cnamesub CNAME www.sub
cnamedname CNAME a.dname
sub NS ns.sub
sub NS ns
sub NS ns.sibling
sub DS 12345 13 2 1111111111111111111111111111111111111111111111111111111111111111
sub TXT "occluded"
ns.sub A 192.0.2.54
www.sub A 192.0.2.55
below.ns.sub NS ns.nowhere
sibling NS ns.sibling
ns.sibling A 192.0.2.56
ns.sibling AAAA 2001:db8::56
lame NS ns.example.net.
*.wild A 192.0.2.9
*.wild MX 10 mail
here.wild TXT "stops the wildcard"
below.ent.wild A 192.0.2.10
cut.wild NS ns
*.cnames CNAME www
*.chain CNAME x.chains
*.chains CNAME www.example.net.
x.*.entwild A 192.0.2.11
*.star.mid A 192.0.2.12
*.*.twice TXT "two stars"
dname DNAME target
dname TXT "beside a DNAME"
hidden.dname A 192.0.2.13
x.target A 192.0.2.14
a.target CNAME www
dnameout DNAME example.net.
dnamesub DNAME sub
dnamewild DNAME wild
long DNAME aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.dddddddddddddddddddddddddddddddddddddddddddd.
UPPER A 192.0.2.15
sp\\032ace A 192.0.2.16
dot\\.ted A 192.0.2.17
svc SVCB 1 mail alpn=h2
svcself SVCB 1 . alpn=h2
svcself A 192.0.2.18
type731 TYPE731 \\# 3 010203
""",
    "kid.example.org": """\
$TTL 120
@ SOA ns hostmaster 3 7200 1800 86400 30
@ NS ns
ns A 192.0.2.60
www A 192.0.2.61
up CNAME www.example.org.
""",
}
ZONES["example.org"] += "kid NS ns.kid\nns.kid A 192.0.2.60\ncnamekid CNAME www.kid\ncnamekidx CNAME nope.kid\n"
HIDDEN = "hidden.dname A 192.0.2.13\n"
"""Data below a DNAME, which some refuse to read."""
LEAVING = ("cnamekid.example.org", "cnamekidx.example.org", "up.kid.example.org")
"""Where chains go from one of the zones into the other."""
TYPES = ("A", "AAAA", "NS", "MX", "TXT", "CNAME", "DNAME", "SOA", "DS", "SRV", "SVCB", "TYPE731")


def names():
    """Return names at, above, below and beside each owner."""
    found = {}
    for apex, text in ZONES.items():
        owners = {line.split()[0] for line in text.splitlines() if line[0] != "$"}
        for owner in owners:
            name = apex if owner == "@" else f"{owner}.{apex}"
            for prefix in ("", "x.", "x.y.", "*.", "a.*.", "a.", "a.b.c."):
                found[prefix + name] = None
            above = name.split(".")
            while len(above) > 2:
                found[".".join(above)] = None
                found[".".join(("q", *above))] = None
                above = above[1:]
    found["A" * 63 + ".long.example.org"] = None
    found["UPPER.example.org"] = found["WwW.eXample.ORG"] = None
    return sorted(found)


def told(address, name, rtype):
    """Return what a server says: rcode, whether it is the authority, answer, authority, and the glue of referrals."""
    response = ask(address, question(name, rtype, use_edns=0, payload=1232))
    authoritative = bool(response.flags & dns.flags.AA)
    sections = (response.answer, response.authority, () if authoritative else response.additional)
    records = tuple(sorted(map(str.lower, lines_of(section))) for section in sections)
    return dns.rcode.to_text(response.rcode()), authoritative, *records


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ours")
    text = ".:0 {\nbind 127.0.0.1\n"
    for apex, records in ZONES.items():
        (folder / f"{apex}.zone").write_text(records)
        text += f"file {apex}.zone {apex}\n"
    with running(folder, text + "}") as server:
        eventually(lambda: not server.server.missing())
        yield server.address()


@pytest.mark.parametrize("authority", AUTHORITIES, ids=lambda authority: authority.name)
def test_all_say_the_same(ours, authority, tmp_path):
    zones = {apex: text.replace(HIDDEN, "" if authority.strict else HIDDEN) for apex, text in ZONES.items()}
    asked = [name for name in names() if authority.crosses or name not in LEAVING]
    found = {}
    with authority.running(tmp_path, zones) as theirs:
        for name in asked:
            for rtype in TYPES:
                (*mine, glue), (*other, theirs_of_it) = told(ours, name, rtype), told(theirs, name, rtype)
                wanted = [record for record in glue if record in theirs_of_it] if authority.minimal else glue
                if (mine, wanted) != (other, theirs_of_it):
                    found[name, rtype] = mine, glue, other, theirs_of_it
    assert found == {}
