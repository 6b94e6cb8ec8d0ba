"""`fedresolver rbac`: the rights that a Corefile needs."""

import json

import pytest
import yaml

from tests.support.running import command

COREFILE = ". {{\n    federation myfederation example.com {{\n        {}\n    }}\n}}\n"
HOME, AWAY = "in_cluster gce-us-central1", "kubeconfig /etc/fedresolver/kubeconfig"
ALWAYS = {"services", "discovery.k8s.io/endpointslices"}
EXPORTS = "multicluster.x-k8s.io/serviceexports"


def rights(role):
    """Return the resources of a ClusterRole, each with its group; its verbs are these, always."""
    assert [rule["verbs"] for rule in role["rules"]] == [["list", "watch"]] * len(role["rules"])
    pairs = [(group, name) for rule in role["rules"] for group in rule["apiGroups"] for name in rule["resources"]]
    assert len(pairs) == len(set(pairs))
    return {f"{group}/{name}".lstrip("/") for group, name in pairs}


@pytest.fixture
def asked(tmp_path):
    """Return what the command prints for a federation with these lines."""

    def ask(lines, *words):
        (tmp_path / "Corefile").write_text(COREFILE.format("\n        ".join(lines)))
        return command("rbac", *words, folder=tmp_path)

    return ask


@pytest.mark.parametrize(
    ("lines", "local", "remote"),
    [
        pytest.param([HOME], ALWAYS | {"nodes", "namespaces"}, None, id="the cluster around us"),
        pytest.param([AWAY], None, ALWAYS | {"nodes"}, id="clusters elsewhere"),
        pytest.param([HOME, AWAY], ALWAYS | {"nodes", "namespaces"}, ALWAYS | {"nodes"}, id="both"),
        pytest.param(
            [AWAY, "local a"],
            ALWAYS | {"nodes", "namespaces"},
            ALWAYS | {"nodes"},
            id="a local one that may be in the kubeconfig",
        ),
        pytest.param(
            [f"{AWAY} a b", "local a", "topology b south"],
            ALWAYS | {"nodes", "namespaces"},
            ALWAYS,
            id="Nodes are not needed where the place is told",
        ),
        pytest.param(
            [f"{AWAY} a b c", "local a", "topology b south"],
            ALWAYS | {"nodes", "namespaces"},
            ALWAYS | {"nodes"},
            id="but one whose place is not told has them",
        ),
        pytest.param(
            [HOME, "topology gce-us-central1 us-central1 us-central1-a"],
            ALWAYS | {"nodes", "namespaces"},
            None,
            id="our own Node is looked at all the same",
        ),
        pytest.param(
            [HOME, AWAY, "select exported"],
            ALWAYS | {"nodes", "namespaces", EXPORTS},
            ALWAYS | {"nodes", EXPORTS},
            id="exports where they select",
        ),
    ],
)
def test_what_each_member_must_allow(asked, lines, local, remote):
    expected = {"fedresolver": local, "fedresolver-remote": remote}
    done = asked(lines)
    assert (done.returncode, done.stderr) == (0, "")
    found = {role["metadata"]["name"]: rights(role) for role in yaml.safe_load_all(done.stdout)}
    assert found == {name: rights for name, rights in expected.items() if rights is not None}


def test_one_kind_of_member_as_json(asked):
    role = json.loads(asked([HOME, AWAY], "--member", "remote", "-o", "json").stdout)
    assert (role["kind"], role["metadata"]["name"], rights(role)) == (
        "ClusterRole",
        "fedresolver-remote",
        ALWAYS | {"nodes"},
    )


def test_all_of_them_as_json(asked):
    found = json.loads(asked([HOME, AWAY], "-o", "json").stdout)
    assert (found["kind"], len(found["items"])) == ("List", 2)


def test_the_members_are_those_of_the_kubeconfig_if_it_is_there(asked, tmp_path):
    (tmp_path / "kubeconfig").write_text(
        'clusters: [{name: c, cluster: {server: "https://192.0.2.1:6443"}}]\n'
        "users: [{name: u, user: {token: secret}}]\n"
        "contexts: [{name: b, context: {cluster: c, user: u}}]\n"
    )
    done = asked(["kubeconfig kubeconfig", "topology b south"])
    assert rights(yaml.safe_load(done.stdout)) == ALWAYS


@pytest.mark.parametrize(
    ("lines", "words", "complaint"),
    [
        pytest.param(
            [HOME], ["--member", "remote"], "no federation has a remote member that is an API server", id="no remote"
        ),
        pytest.param(["manifests ."], [], "no federation has a member that is an API server", id="only files"),
        pytest.param(["selekt all"], [], "Corefile:3: unknown", id="a typo"),
    ],
)
def test_what_cannot_be_said_is_one_line(asked, lines, words, complaint):
    done = asked(lines, *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1
