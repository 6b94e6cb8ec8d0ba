import signal

import pytest

from tests.e2e.authority import Authority


def pytest_configure():
    """Have Ctrl-C back: who is started in the background of a script ignores it, and so would all that we start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """One that signs the certificates of a module's servers and clients."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    """An authority that nobody trusts."""
    return Authority(tmp_path_factory.mktemp("stranger"))
