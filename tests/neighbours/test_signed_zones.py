"""Signed zones: what BIND says of the same zone, and what a validator, unbound, makes of what we say."""

import dns.flags
import dns.rcode
import dns.rdatatype
import pytest

from tests.neighbours.authorities import AUTHORITIES
from tests.neighbours.signing import DENIALS, keys, signed
from tests.neighbours.test_zone_files import HIDDEN, ZONES, names
from tests.neighbours.validators import validating
from tests.support.ask import ask, question
from tests.support.deadline import eventually
from tests.support.records import lines_of
from tests.support.running import running

APEX = "example.org"
TEXT = ZONES[APEX].replace(HIDDEN, "")
MORE = {"q.entwild.example.org", "q.twice.example.org"}
"""Names that BIND says less of: the wildcard in their place exists without records, which it does not prove."""
NAMES = [name for name in names() if name.lower().endswith(APEX)]
BIND = AUTHORITIES[0]
TYPES = ("A", "TXT", "NS", "DS", "CNAME", "DNAME", "DNSKEY", "NSEC3PARAM")
VALIDATED = ("A", "MX", "TXT", "DS")
"""Not CNAME: below a DNAME unbound cannot validate one that is asked for, whose owner it takes for a zone without DS."""


@pytest.fixture(scope="module", params=DENIALS, ids=lambda denial: denial.name)
def zone(request, tmp_path_factory):
    """A way to deny, the zone signed in that way, and the DS that a parent has of it."""
    folder = tmp_path_factory.mktemp("keys")
    anchor = keys(folder, APEX)
    return request.param, signed(folder, APEX, TEXT, request.param), anchor


@pytest.fixture(scope="module")
def ours(zone, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ours")
    (folder / "zone").write_text(zone[1])
    with running(folder, f".:0 {{\nbind 127.0.0.1\nfile zone {APEX}\ntransfer {{\nto *\n}}\n}}") as server:
        eventually(lambda: not server.server.missing())
        yield server.address()


def secure(address, name, rtype):
    """Return what a server answers to one who wants DNSSEC records."""
    return ask(address, question(name, rtype, want_dnssec=True), tcp=True)


def told(response):
    """Return what a response says, in any order: of signatures all but what differs from one to the next."""
    sections = (response.answer, response.authority)
    records = (frozenset(map(str.lower, lines_of(section))) for section in sections)
    return dns.rcode.to_text(response.rcode()), bool(response.flags & dns.flags.AA), *records


def test_bind_says_the_same(zone, ours, tmp_path):
    found = {}
    with BIND.running(tmp_path, {APEX: zone[1]}) as theirs:
        for name in NAMES:
            for rtype in TYPES:
                mine, other = told(secure(ours, name, rtype)), told(secure(theirs, name, rtype))
                if mine != other and not (name in MORE and mine[:3] == other[:3] and mine[3] > other[3]):
                    found[name, rtype] = mine, other
    assert found == {}


def is_whole(response):
    """Say whether a response is about the zone alone: no referral, no chain that leaves it or grows too long."""
    ends = [rrset for rrset in response.answer if rrset.rdtype != dns.rdatatype.RRSIG]
    leads_on = ends and ends[-1].rdtype == dns.rdatatype.CNAME
    denied = any(rrset.rdtype == dns.rdatatype.SOA for rrset in response.authority)
    return response.rcode() != dns.rcode.YXDOMAIN and bool(response.flags & dns.flags.AA) and (denied or not leads_on)


def test_a_validator_believes_all_of_it(zone, ours, tmp_path):
    denial, _, anchor = zone
    asked, doubted = 0, {}
    with validating(tmp_path, anchor, ours) as validator:
        for name in NAMES:
            for rtype in VALIDATED:
                mine = secure(ours, name, rtype)
                if is_whole(mine) and (name, rtype) != (APEX, "DS"):  # that is its parent's
                    asked += 1
                    found = secure(validator, name, rtype)
                    secured = bool(found.flags & dns.flags.AD) or denial.opts_out
                    if found.rcode() != mine.rcode() or not secured:
                        doubted[name, rtype] = dns.rcode.to_text(found.rcode()), dns.flags.to_text(found.flags)
    assert asked > 1000
    assert not doubted, "\n".join(map(str, doubted.items()))


def test_who_does_not_ask_for_it_gets_none_of_it(ours):
    for name in NAMES:
        response = ask(ours, question(name, "A", use_edns=0), tcp=True)
        kinds = {rrset.rdtype for rrset in (*response.answer, *response.authority, *response.additional)}
        assert kinds.isdisjoint({dns.rdatatype.RRSIG, dns.rdatatype.NSEC, dns.rdatatype.NSEC3}), name


def test_a_copy_says_the_same(ours, tmp_path):
    """What is transferred is kept record by record, signatures of different types together (RFC 4034 3)."""
    primary = "{}:{}".format(*ours)
    with running(tmp_path, f".:0 {{\nbind 127.0.0.1\nsecondary {APEX} {{\ntransfer from {primary}\n}}\n}}") as copy:
        eventually(lambda: secure(copy.address(), APEX, "SOA").answer)
        asked = [(name, rtype) for name in NAMES for rtype in ("A", "DS")]
        differ = [one for one in asked if told(secure(ours, *one)) != told(secure(copy.address(), *one))]
    assert differ == []
