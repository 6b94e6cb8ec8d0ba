import subprocess
from dataclasses import replace

import pytest

from tests.deploy.coredns import COREDNS
from tests.e2e.kubeconfig import write
from tests.e2e.story import SITES, members
from tests.tools.helm import helm as helm_program

OTHERS = ("gce-us-east1", "gce-europe-west1")
"""More contexts of the same cluster."""


@pytest.fixture(scope="session")
def helm():
    """The path of helm."""
    return str(helm_program())


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """A cluster with nothing in it but two Nodes, a namespace and `deploy/rbac.yaml`; what tests make in it stays."""
    with members(tmp_path_factory.mktemp("deploy"), SITES[:1]) as found:
        (member,) = found.values()
        yield member


@pytest.fixture
def shell(cluster, tmp_path):
    """Return what a script prints on standard output and error, given kubectl, a kubeconfig of the cluster and `environ`."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "kubectl").symlink_to(cluster.program)
    here = cluster.administrator()
    config = write(tmp_path / "config", [here, *(replace(here, name=other) for other in OTHERS)])

    def run(*command, code=0, **environ):
        whole = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(tmp_path), "KUBECONFIG": str(config), **environ}
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=whole)
        assert done.returncode == code, done.stderr
        return done.stdout, done.stderr

    return run


@pytest.fixture
def coredns(shell, tmp_path):
    """CoreDNS, anew."""
    path = tmp_path / "coredns.yaml"
    path.write_text(COREDNS)
    shell("kubectl", "-n", "kube-system", "delete", "--ignore-not-found", "deployment/coredns", "configmap/coredns")
    shell("kubectl", "apply", "-f", str(path))
