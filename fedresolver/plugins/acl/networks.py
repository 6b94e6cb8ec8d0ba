"""Which of many sets of networks an address is in.

Networks of one length are a dictionary, so an address costs a look-up for each length that there is, at most 33 or
129, however many networks there are.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network
from typing import TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network
_BITS_OF_IPV4 = 32
_ADDRESS_BITS = {4: 32, 6: 128}


class Networks:
    """Sets of networks; the first one of `sets` has the bit 1, the next 2, and so on. None is everybody."""

    def __init__(self, sets: Sequence[Iterable[Network] | None]) -> None:
        self._everybody = 0
        self._by_length: dict[int, dict[int, dict[int, int]]] = {32: {}, 128: {}}
        for number, networks in enumerate(sets):
            if networks is None:
                self._everybody |= 1 << number
            else:
                for network in networks:
                    self._add(_plain(network), 1 << number)

    def _add(self, network: Network, bit: int) -> None:
        shift = network.max_prefixlen - network.prefixlen
        prefixes = self._by_length[network.max_prefixlen].setdefault(shift, {})
        prefix = int(network.network_address) >> shift
        prefixes[prefix] = prefixes.get(prefix, 0) | bit

    def bits(self, address: bytes) -> int:
        """Return the bits of the sets that an address of 4 or 16 octets is in; of no address those of everybody."""
        found, value = self._everybody, int.from_bytes(address)
        for shift, prefixes in self._by_length.get(8 * len(address), {}).items():
            found |= prefixes.get(value >> shift, 0)
        return found

    def bits_of_all(self, version: int) -> int:
        """Return the bits of the sets that every address of an IP version, 4 or 6, is in."""
        size = _ADDRESS_BITS[version]
        return self._everybody | self._by_length[size].get(size, {}).get(0, 0)


def _plain(network: Network) -> Network:
    """Return a network of IPv4 addresses that is written as one of IPv6 as what it is: clients are compared so."""
    if isinstance(network, IPv6Network):
        first: IPv6Address = network.network_address
        length = network.prefixlen - (network.max_prefixlen - _BITS_OF_IPV4)
        if first.ipv4_mapped is not None and length >= 0:
            return IPv4Network((first.ipv4_mapped, length))
    return network
