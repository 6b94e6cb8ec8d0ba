"""What is made from the chart is what the chart gives now."""

import pytest
import yaml

from deploy.render import FOLDER, corefile, objects, only, rendered, template
from fedresolver.cli.check import findings
from fedresolver.cli.rbac import cluster_roles
from tests.deploy.values import GOOD, TOLD, joined
from tests.support.manuals import ROOT, blocks

FILES = ("manifest.yaml", "rbac.yaml", "sidecar/objects.yaml", "sidecar/patch.yaml")
KUBECONFIG = """
clusters: [{name: c, cluster: {server: "https://192.0.2.1:6443"}}]
users: [{name: u, user: {token: secret}}]
contexts: [{name: gce-us-east1, context: {cluster: c, user: u}}]
"""


@pytest.fixture(scope="module")
def made(helm):
    return rendered(helm)


@pytest.fixture(params=[pytest.param(values, id=name) for name, values in GOOD.items()])
def manifest(request, helm, tmp_path):
    """What the chart gives with some values."""
    path = tmp_path / "values.yaml"
    path.write_text(yaml.safe_dump(joined(request.param)))
    return template(helm, "fedresolver", path)


@pytest.fixture
def written(manifest, tmp_path):
    """The path of the Corefile, with a kubeconfig beside it."""
    (tmp_path / "kubeconfig").write_text(KUBECONFIG)
    path = tmp_path / "Corefile"
    text = corefile(manifest)
    for folder in ("/etc/fedresolver", "/var/lib/fedresolver"):
        text = text.replace(folder, str(tmp_path))
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_what_the_chart_gives(made, name):
    assert (FOLDER / name).read_text() == made[name], "run `make manifests`"


def test_no_other_file_is_made(made):
    assert set(made) == set(FILES)


def test_the_corefile_is_good(written):
    assert findings(str(written), {"NODE_NAME": "node-1"}) == ([], [])


def test_the_rights_are_those_that_the_corefile_needs(manifest, written):
    (needed,) = cluster_roles(str(written), {}, "local")
    assert only(manifest, "ClusterRole")["rules"] == needed["rules"]


def test_all_objects_have_the_same_labels_and_the_namespace(manifest):
    found = objects(manifest)
    labels = [one["metadata"]["labels"] for one in found]
    assert all(one == labels[0] for one in labels)
    cluster_wide = {"ClusterRole", "ClusterRoleBinding"}
    assert {one["metadata"].get("namespace") for one in found if one["kind"] not in cluster_wide} == {"fedresolver"}


def test_what_selects_pods_selects_those_of_the_deployment(manifest):
    labels = only(manifest, "Deployment")["spec"]["template"]["metadata"]["labels"].items()
    selectors = {
        "Deployment": lambda spec: spec["selector"]["matchLabels"],
        "PodDisruptionBudget": lambda spec: spec["selector"]["matchLabels"],
        "NetworkPolicy": lambda spec: spec["podSelector"]["matchLabels"],
        "Service": lambda spec: spec["selector"],
    }
    found = {one["kind"]: selectors[one["kind"]](one["spec"]) for one in objects(manifest) if one["kind"] in selectors}
    assert len(found) >= 3
    assert [kind for kind, selector in found.items() if not selector.items() <= labels] == []


def test_the_ports_are_those_of_the_corefile(manifest):
    container = only(manifest, "Deployment")["spec"]["template"]["spec"]["containers"][0]
    numbers = {port["containerPort"] for port in container["ports"]}
    told = corefile(manifest)
    assert {number for number in numbers if f":{number}" not in told} <= {9153}  # a whole Corefile may have no metrics
    probes = {container[f"{name}Probe"]["httpGet"]["port"] for name in ("startup", "liveness", "readiness")}
    assert probes == {8080, 8181}
    assert "cpu" not in container["resources"]["limits"]


def test_the_pod_is_given_the_time_to_drain(manifest, helm, tmp_path):
    pod = only(manifest, "Deployment")["spec"]["template"]["spec"]
    told = [line.split()[1] for line in corefile(manifest).splitlines() if line.split()[:1] == ["lameduck"]]
    assert pod["terminationGracePeriodSeconds"] > 5 + max((int(word.rstrip("s")) for word in told), default=0)


def test_no_two_of_them_fail_together(made):
    deployment = only(made["manifest.yaml"], "Deployment")["spec"]
    assert (deployment["replicas"], deployment["strategy"]["rollingUpdate"]["maxUnavailable"]) == (2, 0)
    assert only(made["manifest.yaml"], "PodDisruptionBudget")["spec"]["maxUnavailable"] == 1
    spread = deployment["template"]["spec"]["topologySpreadConstraints"]
    assert {one["topologyKey"]: one["whenUnsatisfiable"] for one in spread} == {
        "kubernetes.io/hostname": "DoNotSchedule",
        "topology.kubernetes.io/zone": "ScheduleAnyway",
    }


def test_a_claim_has_a_folder_for_each_node(helm, tmp_path):
    path = tmp_path / "values.yaml"
    path.write_text(yaml.safe_dump(joined(GOOD["all that is optional"])))
    pod = only(template(helm, "fedresolver", path), "Deployment")["spec"]["template"]["spec"]
    state = {"name": "fedresolver-state", "mountPath": "/var/lib/fedresolver", "subPathExpr": "$(NODE_NAME)"}
    assert state in pod["containers"][0]["volumeMounts"]
    assert {"name": "fedresolver-state", "persistentVolumeClaim": {"claimName": "state"}} in pod["volumes"]
    assert pod["containers"][0]["image"] == f"fedresolver@sha256:{'0' * 64}"


def test_with_probes_any_port_is_reached_and_without_only_those_of_api_servers_and_dns(helm, tmp_path):
    def ports(values):
        path = tmp_path / "values.yaml"
        path.write_text(yaml.safe_dump(joined(values)))
        rules = only(template(helm, "fedresolver", path), "NetworkPolicy")["spec"]["egress"]
        return [(port.get("port"), port["protocol"]) for rule in rules for port in rule["ports"]]

    assert ports({}) == [(53, "UDP"), (53, "TCP"), (None, "TCP")]
    assert ports(GOOD["no upstreams, no probes"]) == [(53, "UDP"), (53, "TCP"), (443, "TCP"), (6443, "TCP")]


def test_the_sidecar_leaves_the_ports_of_coredns_alone(made, tmp_path):
    told = corefile(made["sidecar/objects.yaml"])
    assert [port for port in (":53 ", ":8080 ", ":8181", ":9153") if port in told] == []
    assert "bind 127.0.0.1" in told
    path = tmp_path / "Corefile"
    path.write_text(told.replace("/var/lib/fedresolver", str(tmp_path)))
    assert findings(str(path), {}) == ([], [])


def test_the_stub_domains_are_those_of_the_manual():
    page = (ROOT / "docs" / "neighbours.md").read_text()
    (told,) = (yaml.safe_load(text) for text in blocks(page, "yaml"))
    assert yaml.safe_load((FOLDER / "stub" / "kube-dns.yaml").read_text()) == told


def test_the_manifest_has_the_federation_of_the_manuals():
    told = yaml.safe_load((FOLDER / "values" / "manifest.yaml").read_text())
    assert told["federation"] == TOLD["federation"]
