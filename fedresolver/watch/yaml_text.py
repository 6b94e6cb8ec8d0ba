"""YAML: octets in, documents out, without ever building more than was written.

libyaml (PyYAML's C loader, where there is one) splits the text into events; from these the documents are built here,
four times faster than PyYAML's constructor does it, and without its dates, sexagesimal numbers and recursion. Keys are
text, as in JSON. Anchors, aliases and merge keys work; what aliases stand for is counted as it would be written out,
before anything walks over it.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

import msgspec
import yaml
from yaml import events

from fedresolver.watch.kube.flaw import DamageError

MAX_DEPTH = 500  # of nested lists and maps; Kubernetes objects have below 60
_TOO_DEEP = f"nested more than {MAX_DEPTH} deep"
_LIBYAML_TOO_DEEP = "exceeded maximum nesting depth"  # its scanner runs ahead, and newer releases have a limit of 1,000
MAX_ALIASED = 100_000  # nodes that aliases stand for in a document: defeats the "billion laughs"

T = TypeVar("T")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_YAML = "tag:yaml.org,2002:"
_RESOLVED_TAGS = frozenset({_YAML + "null", _YAML + "bool", _YAML + "int", _YAML + "float"})
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    form: value
    for words, value in ((("true", "yes", "on"), True), (("false", "no", "off"), False))
    for word in words
    for form in (word, word.capitalize(), word.upper())
}
_INTEGER = re.compile(r"[-+]?[0-9]{1,20}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


class List(msgspec.Struct):
    """An object that holds others."""

    items: list[object] | None = None


class Yaml:
    """How YAML is read."""

    def documents(self, octets: bytes) -> Iterator[object]:
        """Return the documents that are not empty, as dicts, lists, text, numbers; DamageError ends it."""
        builder = _Builder()
        try:
            for event in yaml.parse(octets, Loader=_LOADER):
                builder.take(event)
                if type(event) is events.DocumentEndEvent and (document := builder.finish()) is not None:
                    yield document
        except yaml.YAMLError as error:
            raise _damage(octets, error) from error

    def decode(self, document: object, shape: type[T]) -> T:
        """Return a part of a document as `shape`; msgspec.ValidationError when it has another."""
        return msgspec.convert(document, shape)

    def items(self, document: object) -> list[object]:
        """Return what an object of kind List holds; msgspec.ValidationError when it is no list."""
        return self.decode(document, List).items or []


def _damage(octets: bytes, error: yaml.YAMLError) -> DamageError:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        if error.problem == _LIBYAML_TOO_DEEP:
            return DamageError(_TOO_DEEP, error.problem_mark.line + 1)
        return DamageError(f"{error.problem}; YAML is expected", error.problem_mark.line + 1)
    if isinstance(error, yaml.reader.ReaderError):
        return DamageError(f"{error.reason}; YAML is expected", octets.count(b"\n", 0, error.position) + 1)
    return DamageError("this is no YAML")


class _Node(Protocol):
    """A list or a map that is being built."""

    size: int
    anchor: str | None

    def put(self, value: object, line: int) -> None:
        """Add the next value."""

    def scalar(self, event: events.ScalarEvent) -> object:
        """Return what a scalar means here."""

    def value(self) -> object:
        """Return the list or map, complete."""


class _List:
    """A list; so is the document around its one value. `size` is its nodes as they would be written out."""

    def __init__(self, anchor: str | None = None) -> None:
        self.size = 1
        self.anchor = anchor
        self._values: list[object] = []

    def put(self, value: object, _line: int) -> None:
        self._values.append(value)

    def scalar(self, event: events.ScalarEvent) -> object:
        return _resolve(event)

    def value(self) -> list[object]:
        return self._values


class _Map:
    """A map; of a key that comes twice the last value stands, as Kubernetes reads it."""

    def __init__(self, anchor: str | None) -> None:
        self.size = 1
        self.anchor = anchor
        self._values: dict[str, object] = {}
        self._key: str | None = None

    def put(self, value: object, line: int) -> None:
        if self._key is not None:
            self._values[self._key] = value
            self._key = None
        elif isinstance(value, str):
            self._key = value
        else:
            raise DamageError("a key is no text; write it in quotes", line)

    def scalar(self, event: events.ScalarEvent) -> object:
        return event.value if self._key is None else _resolve(event)

    def value(self) -> dict[str, object]:
        """Return the map, with what its merge key `<<` adds."""
        bases = self._values.pop("<<", None)
        for base in bases if isinstance(bases, list) else [bases]:
            if isinstance(base, dict):
                self._values.update({key: each for key, each in base.items() if key not in self._values})
        return self._values


class _Builder:
    """Builds one document after the other from events."""

    def __init__(self) -> None:
        self._take: dict[type[events.Event], Callable[[Any], None]] = {
            events.ScalarEvent: self._scalar,
            events.AliasEvent: self._alias,
            events.MappingStartEvent: self._open,
            events.SequenceStartEvent: self._open,
            events.MappingEndEvent: self._close,
            events.SequenceEndEvent: self._close,
        }
        self._clear()

    def _clear(self) -> None:
        self._root = _List()
        self._around: list[_Node] = []
        self._node: _Node = self._root
        self._anchors: dict[str, tuple[object, int]] = {}
        self._aliased = 0

    def take(self, event: events.Event) -> None:
        """Go on by one event; DamageError when a limit is passed or an alias stands for nothing."""
        if handle := self._take.get(type(event)):
            handle(event)

    def finish(self) -> object:
        """Return the document that is complete, and be ready for the next."""
        document = self._root.value()
        self._clear()
        return document[0] if document else None

    def _scalar(self, event: events.ScalarEvent) -> None:
        value = self._node.scalar(event)
        if event.anchor:
            self._anchors[event.anchor] = value, 1
        self._put(value, 1, event)

    def _alias(self, event: events.AliasEvent) -> None:
        known = self._anchors.get(event.anchor or "")
        if known is None:  # which one is not told: it may be a password without its quotes
            raise DamageError("an alias stands for nothing before it", _line(event))
        self._aliased += known[1]
        if self._aliased > MAX_ALIASED:
            why = f"aliases stand for more than {MAX_ALIASED} values; write them out or leave them out"
            raise DamageError(why, _line(event))
        self._put(*known, event)

    def _put(self, value: object, size: int, event: events.Event) -> None:
        self._node.size += size
        self._node.put(value, _line(event))

    def _open(self, event: events.CollectionStartEvent) -> None:
        if len(self._around) == MAX_DEPTH:
            raise DamageError(_TOO_DEEP, _line(event))
        self._around.append(self._node)
        self._node = _Map(event.anchor) if isinstance(event, events.MappingStartEvent) else _List(event.anchor)

    def _close(self, event: events.Event) -> None:
        node, self._node = self._node, self._around.pop()
        value = node.value()
        if node.anchor:
            self._anchors[node.anchor] = value, node.size
        self._put(value, node.size, event)


def _line(event: events.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _resolve(event: events.ScalarEvent) -> object:
    """Return what a scalar means: null, a truth value and a number only where they are written without quotes."""
    text: str = event.value
    if not (event.implicit[0] or event.tag in _RESOLVED_TAGS):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "+-.0123456789":
        return _number(text)
    return text


def _number(text: str) -> object:
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
