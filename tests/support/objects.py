"""Objects of the model, made by hypothesis and by the thousand."""

from hypothesis import strategies as st

from fedresolver.model.objects import Endpoint, Export, Namespace, Node, Port, Service, Slice
from fedresolver.model.place import Place

LABELS = st.text("abcz09", min_size=1, max_size=8) | st.sampled_from(("a-b", "x" * 63))
DOMAINS = st.lists(LABELS, min_size=1, max_size=3).map(".".join)
ADDRESSES = st.binary(min_size=4, max_size=4) | st.binary(min_size=16, max_size=16)
PORTS = st.builds(Port, LABELS, st.sampled_from(("tcp", "udp", "sctp")), st.integers(1, 65535))
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)


def _many(of):
    return st.lists(of, max_size=3).map(tuple)


SERVICES = st.builds(
    Service,
    namespace=LABELS,
    name=LABELS,
    cluster_ips=_many(ADDRESSES),
    headless=st.booleans(),
    external_name=st.just("") | DOMAINS,
    ports=_many(PORTS),
    tcp_ports=_many(st.integers(1, 65535)),
    ingress=_many(ADDRESSES),
    hostnames=_many(DOMAINS),
    external_addresses=_many(ADDRESSES),
    publish_not_ready=st.booleans(),
    deleting=st.booleans(),
    labels=_many(st.tuples(TEXTS, TEXTS)),
)
ENDPOINTS = st.builds(Endpoint, _many(ADDRESSES), st.just("") | LABELS, st.booleans(), st.booleans(), st.booleans())
SLICES = st.builds(
    Slice, namespace=LABELS, name=DOMAINS, service=LABELS, endpoints=_many(ENDPOINTS), ports=_many(PORTS)
)
PLACES = st.builds(Place, LABELS, st.just("") | LABELS)
NODES = st.builds(Node, DOMAINS, st.none() | PLACES)
OBJECTS = SERVICES | SLICES | NODES | st.builds(Namespace, LABELS) | st.builds(Export, LABELS, LABELS)


def services(number, member=1):
    """Return `number` Services with a slice of three endpoints each."""
    return tuple(thing for index in range(number) for thing in _service(index, member))


def _service(index, member):
    namespace, name = f"namespace-{index % 50}", f"service-{index}"
    endpoints = tuple(Endpoint((bytes((10, member)) + (index * 3 + each).to_bytes(3)[1:],)) for each in range(3))
    ports = (Port("http", "tcp", 80),)
    yield Service(
        namespace=namespace, name=name, cluster_ips=((member << 24 | index).to_bytes(4),), ports=ports, tcp_ports=(80,)
    )
    yield Slice(namespace=namespace, name=f"{name}-x7k2p", service=name, endpoints=endpoints, ports=ports)
