"""Padding of responses, so that nobody who watches an encrypted connection can tell them by their size (RFC 7830)."""

from fedresolver.wire.query import Query

BLOCK = 468
"""The octets of which a padded response has a multiple (RFC 8467 4.1)."""
_CODE = 12
_OPTION = _CODE.to_bytes(2)
_HEAD = 4
"""Octets of an option before its data."""
_FIXED = 11
"""Octets of an OPT record before its options."""


def is_wanted(query: Query) -> bool:
    """Say whether the response to a query is to be padded on an encrypted transport: it has the option itself."""
    return query.edns is not None and bool(query.edns.options) and query.edns.has(_CODE)


def padded(opt: bytes, size: int, limit: int) -> bytes:
    """Return the OPT record of a response of `size` octets with padding, its last option, as far as `limit` allows."""
    room = limit - size - _HEAD
    if room < 0:
        return opt
    octets = min(-(size + _HEAD) % BLOCK, room)
    length = len(opt) - _FIXED + _HEAD + octets
    return b"".join((opt[: _FIXED - 2], length.to_bytes(2), opt[_FIXED:], _OPTION, octets.to_bytes(2), bytes(octets)))
