"""The signatures of a zone (RRSIG, RFC 4034 3)."""

from collections.abc import Callable, Mapping

from fedresolver.wire.const import Type
from fedresolver.wire.rr import RRset
from fedresolver.zone.contents import Contents

_RRSIG = int(Type.RRSIG)
_EXPIRATION = slice(8, 12)


def is_signed(contents: Contents) -> bool:
    """Say whether a zone is signed: its apex is."""
    return _RRSIG in contents.rrsets[contents.apex]


def signatures(types: Mapping[int, RRset], rrset: RRset) -> RRset | None:
    """Return the signatures of an RRset that `types` have, with its owner and TTL (RFC 4034 3); None without any."""
    found = types.get(_RRSIG)
    if found is None:
        return None
    covered = rrset.rtype.to_bytes(2)
    rdatas = tuple(rdata for rdata in found.rdatas if rdata.startswith(covered))
    return RRset(rrset.owner, _RRSIG, rrset.ttl, rdatas) if rdatas else None


def first_end(contents: Contents, turn: Callable[[], None]) -> int | None:
    """Return when the first of a zone's signatures ends, in seconds since the epoch; None of one that is not signed.

    `turn` is called now and then.
    """
    if not is_signed(contents):
        return None
    every = (types[_RRSIG] for _, types in contents.in_turns(turn) if _RRSIG in types)
    return min(int.from_bytes(rdata[_EXPIRATION]) for rrset in every for rdata in rrset.rdatas)
