"""Taking in one object of the Kubernetes API, however it was written: what we keep of it, or why it is not believed."""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from fedresolver.model.objects import Object, Ref, ref
from fedresolver.watch.kube import api
from fedresolver.watch.kube.flaw import FlawError, quoted
from fedresolver.watch.kube.slim import ref_of, slim

WRONG_SHAPE = (msgspec.DecodeError, RecursionError, UnicodeError)
"""What decoding a part of a document may raise."""
_PATH = re.compile(r"(.*) - at `\$\.?(.*)`")

Decode = Callable[[type[Any]], Any]
"""Gives the object as a value of a type; raises one of `WRONG_SHAPE`."""


class Taken(msgspec.Struct, frozen=True, gc=False):
    """What came of an object.

    `ref` is which one it is, None where not even that can be read. `thing` is what we keep of it, None of one that
    says nothing to us or that is `damaged`. `flaw` is what is wrong with it, in one line. `revision` is its
    `metadata.resourceVersion`, `changed_at` when the endpoints of a slice changed, as RFC 3339 has it.
    """

    ref: Ref | None
    thing: Object | None = None
    flaw: str = ""
    damaged: bool = False
    revision: str = ""
    changed_at: str = ""


def take(shape: type[api.Known], decode: Decode) -> Taken:
    """Return what comes of an object that should be of `shape`."""
    try:
        whole = decode(shape)
        thing = slim(whole)
    except FlawError as flaw:
        return _flawed(shape, decode, str(flaw), flaw.instead)
    except WRONG_SHAPE as error:
        return _flawed(shape, decode, shape_text(error), None)
    meta = whole.metadata
    which = _ref(shape, identity(decode)) if thing is None else ref(thing)
    changed_at = (meta.annotations.changed_at if meta.annotations else None) or ""
    return Taken(which, thing, "", False, meta.resource_version or "", changed_at)


def identity(decode: Decode) -> api.Identity:
    """Return which object it is, as far as even that can be read."""
    try:
        named: api.Named = decode(api.Named)
    except WRONG_SHAPE:
        return api.Identity()
    return named.metadata or api.Identity()


def _flawed(shape: type[api.Known], decode: Decode, why: str, instead: Object | None) -> Taken:
    who = identity(decode)
    name = "/".join(filter(None, (who.namespace, who.name))) or "without a name"
    flaw = f"{shape.__name__} {name if name.isprintable() else quoted(name)}: {why}"
    return Taken(_ref(shape, who), instead, flaw, instead is None, who.resource_version or "")


def _ref(shape: type[api.Known], who: api.Identity) -> Ref | None:
    return ref_of(shape, who) if who.name else None


def shape_text(error: Exception) -> str:
    """Return an error of `WRONG_SHAPE` in our words: `spec.clusterIP: expected str, got int`."""
    if isinstance(error, RecursionError):
        return "nested too deep"
    if isinstance(error, UnicodeError):  # half a surrogate pair, which PyYAML without libyaml lets through
        return "text that is not Unicode"
    text = str(error).replace("Expected", "expected", 1).replace("Object missing", "missing", 1)
    if match := _PATH.fullmatch(text):
        text = f"{match[2]}: {match[1]}"
    return text.replace("`", "").replace(" | null", "")
