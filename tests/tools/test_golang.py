import pytest

from tests.tools import golang


@pytest.mark.parametrize(
    ("text", "version"),
    [("go version go1.26.8 linux/amd64", (1, 26)), ("go version go1.9 linux/386", (1, 9)), ("", (0, 0))],
)
def test_the_version_of_go(text, version):
    assert golang.version(text) == version
