"""The texts that an API server answers with: a page of a list, a line of a watch. Pure."""

from typing import Literal, TypeVar

import msgspec

from fedresolver.watch.cluster.trouble import Trouble, TroubleError, one_line
from fedresolver.watch.kube import api
from fedresolver.watch.kube.field import is_label
from fedresolver.watch.kube.intake import WRONG_SHAPE, shape_text

MOST_ITEMS = 1000
"""Items of a page; twice what we ask for."""
_LONGEST_TOKEN = 8 << 10  # characters: the real ones hold a key of etcd
_LONGEST_REVISION = 39  # digits of 128 bits, the most that KEP-5504 allows

# An array with too many items must be refused before they are there: a million small ones are 100 MB, and no constraint
# of a list is looked at before its end.
_Items = msgspec.defstruct(
    "_Items",
    [(f"item_{number}", msgspec.Raw, msgspec.Raw(b"")) for number in range(MOST_ITEMS)],
    array_like=True,
    forbid_unknown_fields=True,
    frozen=True,
    gc=False,
)


class ListMeta(api.Struct, frozen=True):
    """ListMeta: the revision of a list, and how its next page is asked for."""

    resource_version: str = ""
    continue_: str | None = msgspec.field(default=None, name="continue")


class Page(api.Struct, frozen=True):
    """A page of a list; its items are read one by one, so that a damaged one hurts only itself."""

    metadata: ListMeta
    items: _Items | None = None  # type: ignore[valid-type]

    @property
    def token(self) -> str:
        """Return what the next page is asked for with; empty on the last one."""
        return self.metadata.continue_ or ""

    def objects(self) -> list[msgspec.Raw]:
        """Return the items, each still to be read."""
        return [] if self.items is None else [item for item in msgspec.structs.astuple(self.items) if len(item)]


class Line(api.Struct, frozen=True):
    """A line of a watch: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, and the object that it is about."""

    type: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]
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
_BY_CODE = {
    400: Trouble.INVALID,
    401: Trouble.UNAUTHORIZED,
    403: Trouble.FORBIDDEN,
    410: Trouble.GONE,
    422: Trouble.INVALID,
    429: Trouble.REFUSED,
    500: Trouble.REFUSED,
    503: Trouble.REFUSED,
    504: Trouble.REFUSED,
}
_page, _line = msgspec.json.Decoder(Page), msgspec.json.Decoder(Line)
_bookmark, _status, _group = msgspec.json.Decoder(Bookmark), msgspec.json.Decoder(Status), msgspec.json.Decoder(Group)


def page(octets: bytes) -> Page:
    """Return the page that `octets` are; TroubleError when they are none."""
    found = _read(_page, octets)
    if len(found.token) > _LONGEST_TOKEN:
        raise TroubleError(Trouble.DAMAGED, f"a continue token of more than {_LONGEST_TOKEN} characters")
    return found


def line(octets: bytes) -> Line:
    """Return the line of a watch that `octets` are; TroubleError when they are none."""
    return _read(_line, octets)


def bookmark(octets: msgspec.Raw) -> api.Meta:
    """Return what a BOOKMARK says."""
    return _read(_bookmark, octets).metadata


def error(octets: msgspec.Raw, path: str) -> TroubleError:
    """Return what an ERROR says (Status; 410 where the revision is forgotten)."""
    status = _read(_status, octets)
    text = f"GET {path}: {status.code}: {one_line(status.message)}"
    return TroubleError(_BY_CODE.get(status.code, Trouble.DAMAGED), text)


def preferred_version(octets: bytes) -> str:
    """Return the version of an API group that its server prefers."""
    version = _read(_group, octets).preferred_version.version
    if not is_label(version):
        raise TroubleError(Trouble.DAMAGED, f"{one_line(version)!r:.40} is no version of an API group")
    return version


def revision(text: str | None) -> int:
    """Return a `resourceVersion` as the number that it is (KEP-5504); TroubleError when it is none."""
    if not text or not (text.isascii() and text.isdigit()) or len(text) > _LONGEST_REVISION:
        raise TroubleError(Trouble.DAMAGED, f"resourceVersion {text!r:.40} is no number")
    return int(text)


def _read(decoder: "msgspec.json.Decoder[T]", octets: "bytes | msgspec.Raw") -> T:
    try:
        return decoder.decode(octets)
    except WRONG_SHAPE as error:
        raise TroubleError(
            Trouble.DAMAGED, f"the answer is not what an API server writes: {shape_text(error)}"
        ) from error
