"""How members are reached: all ways at once, by one resolver that runs as in a Pod."""

import json
from base64 import b64encode
from contextlib import contextmanager

import pytest

from tests.e2e.resolver import Resolver, populate, story
from tests.support.deadline import eventually
from tests.support.plugin import script

HOME, CERTIFIED, TOLD, PLUGGED = "gce-us-central1", "gce-us-east1", "gce-europe-west1", "gce-asia-east1"
STRANGE = "strange"
"""A context whose credential plugin is not allowed."""
VERSION = "client.authentication.k8s.io/v1"
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
POD = f'mount -t tmpfs tmpfs /var/run && mkdir -p {ACCOUNT} && mount --bind "$0" {ACCOUNT} && exec "$@"'
"""A shell's program that puts the folder of a service account where a Pod has it, seen by nobody else."""


def put(path, text):
    """Write a file at once, as a kubelet does."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text)
    draft.rename(path)


def url(member):
    return "https://{}:{}".format(*member.proxy.address)


def plugin(path, member):
    """Write a plugin that has a token only for who asks it for this member."""
    authority = b64encode(member.plane.authority.path.read_bytes()).decode()
    cluster = {"server": url(member), "certificate-authority-data": authority}
    status = {"apiVersion": VERSION, "kind": "ExecCredential", "status": {"token": member.token()}}
    asked = "json.loads(os.environ['KUBERNETES_EXEC_INFO'])['spec']['cluster']"
    return script(path, f"assert {asked} == {cluster!r}\nprint(json.dumps({status!r}))")


def kubeconfig(federation, users):
    """Return the text of a kubeconfig with a context for each of these users; the strange one is of a member as well."""
    members = {name: federation.get(name, federation[HOME]) for name in users}
    clusters = {
        name: {"server": url(member), "certificate-authority": str(member.plane.authority.path)}
        for name, member in members.items()
    }
    return json.dumps(
        {
            "kind": "Config",
            "clusters": [{"name": name, "cluster": cluster} for name, cluster in clusters.items()],
            "users": [{"name": name, "user": user} for name, user in users.items()],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in users],
        }
    )


@pytest.fixture
def token(federation, tmp_path):
    """The file with the token of one member."""
    put(tmp_path / "token", federation[TOLD].token())
    return tmp_path / "token"


@pytest.fixture
def pod(federation, tmp_path):
    """The folder of the service account."""
    folder = tmp_path / "account"
    folder.mkdir()
    put(folder / "token", federation[HOME].token())
    put(folder / "ca.crt", federation[HOME].plane.authority.path.read_text())
    return folder


@pytest.fixture
def told(federation, token, pod, tmp_path):
    """The story of members that are reached each in its own way, and of one that is not."""
    populate(federation)
    certificate, key = federation[CERTIFIED].certificate()
    allowed, strange = plugin(tmp_path / "allowed", federation[PLUGGED]), script(tmp_path / "strange", "")
    run = {"apiVersion": VERSION, "provideClusterInfo": True}
    users = {
        CERTIFIED: {"client-certificate": str(certificate), "client-key": str(key)},
        TOLD: {"tokenFile": token.name},
        PLUGGED: {"exec": {"command": "./allowed", **run}},
        STRANGE: {"exec": {"command": str(strange), **run}},
    }
    put(tmp_path / "kubeconfig", kubeconfig(federation, users))
    resolver = Resolver(tmp_path, f"in_cluster {HOME}\n        exec {allowed}\n        probe off")
    with running(resolver, federation, pod) as process, story(federation, resolver) as found:
        yield found, process


@contextmanager
def running(resolver, federation, pod):
    host, port = federation[HOME].proxy.address
    environ = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": str(port)}
    before = ("unshare", "--mount", "--map-root-user", "sh", "-c", POD, str(pod))
    with resolver.running(before, environ) as process:
        yield process


def test_each_member_is_followed_in_its_way_and_one_that_is_not_let_in_troubles_nobody(told, tmp_path):
    found, process = told
    found.phase(HOME, "synced")
    for member in (CERTIFIED, TOLD, PLUGGED):
        found.follows(member)
    assert found.resolver.phase(STRANGE) != "synced"
    assert found.resolver.metric("errors_total", member=STRANGE, error="unauthorized")
    strange = tmp_path / "strange"
    assert f"credential plugin {strange} is not allowed; write `exec {strange}` to allow it" in process.text
    assert not (tmp_path / "strange.runs").exists()


def test_a_token_is_revoked_and_its_file_has_another(told, token):
    found, _ = told
    member = found.members[TOLD]
    member.revoke()
    member.plane.restart()  # as it is, an API server believes a token for another 10 s
    eventually(lambda: found.resolver.metric("errors_total", member=TOLD, error="unauthorized"), 30)
    put(token, member.token())
    found.follows(TOLD)
