"""What a `federation` stanza says, and what is wrong with one."""

import pytest

from fedresolver.config.corefile import parse as parse_corefile
from fedresolver.config.read import ConfigError
from fedresolver.model.place import Place
from fedresolver.model.rules import Select
from fedresolver.plugins.federation.parse import parse
from fedresolver.plugins.federation.settings import Explain
from fedresolver.wire.name import from_text
from tests.support.setup import NoFiles


def read(body, folder, head="federation myfederation example.com"):
    text = f". {{\n{head} {{\n{body}\n}}\n}}\n"
    (stanza,) = parse_corefile(text, str(folder / "Corefile"), NoFiles(), {}).blocks[0].stanzas
    return parse(stanza, {"NODE_NAME": "node-1"})


def test_defaults_are_those_of_the_manual(tmp_path):
    found = read("manifests .", tmp_path)
    federation = found.federation
    assert (federation.ttl, federation.local_ttl) == (180, 5)
    assert (found.stale_after, found.expire_after, found.startup_timeout) == (30, 600, 30)
    assert (found.explain, found.fallthrough, found.rules.select) == (Explain.ON, None, Select.ALL)
    assert federation.inside == from_text("myfederation.svc.cluster.local")
    assert [server.name for server in found.name_servers] == [from_text("ns.example.com")]
    assert found.rules.node == "node-1"


def test_options_are_read(tmp_path):
    found = read(
        "manifests .\nlocal c1\nttl 1m\nexplain all\nfallthrough example.com\n"
        "topology c1 north oslo bergen\nns ns1.example.com 192.0.2.1\nmember c2 {\nnamespaces shop-*\n}",
        tmp_path,
    )
    assert (found.rules.local, found.federation.ttl, found.explain) == ("c1", 60, Explain.ALL)
    assert found.fallthrough == (from_text("example.com"),)
    assert found.rules.places == {"c1": (Place("north", "oslo"), Place("north", "bergen"))}
    assert found.name_servers[0].addresses == (b"\xc0\x00\x02\x01",)
    assert found.rules.may_speak("c2", "shop-1")
    assert not found.rules.may_speak("c2", "bank")


def test_what_bounds_the_loss_of_members_is_off_unless_it_is_named(tmp_path):
    found = read("manifests .", tmp_path)
    assert (found.snapshot, found.probe, found.witnesses) == ("", True, ())


@pytest.mark.parametrize(
    ("body", "field", "value"),
    [
        pytest.param("snapshot /var/lib/state", "snapshot", "/var/lib/state", id="an absolute snapshot"),
        pytest.param("probe off", "probe", False, id="no probes"),
        pytest.param("probe on", "probe", True, id="probes"),
        pytest.param("witness gw.example.com:443", "witnesses", (("gw.example.com", 443),), id="a witness by name"),
        pytest.param(
            "witness 192.0.2.1:53 [2001:db8::1]:53\nwitness 192.0.2.1:53 192.0.2.1:80",
            "witnesses",
            (("192.0.2.1", 53), ("2001:db8::1", 53), ("192.0.2.1", 80)),
            id="witnesses by address, each once",
        ),
    ],
)
def test_what_bounds_the_loss_of_members(body, field, value, tmp_path):
    assert getattr(read(f"manifests .\n{body}", tmp_path), field) == value


def test_a_relative_snapshot_is_beside_the_file_that_names_it(tmp_path):
    assert read("manifests .\nsnapshot state", tmp_path).snapshot == str(tmp_path / "state")


@pytest.mark.parametrize(
    ("body", "line", "error"),
    [
        pytest.param("local c1", 2, "has no members", id="no source of members"),
        pytest.param("manifests nowhere", 3, "there is no folder", id="a folder that is not there"),
        pytest.param("manifests .\nstale_after 1h", 4, "is below stale_after", id="stale after it is expired"),
        pytest.param(
            "manifests .\nexpire_after 10s\nttl 60", 4, "is below stale_after", id="expired before it is stale"
        ),
        pytest.param(
            "stale_after 1m\nmanifests .\nexpire_after 10s", 5, "is below stale_after", id="told where expire_after is"
        ),
        pytest.param("manifests .\nttl 2d", 4, "2d", id="a duration that is none"),
        pytest.param("manifests .\nttl 90000", 4, "above one day", id="a TTL above one day"),
        pytest.param("manifests .\nttl 999999999", 4, "a TTL of 999999999 s is", id="a TTL of decades"),
        pytest.param("manifests .\nselect labels", 4, "no selector", id="labels without a selector"),
        pytest.param("manifests .\nmember c1 {\n}", 4, "restricts nothing", id="a restriction that is none"),
        pytest.param("manifests .\ntopology c1 a b\ntopology c1 c d", 2, "is there twice", id="a place twice"),
        pytest.param("manifests .\nsnapshot", 4, "write `snapshot PATH`", id="a snapshot without a path"),
        pytest.param('manifests .\nsnapshot ""', 4, "the path is empty", id="a snapshot with an empty path"),
        pytest.param("manifests .\nprobe never", 4, "`never` is not known here", id="a word that probe does not know"),
        pytest.param("manifests .\nwitness", 4, "write `witness HOST:PORT...`", id="no witness"),
        pytest.param("manifests .\nwitness 192.0.2.1", 4, "has no port", id="a witness without a port"),
        pytest.param("manifests .\nwitness :443", 4, "cannot be reached", id="a witness without a host"),
        pytest.param("manifests .\nwitness a:0", 4, "cannot be reached", id="a witness with port 0"),
        pytest.param("manifests .\nlocl c1", 4, "did you mean `local`?", id="a slip"),
    ],
)
def test_what_is_wrong(body, line, error, tmp_path):
    with pytest.raises(ConfigError) as caught:
        read(body, tmp_path)
    assert f"Corefile:{line}: " in str(caught.value)
    assert error in str(caught.value)


