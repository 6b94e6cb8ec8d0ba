"""One token to one value: each reader returns it, or raises a StanzaError that says what would be right."""

import posixpath
import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from ipaddress import ip_address as address_of
from ipaddress import ip_network as network_of

from fedresolver.config.errors import StanzaError, shown, suggestion
from fedresolver.config.lexer import Token
from fedresolver.config.zone import normalise, zone_names

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_NUMBER = r"(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})"
_PLAIN = re.compile(_NUMBER)
_TERM = re.compile(rf"({_NUMBER})({'|'.join(_UNITS)})")
_DURATION = re.compile(rf"(?:{_TERM.pattern})+")
_LONGEST = 100 * 365 * 86400.0
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_HOST_PORT = re.compile(r"\[([^]]*)\](?::(.*))?|([^:]*)(?::([^:]*))?", re.DOTALL)


def duration(token: Token) -> float:
    """Return the seconds of a Go duration (`30s`, `1m30s`, `1.5h`, `100ms`) or of a plain number; never negative."""
    if _PLAIN.fullmatch(token.text):
        seconds = float(token.text)
    elif _DURATION.fullmatch(token.text):
        seconds = sum(float(number) * _UNITS[unit] for number, unit in _TERM.findall(token.text))
    else:
        wrong = "is negative" if token.text.startswith("-") else "is no duration"
        raise StanzaError(token, f"{shown(token.text)} {wrong}", "write seconds, or a duration as 30s, 1m30s, 100ms")
    if seconds > _LONGEST:
        raise StanzaError(token, f"{shown(token.text)} is longer than 100 years")
    return seconds


def integer(token: Token, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`."""
    value = int(token.text) if _INTEGER.fullmatch(token.text) else None
    if value is None or not low <= value <= high:
        raise StanzaError(token, f"{shown(token.text)} is no whole number from {low} to {high}")
    return value


def cidr(token: Token) -> IPv4Network | IPv6Network:
    """Return a network; an address alone is a network of one, and bits behind the mask are cleared."""
    try:
        if "%" not in token.text:
            return network_of(token.text, strict=False)
    except ValueError:
        pass
    raise StanzaError(
        token, f"{shown(token.text)} is no network", "write ADDRESS/BITS, as 192.0.2.0/24 or 2001:db8::/32"
    )


def ip_address(token: Token) -> IPv4Address | IPv6Address:
    """Return an address."""
    try:
        return address_of(token.text)
    except ValueError:
        raise StanzaError(token, f"{shown(token.text)} is no IP address") from None


def host_port(token: Token, default_port: int | None = None) -> tuple[str, int]:
    """Return host and port of `HOST:PORT`, `[IPV6]:PORT`, `HOST`, an address, or `:PORT`, whose host is "".

    A host is an address or a name, as it was written. Without `default_port` the port must be there.
    """
    host, digits = _parted(token)
    if host and not _is_address(host):
        try:
            normalise(host)
        except ValueError as error:
            raise StanzaError(token, f"the host of {shown(token.text)} {error}") from None
    if digits is None and default_port is not None:
        return host, default_port
    if digits is None:
        raise StanzaError(token, f"{shown(token.text)} has no port", "write HOST:PORT or [IPV6]:PORT")
    if not re.fullmatch("[0-9]{1,5}", digits) or int(digits) > 65535:
        raise StanzaError(token, f"the port of {shown(token.text)} is no number from 0 to 65535")
    return host, int(digits)


def _parted(token: Token) -> tuple[str, str | None]:
    if _is_address(token.text):
        return token.text, None
    found = _HOST_PORT.fullmatch(token.text)
    if not token.text or not found or (found[1] is not None and not _is_address(found[1], 6)):
        raise StanzaError(token, f"{shown(token.text)} is no host and port", "write HOST:PORT, [IPV6]:PORT or :PORT")
    return (found[3], found[4]) if found[1] is None else (found[1], found[2])


def _is_address(text: str, version: int | None = None) -> bool:
    try:
        return version in (None, address_of(text).version)
    except ValueError:
        return False


def zone(token: Token) -> str:
    """Return the name of a zone in small letters with a final dot; a network is its reverse zone if that is one."""
    found = zones(token)
    if len(found) > 1:
        raise StanzaError(token, f"{shown(token.text)} is {len(found)} zones, where one is wanted")
    return found[0]


def zones(token: Token) -> tuple[str, ...]:
    """Return the zone that `token` names, or the reverse zones of a network."""
    try:
        return zone_names(token.text)
    except ValueError as error:
        wrong, _, right = str(error).partition("; ")
        raise StanzaError(token, f"the zone {shown(token.text)} {wrong}", right) from None


def dns_label(token: Token) -> str:
    """Return one label of a host name (RFC 1123 2.1) in small letters, as Kubernetes names are."""
    label = token.text.lower()
    if not _LABEL.fullmatch(label):
        right = "write letters, digits and `-`, at most 63, a letter or digit at both ends"
        raise StanzaError(token, f"{shown(token.text)} is no DNS label", right)
    return label


def one_of(token: Token, choices: Collection[str]) -> str:
    """Return the text of `token`, which is one of `choices`."""
    if token.text not in choices:
        raise StanzaError(token, f"{shown(token.text)} is not known here", suggestion(token.text, choices))
    return token.text


def path(token: Token) -> str:
    """Return a path; a relative one is taken from the folder of the file that names it."""
    if not token.text:
        raise StanzaError(token, "the path is empty", "an environment variable that is not set is empty")
    return posixpath.join(posixpath.dirname(token.file), token.text)
