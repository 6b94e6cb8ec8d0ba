"""Where an upstream is, as the TO of `forward FROM TO...` says it."""

import re
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address
from ipaddress import ip_address as address_of

import msgspec

from fedresolver.config.errors import StanzaError, shown
from fedresolver.config.lexer import Token
from fedresolver.config.value import host_port, path
from fedresolver.upstream.resolv_conf import Nameservers

PORT = 53
TLS_PORT = 853
MOST_TARGETS = 15
"""How many upstreams a stanza may name in all, as in CoreDNS."""
_SCHEMES = {"dns": False, "tls": True}
_RIGHT = "write an address, as 192.0.2.1, [2001:db8::1]:53 or tls://192.0.2.1, or the path of a resolv.conf"
_SERVER_NAME = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_AFTER_PERCENT = re.compile(r"[^]:]*")


class Target(msgspec.Struct, frozen=True):
    """One upstream: `host` is an IP address as text, where it is IPv6 perhaps with a scope, as `fe80::1%eth0`.

    `tls` is whether it speaks TLS on `port`; its certificate is to be for `server_name`, or for the address if that
    is empty.
    """

    host: str
    port: int = PORT
    tls: bool = False
    server_name: str = ""

    @property
    def text(self) -> str:
        """What operators know it by: `192.0.2.1:53`, `[2001:db8::1]:53`, `tls://192.0.2.1:853`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'tls://' if self.tls else ''}{host}:{self.port}"

    def __str__(self) -> str:
        return self.text


def targets(token: Token, read: Callable[[str], Nameservers]) -> tuple[Target, ...]:
    """Return the upstreams that one TO names; StanzaError says what would be right.

    It is an address with or without a port, `dns://` or `tls://` before it, or the path of a file of the form of
    /etc/resolv.conf, which `read` reads. `tls://192.0.2.1%dns.example` also gives the name in the certificate.
    """
    found = at_address(token)
    return _of_file(token, read) if found is None else (found,)


def at_address(token: Token) -> Target | None:
    """Return the upstream at the address that a TO is; None where it can only be the path of a file."""
    scheme, separator, rest = token.text.partition("://")
    if separator:
        return _by_scheme(token, scheme, rest)
    if "/" not in token.text:
        host, port = host_port(token, PORT)
        if (address := _address(host)) is not None:
            return Target(str(address), _asked(token, port))
    return None


def server_name(token: Token) -> str:
    """Return the name that an upstream's certificate is to have, in small letters and without a final dot."""
    name = token.text.lower().removesuffix(".")
    if _SERVER_NAME.fullmatch(name) and not name.rpartition(".")[2].isdigit():
        return name
    raise StanzaError(token, f"{shown(token.text)} is no name of a server", "write a host name, as dns.example.com")


def _by_scheme(token: Token, scheme: str, rest: str) -> Target:
    if scheme not in _SCHEMES:
        wrong = f"an upstream is not asked by {shown(scheme + '://')}"
        raise StanzaError(token, wrong, "write tls://ADDRESS for DNS over TLS, or an address alone")
    tls = _SCHEMES[scheme]
    inner, name = _named(replace(token, text=rest)) if tls else (replace(token, text=rest), "")
    host, port = host_port(inner, TLS_PORT if tls else PORT)
    address = _address(host)
    if address is None:
        raise StanzaError(
            token, f"{shown(token.text)} has no IP address", f"write its address, as {scheme}://192.0.2.1"
        )
    return Target(str(address), _asked(token, port), tls, name)


def _named(token: Token) -> tuple[Token, str]:
    """Return the token without the server's name, and that name; the first `%` of a link-local address is its scope."""
    before, percent, after = token.text.rpartition("%")
    name = _AFTER_PERCENT.match(after)
    if not percent or name is None or ("%" not in before and before.lower().lstrip("[").startswith("fe80:")):
        return token, ""
    return replace(token, text=before + after[name.end() :]), server_name(replace(token, text=name[0]))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return address_of(text)
    except ValueError:
        return None


def _asked(token: Token, port: int) -> int:
    if port == 0:
        raise StanzaError(token, f"the port of {shown(token.text)} is 0", "write one from 1 to 65535, or none")
    return port


def _of_file(token: Token, read: Callable[[str], Nameservers]) -> tuple[Target, ...]:
    file = path(token)
    try:
        found = read(file)
    except FileNotFoundError:
        raise StanzaError(token, f"{shown(token.text)} is no IP address, and there is no such file", _RIGHT) from None
    except OSError as error:
        raise StanzaError(token, f"cannot read {shown(file)}: {error.strerror}") from error
    if not found.addresses:
        raise StanzaError(token, f"{shown(file)} names no nameserver", "write `nameserver ADDRESS` lines into it")
    return tuple(Target(address) for address in found.addresses)
