"""The TTLs of a response that stands as octets: where they are, and how they count down."""

from fedresolver.wire.name import name_end
from fedresolver.wire.query import HEADER, Query
from fedresolver.wire.response import Body

_BEFORE_TTL = 4
_TTL = 4


def places(query: Query, given: Body) -> tuple[int, ...]:
    """Return the offsets of the TTLs of all records in the whole response with `given` to `query`."""
    found, start = [], HEADER + len(query.question)
    for record in (*given.answer, *given.authority, *given.additional):
        found.append(start + name_end(record) + _BEFORE_TTL)
        start += len(record)
    return tuple(found)


def aged(octets: bytes, where: tuple[int, ...], seconds: int) -> bytes:
    """Return `octets` with the TTLs at the offsets `where` less by `seconds`, none below zero."""
    changed = bytearray(octets)
    for start in where:
        ttl = int.from_bytes(changed[start : start + _TTL])
        changed[start : start + _TTL] = max(0, ttl - seconds).to_bytes(_TTL)
    return bytes(changed)
