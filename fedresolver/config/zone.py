"""Zone names as a Corefile writes them: domain names, and networks that stand for reverse zones."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network

from fedresolver.config.errors import shown

MAX_LABEL = 63
MAX_NAME = 255

_PIECE = re.compile(r"\\([0-9]{3})|\\([^0-9])|([A-Za-z0-9_*/-])|(\.)")
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_*/-")
_NETWORK = re.compile(r"[0-9a-f.:]+/[0-9]+", re.IGNORECASE)


def normalise(text: str) -> str:
    r"""Return the zone name `text` in small letters with a final dot; ValueError says what is wrong with it.

    A character that no host name holds must be escaped, `\X` or `\DDD` (RFC 1035 5.1): unescaped it is a slip.
    """
    if text == ".":
        return text
    if len(text) > 4 * MAX_NAME:  # not even \\DDD for each octet is that long
        raise ValueError(f"has {len(text)} characters; a name has at most {MAX_NAME} octets")
    labels = _labels(text)
    for label in labels:
        if not 0 < len(label) <= MAX_LABEL:
            raise ValueError(f"has a label of {len(label)} octets; a label has 1 to {MAX_LABEL}")
    octets = sum(1 + len(label) for label in labels) + 1
    if octets > MAX_NAME:
        raise ValueError(f"has {octets} octets; a name has at most {MAX_NAME}")
    return "".join("".join(map(_octet, label)) + "." for label in labels)


def _labels(text: str) -> list[bytes]:
    labels = [bytearray()]
    position = 0
    while position < len(text):
        piece = _PIECE.match(text, position)
        octet = _value(piece) if piece else None
        if piece is None or octet is None:
            raise ValueError(_misplaced(text[position]))
        if piece[4]:
            labels.append(bytearray())
        else:
            labels[-1].append(octet)
        position = piece.end()
    if len(labels) > 1 and not labels[-1]:
        labels.pop()
    return [bytes(label).lower() for label in labels]


def _value(piece: re.Match[str]) -> int | None:
    """Return the octet that `piece` stands for, None if there is none."""
    value = int(piece[1]) if piece[1] else ord(piece[2] or piece[0])
    return value if value < (256 if piece[1] else 128) else None


def _misplaced(character: str) -> str:
    if character == "\\":
        return "has a bad escape; write \\X, or \\DDD from \\000 to \\255"
    if ord(character) > 127:
        return f"has the character {shown(character)}; write the label in ASCII, as xn--..."
    return f"has the character {shown(character)}, which no host name holds; write \\DDD if it is meant"


def _octet(octet: int) -> str:
    if octet in _PLAIN:
        return chr(octet)
    return "\\" + chr(octet) if 0x21 <= octet <= 0x7E else f"\\{octet:03d}"


def zone_names(text: str) -> tuple[str, ...]:
    """Return the zones that `text` names: one, or for a network its reverse zones; ValueError says what is wrong.

    `10.0.0.0/24` is `0.0.10.in-addr.arpa.`; `10.0.0.0/23` ends inside an octet and is two zones, `10.0.0.0/25` 128
    (RFC 1035 3.5, RFC 3596 2.5).
    """
    if not _NETWORK.fullmatch(text):
        return (normalise(text),)
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise ValueError("is not a network; write ADDRESS/BITS, as 10.0.0.0/24 or 2001:db8::/32") from None
    return _reverse_zones(network)


def _reverse_zones(network: IPv4Network | IPv6Network) -> tuple[str, ...]:
    step = 8 if network.version == 4 else 4
    border = -(-network.prefixlen // step) * step
    return tuple(_reverse_zone(part, border // step) for part in network.subnets(new_prefix=border))


def _reverse_zone(network: IPv4Network | IPv6Network, labels: int) -> str:
    pointer = network.network_address.reverse_pointer.split(".")
    return ".".join(pointer[len(pointer) - 2 - labels :]) + "."
