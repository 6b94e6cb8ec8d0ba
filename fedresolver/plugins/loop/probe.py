"""Names that nobody else asks for: who is asked for one and lets it come back has a loop."""

from collections.abc import Iterable

from fedresolver.wire.name import MAX_NAME, Name, is_below, prefix

DIGITS = 32
"""Hexadecimal digits of a probe's number: 128 bits, which nobody can guess."""


def suffix(asked: Name, served: Iterable[Name]) -> Name | None:
    """Return the zone in which probes of an upstream stand: it is asked about it, and its server block serves it.

    `asked` is the zone that goes to the upstream, `served` are those of the block. None when nothing that the block
    serves goes there, or when the zone's name leaves no room for a number.
    """
    for zone in served:
        if is_below(asked, zone) or is_below(zone, asked):
            found = max(asked, zone, key=len)
            return found if len(found) + 1 + DIGITS <= MAX_NAME else None
    return None


def probe_name(number: str, zone: Name) -> Name:
    """Return the name of the probe with this number, `DIGITS` hexadecimal digits."""
    return Name(prefix((number.encode(),)) + zone)
