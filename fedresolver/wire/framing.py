"""Messages in a stream of octets, each behind its length (RFC 1035 4.2.2)."""

LENGTH = 2
"""Octets of the length before a message."""


def message_end(octets: bytes, position: int) -> int:
    """Return where the message ends whose length stands at `position`; 0 when it is not whole yet."""
    if len(octets) - position < LENGTH:
        return 0
    end = position + LENGTH + (octets[position] << 8 | octets[position + 1])
    return end if end <= len(octets) else 0
