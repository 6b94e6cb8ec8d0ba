"""All of it is taken by a real API server, without a warning, and gives the rights that are needed, and no others."""

import re

import pytest
import yaml

from deploy.render import FOLDER, corefile, objects, only, template
from fedresolver.cli.rbac import cluster_roles
from tests.deploy.coredns import COREDNS
from tests.deploy.values import GOOD, TOLD, joined

NAMESPACE = "fedresolver"


@pytest.fixture
def restricted(shell, tmp_path):
    """The namespace, which says what is wrong with Pods, and refuses those with which something is."""
    manifest = tmp_path / "namespace.yaml"
    manifest.write_text((FOLDER / "manifest.yaml").read_text().split("---\n")[0])
    assert "kind: Namespace" in manifest.read_text()
    shell("kubectl", "apply", "--server-side", "--force-conflicts", "-f", str(manifest))


def rights(shell, account, namespace=NAMESPACE):
    """Return what a service account may do with which resources, as the API server says, beside what everybody may."""
    user = f"--as=system:serviceaccount:{namespace}:{account}"
    table, _ = shell("kubectl", "auth", "can-i", "--list", "--no-headers", user)
    rows = re.findall(r"^(\S+) +\[\] +\[\] +\[(.*)\]$", table, re.MULTILINE)
    everybody = (".authentication.k8s.io", ".authorization.k8s.io")
    return {resource: set(verbs.split()) for resource, verbs in rows if not resource.endswith(everybody)}


