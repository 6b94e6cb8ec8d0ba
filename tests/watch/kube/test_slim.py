"""What is kept of Kubernetes objects, and what of them is refused."""

from textwrap import dedent

import pytest

from fedresolver.model.objects import Endpoint, Export, Namespace, Node, Port, Service, Slice
from fedresolver.model.place import Place
from fedresolver.watch.manifests.reading import read

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: nginx, namespace: web}\n"
SLICE = """\
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: nginx-x1, namespace: web, labels: {kubernetes.io/service-name: nginx}}
"""
NODE = "apiVersion: v1\nkind: Node\n"


def objects(text):
    reading = read(dedent(text).encode(), "a.yaml")
    assert reading.flaws == ()
    return tuple(reading.objects.values())


def v4(*octets):
    return bytes(octets)


def v6(text):
    return bytes.fromhex(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("", {}, id="a Service without a spec has nothing"),
        pytest.param("spec: {clusterIP: 10.0.0.1}", {"cluster_ips": (v4(10, 0, 0, 1),)}, id="one cluster IP"),
        pytest.param(
            "spec: {clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1, 'fd00::1']}",
            {"cluster_ips": (v4(10, 0, 0, 1), v6("fd000000000000000000000000000001"))},
            id="both families of cluster IPs",
        ),
        pytest.param("spec: {clusterIP: None, clusterIPs: [None]}", {"headless": True}, id="headless"),
        pytest.param("spec: {clusterIP: ''}", {}, id="no cluster IP yet"),
        pytest.param("spec: null", {}, id="null is nothing"),
        pytest.param(
            "spec: {type: ExternalName, externalName: DB.example.org.}",
            {"external_name": "db.example.org"},
            id="the final dot of an external name does not count",
        ),
        pytest.param(
            "spec: {type: ClusterIP, clusterIP: 10.0.0.1, externalName: left.over}",
            {"cluster_ips": (v4(10, 0, 0, 1),)},
            id="an external name counts in its type only",
        ),
        pytest.param(
            "spec: {ports: [{name: HTTP, port: 80}, {port: 81}, {name: dns, port: 53, protocol: UDP}]}",
            {"ports": (Port("http", "tcp", 80), Port("dns", "udp", 53)), "tcp_ports": (80, 81)},
            id="named ports in small letters, TCP unless said otherwise",
        ),
        pytest.param(
            "status: {loadBalancer: {ingress: [{ip: 192.0.2.1, hostname: a.example}, {hostname: B.example}, {}]}}",
            {"ingress": (v4(192, 0, 2, 1),), "hostnames": ("b.example",)},
            id="of an ingress the address comes before the name",
        ),
        pytest.param(
            "spec: {externalIPs: [192.0.2.9]}", {"external_addresses": (v4(192, 0, 2, 9),)}, id="external addresses"
        ),
        pytest.param("spec: {publishNotReadyAddresses: true}", {"publish_not_ready": True}, id="not ready published"),
    ],
)
def test_service(text, kept):
    assert objects(SERVICE + text) == (Service(namespace="web", name="nginx", **kept),)


