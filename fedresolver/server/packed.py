"""The address of a client as octets, to be compared with networks."""

from socket import AF_INET, AF_INET6, inet_pton

_MAPPED = bytes(10) + b"\xff\xff"
"""How an IPv6 address begins that stands for one of IPv4 (RFC 4291 2.5.5.2)."""


def packed(address: str) -> bytes:
    """Return the octets of an address: 4 or 16, 4 also where IPv6 stands for IPv4; none for what is no address."""
    host = address.partition("%")[0]
    try:
        if ":" not in host:
            return inet_pton(AF_INET, host)
        octets = inet_pton(AF_INET6, host)
    except OSError:
        return b""
    return octets[len(_MAPPED) :] if octets.startswith(_MAPPED) else octets
