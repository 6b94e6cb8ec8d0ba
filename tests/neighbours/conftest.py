import pytest

from tests.neighbours import world
from tests.support.deadline import eventually
from tests.support.network import two_hosts
from tests.support.running import process


@pytest.fixture(scope="session")
def hosts(tmp_path_factory):
    """The host of fedresolver, and the one of a pod, where a neighbour may run too."""
    folder = tmp_path_factory.mktemp("hosts")
    with two_hosts(folder, world.OURS, world.THEIRS) as found:
        yield found


@pytest.fixture(scope="session")
def served(hosts, tmp_path_factory):
    """fedresolver, which answers the federation's names and refuses all others."""
    ours, _ = hosts
    folder = tmp_path_factory.mktemp("served")
    world.write(folder / "members")
    with process(folder, world.COREFILE, before=ours.inside) as started:
        eventually(lambda: ours.dig(world.FEDRESOLVER, world.FAR).status == "NOERROR")
        yield world.Served(started, ours, folder / "members")
