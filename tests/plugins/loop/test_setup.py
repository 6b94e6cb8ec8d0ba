from dataclasses import dataclass

import pytest

from fedresolver.config.read import ConfigError
from fedresolver.observe.metrics import Metrics
from fedresolver.plugins.loop.metrics import LoopMetrics
from tests.support.setup import plugin


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("loop example.org", "Corefile:2: `loop` takes no argument, not 1; write `loop`", id="an argument"),
        pytest.param("loop {\n}", "Corefile:2: `loop` takes no block; remove its `{` and `}`", id="a block"),
        pytest.param(
            "loop\nloop",
            "Corefile:3: `loop` is given twice in this server block, first at Corefile:2; remove one",
            id="twice",
        ),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(text)
    assert str(caught.value) == error


def test_without_upstreams_there_is_nothing_to_say():
    made = plugin("loop")
    assert made.notes() == ()
    assert made.missing is None


@dataclass
class Upstream:
    name: str
    looping: bool


def test_the_numbers():
    metrics = Metrics()
    upstreams = [Upstream("a", False), Upstream("b", True), Upstream("c", True), Upstream("c", True)]
    metrics.read_with([lambda: metrics.part(LoopMetrics).read("dns://:53", upstreams)])
    (family,) = (family for family in metrics.families() if family.name == "fedresolver_loop_upstreams")
    assert family.values == {("dns://:53", "a"): 0, ("dns://:53", "b"): 1, ("dns://:53", "c"): 2}
