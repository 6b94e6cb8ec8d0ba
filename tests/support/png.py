"""Pictures of screens (PNG, RFC 2083) made smaller: of few colours, they need an octet per pixel, not four."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {2: 3, 6: 4}
_COLOURS = 256


def smaller(png: bytes) -> bytes:
    """Return a picture in 256 of its colours; any other becomes the nearest of these."""
    width, height, rows = pixels(png)
    counts = Counter(pixel for row in rows for pixel in row)
    palette = _palette([colour for colour, _ in counts.most_common()])
    places = {colour: place for place, colour in enumerate(palette)}
    for colour in counts.keys() - places.keys():
        places[colour] = min(range(len(palette)), key=lambda place, one=colour: _distance(one, palette[place]))
    lines = b"".join(b"\0" + bytes([places[pixel] for pixel in row]) for row in rows)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(*part) for part in parts)


def _palette(colours: list[bytes]) -> list[bytes]:
    """Return 256 of the colours, which come in the order of their number: of each kind one before others of its kind."""
    kinds = {tuple(part >> 5 for part in colour): colour for colour in reversed(colours)}
    return list(dict.fromkeys((*kinds.values(), *colours)))[:_COLOURS]


def pixels(png: bytes) -> tuple[int, int, list[list[bytes]]]:
    """Return width and height, and row by row the three octets of each pixel; ValueError for other kinds of PNG."""
    chunks = list(_chunks(png))
    width, height, depth, kind, *_, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if depth != 8 or kind not in _CHANNELS or interlaced:
        raise ValueError(f"a PNG of depth {depth}, colour type {kind} and interlace {interlaced}")
    step = _CHANNELS[kind]
    octets = zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT"))
    length = width * step
    rows, above = [], bytes(length)
    for begin in range(0, len(octets), length + 1):
        above = _unfiltered(octets[begin], octets[begin + 1 : begin + 1 + length], above, step)
        rows.append([above[at : at + 3] for at in range(0, length, step)])
    return width, height, rows


def _unfiltered(kind: int, line: bytes, above: bytes, step: int) -> bytes:
    """Return the octets of a row (RFC 2083 6): each is added to what its neighbours lead to expect."""
    if kind == 0:
        return line
    out = bytearray(step) + bytearray(line)
    over = bytes(step) + above
    for at in range(step, len(out)):
        out[at] = (out[at] + _expected(kind, out[at - step], over[at], over[at - step])) & 0xFF
    return bytes(out[step:])


def _expected(kind: int, left: int, over: int, corner: int) -> int:
    if kind == 1:
        return left
    if kind == 2:
        return over
    if kind == 3:
        return (left + over) // 2
    guess = left + over - corner
    return min((left, over, corner), key=lambda one: abs(guess - one))


def _distance(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
