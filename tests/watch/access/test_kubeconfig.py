"""What kubeconfig files say, in the words of the file and in those of its errors."""

import asyncio
import json

import pytest

from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.access.kubeconfig import read
from tests.support.kubeconfig import host, written


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("a: [1\nb: 2\n", ":2: ", id="broken YAML, by its line"),
        pytest.param("a: *b\n", ":1: an alias stands for nothing before it", id="an alias of nothing"),
        pytest.param("[]", ": expected object, got array; a kubeconfig is expected", id="a list"),
        pytest.param("", ": no contexts; ", id="an empty file"),
        pytest.param("---\n", ": no contexts; ", id="an empty document"),
        pytest.param("kind: Config\nclusters: []\n", ": no contexts; ", id="a file that is cut before its contexts"),
        pytest.param("contexts:\n", ": no contexts; ", id="a file that is cut where its contexts begin"),
        pytest.param("kind: List\ncontexts: []\n", ": kind is 'List'; a kubeconfig", id="another kind"),
        pytest.param("kind: 7\ncontexts: []\n", ": kind: expected str, got int; a kubeconfig", id="a kind of no words"),
        pytest.param("contexts: []\n---\ncontexts: []\n", ": 2 documents; a kubeconfig is one", id="two documents"),
        pytest.param("contexts: 1", ": contexts: expected array, got int; a kubeconfig", id="contexts that are none"),
        pytest.param("users: [{user: {}}]", ": users[0]: missing required field name;", id="a user without a name"),
        pytest.param("contexts: [{name: ''}]", ": a context has a name that is empty", id="an empty name"),
        pytest.param(
            '{users: [{name: "a\\nb"}], contexts: []}',
            ": a user has a name that is empty or cannot",
            id="a name of two lines",
        ),
        pytest.param(
            "{clusters: [{name: a}, {name: a}], contexts: []}", ": cluster a is there twice", id="a name twice"
        ),
        pytest.param("#" * (1 << 20) + "\n", ": too large", id="a file that is too large"),
        pytest.param(None, ": No such file or directory", id="a file that is not there"),
    ],
)
def test_a_file_cannot_be_read(text, why, tmp_path):
    path = tmp_path / "kubeconfig"
    if text is not None:
        path.write_text(text)
    with pytest.raises(AccessError) as caught:
        read(str(path))
    assert str(caught.value).startswith(f"{path}{why}")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("users: [{name: u, user: {password: *SeCrEt}}]", id="an alias"),
        pytest.param("users: [{name: u, user: {password: !SeCrEt!x y}}]", id="a tag of nobody"),
        pytest.param("users: [{name: u, user: {password: %SeCrEt}}]", id="what begins with a percent sign"),
        pytest.param("users: [{name: u, user: {password: @SeCrEt}}]", id="what begins with an at sign"),
        pytest.param('users: [{name: u, user: {password: "\\SeCrEt"}}]', id="an escape"),
        pytest.param("users: [{name: u, user: {password: &SeCrEt&x y}}]", id="an anchor"),
        pytest.param("users: [{name: u, user: {password: SeCrEt: x}}]", id="a value with a colon"),
    ],
)
def test_a_password_without_its_quotes_is_not_told(text, tmp_path):
    (tmp_path / "kubeconfig").write_text(text)
    with pytest.raises(AccessError) as caught:
        read(str(tmp_path / "kubeconfig"))
    assert "SeCrEt" not in f"{caught.value} {caught.value.__cause__} {caught.value.__cause__!r}"


def test_a_folder_is_no_kubeconfig(tmp_path):
    with pytest.raises(AccessError, match="Is a directory"):
        read(str(tmp_path))


@pytest.mark.parametrize("text", ["contexts: []\n", "---\nkind: Config\nusers: null\ncontexts: []\n---\n"])
def test_a_file_may_say_that_it_has_no_contexts(text, tmp_path):
    (tmp_path / "kubeconfig").write_text(text)
    assert read(str(tmp_path / "kubeconfig")).contexts == ()


def test_contexts_stand_in_the_order_of_the_file_and_may_share(tmp_path):
    path = tmp_path / "kubeconfig"
    path.write_text(
        "clusters: [{name: k, cluster: {server: https://h}}]\nusers: [{name: u, user: {token: t}}]\n"
        "contexts:\n- {name: z, context: {cluster: k, user: u}}\n- {name: a, context: {cluster: k}}\n"
        "- {name: bad}\n"
    )
    config = read(str(path))
    assert config.contexts == ("z", "a", "bad")
    assert len(asyncio.run(config.access("z", host()).entry()).headers) == 1
    assert len(asyncio.run(config.access("a", host()).entry()).headers) == 0
    assert config.warning("bad", host()) == f"{path}: context bad: there is no cluster ''"


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        pytest.param(lambda told: None, False, id="nothing"),
        pytest.param(lambda told: told.update(preferences={}), False, id="nothing of a context"),
        pytest.param(lambda told: told["contexts"][0]["context"].update(namespace="n"), False, id="its namespace"),
        pytest.param(lambda told: told["clusters"].append({"name": "k2"}), False, id="another cluster"),
        pytest.param(lambda told: told["users"].append({"name": "u2"}), False, id="another user"),
        pytest.param(lambda told: told["contexts"].append({"name": "c2"}), False, id="another context"),
        pytest.param(lambda told: told["clusters"][0]["cluster"].update(server="https://h"), True, id="its server"),
        pytest.param(lambda told: told["users"][0]["user"].update(token="b"), True, id="its token"),
        pytest.param(lambda told: told["contexts"][0]["context"].pop("user"), True, id="its user"),
        pytest.param(lambda told: told["contexts"][0].update(context=7), True, id="its shape"),
        pytest.param(lambda told: told["users"][0].update(user=[10**19 + 1]), True, id="a number without end"),
    ],
)
def test_the_fingerprint_of_a_context_changes_with(change, differs, tmp_path):
    path = written(tmp_path, user={"token": "a"})
    before = read(str(path)).fingerprint("c1")
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))
    assert (read(str(path)).fingerprint("c1") != before) == differs


def test_a_server_that_is_not_verified_is_a_warning(tmp_path):
    path = written(tmp_path, {"insecure-skip-tls-verify": True})
    what = "the server's certificate is not verified (insecure-skip-tls-verify)"
    assert read(str(path)).warning("c1", host()) == f"{path}: context c1: {what}"


def test_a_context_that_is_well_is_no_warning(tmp_path):
    assert read(str(written(tmp_path))).warning("c1", host()) == ""


@pytest.mark.parametrize(
    ("cluster", "user", "lacking"),
    [
        ({"certificate-authority": "ca.crt"}, None, "ca.crt"),
        ({}, {"tokenFile": "tokens/c1"}, "tokens/c1"),
        ({}, {"client-certificate": "c.crt", "client-key": "c.key"}, "c.crt"),
        ({}, {"client-certificate-data": "eA==", "client-key": "c.key"}, "c.key"),
        ({}, {"tokenFile": "tokens/c1", "token": "t"}, ""),
        ({"certificate-authority": "ca.crt", "certificate-authority-data": "eA=="}, None, ""),
    ],
)
def test_a_file_that_is_not_there_is_a_warning(tmp_path, cluster, user, lacking):
    path = written(tmp_path, cluster, user)
    why = f"{path}: context c1: {tmp_path / lacking}: No such file or directory"
    assert read(str(path)).warning("c1", host()) == (why if lacking else "")
