"""A zone that is being put together, or changed, record by record."""

from collections.abc import Iterator, Mapping
from itertools import islice

from fedresolver.wire.const import Type, type_text
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import Name, to_text
from fedresolver.wire.rr import RRset
from fedresolver.wire.zone_transfer import Record
from fedresolver.zone.contents import Contents
from fedresolver.zone.difference import FIXED, size

AT_ONCE = 1024
"""How many owners are copied, or record sets closed, before others have their turn."""


class _Growing:
    """Records of one owner and type while some of them come and go."""

    __slots__ = ("rdatas", "ttl")

    def __init__(self, rrset: RRset) -> None:
        self.ttl = rrset.ttl
        self.rdatas = dict.fromkeys(rrset.rdatas)


class Draft:
    """The records of the zone `apex` but for its SOA; `records` is how many, `octets` their size without compression.

    Most owners have one record of a type, which stands as it is to be; only where there are several, or where the
    version before had some, a set is opened, at the end to be closed.
    """

    def __init__(self, apex: Name) -> None:
        self.apex = apex
        self.records = 0
        self.octets = 0
        self._sets: dict[Name, dict[int, RRset | _Growing]] = {}
        self._shared: Mapping[Name, Mapping[int, RRset]] = {}
        self._open: set[tuple[Name, int]] = set()

    def copy(self, former: Contents) -> Iterator[None]:
        """Begin with what the zone had before, some owners at a time."""
        self._shared = former.rrsets
        owners = iter(former.rrsets.items())
        while some := dict(islice(owners, AT_ONCE)):
            self._sets.update(some)  # type: ignore[arg-type]  # they are replaced, not changed: see `_own`
            for types in some.values():
                for rrset in types.values():
                    self._count(rrset)
            yield
        soa = self._own(self.apex).pop(Type.SOA)
        assert isinstance(soa, RRset)
        self._count(soa, -1)

    def add(self, record: Record) -> bool:
        """Add a record; False when it is there already. The TTL of its set is that of the last one that came."""
        types = self._own(record.owner)
        found = types.get(record.rtype)
        if found is None:
            types[record.rtype] = RRset(record.owner, record.rtype, record.ttl, (record.rdata,))
        else:
            growing = self._opened(types, found, record)
            growing.ttl = record.ttl
            if record.rdata in growing.rdatas:
                return False
            growing.rdatas[record.rdata] = None
        self.records += 1
        self.octets += len(record.owner) + FIXED + len(record.rdata)
        return True

    def remove(self, record: Record) -> bool:
        """Remove a record, whatever its TTL; False when there is none."""
        if record.owner not in self._sets:
            return False
        types = self._own(record.owner)
        found = types.get(record.rtype)
        if found is None:
            return False
        growing = self._opened(types, found, record)
        if record.rdata not in growing.rdatas:
            return False
        del growing.rdatas[record.rdata]
        if not growing.rdatas:
            del types[record.rtype]
            self._open.discard((record.owner, record.rtype))
            if not types:
                del self._sets[record.owner]
        self.records -= 1
        self.octets -= len(record.owner) + FIXED + len(record.rdata)
        return True

    def close(self) -> Iterator[None]:
        """Make what was opened fit to be read, some sets at a time; nothing can be added after it."""
        opened = iter(self._open)
        while some := tuple(islice(opened, AT_ONCE)):
            for owner, rtype in some:
                growing = self._sets[owner][rtype]
                assert isinstance(growing, _Growing)
                self._sets[owner][rtype] = RRset(owner, rtype, growing.ttl, tuple(growing.rdatas))
            yield

    def contents(self, soa: Record) -> Contents:
        """Return the zone, closed before, with its SOA; FormatError where no zone can be so."""
        types = self._own(self.apex)
        if Type.NS not in types:
            raise FormatError(f"the zone {to_text(self.apex)} without an NS record at its apex")
        types[Type.SOA] = RRset(self.apex, Type.SOA, soa.ttl, (soa.rdata,))
        return Contents(self.apex, self._sets)  # type: ignore[arg-type]  # nothing is open any more

    def _own(self, owner: Name) -> dict[int, RRset | _Growing]:
        """Return the sets of an owner, as a dictionary that the version before does not share."""
        types = self._sets.get(owner)
        if types is None:
            types = self._sets[owner] = {}
        elif self._is_shared(owner, types):
            types = self._sets[owner] = dict(types)
        return types

    def _is_shared(self, owner: Name, types: object) -> bool:
        return self._shared.get(owner) is types

    def _opened(self, types: dict[int, RRset | _Growing], found: RRset | _Growing, record: Record) -> _Growing:
        if isinstance(found, _Growing):
            return found
        growing = types[record.rtype] = _Growing(found)
        self._open.add((record.owner, record.rtype))
        return growing

    def _count(self, rrset: RRset, sign: int = 1) -> None:
        self.records += sign * len(rrset.rdatas)
        self.octets += sign * size(rrset)


def shown(record: Record) -> str:
    """Return what people call a record: its owner and its type."""
    return f"{to_text(record.owner)} {type_text(record.rtype)}"
