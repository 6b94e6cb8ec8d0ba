import pytest

from fedresolver.config.read import ConfigError
from tests.support.request import answering, ask
from tests.support.setup import plugin


def test_it_ends_the_chain():
    made = plugin("whoami")
    assert ask(made.wrap(answering(AssertionError("passed on")))).plugin == "whoami"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("whoami me", "Corefile:2: `whoami` takes no argument, not 1; write `whoami`", id="an argument"),
        pytest.param("whoami {\nx\n}", "Corefile:2: `whoami` takes no block; remove its `{` and `}`", id="a block"),
        pytest.param(
            "whoami\nwhoami",
            "Corefile:3: `whoami` is given twice in this server block, first at Corefile:2; remove one",
            id="twice",
        ),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(text)
    assert str(caught.value) == error
