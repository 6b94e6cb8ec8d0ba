r"""The snapshot as octets.

    fedresolver snapshot, shape 5a0c4d0f9e5b1c77, federation shop, 1234 octets, blake2b 9c55...\n

and then portions: four octets of length, and in msgpack a member's name with some of its objects. A member may have
many portions and has at least one. The shape is a digest of the kinds of objects with their fields, so that a file of
another version of them is never read as one of this. The checksum covers all but itself.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from typing import TypeAlias, get_args

import msgspec

from fedresolver.model.objects import Endpoint, Object, Port
from fedresolver.model.place import Place
from fedresolver.watch.kube.flaw import FlawError, quoted
from fedresolver.watch.snapshot.sound import Sound

MAX_OCTETS = 1 << 30
"""Octets of a snapshot that is read: above 5 million Services with their endpoints."""
PORTION = 500
"""Objects that are encoded at once: about a millisecond."""

_HEAD = re.compile(
    rb"fedresolver snapshot, shape ([0-9a-f]{16}), federation ([^ ,\n]{1,63}), (\d{1,10}) octets, "
    rb"blake2b ([0-9a-f]{64})\n"
)
_MAGIC = b"fedresolver snapshot, "
_MAX_HEAD = 256
_LENGTH = 4

Portion: TypeAlias = tuple[str, tuple[Object, ...]]
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Portion)


class SnapshotError(ValueError):
    """A snapshot cannot be believed; the text is one line that says why."""


def portions(members: Mapping[str, Sequence[Object]]) -> Iterator[bytes]:
    """Return the parts of a snapshot's body, each encoded when it is asked for; `members` must not change meanwhile."""
    for member, things in members.items():
        for start in range(0, len(things) or 1, PORTION):
            yield _portion(member, tuple(things[start : start + PORTION]))


def head(federation: str, parts: Iterable[bytes]) -> bytes:
    """Return what stands before the body made of `parts`."""
    parts = tuple(parts)
    start = _head(federation, sum(map(len, parts)))
    return start + _digest(start, parts) + b"\n"


def encode(federation: str, members: Mapping[str, Sequence[Object]]) -> bytes:
    """Return a whole snapshot."""
    parts = tuple(portions(members))
    return b"".join((head(federation, parts), *parts))


def decode(octets: bytes, federation: str) -> dict[str, tuple[Object, ...]]:
    """Return the objects of each member; SnapshotError when `octets` are not a whole snapshot of `federation`."""
    found: dict[str, list[Object]] = {}
    sound = Sound()
    for part in _parts(_body(octets, federation)):
        try:
            member, things = _decoder.decode(part)
            found.setdefault(member, []).extend(map(sound.take, things))
        except (msgspec.DecodeError, FlawError) as error:
            raise SnapshotError(f"it is damaged: {error}") from error
    return {member: tuple(things) for member, things in found.items()}


def _portion(member: str, things: tuple[Object, ...]) -> bytes:
    try:
        encoded = _encoder.encode((member, things))
    except UnicodeEncodeError:  # a text that is none, from one member, must not cost all the others their snapshot
        encoded = _encoder.encode((member, tuple(filter(_is_text, things))))
    return len(encoded).to_bytes(_LENGTH) + encoded


def _is_text(thing: Object) -> bool:
    try:
        _encoder.encode(thing)
    except UnicodeEncodeError:
        return False
    return True


def _head(federation: str, size: int) -> bytes:
    return f"fedresolver snapshot, shape {_shape()}, federation {federation}, {size} octets, blake2b ".encode()


def _digest(start: bytes, parts: Iterable[bytes | memoryview]) -> bytes:
    digest = blake2b(start, digest_size=32)
    for part in parts:
        digest.update(part)
    return digest.hexdigest().encode()


@cache
def _shape() -> str:
    kinds = (*get_args(Object), Endpoint, Port, Place)
    text = [
        (kind.__name__, [(field.name, str(field.type)) for field in msgspec.structs.fields(kind)]) for kind in kinds
    ]
    return blake2b(repr(text).encode(), digest_size=8).hexdigest()


def _body(octets: bytes, federation: str) -> memoryview:
    """Return what stands behind the head, when all of that is right."""
    match = _HEAD.match(octets[:_MAX_HEAD])
    if match is None:
        right = octets.startswith(_MAGIC)
        raise SnapshotError("its first line is damaged" if right else "it is not a snapshot of fedresolver")
    shape, name, size, digest = match.groups()
    body = memoryview(octets)[match.end() :]
    if shape != _shape().encode():
        raise SnapshotError("another version of fedresolver wrote it")
    if name != federation.encode():
        raise SnapshotError(f"it is of the federation {quoted(name.decode(errors='replace'))}")
    if len(body) != int(size):
        raise SnapshotError(f"it has {len(body)} of {int(size)} octets")
    if digest != _digest(octets[: match.start(4)], (body,)):
        raise SnapshotError("its checksum is wrong")
    return body


def _parts(body: memoryview) -> Iterator[memoryview]:
    position = 0
    while position < len(body):
        start = position + _LENGTH
        position = start + int.from_bytes(body[position:start])
        if position > len(body):
            raise SnapshotError("it is damaged: a portion is longer than the rest")
        yield body[start:position]
