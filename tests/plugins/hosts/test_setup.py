import dns.rcode
import pytest

from fedresolver.config.read import ConfigError
from fedresolver.plugins.hosts.setup import Settings, parse
from fedresolver.plugins.hosts.text import read
from fedresolver.wire.name import ROOT, from_text
from tests.support.ask import addresses, ask, dig, question
from tests.support.deadline import eventually
from tests.support.running import running
from tests.support.setup import Surroundings, plugin, stanzas

ORG, NET = from_text("example.org"), from_text("example.net")
REVERSE = tuple(map(from_text, ("2.0.192.in-addr.arpa", "3.0.192.in-addr.arpa")))


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        pytest.param(
            "hosts",
            Settings(file="/etc/hosts", zones=(), inline=(), ttl=3600, reverse=True, reload=5, fallthrough=()),
            id="defaults",
        ),
        pytest.param("hosts h", Settings(file="/etc/x/h"), id="a file beside the Corefile"),
        pytest.param(
            "hosts /h example.org EXAMPLE.net 192.0.2.0/23",
            Settings(file="/h", zones=(ORG, NET, *REVERSE)),
            id="zones, a network among them",
        ),
        pytest.param("hosts {\nttl 60\nreload 1m\n}", Settings(ttl=60, reload=60), id="times"),
        pytest.param("hosts {\nttl 0\nreload 0\nno_reverse\n}", Settings(ttl=0, reload=0, reverse=False), id="none"),
        pytest.param("hosts {\nfallthrough\n}", Settings(fallthrough=(ROOT,)), id="fallthrough for every name"),
        pytest.param(
            "hosts {\nfallthrough example.org 192.0.2.0/23\n}",
            Settings(fallthrough=(ORG, *REVERSE)),
            id="fallthrough for some",
        ),
        pytest.param(
            "hosts {\n192.0.2.1 a b # c\nttl 60\n2001:db8::1 a\n::1 localhost\n}",
            Settings(ttl=60, inline=read("192.0.2.1 a b\n2001:db8::1 a\n::1 localhost", "").entries),
            id="lines among the options",
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
            "hosts {\ntll 60\n}", "Corefile:3: unknown option `tll`; did you mean `ttl`?", id="an unknown option"
        ),
        pytest.param(
            "hosts {\nttl 65536\n}", "Corefile:3: `65536` is no whole number from 0 to 65535", id="a TTL too long"
        ),
        pytest.param("hosts {\n10.0.0.300 a\n}", "Corefile:3: `10.0.0.300` is no IP address", id="a bad line"),
        pytest.param(
            "hosts {\n10.0.0.3\n}",
            "Corefile:3: `10.0.0.3` has no name; write ADDRESS NAME...",
            id="a line without a name",
        ),
        pytest.param(
            "hosts {\n10.0.0.3 a {\n}\n}",
            "Corefile:3: `10.0.0.3` takes no block; remove its `{` and `}`",
            id="a line with a block",
        ),
        pytest.param(
            "hosts h a..b {\nreload x\n10.0.0.3\n}",
            "Corefile:2: the zone `a..b` has a label of 0 octets; a label has 1 to 63\n"
            "Corefile:3: `x` is no duration; write seconds, or a duration as 30s, 1m30s, 100ms\n"
            "Corefile:4: `10.0.0.3` has no name; write ADDRESS NAME...",
            id="all at once",
        ),
        pytest.param(
            "hosts\nhosts b",
            "Corefile:3: `hosts` is given twice in this server block, first at Corefile:2; remove one",
            id="twice",
        ),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(text)
    assert str(caught.value) == error


def test_a_file_that_is_not_there_is_a_warning():
    assert plugin("hosts nowhere").warnings == (
        "Corefile:2: there is no file nowhere (yet); `hosts` reads it when it comes",
    )


def test_a_file_that_is_there_is_none(tmp_path):
    (tmp_path / "h").write_text("")
    assert plugin(f"hosts {tmp_path}/h").warnings == ()


@pytest.mark.parametrize(
    ("text", "goes_on"),
    [
        pytest.param("hosts h {\nttl 60\n192.0.2.1 a\nfallthrough\n}", True, id="what it holds is the same"),
        pytest.param("hosts h {\nttl 60\n192.0.2.1 b\n}", False, id="another line"),
        pytest.param("hosts h {\nttl 61\n192.0.2.1 a\n}", False, id="another TTL"),
        pytest.param("hosts h example.org {\nttl 60\n192.0.2.1 a\n}", False, id="other zones"),
    ],
)
def test_what_outlives_a_reload(text, goes_on):
    around = Surroundings()
    before = plugin("hosts h {\nttl 60\n192.0.2.1 a\n}", around)
    assert (plugin(text, around).units == before.units) is goes_on


COREFILE = """
.:0 {
    bind 127.0.0.1
    prometheus 127.0.0.1:0
    hosts names {
        192.0.2.1 inline.example.org
        reload 20ms
        fallthrough
    }
}
"""


def test_a_server_follows_its_file(tmp_path):
    with running(tmp_path, COREFILE) as server:

        def answer(name):
            response = ask(server.address(), question(name))  # the same octets each time, as the fast path wants them
            return dns.rcode.to_text(response.rcode()), addresses(response)

        assert server.log.having("there is no file")
        assert answer("inline.example.org") == ("NOERROR", {"192.0.2.1"})
        assert [answer("new.example.org") for _ in range(2)] == [("REFUSED", set())] * 2
        (tmp_path / "names").write_text("192.0.2.2 new.example.org\n")
        eventually(lambda: answer("new.example.org") == ("NOERROR", {"192.0.2.2"}))
        assert dig(server.address(), "+short", "-x", "192.0.2.2") == "new.example.org.\n"
        assert server.metric("fedresolver_hosts_entries", "dns://:0", ".") == 4
        assert server.metric("fedresolver_hosts_reload_timestamp_seconds", "dns://:0", ".") > 1e9
        (tmp_path / "names").write_text("192.0.2.33 new.example.org\n")
        eventually(lambda: answer("new.example.org") == ("NOERROR", {"192.0.2.33"}))
        (tmp_path / "names").write_text("")
        eventually(lambda: answer("new.example.org") == ("REFUSED", set()))