def test_a_service_without_a_namespace_is_in_default_and_its_labels_are_sorted():
    text = """\
        apiVersion: v1
        kind: Service
        metadata: {name: nginx, labels: {b: "1", a: x}, deletionTimestamp: 2024-01-01T00:00:00Z}
        """
    kept = Service(namespace="default", name="nginx", labels=(("a", "x"), ("b", "1")), deleting=True)
    assert objects(text) == (kept,)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("addressType: IPv4", {}, id="a slice without endpoints"),
        pytest.param(
            "addressType: IPv4\nendpoints: null\nports: null", {}, id="null endpoints, as the API writes them"
        ),
        pytest.param(
            "addressType: IPv4\nendpoints: [{addresses: [10.1.0.1]}]",
            {"endpoints": (Endpoint((v4(10, 1, 0, 1),)),)},
            id="without conditions an endpoint is ready",
        ),
        pytest.param(
            "addressType: IPv4\nendpoints: [{addresses: [10.1.0.1], conditions: {ready: false}}]",
            {"endpoints": (Endpoint((v4(10, 1, 0, 1),), ready=False, serving=False),)},
            id="an endpoint that does not say whether it serves does so when it is ready",
        ),
        pytest.param(
            "addressType: IPv4\n"
            "endpoints: [{addresses: [10.1.0.1], conditions: {ready: false, serving: true, terminating: true}}]",
            {"endpoints": (Endpoint((v4(10, 1, 0, 1),), "", ready=False, serving=True, terminating=True),)},
            id="serving and terminating",
        ),
        pytest.param(
            "addressType: IPv6\nendpoints: [{addresses: ['2001:db8::1'], hostname: web-0}]",
            {"endpoints": (Endpoint((v6("20010db8000000000000000000000001"),), "web-0"),)},
            id="an IPv6 endpoint with a host name",
        ),
        pytest.param(
            "addressType: IPv4\nports: [{name: http, port: 8080}, {name: '', port: 1}, {name: any}]",
            {"ports": (Port("http", "tcp", 8080),)},
            id="only ports with a name and a number",
        ),
    ],
)
def test_slice(text, kept):
    assert objects(SLICE + text) == (Slice(namespace="web", name="nginx-x1", service="nginx", **kept),)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(SLICE + "addressType: FQDN\nendpoints: [{addresses: [a.example]}]", id="a slice of names"),
        pytest.param(
            "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: a}\naddressType: IPv4",
            id="a slice of no Service",
        ),
        pytest.param(
            SLICE.replace("namespace: web", "namespace: web, deletionTimestamp: '2024'"), id="a slice being deleted"
        ),
        pytest.param("apiVersion: v1\nkind: Endpoints\nmetadata: {name: nginx}", id="the old Endpoints"),
        pytest.param("apiVersion: v1\nkind: Pod\nmetadata: {name: 7}", id="a Pod, whatever its shape"),
        pytest.param("apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}", id="another Service"),
        pytest.param("kind: Service\nmetadata: {name: a}", id="a Service of no API version"),
    ],
)
def test_silently_ignored(text):
    assert objects(text) == ()


@pytest.mark.parametrize(
    ("labels", "place"),
    [
        pytest.param("", None, id="no labels"),
        pytest.param("topology.kubernetes.io/region: us", Place("us"), id="a region alone"),
        pytest.param("topology.kubernetes.io/zone: us-a", None, id="a topology zone without its region is no place"),
        pytest.param(
            "topology.kubernetes.io/region: US, topology.kubernetes.io/zone: us-A",
            Place("us", "us-a"),
            id="both, lowered",
        ),
        pytest.param(
            "failure-domain.beta.kubernetes.io/region: eu, failure-domain.beta.kubernetes.io/zone: eu-b",
            Place("eu", "eu-b"),
            id="the old labels",
        ),
        pytest.param(
            "failure-domain.beta.kubernetes.io/region: eu, topology.kubernetes.io/region: us",
            Place("us"),
            id="the new labels come first",
        ),
    ],
)
def test_node(labels, place):
    assert objects(f"{NODE}metadata: {{name: n1.example, labels: {{{labels}}}}}") == (Node("n1.example", place),)


