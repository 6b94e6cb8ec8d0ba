"""What a name below a federation's zones asks for, by its shape alone.

    S.N                     a Service                  _port._proto.S.N        its named port
    N                       a namespace                _proto.S.N              an empty non-terminal
    <endpoint>.S.N          one endpoint (inside only)

That is what stands before `F.svc.C.` and `F.`; below the domain `F.svc.[topology zone.][region.]` follows it.
"""

import msgspec

from fedresolver.model.service import ServiceKey
from fedresolver.walk.federation import SVC
from fedresolver.wire.name import Name

_PROTOCOLS = frozenset((b"\4_tcp", b"\4_udp", b"\5_sctp"))


class Apex(msgspec.Struct, frozen=True, gc=False):
    """The zone's own name."""


class InNamespace(msgspec.Struct, frozen=True, gc=False):
    """A namespace, as a label in wire form: exists while a Service in it does."""

    namespace: bytes


class OfService(msgspec.Struct, frozen=True, gc=False):
    """A Service, or something before it: a port and protocol (without underscores), a protocol alone, an endpoint.

    `prefix` is what stands before the Service's name, in wire form.
    """

    key: ServiceKey
    prefix: bytes = b""
    port: str = ""
    protocol: str = ""
    endpoint: str = ""


class NoShape(msgspec.Struct, frozen=True, gc=False):
    """A name that nothing of ours can have."""


Shape = Apex | InNamespace | OfService | NoShape


class Public(msgspec.Struct, frozen=True, gc=False):
    """A name below the domain: the labels that name the place, the federation's label, and what stands before it.

    `federation` is empty, and `shape` Apex, for the names above: `svc`, a place and `svc.<place>`.
    """

    place: tuple[str, ...]
    federation: bytes
    shape: Shape


def before(name: Name, starts: tuple[int, ...], cut: int) -> Shape:
    """Return what the first `cut` labels of `name` ask for; `starts` are the offsets of its labels."""
    if cut == 2:
        return OfService(ServiceKey(name[: starts[2]]))
    if cut == 0:
        return Apex()
    if cut == 1:
        return InNamespace(name[: starts[1]])
    return _before_service(name, starts, cut)


def _before_service(name: Name, starts: tuple[int, ...], cut: int) -> Shape:
    key = ServiceKey(name[starts[cut - 2] : starts[cut]])
    prefix = name[: starts[cut - 2]]
    if cut == 3 and name[1] != ord("_"):
        return OfService(key, prefix, endpoint=_text(prefix[1:]))
    protocol = name[starts[cut - 3] : starts[cut - 2]]
    if protocol not in _PROTOCOLS or cut > 4:
        return NoShape()
    if cut == 3:
        return OfService(key, prefix, protocol=_text(protocol[2:]))
    if name[1] != ord("_") or name[0] == 1:
        return NoShape()
    return OfService(key, prefix, port=_text(name[2 : starts[1]]), protocol=_text(protocol[2:]))


def public(name: Name, starts: tuple[int, ...], cut: int) -> Public:
    """Return what the first `cut` labels of `name`, all that stands before the domain, ask for."""
    labels = tuple(name[starts[i] : starts[i + 1]] for i in range(cut))
    for places in range(min(2, cut - 1) + 1 if cut else 0):
        at = cut - 1 - places
        if labels[at] == SVC:
            place = tuple(_text(label[1:]) for label in labels[at + 1 :])
            if at == 0:
                return Public(place, b"", Apex())
            return Public(place, labels[at - 1], before(name, starts, at - 1))
    if cut > 2:
        return Public((), b"", NoShape())
    return Public(tuple(_text(label[1:]) for label in labels), b"", Apex())


def _text(octets: bytes) -> str:
    """Return a label's octets as text; what is not ASCII cannot equal any name of Kubernetes."""
    return octets.decode("ascii", "backslashreplace")
