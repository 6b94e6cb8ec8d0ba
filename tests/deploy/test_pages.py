"""Every command in the pages on installing is one that works, in the order in which it stands there."""

import sys
from base64 import b64decode
from pathlib import Path

import pytest
import yaml

from deploy.render import FOLDER, only
from tests.e2e.api import ApiError
from tests.support.manuals import ROOT, blocks, sections

TOKENS = "/api/v1/namespaces/fedresolver/secrets/fedresolver-remote"


def commands(name):
    """Return the commands of each section of a page, by its title."""
    found = sections((ROOT / "docs" / name).read_text())
    return {title: blocks(text, "sh") for title, text in found.items() if blocks(text, "sh")}


INSTALL, MEMBERS = commands("install.md"), commands("members.md")


@pytest.fixture
def terminal(shell, cluster, helm, tmp_path, coredns):
    """Return what runs a block in a clone of the repository; fedresolver is not installed, and the cluster has its DNS."""
    (tmp_path / "deploy").symlink_to(FOLDER)
    (tmp_path / "bin" / "helm").symlink_to(helm)
    program = tmp_path / "bin" / "fedresolver"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m fedresolver "$@"\n')
    program.chmod(0o755)
    rest = only_objects(FOLDER / "manifest.yaml", tmp_path)
    helped = ("secret", "-l", "owner=helm")
    shell("kubectl", "-n", "fedresolver", "delete", "--ignore-not-found", *helped)
    for path in (rest, FOLDER / "sidecar" / "objects.yaml"):
        shell("kubectl", "delete", "--ignore-not-found", "-f", str(path))
    shell("kubectl", "-n", "kube-system", "delete", "--ignore-not-found", "configmap", "kube-dns")
    shell("kubectl", "-n", "kube-system", "create", "configmap", "kube-dns")

    def run(block):
        return shell("sh", "-eu", "-c", f"cd {tmp_path}\n{block}")

    return run


def only_objects(path: Path, folder: Path) -> Path:
    """Return a manifest without its namespace, which nothing would finalize here."""
    rest = folder / "rest.yaml"
    rest.write_text("---\n".join(path.read_text().split("---\n")[1:]))
    return rest


def exists(cluster, path):
    try:
        return cluster.admin.get(path)
    except ApiError:
        return None


@pytest.fixture
def installed(terminal):
    """fedresolver, as the manifest has it."""
    terminal("kubectl apply --server-side --force-conflicts --filename deploy/manifest.yaml")


DEPLOYMENT = "/apis/apps/v1/namespaces/fedresolver/deployments/fedresolver"


def image(cluster):
    return cluster.admin.get(DEPLOYMENT)["spec"]["template"]["spec"]["containers"][0]["image"]


def test_all_sections_with_commands_are_run_here():
    assert set(INSTALL) == {
        "With helm",
        "With kubectl",
        "The other members",
        "The cluster's DNS",
        "Beside CoreDNS",
        "The rights",
        "Change and remove",
    }
    assert set(MEMBERS) == {"Let fedresolver read a cluster"}


def test_with_helm_and_then_the_other_members(cluster, terminal):
    for block in INSTALL["With helm"]:
        terminal(block)
    assert image(cluster) == "registry.example.com/fedresolver:0.1.0"
    for block in INSTALL["The other members"]:
        terminal(block)
    told = cluster.admin.get("/api/v1/namespaces/fedresolver/configmaps/fedresolver")["data"]["Corefile"]
    assert "        kubeconfig /etc/fedresolver/kubeconfig\n" in told
    terminal("helm uninstall fedresolver --namespace fedresolver")


def test_with_kubectl(cluster, terminal):
    for block in INSTALL["With kubectl"]:
        terminal(block)
    assert image(cluster) == "registry.example.com/fedresolver:0.1.0"
    told = cluster.admin.get("/api/v1/namespaces/fedresolver/configmaps/fedresolver")["data"]["Corefile"]
    assert "federation shop fed.example.org {" in told
    assert "in_cluster oslo\n" in told


