"""Objects as they come out of a file, checked like those that come from a member.

Names and ports repeat, in a member and between members: equal ones become one object in memory, shared with those that
the members tell later.
"""

from collections.abc import Sequence
from sys import intern
from typing import assert_never

from msgspec import Struct
from msgspec.structs import force_setattr

from fedresolver.model.objects import Endpoint, Export, Namespace, Node, Object, Port, Service, Slice
from fedresolver.model.place import Place
from fedresolver.watch.kube.field import domain, label
from fedresolver.watch.kube.flaw import FlawError, quoted

_FAMILIES = frozenset((4, 16))  # octets of an address
_PROTOCOLS = frozenset(("tcp", "udp", "sctp"))


class Sound:
    """Takes the objects of one snapshot."""

    def __init__(self) -> None:
        self._labels: dict[str, str] = {}
        self._ports: dict[tuple[Port, ...], tuple[Port, ...]] = {}
        self._pairs: dict[tuple[str, str], tuple[str, str]] = {}
        self._places: dict[Place | None, Place | None] = {None: None}

    def take(self, thing: Object) -> Object:
        """Return `thing`, which was just decoded and is nobody else's; FlawError when it cannot be."""
        match thing:
            case Slice():
                self._slice(thing)
            case Service():
                self._service(thing)
            case Node():
                _check_domain(thing.name)
                force_setattr(thing, "place", self._place(thing.place))
            case Namespace():
                self._name(thing, "name", thing.name)
            case Export():
                self._name(thing, "name", thing.name)
                self._name(thing, "namespace", thing.namespace)
            case _:
                assert_never(thing)
        return thing

    def _service(self, service: Service) -> None:
        self._name(service, "name", service.name)
        self._name(service, "namespace", service.namespace)
        for addresses in (service.cluster_ips, service.ingress, service.external_addresses):
            _check_addresses(addresses)
        if service.external_name:
            _check_domain(service.external_name)
        for name in service.hostnames:
            _check_domain(name)
        for number in service.tcp_ports:
            _check_port(number)
        force_setattr(service, "ports", self._shared_ports(service.ports))
        if service.labels:
            force_setattr(service, "labels", tuple([self._pairs.setdefault(pair, pair) for pair in service.labels]))

    def _slice(self, part: Slice) -> None:
        _check_domain(part.name)
        self._name(part, "namespace", part.namespace)
        self._name(part, "service", part.service)
        force_setattr(part, "ports", self._shared_ports(part.ports))
        for endpoint in part.endpoints:
            self._endpoint(endpoint)

    def _endpoint(self, endpoint: Endpoint) -> None:
        _check_addresses(endpoint.addresses)
        if endpoint.hostname:
            self._name(endpoint, "hostname", endpoint.hostname)

    def _name(self, owner: Struct, field: str, text: str) -> None:
        # the model's values are frozen, and this one is still being made: to build it anew costs twice the time
        force_setattr(owner, field, self._label(text))

    def _label(self, text: str) -> str:
        known = self._labels.get(text)
        if known is None:
            known = self._labels[text] = label("name", text)
        return known

    def _shared_ports(self, ports: tuple[Port, ...]) -> tuple[Port, ...]:
        known = self._ports.get(ports)
        if known is None:
            for port in ports:
                self._port(port)
            known = self._ports[ports] = ports
        return known

    def _port(self, port: Port) -> None:
        self._name(port, "name", port.name)
        _check_port(port.number)
        if port.protocol not in _PROTOCOLS:
            raise FlawError(f"port: {quoted(port.protocol)} is no protocol")
        force_setattr(port, "protocol", intern(port.protocol))

    def _place(self, place: Place | None) -> Place | None:
        known = self._places.get(place)
        if known is None and place is not None:
            for text in filter(None, (place.region, place.topology_zone)):
                label("place", text)
            known = self._places[place] = place
        return known


def _check_addresses(addresses: Sequence[bytes]) -> None:
    for address in addresses:
        if len(address) not in _FAMILIES:
            raise FlawError(f"address: {len(address)} octets; it has 4 or 16")


def _check_port(number: int) -> None:
    if not 0 < number < 65536:
        raise FlawError(f"port: {number} is no port")


def _check_domain(text: str) -> None:
    if domain("name", text) != text:
        raise FlawError(f"name: {quoted(text)} has capital letters or a final dot")
