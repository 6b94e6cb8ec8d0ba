"""Records of transfers as lines of text, `www.example.org. 60 A 192.0.2.1`, and zones made of them."""

from collections.abc import Iterable

import dns.name
import dns.rdata
import dns.rdatatype

from fedresolver.wire.name import Name, from_text
from fedresolver.wire.rr import RRset
from fedresolver.wire.zone_transfer import Record
from fedresolver.zone.contents import Contents, contents
from tests.support.records import lines

APEX = from_text("example.org")
NS = "example.org. 60 NS ns.example.org."


def soa(serial: int, refresh: int = 3600, retry: int = 600, expire: int = 86400) -> str:
    """Return the SOA of example.org as a line."""
    return f"example.org. 60 SOA ns.example.org. hm.example.org. {serial} {refresh} {retry} {expire} 60"


def record(line: str) -> Record:
    """Return the record of a line."""
    owner, ttl, rtype, data = line.split(maxsplit=3)
    rdata = dns.rdata.from_text("IN", rtype, data)
    number = int(dns.rdatatype.from_text(rtype))
    return Record(Name(dns.name.from_text(owner).to_wire().lower()), number, int(ttl), rdata.to_wire())


def records(*texts: str) -> list[Record]:
    """Return the records of lines."""
    return [record(line.strip()) for text in texts for line in text.splitlines() if line.strip()]


def zone_of(*texts: str, apex: Name = APEX) -> Contents:
    """Return the zone of lines, the SOA among them."""
    found: dict[tuple[Name, int], RRset] = {}
    for one in records(*texts):
        former = found.get((one.owner, one.rtype))
        rdatas = (*former.rdatas, one.rdata) if former is not None else (one.rdata,)
        found[one.owner, one.rtype] = RRset(one.owner, one.rtype, one.ttl, rdatas)
    return contents(apex, found.values())


def told(zone: Contents) -> list[str]:
    """Return the records of a zone as lines, sorted."""
    return sorted(lines(_rrsets(zone)))


def _rrsets(zone: Contents) -> Iterable[RRset]:
    return (rrset for types in zone.rrsets.values() for rrset in types.values())
