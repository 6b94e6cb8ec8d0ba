import pytest

from fedresolver.config.read import ConfigError
from fedresolver.plugins.secondary.parse import From, Settings, parse
from fedresolver.upstream.target import Target
from fedresolver.wire.name import ROOT, from_text
from fedresolver.zone.incoming import Limits
from tests.support.setup import stanzas

ORG, NET = from_text("example.org"), from_text("example.net")
A = From(Target("192.0.2.1"))
USAGE = "write `transfer from ADDRESS [ADDRESS...] [key NAME]`"


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        pytest.param("secondary {\ntransfer from 192.0.2.1\n}", Settings((), (A,)), id="the zones of the block"),
        pytest.param(
            "secondary example.org EXAMPLE.net example.org {\ntransfer from 192.0.2.1\n}",
            Settings((ORG, NET), (A,)),
            id="zones",
        ),
        pytest.param(
            "secondary {\ntransfer from 192.0.2.1 [2001:db8::1]:5353\ntransfer from dns://192.0.2.2 192.0.2.1\n}",
            Settings((), (A, From(Target("2001:db8::1", 5353)), From(Target("192.0.2.2")))),
            id="several primaries, each once",
        ),
        pytest.param(
            "secondary {\ntransfer from 192.0.2.1\nmax_records 10\nmax_octets 1000\n}",
            Settings((), (A,), Limits(10, 1000)),
            id="limits",
        ),
        pytest.param(
            "secondary {\ntransfer from 192.0.2.1\nfallthrough\n}", Settings((), (A,), fallthrough=(ROOT,)), id="all"
        ),
        pytest.param(
            "secondary {\ntransfer from 192.0.2.1\nfallthrough example.org\n}",
            Settings((), (A,), fallthrough=(ORG,)),
            id="some",
        ),
    ],
)
def test_what_it_says(text, settings):
    (stanza,) = stanzas(text)
    assert parse(stanza) == settings


def test_a_key_is_for_all_primaries_of_its_line():
    (stanza,) = stanzas("secondary {\ntransfer from 192.0.2.1 192.0.2.2 key Transfer.\ntransfer from 192.0.2.3\n}")
    keys = [primary.key and primary.key.text for primary in parse(stanza).primaries]
    assert keys == ["Transfer.", "Transfer.", None]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param(
            "secondary",
            f"Corefile:2: `secondary` without a primary; {USAGE} into its block",
            id="nothing",
        ),
        pytest.param(
            "secondary {\ntransfer to 192.0.2.1\n}",
            f"Corefile:3: `transfer to` in `secondary`; {USAGE}; who may have the zone says the directive `transfer`",
            id="to",
        ),
        pytest.param(
            "secondary {\ntransfer from\n}",
            f"Corefile:3: `transfer` takes 2 or more arguments, not 1; {USAGE}",
            id="from nowhere",
        ),
        pytest.param(
            "secondary {\ntransfer from 192.0.2.1 key\n}",
            f"Corefile:3: `key` is followed by one name, behind the addresses; {USAGE}",
            id="no key",
        ),
        pytest.param(
            "secondary {\ntransfer from key transfer.\n}",
            f"Corefile:3: `key` is followed by one name, behind the addresses; {USAGE}",
            id="a key and no address",
        ),
        pytest.param(
            "secondary {\ntransfer from 192.0.2.1 key a..b\n}",
            "Corefile:3: `a..b` cannot be the name of a key: label of 0 octets; a label has 1 to 63 (RFC 1035 2.3.4)",
            id="no name of a key",
        ),
        pytest.param(
            "secondary {\ntransfer from tls://192.0.2.1\n}",
            "Corefile:3: zones do not come over TLS here; write the address without `tls://`",
            id="over TLS",
        ),
        pytest.param(
            "secondary {\ntransfer from ns.example.org\n}",
            "Corefile:3: `ns.example.org` is no IP address; write one, as 192.0.2.1 or [2001:db8::1]:53",
            id="a host name",
        ),
        pytest.param(
            "secondary a..b {\ntransfer from 192.0.2.1\nmax_records 0\nfaltrough\n}",
            "Corefile:2: the zone `a..b` has a label of 0 octets; a label has 1 to 63\n"
            "Corefile:4: `0` is no whole number from 1 to 100000000\n"
            "Corefile:5: unknown option `faltrough`; did you mean `fallthrough`?",
            id="all at once",
        ),
        pytest.param(
            "secondary {\ntransfer from " + " ".join(f"192.0.2.{number}" for number in range(16)) + "\n}",
            "Corefile:2: 16 primaries; name at most 15",
            id="too many",
        ),
    ],
)
def test_what_is_wrong(text, error):
    (stanza,) = stanzas(text)
    with pytest.raises(ConfigError) as raised:
        parse(stanza)
    assert str(raised.value) == error
