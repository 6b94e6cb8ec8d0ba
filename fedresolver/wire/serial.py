"""Serial numbers of zones, which go round (RFC 1982)."""

MODULUS = 1 << 32
_HALF = 1 << 31


def is_newer(serial: int, than: int) -> bool:
    """Say whether `serial` comes after `than`; of two half the circle apart neither does (RFC 1982 3.2)."""
    return 0 < (serial - than) % MODULUS < _HALF
