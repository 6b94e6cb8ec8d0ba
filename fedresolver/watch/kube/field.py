"""Single values of Kubernetes objects, checked: names, addresses, lengths. Each error names the field."""

import re
from collections.abc import Sequence
from socket import AF_INET, AF_INET6, inet_pton
from sys import intern

from fedresolver.watch.kube.flaw import FlawError, quoted

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_HOST_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"{_HOST_LABEL}(\.{_HOST_LABEL})*")
_MAX_DOMAIN = 253  # characters of a name without the final dot: 255 octets in wire form (RFC 1035 2.3.4)
_IPV4_MAPPED = bytes(10) + b"\xff\xff"


def is_label(text: str) -> bool:
    """Say whether `text` is a DNS label in small letters (RFC 1123 2.1)."""
    return _LABEL.fullmatch(text) is not None


def label(field: str, text: str | None) -> str:
    """Return `text`, which must be a DNS label in small letters; equal ones are one object in memory."""
    if not text or not is_label(text):
        raise FlawError(f"{field}: {_what(text)}; a DNS label has 1 to 63 of a-z, 0-9 and '-' (RFC 1123)")
    return intern(text)


def domain(field: str, text: str | None) -> str:
    """Return the DNS name `text` in small letters and without the final dot."""
    name = (text or "").removesuffix(".").lower()
    if len(name) > _MAX_DOMAIN or not _DOMAIN.fullmatch(name):
        raise FlawError(f"{field}: {_what(text)}; a DNS name has labels of a-z, 0-9 and '-' with dots between")
    return name


def address(field: str, text: str, octets: int = 0) -> bytes:
    """Return the IP address `text` packed; `octets` is 4 or 16 where only one family is right, 0 where both are."""
    packed = _packed(text)
    if packed is None:
        raise FlawError(f"{field}: {quoted(text)} is no IP address; write 192.0.2.1 or 2001:db8::1")
    if packed.startswith(_IPV4_MAPPED) and len(packed) == 16:
        raise FlawError(f"{field}: {quoted(text)} is an IPv4-mapped IPv6 address; write the IPv4 address")
    if octets and len(packed) != octets:
        raise FlawError(
            f"{field}: {quoted(text)} is of the wrong family; addressType says {'IPv4' if octets == 4 else 'IPv6'}"
        )
    return packed


def _packed(text: str) -> bytes | None:
    try:
        return inet_pton(AF_INET6 if ":" in text else AF_INET, text)
    except (OSError, ValueError):
        return None


def _good(text: str, octets: int) -> bytes | None:
    """Return what `address` does, None where that raises."""
    packed = _packed(text)
    if packed is None or (octets and len(packed) != octets):
        return None
    return None if len(packed) == 16 and packed.startswith(_IPV4_MAPPED) else packed


def addresses(field: str, texts: Sequence[str], limit: int, octets: int = 0) -> tuple[bytes, ...]:
    """Return the IP addresses `texts` packed, at most `limit` of them."""
    at_most(field, texts, limit)
    packed = [good for text in texts if (good := _good(text, octets)) is not None]
    if len(packed) < len(texts):  # which of them it is, and why, is worked out only when one is wrong
        return tuple([address(f"{field}[{index}]", text, octets) for index, text in enumerate(texts)])
    return tuple(packed)


def at_most(field: str, values: Sequence[object], limit: int) -> None:
    """Refuse more than `limit` values."""
    if len(values) > limit:
        raise FlawError(f"{field}: {len(values)} entries; at most {limit} are read")


def _what(text: str | None) -> str:
    return f"{quoted(text)} is no name" if text else "the name is missing"
