"""The addresses of the names that records lead to, as far as a zone has them: for the additional section."""

from collections.abc import Iterable, Iterator, Mapping

from fedresolver.wire.const import Type
from fedresolver.wire.rr import RRset
from fedresolver.zone.zone import Zone

_A, _AAAA, _NS = int(Type.A), int(Type.AAAA), int(Type.NS)
_NAME_AT: Mapping[int, int] = {_NS: 0, int(Type.MX): 2, int(Type.SRV): 6, int(Type.SVCB): 2, int(Type.HTTPS): 2}
"""Where the name stands in the data of the types that lead to a host (RFC 1035 3.3, RFC 2782, RFC 9460 4.1)."""
_SERVICES = frozenset(map(int, (Type.SVCB, Type.HTTPS)))
_MOST = 32
"""Of how many names the addresses are looked for."""


def addresses(zone: Zone, rrset: RRset) -> tuple[RRset, ...]:
    """Return the addresses of the names in an RRset of an answer."""
    at = _NAME_AT.get(rrset.rtype)
    if at is None:
        return ()
    names = tuple(_names(rrset, at))
    if rrset.rtype == _NS:
        return tuple(_of(zone, names))
    return tuple(_of(zone, (name for name in names if name in zone.nodes and name not in zone.cuts)))


def glue(zone: Zone, servers: RRset) -> tuple[RRset, ...]:
    """Return the addresses of name servers that the zone has, also what is hidden in it.

    First are those of servers below the delegation themselves, which cannot be found otherwise (RFC 9471).
    """
    below = sorted(_names(servers, 0), key=lambda name: not name.endswith(servers.owner))
    return tuple(_of(zone, below))


def _names(rrset: RRset, at: int) -> Iterator[bytes]:
    for rdata in rrset.rdatas[:_MOST]:
        if rrset.rtype in _SERVICES:
            name = _name_at(rdata, at)
            yield rrset.owner if name == b"\0" else name
        else:
            yield rdata[at:].lower()


def _name_at(rdata: bytes, start: int) -> bytes:
    """Return the name at an offset, in small letters, behind which there may be more; empty where none is whole."""
    end = start
    while end < len(rdata):
        if not rdata[end]:
            return rdata[start : end + 1].lower()
        end += 1 + rdata[end]
    return b""


def _of(zone: Zone, names: Iterable[bytes]) -> Iterator[RRset]:
    rrsets: Mapping[bytes, Mapping[int, RRset]] = zone.contents.rrsets  # type: ignore[assignment]  # a name is octets
    for name in dict.fromkeys(names):
        types = rrsets.get(name)
        if types is not None:
            for rtype in (_A, _AAAA):
                if rtype in types:
                    yield types[rtype]
