"""Make from the chart what is installed without it: `python -m deploy.render [HELM]` writes the files.

The chart is the one source. The plain manifest, which kustomize builds on, is the chart with the values in
`deploy/values/manifest.yaml`; the sidecar of CoreDNS is a choice of what it gives with `deploy/values/sidecar.yaml`.
The rights in member clusters are those that `fedresolver rbac` prints for the manifest's Corefile.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from fedresolver.cli.rbac import cluster_roles, text

FOLDER = Path(__file__).parent
NAMESPACE = "fedresolver"
MADE = "# Made from deploy/chart by `make manifests`: change that, not this.\n"
KUBERNETES = "1.34.0"
"""The version for which helm renders, as there is no cluster that it could ask."""


def rendered(helm: str = "helm") -> dict[str, str]:
    """Return the text of each file that is made, by its path in the folder; CalledProcessError when helm fails."""
    plain = template(helm, NAMESPACE, FOLDER / "values" / "manifest.yaml")
    beside = template(helm, "kube-system", FOLDER / "values" / "sidecar.yaml")
    return {
        "manifest.yaml": MADE + plain,
        "rbac.yaml": MADE + REMOTE.format(cluster_role=remote_role(corefile(plain))),
        "sidecar/objects.yaml": MADE + "---\n".join(one for one in beside.split("---\n") if _kind(one) in SHARED),
        "sidecar/patch.yaml": MADE + PATCH + _dumped(patch(beside)),
    }


def template(helm: str, namespace: str, *values: Path, more: tuple[str, ...] = ()) -> str:
    """Return what the chart is with these files of values, and `more` arguments of helm."""
    files = [f"--values={one}" for one in values]
    command = (helm, "template", "fedresolver", str(FOLDER / "chart"), "--namespace", namespace, *files, *more)
    done = subprocess.run(
        [*command, "--kube-version", KUBERNETES], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    return re.sub(r"^# Source: .*\n", "", done.stdout, flags=re.MULTILINE).removeprefix("---\n").rstrip("\n") + "\n"


def objects(manifest: str) -> list[dict[str, Any]]:
    """Return the objects of a manifest."""
    return [one for one in yaml.safe_load_all(manifest) if one]


def only(manifest: str, kind: str) -> dict[str, Any]:
    """Return the one object of a kind."""
    (found,) = (one for one in objects(manifest) if one["kind"] == kind)
    return found


def corefile(manifest: str) -> str:
    """Return the Corefile in a manifest."""
    return str(only(manifest, "ConfigMap")["data"]["Corefile"])


def remote_role(text_of_corefile: str) -> str:
    """Return the ClusterRole for the other members, which the Corefile only speaks of in a comment."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "Corefile")
        path.write_text(text_of_corefile.replace("# kubeconfig ", "kubeconfig "))
        return text(cluster_roles(str(path), {}, "remote"))


def patch(manifest: str) -> dict[str, Any]:
    """Return the patch that puts the container of a manifest into the Pods of CoreDNS."""
    pod = only(manifest, "Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    container["ports"] = [{"name": "fed-metrics", "containerPort": 9154, "protocol": "TCP"}]
    del container["readinessProbe"]
    return {"spec": {"template": {"spec": {"containers": [container], "volumes": pod["volumes"]}}}}


def _kind(document: str) -> str:
    found = re.search(r"^kind: (\w+)$", document, re.MULTILINE)
    return found[1] if found else ""


def _dumped(one: dict[str, Any]) -> str:
    return str(yaml.safe_dump(one, sort_keys=False, default_flow_style=False, width=120))


SHARED = ("ConfigMap", "ClusterRole", "ClusterRoleBinding")
"""What of the chart a sidecar needs beside the container."""
PATCH = """\
# fedresolver beside CoreDNS, in the same Pods. First apply objects.yaml, then
#
#     kubectl --namespace kube-system patch deployment coredns --patch-file deploy/sidecar/patch.yaml
#
# It has no readiness probe: the cluster's own names must not wait for the federation's.
"""
REMOTE = """\
#
# What a member cluster allows fedresolver, which runs in another one: to list and watch what its answers are made of.
# It is what `fedresolver rbac --member remote` prints for the Corefile in manifest.yaml; with `select exported`
# ServiceExports are needed, too, and with `topology` for this member Nodes are not. deploy/member.sh applies it, and
# makes a kubeconfig.
apiVersion: v1
kind: Namespace
metadata:
  name: fedresolver
  labels:
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/warn: restricted
    pod-security.kubernetes.io/audit: restricted
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: fedresolver-remote
  namespace: fedresolver
# No Pod runs as this.
automountServiceAccountToken: false
---
{cluster_role}---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: fedresolver-remote
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: fedresolver-remote
subjects:
  - kind: ServiceAccount
    name: fedresolver-remote
    namespace: fedresolver
"""


def main(helm: str = "helm") -> None:
    """Write all of them; `helm` is the program."""
    for name, content in rendered(helm).items():
        (FOLDER / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:2])
