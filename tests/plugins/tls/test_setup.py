import pytest

from fedresolver.config.read import ConfigError
from fedresolver.plugins.tls.certificate import Wanted
from fedresolver.plugins.tls.pem import Clients, Paths
from fedresolver.plugins.tls.setup import parse
from tests.support.setup import Surroundings, plugin, stanzas

PAIR = Paths("cert.pem", "key.pem")


def parsed(text, file="Corefile"):
    (stanza,) = stanzas(text, file)
    return parse(stanza)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tls cert.pem key.pem", Wanted(PAIR)),
        ("tls /c /k /a", Wanted(Paths("/c", "/k", "/a"))),
        ("tls cert.pem key.pem {\n}", Wanted(PAIR)),
        ("tls cert.pem key.pem {\nclient_auth nocert\n}", Wanted(PAIR, Clients.NOT_ASKED)),
        ("tls cert.pem key.pem {\nclient_auth request\n}", Wanted(PAIR, Clients.NOT_ASKED)),
        ("tls cert.pem key.pem {\nclient_auth require\n}", Wanted(PAIR, Clients.VERIFIED)),
        ("tls cert.pem key.pem {\nclient_auth verify_if_given\n}", Wanted(PAIR, Clients.VERIFIED_IF_GIVEN)),
        ("tls cert.pem key.pem {\nclient_auth require_and_verify\n}", Wanted(PAIR, Clients.VERIFIED)),
    ],
    ids=str,
)
def test_what_is_read(text, expected):
    assert parsed(text) == expected


def test_paths_are_relative_to_the_file_that_names_them():
    assert parsed("tls cert.pem /key.pem", "/etc/fedresolver/Corefile").paths == Paths(
        "/etc/fedresolver/cert.pem", "/key.pem"
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("tls", "Corefile:2: `tls` takes 2 to 3 arguments, not 0; write `tls CERT KEY [CA]`"),
        ("tls cert.pem", "Corefile:2: `tls` takes 2 to 3 arguments, not 1; write `tls CERT KEY [CA]`"),
        ("tls a b c d", "Corefile:2: `tls` takes 2 to 3 arguments, not 4; write `tls CERT KEY [CA]`"),
        ("tls a b {\nclient_auth\n}", "Corefile:3: `client_auth` takes 1 argument, not 0; write `client_auth KIND`"),
        ("tls a b {\nclient_auth requir\n}", "Corefile:3: `requir` is not known here; did you mean `require`?"),
        ("tls a b {\nciphers all\n}", "Corefile:3: unknown option `ciphers`; known here: `client_auth`"),
    ],
    ids=str,
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        parsed(text)
    assert str(caught.value) == error


def test_one_certificate_is_enough():
    with pytest.raises(ConfigError, match="`tls` is given twice in this server block, first at Corefile:2; remove one"):
        plugin("tls a b\ntls a b")


def test_a_certificate_that_is_wanted_again_goes_on():
    around = Surroundings()
    first, again, other = (plugin(text, around) for text in ("tls a b", "tls a b", "tls a c"))
    assert first.encryption is again.encryption
    assert first.encryption is not other.encryption
    assert first.units == (first.encryption,)
