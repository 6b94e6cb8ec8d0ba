import pytest

from tests.e2e.resolver import Resolver, populate, story
from tests.e2e.story import members


@pytest.fixture(scope="session")
def planes(tmp_path_factory):
    """The four members as the session has them."""
    with members(tmp_path_factory.mktemp("e2e")) as found:
        yield found


@pytest.fixture
def federation(planes):
    """The four members by name, all of them ready and in reach, with nothing in them but what every member has."""
    for member in planes.values():
        member.reset()
    return planes


@pytest.fixture
def resolver(federation, tmp_path):
    """A resolver that does not run yet, with a kubeconfig of all members, in which `nginx` runs."""
    populate(federation)
    found = Resolver(tmp_path)
    found.told(member.context() for member in federation.values())
    return found


@pytest.fixture
def told(federation, resolver):
    """The story: all runs, and in the end no answer was lost or wrong."""
    with resolver.running(), story(federation, resolver) as found:
        yield found
