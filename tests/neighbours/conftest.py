import pytest

from tests.neighbours import world
from tests.support.network import two_hosts


@pytest.fixture(scope="session")
def hosts(tmp_path_factory):
    """The host of fedresolver, and the one of a pod, where a neighbour may run too."""
    folder = tmp_path_factory.mktemp("hosts")
    with two_hosts(folder, world.OURS, world.THEIRS) as found:
        yield found


@pytest.fixture(scope="session")
def served(hosts, tmp_path_factory):
    """fedresolver, which answers the federation's names and refuses all others."""
    with world.serve(hosts[0], tmp_path_factory.mktemp("served"), world.FEDRESOLVER) as found:
        yield found
