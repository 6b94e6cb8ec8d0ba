"""What etcd is to the API server: objects, one revision for all of them, and what changed since when."""

from collections.abc import Mapping
from copy import deepcopy

import msgspec

from tests.support.stub_api.resource import Resource

Json = dict[str, object]
Key = tuple[str, str]
"""Namespace, empty where there is none, and name: objects are listed in this order."""
FIRST = 1000
"""The revision of a store that has seen something, so that one rebuilt from empty goes back."""


class ExpiredError(Exception):
    """The revision is older than what is remembered."""


class Change(msgspec.Struct, frozen=True):
    """`type` as in watch events; `object` with its new resourceVersion; `before` None where there was none."""

    type: str
    resource: str
    key: Key
    object: Json
    before: Json | None
    revision: int


class Store:
    """Objects by resource and key; `oldest` is the first revision from which changes are still known."""

    def __init__(self, revision: int = FIRST) -> None:
        self.revision = revision
        self.oldest = revision
        self._objects: dict[str, dict[Key, Json]] = {}
        self._changes: list[Change] = []

    def put(self, resource: Resource, thing: Mapping[str, object]) -> Change:
        """Add an object, or change the one of its name; the API server's own fields are set."""
        metadata = dict(thing.get("metadata") or {})
        namespace = metadata.setdefault("namespace", "default") if resource.namespaced else ""
        key = (str(namespace), str(metadata["name"]))
        held = self._objects.setdefault(resource.name, {})
        before = held.get(key)
        self.revision += 1
        metadata |= {"resourceVersion": str(self.revision), "uid": f"uid-{resource.name}-{key[0]}-{key[1]}"}
        metadata.setdefault("creationTimestamp", "2026-01-01T00:00:00Z")
        held[key] = deepcopy({**thing, "kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata})
        return self._remember(
            Change("MODIFIED" if before else "ADDED", resource.name, key, held[key], before, self.revision)
        )

    def delete(self, resource: str, key: Key) -> Change:
        """Remove an object; KeyError when there is none."""
        before = self._objects[resource].pop(key)
        self.revision += 1
        last = {**before, "metadata": {**before["metadata"], "resourceVersion": str(self.revision)}}
        return self._remember(Change("DELETED", resource, key, last, before, self.revision))

    def at(self, resource: str, revision: int) -> list[tuple[Key, Json]]:
        """Return what there was at a revision, in order; ExpiredError when that is forgotten."""
        if revision < self.oldest:
            raise ExpiredError
        held = dict(self._objects.get(resource, {}))
        for change in reversed(self._changes):
            if change.revision <= revision:
                break
            if change.resource == resource and change.before is None:
                del held[change.key]
            elif change.resource == resource:
                held[change.key] = change.before
        return sorted(held.items(), key=lambda item: item[0])

    def since(self, resource: str, revision: int) -> list[Change]:
        """Return the changes after a revision; ExpiredError when they are forgotten."""
        if revision < self.oldest:
            raise ExpiredError
        return [change for change in self._changes if change.revision > revision and change.resource == resource]

    def compact(self) -> None:
        """Forget the changes up to now, as etcd does every five minutes."""
        self.oldest = self.revision
        self._changes.clear()

    def _remember(self, change: Change) -> Change:
        self._changes.append(change)
        return change
