"""Federations of one server block beside each other."""

import pytest

from fedresolver.config.read import ConfigError
from tests.support.setup import plugin


def two(folder, first, second):
    """Set up two federations with these snapshots."""
    text = "".join(
        f"federation {name} {name}.example.com {{\nmanifests .\nsnapshot {snapshot}\n}}\n"
        for name, snapshot in (("shop", first), ("bank", second))
    )
    return plugin(text, file=str(folder / "Corefile"))


@pytest.mark.parametrize("second", ["state", "./state", "../{folder}/state", "{path}/state"])
def test_one_snapshot_of_two_federations_is_refused(second, tmp_path):
    with pytest.raises(ConfigError) as caught:
        two(tmp_path, "state", second.format(folder=tmp_path.name, path=tmp_path))
    assert "Corefile:6: federation bank has the snapshot " in str(caught.value)
    assert "of federation shop; give each federation a file of its own" in str(caught.value)


def test_two_federations_have_a_snapshot_each(tmp_path):
    assert two(tmp_path, "state", "state2").wrap is not None
