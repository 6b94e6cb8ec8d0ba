"""Files of the form of /etc/resolv.conf, of which only the nameservers are of interest (resolv.conf(5))."""

import re
from ipaddress import ip_address

import msgspec

from fedresolver.config.errors import shown

_END = re.compile("[;#]")


class Nameservers(msgspec.Struct, frozen=True):
    """The addresses that a file names, in order and each once; `warnings` are `FILE:LINE: what is wrong`.

    More than the three are kept that the C library would take.
    """

    addresses: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def nameservers(text: str, file: str) -> Nameservers:
    """Return the nameservers in the text of a file; a line that is wrong is left out and warned of.

    `#` and `;` begin a comment, and an IPv6 address may have a scope, as `fe80::1%eth0`.
    """
    addresses: dict[str, None] = {}
    warnings: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        keyword, _, value = _END.split(line, maxsplit=1)[0].strip().replace("\t", " ").partition(" ")
        if keyword != "nameserver":
            continue
        address = value.split(maxsplit=1)[0] if value.strip() else ""
        try:
            addresses[str(ip_address(address))] = None
        except ValueError:
            wrong = f"{shown(address)} is no IP address" if address else "nameserver has no address"
            warnings.append(f"{file}:{number}: {wrong}; the line is left out")
    return Nameservers(tuple(addresses), tuple(warnings))
