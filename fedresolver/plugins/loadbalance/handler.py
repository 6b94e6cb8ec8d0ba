"""The order of the addresses in an answer."""

from collections.abc import Callable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Protocol, TypeAlias

from msgspec.structs import replace

from fedresolver.chain.handler import Handler, Reply, Request, Wrap
from fedresolver.wire.const import ADDRESS_TYPES, TURNING_TYPES, Rcode, Type
from fedresolver.wire.name import Name
from fedresolver.wire.rr import RRset

Network: TypeAlias = IPv4Network | IPv6Network
Draw: TypeAlias = Callable[[int], int]
"""Return any whole number from 0 to one less than the argument."""


class Weights(Protocol):
    """How often an address of a name comes first."""

    def weight(self, owner: Name, address: bytes) -> int:
        """Return the weight, at least 1."""


def round_robin(next_: Handler) -> Handler:
    """Let addresses and MX records of answers take turns; the server makes the turns, of answers that it keeps too."""

    async def handle(request: Request) -> Reply:
        reply = await next_(request)
        return replace(reply, turns=True) if _has_several(reply, TURNING_TYPES) else reply

    return handle


def prefer(networks: tuple[Network, ...]) -> Wrap:
    """Return the link that puts addresses of `networks` first, in their order, and lets those of each take turns."""

    def wrap(next_: Handler) -> Handler:
        turn = 0

        async def handle(request: Request) -> Reply:
            nonlocal turn
            reply = await next_(request)
            if not _has_several(reply, TURNING_TYPES):
                return reply
            if not any(_is_mixed(rrset, networks) for rrset in reply.answer):
                return replace(reply, turns=True)
            turn += 1
            return _reordered(reply, lambda rrset: _turned(groups(rrset, networks), turn))

        return handle

    return wrap


def weighted(weights: Weights, draw: Draw) -> Wrap:
    """Return the link that draws the first address by weight; such an answer is made anew each time."""

    def wrap(next_: Handler) -> Handler:
        async def handle(request: Request) -> Reply:
            reply = await next_(request)
            if not _has_several(reply, ADDRESS_TYPES):
                return reply
            return _reordered(reply, lambda rrset: _drawn(rrset, weights, draw))

        return handle

    return wrap


def _is_several(rrset: RRset, types: frozenset[Type] = ADDRESS_TYPES) -> bool:
    return rrset.rtype in types and len(rrset.rdatas) > 1


def _is_mixed(rrset: RRset, networks: tuple[Network, ...]) -> bool:
    return _is_several(rrset) and len(tuple(groups(rrset, networks))) > 1


def _has_several(reply: Reply, types: frozenset[Type]) -> bool:
    return reply.rcode == Rcode.NOERROR and any(_is_several(rrset, types) for rrset in reply.answer)


def _reordered(reply: Reply, order: Callable[[RRset], tuple[bytes, ...]]) -> Reply:
    """Return `reply` with its addresses in another order, not to be kept."""
    answer = tuple(replace(rrset, rdatas=order(rrset)) if _is_several(rrset) else rrset for rrset in reply.answer)
    return replace(reply, answer=answer, cell=None)


def groups(rrset: RRset, networks: tuple[Network, ...]) -> Iterator[tuple[bytes, ...]]:
    """Yield the addresses of each network, then those of none; a group that would be empty is left out."""
    left = list(rrset.rdatas)
    for network in networks:
        inside = tuple(address for address in left if ip_address(address) in network)
        left = [address for address in left if address not in inside]
        if inside:
            yield inside
    if left:
        yield tuple(left)


def _turned(parts: Iterator[tuple[bytes, ...]], turn: int) -> tuple[bytes, ...]:
    return tuple(part[(place + turn) % len(part)] for part in parts for place in range(len(part)))


def _drawn(rrset: RRset, weights: Weights, draw: Draw) -> tuple[bytes, ...]:
    """Return the addresses with one drawn by weight at the top, which changes places with the one that was there."""
    each = [weights.weight(rrset.owner, address) for address in rrset.rdatas]
    ticket, first = draw(sum(each)), 0
    while ticket >= each[first]:
        ticket -= each[first]
        first += 1
    order = list(rrset.rdatas)
    order[0], order[first] = order[first], order[0]
    return tuple(order)
