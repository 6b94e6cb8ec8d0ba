"""All that one member has told, as it told it: the raw side of the store."""

from collections import Counter
from collections.abc import Iterable

from fedresolver.model.objects import Export, Namespace, Node, Object, Ref, Service, Slice
from fedresolver.model.place import Place
from fedresolver.model.service import ServiceKey, label, service_key


class Cluster:
    """The objects of one member; each `put` and `remove` returns the key of the Service it touches, if any."""

    def __init__(self) -> None:
        self.services: dict[ServiceKey, Service] = {}
        self._slices: dict[ServiceKey, dict[str, Slice]] = {}
        self._slice_owner: dict[tuple[str, str], ServiceKey] = {}
        self._nodes: dict[str, Place | None] = {}
        self._namespaces: set[bytes] = set()
        self._populated: Counter[bytes] = Counter()
        self._exports: set[ServiceKey] = set()

    def put(self, thing: Object) -> Iterable[ServiceKey]:
        """Take in an object that is new or has changed."""
        match thing:
            case Service():
                return self._put_service(thing)
            case Slice():
                return self._put_slice(thing)
            case Node():
                self._nodes[thing.name] = thing.place
            case Namespace():
                self._namespaces.add(label(thing.name))
            case Export():
                key = service_key(thing.namespace, thing.name)
                self._exports.add(key)
                return (key,)
        return ()

    def remove(self, ref: Ref) -> Iterable[ServiceKey]:
        """Forget an object; one that is not known is none."""
        if ref.kind is Service:
            return self._remove_service(service_key(ref.namespace, ref.name))
        if ref.kind is Slice:
            return self._remove_slice(ref.namespace, ref.name)
        if ref.kind is Node:
            self._nodes.pop(ref.name, None)
        elif ref.kind is Namespace:
            self._namespaces.discard(label(ref.name))
        elif ref.kind is Export:
            key = service_key(ref.namespace, ref.name)
            self._exports.discard(key)
            return (key,)
        return ()

    def touched(self, what: Object | Ref) -> tuple[ServiceKey, ...]:
        """Return the Services that `put` or `remove` of something would touch."""
        match what:
            case Service() | Export():
                return (service_key(what.namespace, what.name),)
            case Slice():
                former = self._slice_owner.get((what.namespace, what.name))
                key = service_key(what.namespace, what.service)
                return (key,) if former in (None, key) else (key, former)
            case Ref() if what.kind is Slice:
                owner = self._slice_owner.get((what.namespace, what.name))
                return () if owner is None else (owner,)
            case Ref() if what.kind in (Service, Export):
                return (service_key(what.namespace, what.name),)
        return ()

    def slices(self, key: ServiceKey) -> Iterable[Slice]:
        """Return the slices of a Service, in order of their names."""
        return tuple(part for _, part in sorted(self._slices.get(key, {}).items()))

    def exports(self, key: ServiceKey) -> bool:
        """Say whether a ServiceExport stands beside the Service."""
        return key in self._exports

    def places(self) -> tuple[Place, ...]:
        """Return where the Nodes are, in order of the names, without duplicates."""
        return tuple(sorted({place for place in self._nodes.values() if place is not None}))

    def place_of(self, node: str) -> Place | None:
        """Return where a Node is; None when it does not say, or is not known."""
        return self._nodes.get(node)

    def has_namespace(self, namespace: bytes) -> bool:
        """Say whether the namespace (a label in wire form) is there, as an object or by a Service in it."""
        return namespace in self._namespaces or self._populated.get(namespace, 0) > 0

    def _put_service(self, service: Service) -> tuple[ServiceKey]:
        key = service_key(service.namespace, service.name)
        if key not in self.services:
            self._populated[label(service.namespace)] += 1
        self.services[key] = service
        return (key,)

    def _remove_service(self, key: ServiceKey) -> tuple[ServiceKey]:
        service = self.services.pop(key, None)
        if service is not None:
            self._populated -= Counter((label(service.namespace),))
        return (key,)

    def _put_slice(self, part: Slice) -> tuple[ServiceKey, ...]:
        key = service_key(part.namespace, part.service)
        former = self._remove_slice(part.namespace, part.name)
        self._slice_owner[part.namespace, part.name] = key
        self._slices.setdefault(key, {})[part.name] = part
        return (key, *former)

    def _remove_slice(self, namespace: str, name: str) -> tuple[ServiceKey, ...]:
        """Forget a slice; it may have moved to another Service by its label, so its owner is looked up."""
        key = self._slice_owner.pop((namespace, name), None)
        if key is None:
            return ()
        parts = self._slices[key]
        del parts[name]
        if not parts:
            del self._slices[key]
        return (key,)
