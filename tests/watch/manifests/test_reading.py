"""From the octets of a manifest to objects: documents, lists, damage; never an exception."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedresolver.model.objects import Namespace, Ref, Service
from fedresolver.watch.manifests.reading import MAX_FLAWS, MAX_OCTETS, Reading, read

NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}}
SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "nginx"}, "spec": {"clusterIP": "10.0.0.1"}}
SLICE = {
    "apiVersion": "discovery.k8s.io/v1",
    "kind": "EndpointSlice",
    "metadata": {"name": "nginx-1", "labels": {"kubernetes.io/service-name": "nginx"}},
    "addressType": "IPv4",
    "endpoints": [{"addresses": ["10.1.0.1"], "conditions": {"ready": True}}],
}
NGINX = Service(namespace="default", name="nginx", cluster_ips=(bytes((10, 0, 0, 1)),))


def names(reading):
    return [thing.name for thing in reading.objects.values()]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("a.json", json.dumps(NAMESPACE), id="one JSON document"),
        pytest.param("a.json", "\ufeff" + json.dumps(NAMESPACE), id="a byte order mark is skipped"),
        pytest.param("a.json", "\n " + json.dumps(NAMESPACE) + "\n", id="blanks around JSON"),
        pytest.param("a.json", json.dumps({"kind": "List", "items": [NAMESPACE]}), id="a List"),
        pytest.param(
            "a.json",
            '{"kind": "NamespaceList", "apiVersion": "v1", "items": [{"metadata": {"name": "web"}}]}',
            id="the items of a typed list need not say what they are",
        ),
        pytest.param(
            "a.json",
            '{"kind": "A", "kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "web"}}',
            id="of a key that comes twice the last counts in JSON",
        ),
        pytest.param(
            "a.yaml",
            "kind: A\nkind: Namespace\napiVersion: v1\nmetadata: {name: web}",
            id="of a key that comes twice the last counts in YAML",
        ),
        pytest.param(
            "a.yml",
            "---\n---\nkind: Namespace\napiVersion: v1\nmetadata: {name: web}\n---\n",
            id="empty documents are skipped",
        ),
        pytest.param("a.yaml", json.dumps(NAMESPACE), id="JSON in a YAML file"),
        pytest.param("a.yaml", json.dumps({"kind": "List", "items": [NAMESPACE]}, indent=1), id="a List in YAML"),
        pytest.param("a.yaml", "x: &x {name: web}\nkind: Namespace\napiVersion: v1\nmetadata: *x", id="an alias"),
        pytest.param(
            "a.yaml", "x: &x {name: web}\nkind: Namespace\napiVersion: v1\nmetadata: {<<: *x}", id="a merge key"
        ),
        pytest.param(
            "a.yaml",
            "x: &x {name: a}\nkind: Namespace\napiVersion: v1\nmetadata: {name: web, <<: [*x]}",
            id="a key of its own comes before a merged one",
        ),
        pytest.param(
            "a.yaml", "&k kind: Namespace\napiVersion: v1\nmetadata: {name: !!str web}", id="tags and anchors"
        ),
    ],
)
def test_one_namespace(path, text):
    assert read(text.encode(), path) == Reading({Ref(Namespace, "", "web"): Namespace("web")})


def test_documents_follow_each_other_in_json():
    text = json.dumps(NAMESPACE) + "\n" + json.dumps(SERVICE) + json.dumps(SLICE)
    assert names(read(text.encode(), "a.json")) == ["web", "nginx", "nginx-1"]


@pytest.mark.parametrize("text", [pytest.param("", id="nothing"), pytest.param("# only a comment\n", id="a comment")])
def test_an_empty_file_holds_nothing(text):
    assert read(text.encode(), "a.yaml") == Reading()


def test_an_empty_json_file_holds_nothing():
    assert read(b" \n", "a.json") == Reading()


@pytest.mark.parametrize(
    ("path", "octets", "flaw"),
    [
        pytest.param("a.json", b'{\n"a": 1,\n}', "a.json:3: JSON is malformed: trailing comma in object", id="JSON"),
        pytest.param("a.json", b'{}\n{"a"', "a.json:2: JSON ends too early", id="JSON that was cut off"),
        pytest.param("a.json", b"[" * 100_000, "a.json:1: JSON is nested too deep", id="deep JSON"),
        pytest.param(
            "a.yaml",
            b"a:\n  b\n c: d\n",
            "a.yaml:3: mapping values are not allowed in this context; YAML is expected",
            id="YAML",
        ),
        pytest.param("a.yaml", b"[" * 100_000, "a.yaml:1: nested more than 500 deep", id="deep YAML"),
        pytest.param("a.yaml", b"a: 1\nb: \xff", "a.yaml:2: not UTF-8", id="Latin-1"),
        pytest.param("a.json", b'\n"\xff"', "a.json:2: not UTF-8", id="Latin-1 in JSON"),
        pytest.param("a.yaml", b"a\n\0", "a.yaml:2: control characters are not allowed; YAML is expected", id="binary"),
        pytest.param("a.yaml", b"a: *b", "a.yaml:1: an alias stands for nothing before it", id="an unknown alias"),
        pytest.param(
            "a.yaml", b"a: &a\n  b: *a", "a.yaml:2: an alias stands for nothing before it", id="endless alias"
        ),
        pytest.param(
            "a.yaml", b"a: 1\n? [b]\n: c", "a.yaml:2: a key is no text; write it in quotes", id="a list as key"
        ),
        pytest.param(
            "a.yaml", b" " * (MAX_OCTETS + 1), "a.yaml: too large; a manifest has at most 16 MiB", id="too large"
        ),
    ],
)
def test_a_broken_file_is_one_flaw(path, octets, flaw):
    assert read(octets, path) == Reading(flaws=(flaw,), broken=True)


def test_aliases_of_aliases_are_counted_as_written_out():
    laughs = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 20))
    flaw = "a.yaml:6: aliases stand for more than 100000 values; write them out or leave them out"
    assert read(f"l0: &l0 ha\n{laughs}".encode(), "a.yaml").flaws == (flaw,)


def test_merge_keys_are_counted_too():
    laughs = "\n".join(f"l{n}: &l{n} {{<<: [{', '.join([f'*l{n - 1}'] * 10)}]}}" for n in range(1, 20))
    assert read(f"l0: &l0 {{a: b}}\n{laughs}".encode(), "a.yaml").broken


def test_a_damaged_object_spares_the_others():
    bad = {**SERVICE, "spec": {"clusterIP": 7}}
    text = json.dumps(NAMESPACE) + json.dumps({"kind": "List", "items": [SLICE, bad, "x", {"kind": 1}]})
    assert read(text.encode(), "a.json") == Reading(
        read(json.dumps({"kind": "List", "items": [NAMESPACE, SLICE]}).encode(), "a.json").objects,
        frozenset({Ref(Service, "default", "nginx")}),
        (
            "a.json: document 2, item 2: Service nginx: spec.clusterIP: expected str, got int",
            "a.json: document 2, item 3: expected object, got str",
            "a.json: document 2, item 4: kind: expected str, got int",
        ),
    )


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        pytest.param("just words", "document 1: expected object, got str", id="a text"),
        pytest.param("---\n---\n- a", "document 1: expected object, got array", id="a list"),
        pytest.param("kind: List\nitems: 7", "document 1: items: expected array, got int", id="items of no list"),
        pytest.param(
            "kind: Service\napiVersion: v1",
            "document 1: Service without a name: missing required field metadata",
            id="no name",
        ),
        pytest.param(
            "kind: Namespace\napiVersion: v1\nmetadata: {name: [a]}",
            "document 1: Namespace without a name: metadata.name: expected str, got array",
            id="a name that is a list",
        ),
        pytest.param(
            'kind: Namespace\napiVersion: v1\nmetadata: {name: "a\\nb"}',
            "document 1: Namespace 'a\\nb': metadata.name: 'a\\nb' is no name; "
            "a DNS label has 1 to 63 of a-z, 0-9 and '-' (RFC 1123)",
            id="a name that would forge a line of the log",
        ),
        pytest.param(
            "kind: Namespace\napiVersion: v1\nmetadata: {name: 12}",
            "document 1: Namespace without a name: metadata.name: expected str, got int",
            id="a number where a text belongs",
        ),
    ],
)
def test_wrong_shapes(text, flaw):
    assert read(text.encode(), "a.yaml").flaws == (f"a.yaml: {flaw}",)


def test_of_an_object_that_comes_twice_the_last_one_stands():
    bad = {**SERVICE, "spec": {"clusterIP": 7}}
    text = json.dumps(bad) + json.dumps({**SERVICE, "spec": {"clusterIP": "10.0.0.9"}}) + json.dumps(SERVICE)
    reading = read(text.encode(), "a.json")
    assert (reading.objects, reading.damaged) == ({Ref(Service, "default", "nginx"): NGINX}, frozenset())


def test_many_flaws_do_not_flood_the_log():
    reading = read(b"7\n---\n" * 1000, "a.yaml")
    assert len(reading.flaws) == MAX_FLAWS + 1
    assert reading.flaws[-1] == "a.yaml: 980 more of the kind"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("yes", "bool", id="yes is a truth value, as Kubernetes reads it"),
        pytest.param("NO", "bool", id="so is NO"),
        pytest.param("1", "int", id="an integer"),
        pytest.param("-1.5e3", "float", id="a float"),
        pytest.param("1" * 5000, "float", id="an endless number"),
        pytest.param("[]", "array", id="a list"),
    ],
)
def test_scalars_that_are_no_text(text, value):
    manifest = f"kind: Namespace\napiVersion: v1\nmetadata: {{name: {text}}}"
    assert read(manifest.encode(), "a.yaml").flaws[0].endswith(f"expected str, got {value}")


@pytest.mark.parametrize("text", ["'12'", "12-a", "1-2-3", "!!str 12", "2024-01-01", '"yes"', "0x1f"])
def test_scalars_that_are_text(text):
    manifest = f"kind: Namespace\napiVersion: v1\nmetadata: {{name: {text}}}"
    assert names(read(manifest.encode(), "a.yaml")) == [text.strip("'\"").removeprefix("!!str ")]


WORLD = json.dumps({"kind": "List", "items": [NAMESPACE, SERVICE, SLICE]}, indent=1)
YAML = """\
kind: List
items:
- &a {apiVersion: v1, kind: Namespace, metadata: {name: web}}
- apiVersion: v1
  kind: Service
  metadata: {name: nginx, labels: {a: "b"}}
  spec: {clusterIP: 10.0.0.1, ports: [{name: http, port: 80}]}
