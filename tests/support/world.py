"""A federation as text: each line is what one member says.

    c1 in us-central1/us-central1-a                          is listed, and has a Node in each place named; `nowhere`
    c1 unlisted | listed | stale 40 | failed WHY | leaves    joins unlisted, is listed, not heard since second 40, ...
    c1 restored 40 | expired                                 is known from before second 40, is stale for too long
    c1 shop/cart doubtful | trusted                          its load balancer accepts no connections any more, does again
    c1 shop/cart up 10.0.0.1 lb 192.0.2.1                    a Service with a ready endpoint, its ClusterIPs, the rest
    c1 shop/cart 2/3 10.0.0.1 fd00::1                        two of three endpoints are ready
    c1 shop/cart as headless port http/tcp/80                says nothing of endpoints: the slices stand below
    c1 shop/cart slice a web-0=10.1.0.1 10.1.0.2!draining    one slice: [hostname=]address[,address...][!state]
    c1 shop/cart gone                                        the Service is removed, with the endpoints of its own line
    c1 node n1 us-central1/us-central1-b                     one Node; `nowhere`, `gone`
    c1 namespace shop, c1 export shop/cart                   other objects; with `gone` their removal
    = elb.example.net 60 198.51.100.1                        a host name of load balancers leads there, for 60 seconds

A Service's line goes on with `up` (one ready endpoint), `down` (one that is not ready), `draining` (one that is
terminating and still serves), `none` (no endpoint), READY/TOTAL or `as` (nothing), the ClusterIPs or `headless` or
`external NAME`, and then in any order `lb`, `ips` (spec.externalIPs), `port NAME/PROTOCOL/NUMBER`, `label KEY=VALUE`,
`publish` (publishNotReadyAddresses), `deleting`. The states of an endpoint are `unready` (serving all the same),
`down` (not serving either), `draining` and `gone` (terminating, and not serving any more).
"""

from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_address

import msgspec

from fedresolver.model.event import (
    Doubted,
    Event,
    Expired,
    Failed,
    Joined,
    Left,
    Put,
    Removed,
    Resolved,
    Restored,
    Stale,
    Synced,
)
from fedresolver.model.objects import Endpoint, Export, Namespace, Node, Port, Ref, Service, Slice
from fedresolver.model.place import Place
from fedresolver.model.rules import Rules
from fedresolver.model.service import ServiceKey, service_key
from fedresolver.model.store import Change, Store

FEDERATION = "myfederation"
_STATES = {
    "": Endpoint(()),
    "unready": Endpoint((), ready=False),
    "down": Endpoint((), ready=False, serving=False),
    "draining": Endpoint((), ready=False, terminating=True),
    "gone": Endpoint((), ready=False, serving=False, terminating=True),
}
_COUNTS = {"up": ("",), "down": ("down",), "draining": ("draining",), "none": ()}
_WORDS = frozenset(("lb", "ips", "port", "label", "publish", "deleting", "headless", "external"))


def world(text: str, rules: Rules | None = None, changed: Callable[[Change], None] = lambda change: None) -> Store:
    """Return the store after all that `text` says, told as one batch at the start."""
    store = Store(FEDERATION, rules or Rules(), changed)
    tell(store, text)
    store.started()
    return store


def tell(store: Store, text: str) -> None:
    """Tell a store what `text` says, as one batch, and then where host names lead to."""
    store.feed(events(text))
    store.resolve(resolved(text))


def key(text: str) -> ServiceKey:
    """Return the key of `namespace/name`."""
    namespace, name = text.split("/")
    return service_key(namespace, name)


def places(text: str) -> tuple[Place, ...]:
    """Return `region/zone region ...` as places."""
    return tuple(Place(*word.split("/")) for word in text.split() if word != "nowhere")


def events(text: str) -> list[Event]:
    """Return what the lines of `text` tell of members, in their order."""
    return [event for words in _lines(text) if words[0] != "=" for event in _line(words)]


def resolved(text: str) -> list[Resolved]:
    """Return where host names lead to by the lines of `text`."""
    return [Resolved(words[1], _packed(words[3:]), int(words[2])) for words in _lines(text) if words[0] == "="]


def _lines(text: str) -> Iterator[list[str]]:
    return (words for line in text.splitlines() if (words := line.partition("#")[0].split()))


def _line(words: list[str]) -> Iterator[Event]:
    member, verb, *rest = words
    if "/" in verb:
        return _of_service(member, *verb.split("/"), rest)
    return _VERBS[verb](member, rest)


def _in(member: str, rest: list[str]) -> Iterator[Event]:
    yield Joined(member)
    for number, place in enumerate(places(" ".join(rest)) or (None,)):
        yield Put(member, Node(f"node-{number}", place))
    yield Synced(member)


