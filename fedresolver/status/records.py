"""The records of a zone as text."""

from collections.abc import Iterator

from fedresolver.status.documents import Record
from fedresolver.wire.name import to_text
from fedresolver.wire.rr import RRset
from fedresolver.zone.contents import Contents
from fedresolver.zone.text.library import type_text, write


def records_of(contents: Contents) -> Iterator[Record]:
    """Yield all records of a zone, the SOA first."""
    yield from of_rrset(contents.soa)
    for rrset in contents.others():
        yield from of_rrset(rrset)


def of_rrset(rrset: RRset) -> Iterator[Record]:
    """Yield the records of an RRset."""
    owner, rtype = to_text(rrset.owner), type_text(rrset.rtype)
    for rdata in rrset.rdatas:
        yield Record(owner=owner, ttl=rrset.ttl, type=rtype, data=write(rrset.rtype, rdata))