- <<: *a
"""
EDIT = st.tuples(
    st.integers(0, 400),
    st.integers(0, 30),
    st.binary(max_size=12)
    | st.sampled_from(
        [b"null", b"[", b"}", b"&x ", b"*a", b"!!int ", b"\n---\n", b": ", b"'", b"\xff", b"\xed\xa0\x80", b"1e999"]
    ),
)


@given(st.sampled_from([WORLD, YAML]), st.lists(EDIT, max_size=4), st.sampled_from(["a.json", "a.yaml"]))
def test_whatever_the_octets_a_reading_comes_out(text, edits, path):
    octets = text.encode()
    for start, length, new in edits:
        octets = octets[:start] + new + octets[start + length :]
    reading = read(octets, path)
    assert not (reading.broken and reading.objects)
    assert all(flaw.isprintable() for flaw in reading.flaws)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([NAMESPACE, SERVICE, SLICE]), st.data())
def test_whatever_the_values_a_reading_comes_out(thing, data):
    key = data.draw(st.sampled_from(sorted(thing)))
    inner = thing[key]
    if isinstance(inner, dict) and data.draw(st.booleans()):
        value = {**inner, data.draw(st.sampled_from(sorted(inner))): data.draw(JSON)}
    else:
        value = data.draw(JSON)
    octets = json.dumps({**thing, key: value}).encode()
    for path in ("a.json", "a.yaml"):
        assert len(read(octets, path).objects) <= 1
