"""Which members a kubeconfig names, while it changes."""

import asyncio
import json

import pytest

from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.cluster.roster import KubeconfigRoster
from tests.support.kubeconfig import host


def put(path, *names, token="abc"):
    """Write a kubeconfig with these contexts; `bad` has no cluster."""
    contexts = [{"name": name, "context": {"cluster": name, "user": "u"}} for name in names]
    clusters = [{"name": name, "cluster": {"server": f"https://{name}"}} for name in names if name != "bad"]
    told = {"contexts": contexts, "clusters": clusters, "users": [{"name": "u", "user": {"token": token}}]}
    path.write_text(json.dumps(told))


def roster(path, *contexts):
    return KubeconfigRoster(str(path), contexts, host())


@pytest.mark.parametrize(
    ("wanted", "members"),
    [
        pytest.param((), ["c1", "c2"], id="all, if none is named"),
        pytest.param(("c2",), ["c2"], id="the one that is named"),
        pytest.param(("c2", "c1"), ["c2", "c1"], id="those that are named, in their order"),
        pytest.param(("c2", "c3"), ["c2"], id="of those that are named only those that are there"),
    ],
)
def test_members_are(wanted, members, tmp_path):
    put(tmp_path / "config", "c1", "c2")
    assert list(roster(tmp_path / "config", *wanted).ways()) == members


def test_a_context_that_is_described_badly_hurts_only_itself(tmp_path):
    put(tmp_path / "config", "c1", "bad")
    ways = roster(tmp_path / "config").ways()
    assert asyncio.run(ways["c1"].access.entry()).server == "https://c1"
    ways["bad"].access.rejected()
    with pytest.raises(AccessError, match="config: context bad: there is no cluster 'bad'"):
        asyncio.run(ways["bad"].access.entry())


def test_there_are_warnings_of_members_that_are_wanted(tmp_path):
    path = tmp_path / "config"
    put(path, "c1", "bad")
    assert roster(path).warnings() == (f"{path}: context bad: there is no cluster 'bad'",)
    assert roster(path, "c1").warnings() == ()
    path.unlink()
    assert roster(path).warnings() == (f"{path}: No such file or directory",)


def test_a_file_that_cannot_be_read_says_nothing_of_anybody(tmp_path):
    with pytest.raises(AccessError, match="No such file"):
        roster(tmp_path / "config").ways()


def test_the_stamp_is_another_when_the_file_is(tmp_path):
    path = tmp_path / "config"
    watched = roster(path)
    stamps = [watched.stamp()]
    put(path, "c1")
    stamps.append(watched.stamp())
    put(path, "c1", "c2")
    stamps.append(watched.stamp())
    assert stamps[0] is None
    assert len(set(stamps)) == 3
    assert watched.stamp() == stamps[-1]


def test_the_stamp_is_another_when_a_symlink_on_the_way_is_exchanged(tmp_path):
    """As in a Secret that is mounted: `config` leads through `..data`, which is replaced as a whole."""
    for version in ("v1", "v2"):
        (tmp_path / version).mkdir()
        put(tmp_path / version / "config", "c1", token=version)
    (tmp_path / "..data").symlink_to("v1")
    (tmp_path / "config").symlink_to("..data/config")
    watched = roster(tmp_path / "config")
    before, way = watched.stamp(), watched.ways()["c1"]
    (tmp_path / "new").symlink_to("v2")
    (tmp_path / "new").replace(tmp_path / "..data")
    assert watched.stamp() != before
    after = watched.ways()["c1"]
    assert after.fingerprint != way.fingerprint
    assert dict(asyncio.run(after.access.entry()).headers) == {"Authorization": "Bearer v2"}
