"""Objects as they are shown to who asks: whole or their metadata only, in lists and in events."""

from collections.abc import Iterable

import msgspec

from tests.support.stub_api.resource import Resource

Json = dict[str, object]
BARE = "PartialObjectMetadata"
BARE_LIST = "PartialObjectMetadataList"
_META = "meta.k8s.io/v1"
END = {"k8s.io/initial-events-end": "true"}
"""The annotation of the bookmark after the initial events (KEP-3157)."""


def listed(resource: Resource, things: Iterable[Json], *, bare: bool, **metadata: object) -> Json:
    """Return the list object of these objects."""
    if bare:
        return {"kind": BARE_LIST, "apiVersion": _META, "metadata": metadata, "items": [_bare(each) for each in things]}
    items = list(things) if resource.custom else [_without_kind(each) for each in things]
    return {
        "kind": f"{resource.kind}List",
        "apiVersion": resource.api_version,
        "metadata": metadata,
        "items": items,
    }


def event(type: str, thing: Json, *, bare: bool = False) -> bytes:
    """Return the line of a watch that tells this."""
    return msgspec.json.encode({"type": type, "object": _bare(thing) if bare else thing}) + b"\n"


def bookmark(resource: Resource, revision: int, *, bare: bool, end: bool = False) -> bytes:
    """Return the line that tells a revision and nothing else; `end` that the initial events are complete."""
    metadata: Json = {"resourceVersion": str(revision), "creationTimestamp": None}
    if end:
        metadata["annotations"] = END
    return event(
        "BOOKMARK", {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata}, bare=bare
    )


def _bare(thing: Json) -> Json:
    return {"kind": BARE, "apiVersion": _META, "metadata": thing["metadata"]}


def _without_kind(thing: Json) -> Json:
    """Return an item as it stands in a list of a built-in type, where each would only repeat what the list says."""
    return {field: value for field, value in thing.items() if field not in {"kind", "apiVersion"}}
