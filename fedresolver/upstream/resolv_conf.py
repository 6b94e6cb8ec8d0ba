"""Files of the form of /etc/resolv.conf, of which only the nameservers are of interest (resolv.conf(5))."""

import errno
import os
import re
from ipaddress import ip_address

import msgspec

from fedresolver.config.errors import shown

LARGEST = 1 << 16
"""Octets of a file; one that is longer was named by mistake."""
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


def read_nameservers(path: str) -> Nameservers:
    """Return the nameservers in the file at `path`; OSError when it cannot be read or is too long.

    It waits for the disk, but for no pipe that stands in place of a file.
    """
    try:
        with open(path, "rb", opener=_opened) as file:
            octets = file.read(LARGEST + 1) or b""
    except ValueError as error:
        raise OSError(errno.EINVAL, "a path has no null character") from error
    if len(octets) > LARGEST:
        raise OSError(errno.EFBIG, f"it is longer than {LARGEST >> 10} KiB")
    return nameservers(octets.decode("utf-8", "replace"), path)


def _opened(path: str, flags: int) -> int:
    """Return a descriptor; given to open(), which closes it when it belongs to a folder."""
    return os.open(path, flags | os.O_NONBLOCK)