def _node(member: str, rest: list[str]) -> Iterator[Event]:
    name, what = rest
    found = places("" if what == "gone" else what)
    yield Removed(member, Ref(Node, "", name)) if what == "gone" else Put(member, Node(name, *found or (None,)))


def _namespace(member: str, rest: list[str]) -> Iterator[Event]:
    yield Removed(member, Ref(Namespace, "", rest[0])) if "gone" in rest else Put(member, Namespace(rest[0]))


def _export(member: str, rest: list[str]) -> Iterator[Event]:
    namespace, name = rest[0].split("/")
    yield Removed(member, Ref(Export, namespace, name)) if "gone" in rest else Put(member, Export(namespace, name))


_VERBS: dict[str, Callable[[str, list[str]], Iterator[Event]]] = {
    "in": _in,
    "unlisted": lambda member, rest: iter((Joined(member),)),
    "listed": lambda member, rest: iter((Synced(member),)),
    "leaves": lambda member, rest: iter((Left(member),)),
    "stale": lambda member, rest: iter((Stale(member, float(rest[0])),)),
    "restored": lambda member, rest: iter((Restored(member, float(rest[0])),)),
    "expired": lambda member, rest: iter((Expired(member),)),
    "failed": lambda member, rest: iter((Failed(member, " ".join(rest)),)),
    "node": _node,
    "namespace": _namespace,
    "export": _export,
}


def _of_service(member: str, namespace: str, name: str, rest: list[str]) -> Iterator[Event]:
    state, *said = rest
    if state in ("doubtful", "trusted"):
        yield Doubted(member, service_key(namespace, name), state == "doubtful")
        return
    if state == "slice":
        yield _slice(member, namespace, name, said)
        return
    own = Slice(namespace=namespace, name=name, service=name, endpoints=_counted(state))
    if own.endpoints and state != "gone":
        yield Put(member, own)
    elif state in ("gone", "none"):
        yield Removed(member, Ref(Slice, namespace, name))
    yield (
        Removed(member, Ref(Service, namespace, name))
        if state == "gone"
        else Put(member, _service(namespace, name, said))
    )


def _counted(state: str) -> tuple[Endpoint, ...]:
    """Return endpoints as `up` or `2/3` counts them, with addresses made up."""
    if "/" in state:
        ready, total = map(int, state.split("/"))
        states: tuple[str, ...] = ("",) * ready + ("down",) * (total - ready)
    else:
        states = _COUNTS.get(state, ())
    return tuple(
        msgspec.structs.replace(_STATES[one], addresses=(bytes((10, 9, 0, number)),))
        for number, one in enumerate(states, 1)
    )


def _service(namespace: str, name: str, said: list[str]) -> Service:
    groups = dict(_groups(said))
    balancers = groups.get("lb", [])
    ports = _ports(groups.get("port", []))
    return Service(
        namespace=namespace,
        name=name,
        cluster_ips=_packed(groups[""]),
        headless="headless" in groups,
        external_name="".join(groups.get("external", [])),
        ports=ports,
        tcp_ports=tuple(port.number for port in ports if port.protocol == "tcp"),
        ingress=_packed(filter(_is_address, balancers)),
        hostnames=tuple(one for one in balancers if not _is_address(one)),
        external_addresses=_packed(groups.get("ips", [])),
        publish_not_ready="publish" in groups,
        deleting="deleting" in groups,
        labels=tuple((pair.partition("=")[0], pair.partition("=")[2]) for pair in groups.get("label", [])),
    )


def _groups(said: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each word that opens a group with those that follow it; the group without one comes first."""
    group = ("", list[str]())
    for word in said:
        if word in _WORDS:
            yield group
            group = (word, [])
        else:
            group[1].append(word)
    yield group


def _slice(member: str, namespace: str, service: str, said: list[str]) -> Event:
    name, *rest = said
    if rest == ["gone"]:
        return Removed(member, Ref(Slice, namespace, name))
    groups = dict(_groups(rest))
    endpoints = tuple(map(_endpoint, groups[""]))
    ports = _ports(groups.get("port", []))
    return Put(member, Slice(namespace=namespace, name=name, service=service, endpoints=endpoints, ports=ports))


def _endpoint(text: str) -> Endpoint:
    who, _, state = text.partition("!")
    hostname, _, addresses = who.rpartition("=")
    return msgspec.structs.replace(_STATES[state], addresses=_packed(addresses.split(",")), hostname=hostname)


def _ports(texts: Iterable[str]) -> tuple[Port, ...]:
    return tuple(Port(name, protocol, int(number)) for name, protocol, number in (text.split("/") for text in texts))


def _packed(texts: Iterable[str]) -> tuple[bytes, ...]:
    return tuple(ip_address(text).packed for text in texts)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
