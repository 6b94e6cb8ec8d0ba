from ipaddress import ip_network

import pytest

from fedresolver.chain.handler import FOREVER, Reply
from fedresolver.config.read import ConfigError
from fedresolver.plugins.loadbalance.setup import Settings, parse
from tests.support.request import answering, ask, records
from tests.support.setup import Surroundings, plugin, stanzas

USAGE = "loadbalance [round_robin | weighted WEIGHTFILE]"


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        pytest.param("loadbalance", Settings(), id="defaults"),
        pytest.param("loadbalance round_robin", Settings(), id="the default by its name"),
        pytest.param(
            "loadbalance {\nprefer 192.0.2.0/24\nprefer 2001:db8::/32 10.0.0.1\n}",
            Settings(prefer=(ip_network("192.0.2.0/24"), ip_network("2001:db8::/32"), ip_network("10.0.0.1"))),
            id="prefer",
        ),
        pytest.param(
            "loadbalance weighted w", Settings(weight_file="/etc/x/w", reload=30), id="a file beside the Corefile"
        ),
        pytest.param(
            "loadbalance weighted /w {\nreload 0s\n}",
            Settings(weight_file="/w", reload=0),
            id="a file that is read once",
        ),
    ],
)
def test_what_it_says(text, settings):
    (stanza,) = stanzas(text, "/etc/x/Corefile")
    assert parse(stanza) == settings


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param(
            "loadbalance fleeb",
            "Corefile:2: `fleeb` is not known here; known here: `round_robin`, `weighted`",
            id="no policy",
        ),
        pytest.param(
            "loadbalance round_robin a",
            f"Corefile:2: `loadbalance` takes 0 to 1 argument, not 2; write `{USAGE}`",
            id="a word too many",
        ),
        pytest.param(
            "loadbalance weighted", f"Corefile:2: `loadbalance` takes 2 arguments, not 1; write `{USAGE}`", id="no file"
        ),
        pytest.param(
            "loadbalance weighted w {\nprefer 192.0.2.0/24\n}",
            "Corefile:3: unknown option `prefer`; known here: `reload`",
            id="weights and networks",
        ),
        pytest.param(
            "loadbalance weighted nowhere",
            "Corefile:2: the weights cannot be read: nowhere: No such file or directory",
            id="a file that is not there",
        ),
        pytest.param(
            "loadbalance\nloadbalance",
            "Corefile:3: `loadbalance` is given twice in this server block, first at Corefile:2; remove one",
            id="twice",
        ),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(text)
    assert str(caught.value) == error


@pytest.mark.parametrize("text", ["loadbalance", "loadbalance {\nprefer 192.0.2.0/24\n}"])
def test_addresses_take_turns(text):
    given = Reply(answer=records("192.0.2.1", "192.0.2.2"), cell=FOREVER)
    assert ask(plugin(text).wrap(answering(given))).turns


def test_the_weights_of_the_file_decide_and_outlive_a_reload(tmp_path):
    (tmp_path / "w").write_text("www.example.org\n192.0.2.2 255\n")
    around = Surroundings()
    made = plugin(f"loadbalance weighted {tmp_path}/w", around)
    again = plugin(f"loadbalance weighted {tmp_path}/w", around)
    given = Reply(answer=records("192.0.2.1", "192.0.2.2"), cell=FOREVER)
    firsts = [ask(made.wrap(answering(given))).answer[0].rdatas[0][-1] for _ in range(300)]
    assert again.units == made.units
    assert firsts.count(2) > firsts.count(1)
