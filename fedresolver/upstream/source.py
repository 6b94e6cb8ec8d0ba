"""The address of ours that other servers hear from, which is what they know us by."""

from collections.abc import Iterable
from ipaddress import ip_address


def source(hosts: Iterable[str], target: str) -> str | None:
    """Return the first of `hosts`, where we listen, from which the address `target` can hear; None where any will do.

    It is of the same family. From a loopback address only this machine can.
    """
    theirs = ip_address(target)
    for host in hosts:
        ours = ip_address(host)
        if ours.version == theirs.version and not ours.is_unspecified and ours.is_loopback <= theirs.is_loopback:
            return host
    return None
