"""The path from the name asked for to its records: over CNAMEs and DNAMEs, in whatever order a message has them."""

import msgspec

from fedresolver.wire.compression import Names
from fedresolver.wire.const import LONGEST_CHAIN, Type, type_text
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import MAX_NAME, Name, to_text
from fedresolver.wire.rr import RRset, cname
from fedresolver.wire.section import Found, Section

_CNAME, _DNAME, _RRSIG, _ANY = map(int, (Type.CNAME, Type.DNAME, Type.RRSIG, Type.ANY))
_META_TYPES = range(128, 256)
"""What no zone has as data (RFC 6895 3.1)."""
_OF_EACH = 4


class Path(msgspec.Struct, frozen=True, gc=False):
    """The RRsets on the way, and the names that it goes through; `ended` if the last RRset is the one asked for."""

    rrsets: tuple[RRset, ...]
    names: tuple[Name, ...]
    ended: bool


def follow(names: Names, section: Section, qname: Name, qtype: int) -> Path:
    """Return the path through an answer section; one that leads out of the section ends there.

    FormatError for a loop, more than 8 CNAMEs, two at one name, and a name that a DNAME makes too long.
    """
    dnames = {owner for owner, rtype in section if rtype == _DNAME}
    kept: list[RRset] = []
    seen = [qname]
    while True:
        name = seen[-1]
        above = _above(names, name, dnames) if dnames else None
        if above is None:
            found = _asked(names, section, name, qtype)
            if found is not None:
                return Path((*kept, found.rrset()), tuple(seen), True)
            found = section.get((name, _CNAME))
            if found is None:
                return Path(tuple(kept), tuple(seen), False)
            link = single(found)
        else:
            dname = single(section[above, _DNAME])
            if dname not in kept:
                kept.append(dname)
            link = _synthesised(name, dname)
        kept.append(link)
        seen.append(_next(link, seen))


def _next(link: RRset, seen: list[Name]) -> Name:
    target = Name(link.rdatas[0])
    if target in seen:
        raise FormatError(f"a loop of CNAMEs through {to_text(target)}")
    if len(seen) > LONGEST_CHAIN:
        raise FormatError(f"more than {LONGEST_CHAIN} CNAMEs")
    return target


def _asked(names: Names, section: Section, name: Name, qtype: int) -> Found | None:
    """Return what the section has of this name and type; for ANY one RRset, signatures last (RFC 8482 4.1)."""
    if qtype != _ANY:
        return section.get((name, qtype))
    names.pay(_OF_EACH * len(section))
    here = (found for (owner, rtype), found in section.items() if owner == name and rtype not in _META_TYPES)
    return min(here, key=lambda found: found.rtype == _RRSIG, default=None)


def _above(names: Names, name: Name, dnames: set[Name]) -> Name | None:
    """Return the highest DNAME above `name`: below it there is nothing, no other DNAME either (RFC 6672 2.4)."""
    above = [parent for parent in names.parents(name)[1:] if parent in dnames]
    return above[-1] if above else None


def _synthesised(name: Name, dname: RRset) -> RRset:
    """Return the CNAME that follows from a DNAME: the only right one, whether or not one was sent (RFC 6672 3.1)."""
    target = name[: -len(dname.owner)] + dname.rdatas[0]
    if len(target) > MAX_NAME:
        raise FormatError("a DNAME makes a name above 255 octets (RFC 6672 2.2)")
    return cname(name, dname.ttl, Name(target))


def single(found: Found) -> RRset:
    """Return the RRset of a type that has one record for a name (RFC 2181 10.1, RFC 6672 2.4).

    FormatError where there are two: to take either would be to guess which of them is the lie.
    """
    rrset = found.rrset()
    if len(rrset.rdatas) > 1:
        raise FormatError(f"two different {type_text(rrset.rtype)} records at {to_text(rrset.owner)}")
    return rrset