def allowed(role):
    """Return what a ClusterRole allows, written likewise."""
    return {
        f"{resource}.{group}".rstrip("."): set(rule["verbs"])
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


def applied(shell, *words, how="--server-side"):
    """Apply something, first only to try, and see that there is neither an error nor a warning."""
    for more in (["--dry-run=server"], []):
        _, said = shell("kubectl", "apply", how, *more, *words)
        assert said == ""


def bare_pod(manifest, name):
    """Return a Pod as the Deployment makes it, for a cluster in which nothing makes it."""
    found = only(manifest, "Deployment")["spec"]["template"]
    found["spec"].pop("imagePullSecrets", None)
    meta = {**found["metadata"], "name": name, "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": found["spec"]}


def counted(cluster, manifest):
    """Count what quotas limit, as the controller does that no cluster here has."""
    for one in objects(manifest):
        if one["kind"] == "ResourceQuota":
            cluster.apply({**one, "status": {"hard": one["spec"]["hard"], "used": {"pods": "0"}}})


def test_the_plain_manifest(shell, restricted):
    applied(shell, "-f", str(FOLDER / "manifest.yaml"))


def test_kustomize_gives_the_same(shell, restricted):
    built, _ = shell("kubectl", "kustomize", str(FOLDER))
    plain = (FOLDER / "manifest.yaml").read_text()

    def by_name(manifest):
        return sorted(objects(manifest), key=lambda one: (one["kind"], one["metadata"]["name"]))

    assert by_name(built) == by_name(plain)
    applied(shell, "-k", str(FOLDER))


@pytest.mark.parametrize("values", [pytest.param(values, id=name) for name, values in GOOD.items()])
def test_the_chart_with_some_values(cluster, shell, restricted, helm, tmp_path, values):
    path = tmp_path / "values.yaml"
    path.write_text(yaml.safe_dump(joined(values)))
    manifest = tmp_path / "manifest.yaml"
    manifest.write_text(template(helm, NAMESPACE, path))
    shell("kubectl", "delete", "--ignore-not-found", "-f", str(manifest))  # an address of a Service cannot be changed
    applied(shell, "-f", str(manifest))
    text = manifest.read_text()
    account = only(text, "Deployment")["spec"]["template"]["spec"]["serviceAccountName"]
    assert rights(shell, account) == allowed(only(text, "ClusterRole"))

    counted(cluster, text)
    pod = tmp_path / "pod.yaml"
    pod.write_text(yaml.safe_dump(bare_pod(text, "whole")))
    shell("kubectl", "-n", NAMESPACE, "delete", "--ignore-not-found", "pod/whole")
    applied(shell, "-f", str(pod))
    shell("kubectl", "delete", "--grace-period=0", "--force", "-f", str(pod))


def test_the_namespace_refuses_a_pod_that_is_not_restricted(cluster, shell, restricted, tmp_path):
    pod = bare_pod((FOLDER / "manifest.yaml").read_text(), "loose")
    del pod["spec"]["containers"][0]["securityContext"]["capabilities"]
    path = tmp_path / "pod.yaml"
    path.write_text(yaml.safe_dump(pod))
    _, said = shell("kubectl", "apply", "--dry-run=server", "-f", str(path), code=1)
    assert "violates PodSecurity" in said


def test_the_rights_are_what_the_corefile_needs_and_no_others(shell, restricted, tmp_path):
    applied(shell, "-f", str(FOLDER / "manifest.yaml"))
    path = tmp_path / "Corefile"
    path.write_text(corefile((FOLDER / "manifest.yaml").read_text()))
    (needed,) = cluster_roles(str(path), {}, "local")
    found = rights(shell, "fedresolver")
    assert found == allowed(needed)
    assert set().union(*found.values()) == {"list", "watch"}


def test_the_rights_in_other_members_are_what_they_need_and_no_others(shell, tmp_path):
    applied(shell, "-f", str(FOLDER / "rbac.yaml"), how="--server-side=false")
    path = tmp_path / "Corefile"
    told = corefile((FOLDER / "manifest.yaml").read_text())
    path.write_text(told.replace("# kubeconfig", "kubeconfig"))
    (needed,) = cluster_roles(str(path), {}, "remote")
    assert rights(shell, "fedresolver-remote") == allowed(needed)


def test_helm_installs_changes_and_removes_it(shell, helm):
    chart = str(FOLDER / "chart")
    told = [f"--set=federation.{key}={value}" for key, value in TOLD["federation"].items()]
    at = ("--namespace", "dns")
    _, said = shell(helm, "install", "mine", chart, *at, "--create-namespace", *told)
    assert said == ""
    assert rights(shell, "mine-fedresolver", "dns") != {}
    shell(helm, "upgrade", "mine", chart, *at, *told, "--set=replicas=3")
    found, _ = shell("kubectl", *at, "get", "deployment/mine-fedresolver", "-o", "jsonpath={.spec.replicas}")
    assert found == "3"
    shell(helm, "uninstall", "mine", *at)
    left, _ = shell("kubectl", *at, "get", "deployments,services,poddisruptionbudgets,networkpolicies", "-o", "name")
    assert left == ""
    assert rights(shell, "mine-fedresolver", "dns") == {}


def test_the_sidecar_of_coredns(shell, coredns):
    applied(shell, "-f", str(FOLDER / "sidecar" / "objects.yaml"))
    patch = ("--patch-file", str(FOLDER / "sidecar" / "patch.yaml"))
    for _ in range(2):  # a second time changes nothing
        _, said = shell("kubectl", "-n", "kube-system", "patch", "deployment", "coredns", *patch)
        assert said == ""
    found, _ = shell("kubectl", "-n", "kube-system", "get", "deployment", "coredns", "-o", "yaml")
    pod = only(found, "Deployment")["spec"]["template"]["spec"]
    before = only(COREDNS, "Deployment")["spec"]["template"]["spec"]
    own = [one for one in pod["containers"] if one["name"] == "fedresolver"]
    beside = next(one for one in pod["containers"] if one["name"] == "coredns")
    assert len(own) == 1
    assert before["containers"][0].items() <= {**beside, "args": before["containers"][0]["args"]}.items()
    assert {one["name"] for one in pod["volumes"]} == {"config-volume", "fedresolver-config", "fedresolver-state"}
    numbers = [port["containerPort"] for one in pod["containers"] for port in one["ports"] if port["protocol"] == "TCP"]
    assert len(numbers) == len(set(numbers))
    assert rights(shell, "coredns", "kube-system") == allowed(
        only((FOLDER / "sidecar" / "objects.yaml").read_text(), "ClusterRole")
    )
