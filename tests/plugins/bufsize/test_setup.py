import pytest

from fedresolver.config.read import ConfigError
from tests.support.setup import plugin


@pytest.mark.parametrize(("text", "size"), [("bufsize", 1232), ("bufsize 512", 512), ("bufsize 4096", 4096)])
def test_what_it_says(text, size):
    assert plugin(text).udp_size == size


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("bufsize 511", "Corefile:2: `511` is no whole number from 512 to 4096"),
        ("bufsize 4097", "Corefile:2: `4097` is no whole number from 512 to 4096"),
        ("bufsize big", "Corefile:2: `big` is no whole number from 512 to 4096"),
        ("bufsize 512 512", "Corefile:2: `bufsize` takes 0 to 1 argument, not 2; write `bufsize [SIZE]`"),
        (
            "bufsize\nbufsize",
            "Corefile:3: `bufsize` is given twice in this server block, first at Corefile:2; remove one",
        ),
        ("bufsize {\n}", "Corefile:2: `bufsize` takes no block; remove its `{` and `}`"),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(text)
    assert str(caught.value) == error
