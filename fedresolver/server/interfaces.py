"""The addresses of the network interfaces of this machine, as Linux tells them."""

import fcntl
import socket
import struct
from array import array
from collections import defaultdict
from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address
from pathlib import Path

_SIOCGIFCONF = 0x8912
_ROOM = 65536
_REQUEST = 40 if struct.calcsize("P") == 8 else 32
"""Octets of a `struct ifreq`: sixteen of the name, then a `sockaddr_in` in a union that is as long as its longest."""
_IPV6 = Path("/proc/net/if_inet6")


def interfaces() -> dict[str, tuple[str, ...]]:
    """Return the addresses of each interface by its name, without those that are only good on one link."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, address in (*_ipv4(), *_ipv6()):
        if not ip_address(address).is_link_local:
            found[name].append(address)
    return {name: tuple(addresses) for name, addresses in found.items()}


def _ipv4() -> Iterator[tuple[str, str]]:
    """Yield name and address of each IPv4 address; an alias such as `eth0:1` counts to its interface (netdevice(7))."""
    room = array("B", bytes(_ROOM))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        answer = fcntl.ioctl(any_socket, _SIOCGIFCONF, struct.pack("iP", _ROOM, room.buffer_info()[0]))
    size = struct.unpack("iP", answer)[0]
    for start in range(0, size, _REQUEST):
        label = room[start : start + 16].tobytes().split(b"\0")[0].decode()
        yield label.split(":")[0], socket.inet_ntoa(room[start + 20 : start + 24].tobytes())


def _ipv6() -> Iterator[tuple[str, str]]:
    """Yield name and address of each IPv6 address; none where the kernel has no IPv6."""
    for line in _IPV6.read_text().splitlines() if _IPV6.exists() else ():
        octets, _, _, _, _, name = line.split()
        yield name, str(IPv6Address(bytes.fromhex(octets)))