KUBECONFIG = "contexts: [{name: c1, context: {cluster: k}}, {name: 'arn:aws:eks:eu:1:cluster/c2', context: {}}]"


@pytest.mark.parametrize(
    ("body", "contexts"),
    [
        pytest.param("kubeconfig config", ((),), id="all contexts"),
        pytest.param("kubeconfig config c1", (("c1",),), id="one"),
        pytest.param(
            "kubeconfig config arn:aws:eks:eu:1:cluster/c2", (("arn:aws:eks:eu:1:cluster/c2",),), id="one of EKS"
        ),
        pytest.param(
            "kubeconfig config c1\nkubeconfig ./config arn:aws:eks:eu:1:cluster/c2",
            (("c1",), ("arn:aws:eks:eu:1:cluster/c2",)),
            id="two from two lines",
        ),
    ],
)
def test_members_of_kubeconfigs(body, contexts, tmp_path):
    (tmp_path / "config").write_text(KUBECONFIG)
    found = read(body, tmp_path).kubeconfigs
    assert tuple(one.contexts for one in found) == contexts
    assert all(one.path.startswith(f"{tmp_path}/") for one in found)


def test_the_member_around_us_is_the_local_one(tmp_path):
    found = read("in_cluster c1", tmp_path)
    assert (found.in_cluster, found.rules.local) == ("c1", "c1")
    assert read("in_cluster c1\nlocal c2", tmp_path).rules.local == "c2"


def test_plugins_that_may_be_run(tmp_path):
    (tmp_path / "plugin").write_text("")
    (tmp_path / "plugin").chmod(0o755)
    assert read("manifests .\nexec plugin /bin/sh\nexec /bin/cat", tmp_path).exec_paths == (
        str(tmp_path / "plugin"),
        "/bin/sh",
        "/bin/cat",
    )


@pytest.mark.parametrize(
    ("body", "line", "error"),
    [
        pytest.param("kubeconfig", 3, "write `kubeconfig PATH [CONTEXT...]`", id="no path"),
        pytest.param(
            "kubeconfig away", 3, "away: No such file or directory; name the file that `kubectl", id="no file"
        ),
        pytest.param("kubeconfig broken", 3, "broken:2: ", id="a file that is no YAML"),
        pytest.param("kubeconfig list", 3, "a kubeconfig is expected", id="a file that is another"),
        pytest.param(
            "kubeconfig config c3", 3, "has no context c3; it has c1, arn:aws:eks:eu:1:cluster/c2", id="no context"
        ),
        pytest.param("kubeconfig empty c1", 3, "has no context c1; it has none", id="a file without contexts"),
        pytest.param(
            "kubeconfig cut", 3, "no contexts; a kubeconfig that is to have none says", id="a file that is cut"
        ),
        pytest.param("kubeconfig config c1 c1", 3, "member c1 is there twice", id="a context twice on a line"),
        pytest.param("kubeconfig config\nkubeconfig config c1", 4, "member c1 is there twice", id="a context twice"),
        pytest.param("kubeconfig config\nin_cluster c1", 3, "in_cluster has it already", id="around us and elsewhere"),
        pytest.param("kubeconfig config ''", 3, "has no context ''", id="a name in other quotes"),
        pytest.param('kubeconfig config ""', 3, "cannot be the name of a member", id="an empty name"),
        pytest.param("in_cluster", 3, "write `in_cluster MEMBER`", id="no name for the member around us"),
        pytest.param("in_cluster c1\nin_cluster c2", 4, "is given twice", id="two members around us"),
        pytest.param("manifests .\nexec", 4, "write `exec PATH...`", id="no plugin"),
        pytest.param("manifests .\nexec /bin/sh away", 4, "away is not a program that can be run", id="no program"),
        pytest.param(
            "manifests .\nexec config", 4, "config is not a program that can be run", id="a file that is none"
        ),
        pytest.param("manifests .\nexec .", 4, "is not a program that can be run", id="a folder"),
    ],
)
def test_what_is_wrong_with_api_servers(body, line, error, tmp_path):
    files = {"config": KUBECONFIG, "broken": "a: [1\nb: 2", "list": "[]", "empty": "contexts: []", "cut": ""}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError) as caught:
        read(body, tmp_path)
    assert f"Corefile:{line}: " in str(caught.value)
    assert error in str(caught.value)
