"""Zones that nobody will ever ask for where they are."""

from collections.abc import Iterable, Iterator, Mapping

from fedresolver.config.stanza import Stanza
from fedresolver.wire.name import Name, is_below, to_text


def strays(stanzas: Mapping[Name, Stanza], zones: Iterable[Name]) -> Iterator[str]:
    """Yield a warning for each zone of which the server block, whose zones are `zones`, is asked for no name.

    `stanzas` are those that name the zones.
    """
    asked = tuple(zones)
    for apex, stanza in stanzas.items():
        if not any(is_below(apex, zone) or is_below(zone, apex) for zone in asked):
            yield (
                f"{stanza.file}:{stanza.line}: no name of the zone {to_text(apex)} is asked for in this server block; "
                "name it among the zones of the block"
            )
