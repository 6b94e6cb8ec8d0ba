"""Addresses of servers, as people write them."""

from ipaddress import ip_address
from typing import TypeAlias

Address: TypeAlias = tuple[str, int]
"""An IP address as text, and a port."""
DNS_PORT = 53
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def parsed(where: str) -> Address:
    """Return what `192.0.2.1`, `192.0.2.1:53`, `2001:db8::1` or `[2001:db8::1]:53` says; ValueError for what does not.

    What listens on all addresses is asked on the loopback.
    """
    host, port = where, str(DNS_PORT)
    if where.startswith("[") or where.count(":") == 1:
        host, _, port = where.rpartition(":")
    host = host.strip("[]")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 1 << 16):
        raise ValueError(f"{where} has no port; write 192.0.2.1:53")
    if host not in _EVERYWHERE:
        try:
            ip_address(host)
        except ValueError:
            raise ValueError(f"{host} is no IP address; write 192.0.2.1:53") from None
    return _EVERYWHERE.get(host, host), int(port)


def text(where: Address) -> str:
    """Return an address with its port."""
    host, port = where
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