def test_namespace_and_export():
    text = """\
        apiVersion: v1
        kind: Namespace
        metadata: {name: web}
        ---
        apiVersion: multicluster.x-k8s.io/v1alpha1
        kind: ServiceExport
        metadata: {name: nginx, namespace: web}
        """
    assert objects(text) == (Namespace("web"), Export("web", "nginx"))


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        pytest.param("spec: {clusterIP: 7}", "spec.clusterIP: expected str, got int", id="a number for an address"),
        pytest.param(
            "spec: {clusterIP: 10.0.0.01}",
            "spec.clusterIPs[0]: '10.0.0.01' is no IP address; write 192.0.2.1 or 2001:db8::1",
            id="an address with a leading zero",
        ),
        pytest.param(
            "spec: {clusterIPs: ['::ffff:10.0.0.1']}",
            "spec.clusterIPs[0]: '::ffff:10.0.0.1' is an IPv4-mapped IPv6 address; write the IPv4 address",
            id="an IPv4-mapped address",
        ),
        pytest.param(
            "spec: {externalIPs: ['fe80::1%eth0']}",
            "spec.externalIPs[0]: 'fe80::1%eth0' is no IP address; write 192.0.2.1 or 2001:db8::1",
            id="an address with a scope",
        ),
        pytest.param(
            "spec: {type: ExternalName}",
            "spec.externalName: the name is missing; a DNS name has labels of a-z, 0-9 and '-' with dots between",
            id="an external name that is missing",
        ),
        pytest.param(
            "spec: {type: ExternalName, externalName: 'a..b'}",
            "spec.externalName: 'a..b' is no name; a DNS name has labels of a-z, 0-9 and '-' with dots between",
            id="an external name that is none",
        ),
        pytest.param(
            "spec: {ports: [{name: a, port: 65536}]}",
            "spec.ports[0].port: 65536 is no port; it is 1 to 65535",
            id="port",
        ),
        pytest.param(
            "spec: {ports: [{name: a, port: 1, protocol: ICMP}]}",
            "spec.ports[0].protocol: 'ICMP' is no protocol; it is TCP, UDP or SCTP",
            id="protocol",
        ),
        pytest.param(
            "spec: {ports: [{name: a.b, port: 1}]}",
            "spec.ports[0].name: 'a.b' is no name; a DNS label has 1 to 63 of a-z, 0-9 and '-' (RFC 1123)",
            id="a port's name with a dot",
        ),
        pytest.param(
            "status: {loadBalancer: {ingress: [{ip: a}]}}",
            "status.loadBalancer.ingress[0].ip: 'a' is no IP address; write 192.0.2.1 or 2001:db8::1",
            id="ingress",
        ),
        pytest.param(
            f"spec: {{externalIPs: [{', '.join(['10.0.0.1'] * 65)}]}}",
            "spec.externalIPs: 65 entries; at most 64 are read",
            id="too many addresses",
        ),
    ],
)
def test_damaged_service(text, flaw):
    reading = read((SERVICE + text).encode(), "a.yaml")
    assert (reading.objects, reading.flaws) == ({}, (f"a.yaml: document 1: Service web/nginx: {flaw}",))


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        pytest.param("", "addressType: '' is no family; it is IPv4, IPv6 or FQDN", id="no address type"),
        pytest.param(
            "addressType: IPv6\nendpoints: [{addresses: [10.0.0.1]}]",
            "endpoints[0].addresses[0]: '10.0.0.1' is of the wrong family; addressType says IPv6",
            id="the wrong family",
        ),
        pytest.param(
            f"addressType: IPv4\nendpoints: [{', '.join(['{}'] * 1001)}]",
            "endpoints: 1001 entries; at most 1000 are read",
            id="too many endpoints",
        ),
        pytest.param(
            "addressType: IPv4\nendpoints: [{hostname: Web}]",
            "endpoints[0].hostname: 'Web' is no name; a DNS label has 1 to 63 of a-z, 0-9 and '-' (RFC 1123)",
            id="a host name in capitals",
        ),
    ],
)
def test_damaged_slice(text, flaw):
    reading = read((SLICE + text).encode(), "a.yaml")
    assert (reading.objects, reading.flaws) == ({}, (f"a.yaml: document 1: EndpointSlice web/nginx-x1: {flaw}",))


def test_a_node_with_a_bad_place_stays_without_one():
    reading = read((NODE + "metadata: {name: n1, labels: {topology.kubernetes.io/region: us_1}}").encode(), "a.yaml")
    assert tuple(reading.objects.values()) == (Node("n1", None),)
    assert reading.damaged == frozenset()
    assert reading.flaws == (
        "a.yaml: document 1: Node n1: metadata.labels.topology.kubernetes.io/region: 'us_1' is no DNS label, "
        "so the node counts as without a place",
    )