def test_with_kustomize(terminal, tmp_path):
    (overlay,) = blocks(sections((ROOT / "docs" / "install.md").read_text())["With kustomize"], "yaml")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "kustomization.yaml").write_text(overlay)
    (tmp_path / "mine" / "Corefile").write_text(".:5353 {\n    whoami\n}\n")
    (tmp_path / "deploy").unlink()
    (tmp_path / "deploy").mkdir()
    for name in ("kustomization.yaml", "manifest.yaml"):
        (tmp_path / "deploy" / name).write_text((FOLDER / name).read_text())
    built, said = terminal("kubectl kustomize mine")
    assert said == ""
    assert only(built, "ConfigMap")["metadata"]["name"] == "fedresolver"
    assert only(built, "ConfigMap")["data"] == {"Corefile": ".:5353 {\n    whoami\n}\n"}
    pod = only(built, "Deployment")["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == "registry.example.com/fedresolver:0.1.0"
    terminal("kubectl apply --server-side --force-conflicts -k mine")


def test_the_dns_of_the_cluster_is_told_and_all_is_removed(cluster, terminal, installed):
    for block in INSTALL["The cluster's DNS"]:
        terminal(block)
    address = cluster.admin.get("/api/v1/namespaces/fedresolver/services/fedresolver")["spec"]["clusterIP"]
    corefile = "/api/v1/namespaces/kube-system/configmaps/coredns"
    assert f"forward . {address}\n" in cluster.admin.get(corefile)["data"]["Corefile"]
    path = cluster.plane.folder / "rest.yaml"
    only_objects(FOLDER / "manifest.yaml", path.parent)
    for block in INSTALL["Change and remove"]:
        terminal(block.replace("deploy/manifest.yaml", str(path)))
    assert "myfederation" not in cluster.admin.get(corefile)["data"]["Corefile"]
    assert exists(cluster, DEPLOYMENT) is None or exists(cluster, DEPLOYMENT)["metadata"].get("deletionTimestamp")


def test_beside_coredns(cluster, terminal):
    for block in INSTALL["Beside CoreDNS"]:
        terminal(block)
    pod = cluster.admin.get("/apis/apps/v1/namespaces/kube-system/deployments/coredns")["spec"]["template"]["spec"]
    assert {one["name"] for one in pod["containers"]} == {"coredns", "fedresolver"}


def test_the_rights(cluster, terminal, installed):
    (block,) = INSTALL["The rights"]
    out, _ = terminal(block)
    assert "metadata: {name: fedresolver-remote}" in out
    assert "serviceexports" in out
    role = cluster.admin.get("/apis/rbac.authorization.k8s.io/v1/clusterroles/fedresolver-remote")
    assert {"multicluster.x-k8s.io"} in [set(rule["apiGroups"]) for rule in role["rules"]]


def test_other_members_are_joined(cluster, terminal, installed, tmp_path):
    with_token(cluster)
    first, joining, by_hand = MEMBERS["Let fedresolver read a cluster"]
    terminal(first)
    terminal(joining)
    secret = cluster.admin.get("/api/v1/namespaces/fedresolver/secrets/fedresolver-members")
    out, _ = terminal(by_hand)
    assert out.strip().splitlines()[-1].count(".") == 2  # a token
    found = yaml.safe_load(b64decode(secret["data"]["kubeconfig"]))
    assert {one["name"] for one in found["contexts"]} == {"gce-us-east1", "gce-europe-west1"}
    assert not (tmp_path / "kubeconfig").exists()


def with_token(cluster):
    """Make the Secret that `member.sh` makes, with the token that the cluster's controller would put there."""
    cluster.kubectl("apply", "-f", str(FOLDER / "rbac.yaml"))
    cluster.admin.delete(TOKENS)
    annotations = {"kubernetes.io/service-account.name": "fedresolver-remote"}
    meta = {"name": "fedresolver-remote", "namespace": "fedresolver", "annotations": annotations}
    kind = {"type": "kubernetes.io/service-account-token", "stringData": {"token": cluster.token()}}
    cluster.admin.post(TOKENS.rsplit("/", 1)[0], {"apiVersion": "v1", "kind": "Secret", "metadata": meta, **kind})
