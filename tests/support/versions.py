"""Versions of the zone `z.` from text, a line per record: `owner ttl TYPE data`, owners relative to it."""

from collections.abc import Iterable
from ipaddress import ip_address

from fedresolver.wire.const import Type
from fedresolver.wire.name import Name, from_text
from fedresolver.wire.rr import RRset, Soa
from fedresolver.zone.contents import Contents, contents

APEX = from_text("z")


def soa(serial: int, apex: Name = APEX) -> RRset:
    """Return the SOA of a version."""
    data = Soa(mname=from_text("ns.z"), rname=from_text("h.z"), serial=serial).rdata()
    return RRset(apex, Type.SOA, 5, (data,))


def version(serial: int, lines: Iterable[str] = ()) -> Contents:
    """Return a version of the zone; of a TXT record each word is a record of one string."""
    found: dict[tuple[Name, int, int], list[bytes]] = {}
    for line in lines:
        owner, ttl, rtype, *data = line.split()
        rdatas = found.setdefault((from_text(f"{owner}.z"), Type[rtype], int(ttl)), [])
        if rtype == "TXT":
            rdatas += (bytes((len(word),)) + word.encode() for word in data)
        else:
            rdatas += (ip_address(word).packed for word in data)
    return contents(APEX, (soa(serial), *(RRset(*key, tuple(rdatas)) for key, rdatas in found.items())))
