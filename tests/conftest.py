import pytest

from tests.e2e.authority import Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """One that signs the certificates of a module's servers and clients."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    """An authority that nobody trusts."""
    return Authority(tmp_path_factory.mktemp("stranger"))
