import pytest

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
