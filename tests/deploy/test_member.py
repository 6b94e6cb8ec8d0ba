"""A member cluster is joined with one command, and read with what it prints."""

import subprocess
from base64 import b64encode
from contextlib import contextmanager

import pytest
import yaml

from deploy.render import FOLDER
from tests.e2e.api import ApiError
from tests.e2e.resolver import Resolver
from tests.support.deadline import eventually

SCRIPT = str(FOLDER / "member.sh")
SECRET = "/api/v1/namespaces/fedresolver/secrets/fedresolver-remote"


@pytest.fixture
def secret(cluster):
    """Return the Secret of the token, if it is there; it is not at first."""
    cluster.admin.delete(SECRET)

    def found():
        try:
            return cluster.admin.get(SECRET)
        except ApiError:
            return None

    return found


@contextmanager
def begun(cluster, tmp_path, *words):
    """Give the script, as it runs."""
    env = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path), "KUBECONFIG": str(tmp_path / "config")}
    whole = [SCRIPT, *words]
    with subprocess.Popen(whole, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def kubeconfig(cluster, shell, tmp_path, secret):
    """What the script prints; the tests are the controller that gives tokens, which no cluster here has."""
    with begun(cluster, tmp_path, cluster.name) as process:
        made = eventually(secret, 60)
        data = {"token": b64encode(cluster.token().encode()).decode()}
        cluster.admin.put(SECRET, {**made, "data": data})
        out, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    path = tmp_path / "kubeconfig"
    path.write_text(out)
    return path


def test_the_kubeconfig_has_one_context_called_like_the_member(cluster, kubeconfig):
    found = yaml.safe_load(kubeconfig.read_text())
    assert [one["name"] for one in found["contexts"]] == [cluster.name] == [found["current-context"]]
    assert [sorted(one["user"]) for one in found["users"]] == [["token"]]
    assert [sorted(one["cluster"]) for one in found["clusters"]] == [["certificate-authority-data", "server"]]


def test_it_reads_what_answers_are_made_of_and_nothing_else(shell, kubeconfig):
    used = ("kubectl", f"--kubeconfig={kubeconfig}")
    for kind in ("services", "endpointslices", "nodes"):
        shell(*used, "get", kind, "--all-namespaces")
    for kind in ("secrets", "namespaces", "pods", "configmaps"):
        _, said = shell(*used, "get", kind, "--all-namespaces", code=1)
        assert "fedresolver-remote" in said
        assert "forbidden" in said


def test_a_resolver_follows_the_member_with_it(cluster, kubeconfig):
    resolver = Resolver(kubeconfig.parent)
    with resolver.running():
        eventually(lambda: resolver.phase(cluster.name) == "synced", 30)
        # Namespaces, which only the local member is asked for, are not allowed to who reads it from elsewhere.
        wrong = resolver.metric("errors_total", member=cluster.name)
        assert wrong == resolver.metric("errors_total", member=cluster.name, error="forbidden")


def test_once_more_prints_the_same(cluster, shell, kubeconfig):
    before = kubeconfig.read_text()
    out, _ = shell(SCRIPT, cluster.name)
    assert out == before


def test_an_address_of_its_own_and_other_options_of_kubectl(cluster, shell, kubeconfig):
    out, _ = shell(
        SCRIPT, "arn:aws:eks:us-east-1:1:cluster/a", "--context", cluster.name, SERVER="https://192.0.2.1:6443"
    )
    found = yaml.safe_load(out)
    assert found["clusters"][0]["cluster"]["server"] == "https://192.0.2.1:6443"
    assert found["contexts"][0]["name"] == "arn:aws:eks:us-east-1:1:cluster/a"


def test_a_name_that_its_certificate_has_in_place_of_the_address(cluster, shell, kubeconfig):
    shell("kubectl", "config", "set-cluster", cluster.name, "--tls-server-name=127.0.0.1")
    out, _ = shell(SCRIPT, cluster.name)
    assert yaml.safe_load(out)["clusters"][0]["cluster"]["tls-server-name"] == "127.0.0.1"


def test_several_members_are_joined_to_one_kubeconfig(shell, kubeconfig, tmp_path):
    other = tmp_path / "other.kubeconfig"
    other.write_text(kubeconfig.read_text().replace("gce-us-central1", "gce-us-east1"))
    out, _ = shell("kubectl", "config", "view", "--flatten", "--raw", KUBECONFIG=f"{kubeconfig}:{other}")
    found = yaml.safe_load(out)
    assert {one["name"] for one in found["contexts"]} == {"gce-us-central1", "gce-us-east1"}
    assert {one["name"] for one in found["users"]} == {"gce-us-central1", "gce-us-east1"}


@pytest.mark.parametrize(
    ("words", "environ", "code", "complaint"),
    [
        pytest.param([], {}, 2, "deploy/member.sh NAME [KUBECTL_OPTION...]", id="no name"),
        pytest.param(["a b"], {}, 2, "'a b' cannot be the name of a member", id="no such name"),
        pytest.param(["a"], {"SERVER": "http://192.0.2.1"}, 1, "no address that begins with https://", id="no TLS"),
    ],
)
def test_what_is_wrong_is_said(shell, words, environ, code, complaint):
    out, said = shell(SCRIPT, *words, code=code, **environ)
    assert out == ""
    assert complaint in said
