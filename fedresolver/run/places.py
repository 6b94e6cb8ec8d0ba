"""Which server block answers for which zone at which address and port."""

from collections.abc import Iterable
from typing import NamedTuple

from fedresolver.config.errors import Errors, StanzaError, shown
from fedresolver.config.key import Key
from fedresolver.config.lexer import Token
from fedresolver.server.router import Block
from fedresolver.wire.name import Name, from_text

EVERYWHERE = ("0.0.0.0", "::")
"""The addresses that stand for all of a machine, of IPv4 and of IPv6."""

Address = tuple[str, int]


class Place(NamedTuple):
    """Where and how queries are answered: an address as text, a port, and `dns`, `tls` or `https`."""

    host: str
    port: int
    transport: str = "dns"


def label(transport: str, port: int | None) -> str:
    """Return what metrics call the server block of a transport and port: `dns://:53`."""
    return f"{transport}://:{port}"


_RIGHT = "put both into one server block, or give one another port, or other addresses with `bind`"


class Places:
    """The blocks of a configuration, in `blocks` by the place where they listen and by zone.

    Several blocks may serve the same zone on the same port, at different addresses (as in CoreDNS).
    """

    def __init__(self) -> None:
        self.blocks: dict[Place, dict[Name, Block]] = {}
        self._taken: dict[tuple[Name, int, str], dict[str, Token]] = {}
        self._firsts: dict[Place, Token] = {}

    def put(self, block: Block, keys: Iterable[Key], hosts: tuple[str, ...], errors: Errors) -> None:
        """Let `block` serve `keys`, which all have a port, at `hosts`; what overlaps with another block is an error."""
        told: set[Token] = set()  # a network may be many keys, but is one slip
        for key in keys:
            zone, port = from_text(key.zone), key.port or 0
            taken = self._taken.setdefault((zone, port, key.transport), {})
            twin = _overlap(hosts, taken)
            wrong = self._unfit(block, key, hosts, port) if twin is None else _served_twice(key, twin, taken[twin])
            if wrong is None:
                taken |= dict.fromkeys(hosts, key.token)
                for host in hosts:
                    place = Place(host, port, key.transport)
                    self._firsts.setdefault(place, key.token)
                    self.blocks.setdefault(place, {})[zone] = block
            elif key.token not in told:
                told.add(key.token)
                errors.add(wrong)

    def _unfit(self, block: Block, key: Key, hosts: tuple[str, ...], port: int) -> StanzaError | None:
        """Return why a block cannot be where others are already, at the same addresses."""
        return self._other_transport(key, hosts, port) or self._other_manner(block, key, hosts, port)

    def _other_manner(self, block: Block, key: Key, hosts: tuple[str, ...], port: int) -> StanzaError | None:
        """Return what is wrong when clients get another certificate there, or other limits: before they ask a name."""
        for place in (Place(host, port, key.transport) for host in hosts if key.transport != "dns"):
            for other in self.blocks.get(place, {}).values():
                what = _difference(block, other, key.transport)
                if what is not None:
                    first = self._firsts[place]
                    wrong = f"{shown(str(key))} has another {what[0]} than {first.file}:{first.line}"
                    right = f"write the same `{what[1]}` into both, or give one of them another port or address"
                    return StanzaError(key.token, wrong, right)
        return None

    def _other_transport(self, key: Key, hosts: tuple[str, ...], port: int) -> StanzaError | None:
        """Return what is wrong when the port is taken for another transport: all of them need it for TCP."""
        for (host, number, transport), first in self._firsts.items():
            if number == port != 0 and transport != key.transport and _overlap(hosts, [host]) is not None:
                wrong = f"{shown(str(key))} has the port of {transport}:// at {first.file}:{first.line}"
                return StanzaError(key.token, wrong, "give one of them another port")
        return None


def _difference(block: Block, other: Block, transport: str) -> tuple[str, str] | None:
    """Return in what two blocks differ that clients of one place get from either, and the directive that says it."""
    if block.encryption != other.encryption:
        return "certificate", "tls"
    return ("path, or other limits,", "https") if transport == "https" and block.https != other.https else None


def _overlap(hosts: tuple[str, ...], taken: Iterable[str]) -> str | None:
    """Return the first of the addresses that are taken which one of `hosts` is, or lies in, or holds."""
    for other in taken:
        if any(host == other or (_family(host) == _family(other) and _is_wide(host, other)) for host in hosts):
            return other
    return None


def _family(host: str) -> bool:
    return ":" in host


def _is_wide(*hosts: str) -> bool:
    return not set(hosts).isdisjoint(EVERYWHERE)


def _served_twice(key: Key, host: str, first: Token) -> StanzaError:
    there = f" on {host}" if host not in EVERYWHERE else ""
    wrong = f"{shown(str(key))} is served twice{there}, first at {first.file}:{first.line}"
    return StanzaError(key.token, wrong, _RIGHT)
