"""The texts that an API server answers with: a page of a list, a line of a watch. Pure."""

from typing import TypeVar

import msgspec

from fedresolver.watch.cluster.trouble import Trouble, TroubleError
from fedresolver.watch.kube import api
from fedresolver.watch.kube.intake import WRONG_SHAPE, shape_text


class ListMeta(api.Struct, frozen=True):
    """ListMeta: the revision of a list, and how its next page is asked for."""

    resource_version: str = ""
    continue_: str | None = msgspec.field(default=None, name="continue")


class Page(api.Struct, frozen=True):
    """A page of a list; its items are read one by one, so that a damaged one hurts only itself."""

    metadata: ListMeta
    items: list[msgspec.Raw] | None = None


class Line(api.Struct, frozen=True):
    """A line of a watch: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, and the object that it is about."""

    type: str
    object: msgspec.Raw


class Bookmark(api.Struct, frozen=True):
    """The object of a BOOKMARK."""

    metadata: api.Meta


class Status(api.Struct, frozen=True):
    """The object of an ERROR."""

    code: int = 0
    message: str = ""


class Group(api.Struct, frozen=True):
    """APIGroup: the version of a group that the server prefers."""

    preferred_version: "Version"


class Version(api.Struct, frozen=True):
    """GroupVersionForDiscovery."""

    version: str


T = TypeVar("T")
_page, _line = msgspec.json.Decoder(Page), msgspec.json.Decoder(Line)
_bookmark, _status, _group = msgspec.json.Decoder(Bookmark), msgspec.json.Decoder(Status), msgspec.json.Decoder(Group)


def page(octets: bytes) -> Page:
    """Return the page that `octets` are; TroubleError when they are none."""
    return _read(_page, octets)


def line(octets: bytes) -> Line:
    """Return the line of a watch that `octets` are; TroubleError when they are none."""
    return _read(_line, octets)


def bookmark(octets: msgspec.Raw) -> api.Meta:
    """Return what a BOOKMARK says."""
    return _read(_bookmark, octets).metadata


def status(octets: msgspec.Raw) -> Status:
    """Return what an ERROR says."""
    return _read(_status, octets)


def preferred_version(octets: bytes) -> str:
    """Return the version of an API group that its server prefers."""
    return _read(_group, octets).preferred_version.version


def revision(text: str | None) -> int:
    """Return a `resourceVersion` as the number that it is (KEP-5504); TroubleError when it is none."""
    if not text or not (text.isascii() and text.isdigit()) or len(text) > 20:
        raise TroubleError(Trouble.DAMAGED, f"resourceVersion {text!r:.40} is no number")
    return int(text)


def _read(decoder: "msgspec.json.Decoder[T]", octets: "bytes | msgspec.Raw") -> T:
    try:
        return decoder.decode(octets)
    except WRONG_SHAPE as error:
        raise TroubleError(
            Trouble.DAMAGED, f"the answer is not what an API server writes: {shape_text(error)}"
        ) from error
