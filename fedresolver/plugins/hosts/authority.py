"""For which names a hosts file speaks, also when it does not have them."""

import msgspec

from fedresolver.wire.name import Name, from_text

REVERSE = (from_text("in-addr.arpa"), from_text("ip6.arpa"))
"""Where names stand for addresses; a zone above, such as the root, denies none of them.

Else the names of all the world's addresses were denied wherever a few names are made up.
"""


class Authority(msgspec.Struct, frozen=True):
    """The zones that a hosts file is the authority of; names in `fallthrough` that it does not have are others'."""

    zones: frozenset[bytes]
    fallthrough: frozenset[bytes] = frozenset()

    def over(self, name: Name, starts: tuple[int, ...]) -> Name | None:
        """Return the zone of which a name is denied when the file does not have it, None when others are asked."""
        if any(name[start:] in self.fallthrough for start in reversed(starts)):
            return None
        above = [name[start:] for start in starts]
        for place, zone in enumerate(above):
            if zone in self.zones:
                is_split = any(tree in above[:place] for tree in REVERSE)
                return None if is_split else Name(zone)
        return None
