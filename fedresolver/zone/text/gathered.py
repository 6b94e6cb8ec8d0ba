"""The records of a zone as they come in, and what may stand beside what."""

from collections.abc import Callable

import msgspec

from fedresolver.config.errors import At, StanzaError
from fedresolver.wire.const import Type
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import Name, is_below, to_text
from fedresolver.wire.rr import RRset
from fedresolver.zone.contents import Contents
from fedresolver.zone.text.fields import canonical
from fedresolver.zone.text.library import type_text

MAX_RECORDS = 5_000_000
MAX_DATA = 1 << 29
"""How many octets all data has together; only `$GENERATE` makes more than a file of 256 MiB could say."""
BEAT = 128
"""Every so many names the caller hears of the progress."""

_KEY = 25
_BESIDE_CNAME = frozenset((Type.CNAME, Type.RRSIG, Type.NSEC, _KEY))
_SINGLE = frozenset((Type.SOA, Type.CNAME, Type.DNAME))


class Growing(msgspec.Struct, gc=False):
    """The records of one owner and type so far, and where the first of them stands.

    Most are alone, and are nothing that the garbage collector would have to look at.
    """

    file: str
    line: int
    ttl: int
    first: bytes
    more: list[bytes] | None = None

    @property
    def rdatas(self) -> tuple[bytes, ...]:
        """The data of all."""
        return (self.first, *self.more) if self.more else (self.first,)

    def add(self, rdata: bytes) -> None:
        """Take in the data of another one."""
        if self.more is None:
            self.more = []
        self.more.append(rdata)

    @property
    def at(self) -> At:
        """Where the first record stands."""
        return At(self.file, self.line)


class Gathered:
    """All records of the zone `apex` by owner and type: `most` of them, with `most_data` octets of data together."""

    def __init__(self, apex: Name, most: int = MAX_RECORDS, most_data: int = MAX_DATA) -> None:
        self.apex = apex
        self.names: dict[Name, dict[int, Growing]] = {}
        self.records = 0
        self._octets = 0
        self._most = most
        self._most_data = most_data

    def add(self, at: At, owner: Name, rtype: int, ttl: int, rdata: bytes) -> str:
        """Take in a record; return a warning, empty for none. One whose owner is not in the zone is left out.

        FormatError when it may not stand beside what is there, StanzaError when there are too many.
        """
        self._count(at, rdata)
        types = self.names.get(owner)
        if types is None:
            if not is_below(owner, self.apex):
                return f"`{to_text(owner)}` is not in the zone `{to_text(self.apex)}`, the record is left out"
            types = self.names[owner] = {}
        found = types.get(rtype)
        if found is not None:
            return _joined(found, rtype, ttl, rdata, at)
        if rtype == Type.SOA and owner != self.apex:
            raise FormatError(f"an SOA stands at the apex of its zone only, which is `{to_text(self.apex)}`")
        types[rtype] = Growing(at.file, at.line, ttl, rdata)
        if len(types) > 1 and Type.CNAME in types:
            _check_alone(types, rtype, owner)
        return ""

    def _count(self, at: At, rdata: bytes) -> None:
        self.records += 1
        self._octets += len(rdata)
        if self.records > self._most:
            raise StanzaError(at, f"the zone has more than {self._most} records")
        if self._octets > self._most_data:
            raise StanzaError(at, f"the zone has more than {self._most_data} octets of data")

    def contents(self, beat: Callable[[], None]) -> Contents:
        """Return what was gathered; records that are there twice are there once."""
        made: dict[Name, dict[int, RRset]] = {}
        for count, (owner, types) in enumerate(self.names.items()):
            if not count % BEAT:
                beat()
            made[owner] = {
                rtype: RRset(owner, rtype, growing.ttl, _once(rtype, growing.rdatas))
                for rtype, growing in types.items()
            }
        return Contents(self.apex, made)


def _joined(found: Growing, rtype: int, ttl: int, rdata: bytes, at: At) -> str:
    """Put a record to those of its owner and type; return a warning, empty for none."""
    if rtype in _SINGLE:
        if canonical(rtype, rdata) == canonical(rtype, found.first):
            return ""
        raise FormatError(f"a second {type_text(rtype)} for this name, the first is {_there(found, at)}; keep one")
    found.add(rdata)
    if ttl == found.ttl:
        return ""
    if rtype == Type.RRSIG:  # its TTL is that of what it covers (RFC 4034 3)
        found.ttl = min(ttl, found.ttl)
        return ""
    first = f"the TTL of the first, {found.ttl}, which is {_there(found, at)}"
    return f"the records of an RRset have one TTL (RFC 2181 5.2): {ttl} is not used, but {first}"


def _check_alone(types: dict[int, Growing], rtype: int, owner: Name) -> None:
    beside = next((other for other in types if other not in _BESIDE_CNAME), None)
    if beside is None:
        return
    former = types[Type.CNAME if rtype != Type.CNAME else beside]
    what = "is a CNAME already" if rtype != Type.CNAME else f"has a {type_text(beside)} record already"
    there = _there(former, types[rtype].at)
    del types[rtype]  # each later record is told against the first one
    raise FormatError(f"`{to_text(owner)}` {what}, {there}; a CNAME stands alone (RFC 1034 3.6.2)")


def _there(former: Growing, at: At) -> str:
    return f"in line {former.line}" + ("" if former.file == at.file else f" of {former.file}")


def _once(rtype: int, rdatas: tuple[bytes, ...]) -> tuple[bytes, ...]:
    if len(rdatas) == 1:
        return rdatas
    first: dict[bytes, bytes] = {}
    for rdata in rdatas:
        first.setdefault(canonical(rtype, rdata), rdata)
    return tuple(first.values())
