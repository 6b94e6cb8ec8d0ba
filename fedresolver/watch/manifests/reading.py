"""From the octets of a manifest to the objects in it. Pure: whatever the octets are, a Reading comes out."""

from collections.abc import Iterator
from typing import Protocol, TypeVar

import msgspec

from fedresolver.model.objects import Object, Ref
from fedresolver.watch.kube import api
from fedresolver.watch.kube.flaw import DamageError
from fedresolver.watch.kube.intake import WRONG_SHAPE, shape_text, take
from fedresolver.watch.manifests.json_text import Json
from fedresolver.watch.yaml_text import Yaml

MAX_OCTETS = 16 << 20
MAX_FLAWS = 20  # that are told of one file, each a line of the log
SUFFIXES = (".yaml", ".yml", ".json")

T = TypeVar("T")


class Reading(msgspec.Struct, frozen=True, gc=False):
    """What one file says.

    `damaged` are objects that are in it but cannot be believed. `flaws` are for people, each a line that begins with
    the path. `broken` is whether nothing at all could be read.
    """

    objects: dict[Ref, Object] = {}
    damaged: frozenset[Ref] = frozenset()
    flaws: tuple[str, ...] = ()
    broken: bool = False


def unreadable(path: str, why: str, line: int = 0) -> Reading:
    """Return the reading of a file that could not be read."""
    return Reading(flaws=(f"{path}:{line}: {why}" if line else f"{path}: {why}",), broken=True)


def read(octets: bytes, path: str) -> Reading:
    """Return what the file at `path` says, JSON if its name ends so, else YAML."""
    if len(octets) > MAX_OCTETS:
        return unreadable(path, f"too large; a manifest has at most {MAX_OCTETS >> 20} MiB")
    try:
        return _read(octets, path)
    except DamageError as damage:
        return unreadable(path, str(damage), damage.line)


def _read(octets: bytes, path: str) -> Reading:
    text = octets.removeprefix(b"\xef\xbb\xbf")
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise DamageError("not UTF-8", text.count(b"\n", 0, error.start) + 1) from error
    form: _Form = Json() if path.endswith(".json") else Yaml()
    gathering = _Gathering(form)
    for number, document in enumerate(form.documents(text), 1):
        gathering.document(f"document {number}", document)
    return gathering.reading(path)


class _Form(Protocol):
    """How a kind of text is read."""

    def documents(self, octets: bytes) -> Iterator[object]:
        """Return the documents."""

    def decode(self, document: object, shape: type[T]) -> T:
        """Return a document as `shape`."""

    def items(self, document: object) -> list[object]:
        """Return what a List holds."""


class _Gathering:
    """The objects of one file, one document after the other; of an object that comes twice the last one stands."""

    def __init__(self, form: _Form) -> None:
        self._form = form
        self._objects: dict[Ref, Object] = {}
        self._damaged: set[Ref] = set()
        self._flaws: list[str] = []

    def reading(self, path: str) -> Reading:
        """Return all of it."""
        flaws = [f"{path}: {flaw}" for flaw in self._flaws[:MAX_FLAWS]]
        if len(self._flaws) > MAX_FLAWS:
            flaws.append(f"{path}: {len(self._flaws) - MAX_FLAWS} more of the kind")
        return Reading(self._objects, frozenset(self._damaged), tuple(flaws))

    def document(self, where: str, document: object) -> None:
        """Add one document: an object, or a List of objects."""
        try:
            head = self._form.decode(document, api.Head)
            if head.kind is None or not head.kind.endswith("List"):
                self._add(where, document, head)
                return
            items = self._form.items(document)
        except WRONG_SHAPE as error:
            self._flaws.append(f"{where}: {shape_text(error)}")
            return
        for number, item in enumerate(items, 1):
            self._item(f"{where}, item {number}", item, head)

    def _item(self, where: str, item: object, head: api.Head) -> None:
        """Add an item; in a typed list (ServiceList) the items themselves do not say what they are."""
        try:
            own = self._form.decode(item, api.Head)
        except WRONG_SHAPE as error:
            self._flaws.append(f"{where}: {shape_text(error)}")
            return
        kind = own.kind or (head.kind or "").removesuffix("List")
        self._add(where, item, api.Head(kind, own.api_version or head.api_version))

    def _add(self, where: str, document: object, head: api.Head) -> None:
        shape = api.shape(head)
        if shape is None:
            return
        taken = take(shape, lambda wanted: self._form.decode(document, wanted))
        if taken.flaw:
            self._flaws.append(f"{where}: {taken.flaw}")
        if taken.ref is not None and taken.damaged:
            self._damaged.add(taken.ref)
        if taken.ref is not None and taken.thing is not None:
            self._objects[taken.ref] = taken.thing
            self._damaged.discard(taken.ref)
