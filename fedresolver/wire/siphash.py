"""SipHash-2-4: a keyed hash of short messages, which cookies are made with (RFC 9018 4.4).

Two rounds for each eight octets, four at the end, on four numbers of 64 bits. Written out, for each answer to a cookie
waits for it.
"""

import struct

_MASK = 0xFFFF_FFFF_FFFF_FFFF
_START = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
_KEY = struct.Struct("<2Q")
_WORD = 8


def siphash(secret: bytes, octets: bytes) -> bytes:
    """Return the eight octets of the hash of `octets` with a `secret` of sixteen."""
    low, high = _KEY.unpack(secret)
    v0, v1, v2, v3 = _START[0] ^ low, _START[1] ^ high, _START[2] ^ low, _START[3] ^ high
    padded = octets + bytes(_WORD - 1 - len(octets) % _WORD) + bytes((len(octets) & 0xFF,))
    for (word,) in struct.iter_unpack("<Q", padded):
        v0, v1, v2, v3 = _twice(v0, v1, v2, v3 ^ word)
        v0 ^= word
    v0, v1, v2, v3 = _twice(*_twice(v0, v1, v2 ^ 0xFF, v3))
    return (v0 ^ v1 ^ v2 ^ v3).to_bytes(_WORD, "little")


def _twice(v0: int, v1: int, v2: int, v3: int) -> tuple[int, int, int, int]:
    """Return the state after two rounds."""
    v0 = v0 + v1 & _MASK
    v2 = v2 + v3 & _MASK
    v1 = (v1 << 13 & _MASK | v1 >> 51) ^ v0
    v3 = (v3 << 16 & _MASK | v3 >> 48) ^ v2
    v2 = v2 + v1 & _MASK
    v0 = (v0 << 32 & _MASK | v0 >> 32) + v3 & _MASK
    v1 = (v1 << 17 & _MASK | v1 >> 47) ^ v2
    v3 = (v3 << 21 & _MASK | v3 >> 43) ^ v0
    v2 = (v2 << 32 & _MASK | v2 >> 32) + v3 & _MASK
    v0 = v0 + v1 & _MASK
    v1 = (v1 << 13 & _MASK | v1 >> 51) ^ v0
    v3 = (v3 << 16 & _MASK | v3 >> 48) ^ v2
    v2 = v2 + v1 & _MASK
    v0 = (v0 << 32 & _MASK | v0 >> 32) + v3 & _MASK
    v1 = (v1 << 17 & _MASK | v1 >> 47) ^ v2
    v3 = (v3 << 21 & _MASK | v3 >> 43) ^ v0
    return v0, v1, v2 << 32 & _MASK | v2 >> 32, v3
