import base64

import pytest

from fedresolver.chain.handler import REFUSED, Reply
from fedresolver.chain.keys import key_of
from fedresolver.chain.setup import Shared
from fedresolver.config.lexer import Token
from fedresolver.config.read import ConfigError
from fedresolver.plugins.tsig.setup import parse
from fedresolver.wire.name import ROOT, from_text
from fedresolver.wire.tsig import Key, Keyring
from tests.support.request import answering, ask, request
from tests.support.setup import plugin, stanzas
from tests.support.signed import BASE64, SECRET, key

NET = from_text("example.net")


def settings(text):
    (stanza,) = stanzas(f"tsig {text}")
    found = parse(stanza)
    return found.zones, tuple(one for _, one in found.secrets), found.types, found.opcodes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", ((), (), frozenset(), frozenset()), id="nothing"),
        pytest.param("example.net {\n}", ((NET,), (), frozenset(), frozenset()), id="a zone"),
        pytest.param(
            f"{{\nsecret KEY.example.org {BASE64}\nsecret b. {BASE64} HMAC-SHA512.\n}}",
            ((), (key(), key("b.", "hmac-sha512")), frozenset(), frozenset()),
            id="two keys",
        ),
        pytest.param(
            "{\nrequire AXFR ixfr TYPE65280\nrequire_opcode notify\n}",
            ((), (), frozenset((252, 251, 65280)), frozenset((4,))),
            id="types and an opcode",
        ),
        pytest.param("{\nrequire all\nrequire_opcode ALL\n}", ((), (), None, None), id="everything"),
        pytest.param("{\nrequire none\nrequire_opcode none\n}", ((), (), frozenset(), frozenset()), id="nothing, said"),
    ],
)
def test_what_it_says(text, said):
    assert settings(text) == said


def base64_of(octets):
    return base64.b64encode(octets).decode()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("secret a", "Corefile:3: `secret` takes 2 to 3 arguments, not 1; write `secret NAME KEY [ALGORITHM]`"),
        ("secret a not-base64!", "Corefile:3: the secret of the key is not in base64; make one with `tsig-keygen`"),
        ('secret a ""', "Corefile:3: the secret of the key is not in base64; make one with `tsig-keygen`"),
        (
            f"secret a hmac-sha256 {BASE64}",
            "Corefile:3: there is no such algorithm for a key; known here: `hmac-sha1`, `hmac-sha224`, `hmac-sha256`, "
            "`hmac-sha256-128`, `hmac-sha384`, `hmac-sha384-192`, `hmac-sha512`, `hmac-sha512-256`",
        ),
        (f"secret a {BASE64} hmac-md5", "Corefile:3: MD5 is broken, and keys for it are not accepted; use hmac-sha256"),
        (
            f"secret a..b {BASE64}",
            "Corefile:3: `a..b` cannot be the name of a key: label of 0 octets; a label has 1 to 63 (RFC 1035 2.3.4)",
        ),
        (
            f"secret a {BASE64}\nsecret A. {BASE64}",
            "Corefile:4: the key a. is there twice; remove one, or give it another name",
        ),
        ("secrets no.key", "Corefile:3: the keys in no.key cannot be read: No such file or directory"),
        ("require AXXR", "Corefile:3: `AXXR` is no type; write `AXFR`, `TYPE123`, `all` or `none`"),
        ("require TYPE65536", "Corefile:3: `TYPE65536` is no type; write `AXFR`, `TYPE123`, `all` or `none`"),
        ("require", "Corefile:3: `require` takes 1 or more arguments, not 0; write `require TYPE...`"),
        ("require_opcode NOTFY", "Corefile:3: `notfy` is not known here; did you mean `notify`?"),
        ("secreet a b", "Corefile:3: unknown option `secreet`; did you mean `secret`?"),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(f"tsig {{\n{text}\n}}")
    assert str(caught.value) == error
    assert BASE64 not in str(caught.value)


def test_a_short_secret_is_a_warning():
    made = plugin(f"tsig {{\nsecret a. {base64_of(SECRET[:8])}\n}}")
    assert made.warnings == ("Corefile:3: the secret of a. has 64 bits only, and may be guessed",)


def test_keys_come_from_files_too(tmp_path):
    (tmp_path / "two.key").write_text(f'key "a." {{ secret "{BASE64}"; }};\nkey b {{ secret "{BASE64}"; }};\n')
    made = plugin(f"tsig {{\nsecrets two.key\nsecret c {BASE64}\n}}", file=str(tmp_path / "Corefile"))
    assert list(made.keyring) == [key("c."), key("a."), key("b.")]


def test_a_file_is_not_too_large(tmp_path):
    (tmp_path / "large.key").write_text(" " * (1024 * 1024 + 1))
    with pytest.raises(ConfigError, match=r"large\.key has more than 1048576 octets"):
        plugin("tsig {\nsecrets large.key\n}", file=str(tmp_path / "Corefile"))


def test_stanzas_share_their_keys():
    made = plugin(f"tsig a. {{\nsecret a. {BASE64}\n}}\ntsig b. {{\nsecret b. {BASE64}\n}}")
    assert list(made.keyring) == [key("a."), key("b.")]


class SetUp:
    """As much of what a plugin is given as a key is looked up in."""

    def __init__(self, *keys):
        self.shared = Shared()
        for one in keys:
            self.shared.part(Keyring).add(one)


def test_other_plugins_name_a_key():
    assert key_of(SetUp(key()), Token("KEY.example.org", "Corefile", 7)) == key()


def test_other_plugins_are_told_of_a_key_that_is_not_there():
    with pytest.raises(ConfigError) as caught:
        key_of(SetUp(key()), Token("kex.example.org", "Corefile", 7))
    assert str(caught.value) == (
        "Corefile:7: there is no TSIG key `kex.example.org` in this server block; "
        "define it with `secret` or `secrets` in the block of `tsig`"
    )


GOOD = Reply()


@pytest.mark.parametrize(
    ("text", "question", "signed", "answer"),
    [
        ("", "www.example.org A", False, GOOD),
        ("require AXFR", "www.example.org A", False, GOOD),
        ("require AXFR", "www.example.org AXFR", False, REFUSED),
        ("require AXFR", "www.example.org AXFR", True, GOOD),
        ("require all", "www.example.org A", False, REFUSED),
        ("require all", "www.example.net A", False, GOOD),
        ("require_opcode NOTIFY", "www.example.org A", False, GOOD),
        ("require_opcode QUERY", "www.example.org A", False, REFUSED),
    ],
)
@pytest.mark.parametrize("link", ["wrap", "aside"])
def test_what_must_be_signed(text, question, signed, answer, link):
    made = plugin(f"tsig example.org {{\n{text}\n}}", zones=(ROOT,))
    wrap = getattr(made, link)
    asked = request(question)
    if signed:
        asked = type(asked)(asked.query, asked.client, asked.zone, asked.size, 0.0, from_text("key."))
    assert (ask(wrap(answering(GOOD)), asked) if wrap else GOOD) == answer


def test_without_zones_it_is_about_those_of_the_block():
    made = plugin("tsig {\nrequire all\n}", zones=(NET,))
    assert ask(made.wrap(answering(GOOD)), request("a.example.net A")) == REFUSED
    assert ask(made.wrap(answering(GOOD)), request("a.example.org A")) == GOOD


def test_settings_show_no_secret():
    (stanza,) = stanzas(f"tsig {{\nsecret a. {BASE64}\n}}")
    ((_, found),) = parse(stanza).secrets
    assert isinstance(found, Key)
    assert "secret of" not in repr(found)
