import subprocess

import pytest

from fedresolver.config.read import ConfigError
from fedresolver.plugins.tsig.keyfile import read
from fedresolver.wire.name import from_text
from fedresolver.wire.tsig import ALGORITHMS
from tests.support.signed import BASE64, key


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        pytest.param("", (), id="nothing"),
        pytest.param(f'key "a." {{ secret "{BASE64}"; }};', (key("a."),), id="a key"),
        pytest.param(f"key a{{secret {BASE64};}};", (key("a."),), id="without quotes and blanks"),
        pytest.param(
            f'key a {{\n\talgorithm HMAC-SHA512;\n\tsecret "{BASE64}";\n}};\nkey b {{ secret "{BASE64}"; }};\n',
            (key("a.", "hmac-sha512"), key("b.")),
            id="two keys, one with an algorithm",
        ),
        pytest.param(
            f'// a\n# b "\n/* c\n * }} */ key a {{ # d\nsecret /* e */ "{BASE64}"; }}; // f',
            (key("a."),),
            id="comments",
        ),
    ],
)
def test_what_it_says(text, keys):
    assert read(text, "f") == keys


FORM = 'write `key "NAME" { algorithm ALGORITHM; secret "KEY"; };`'


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param(f'kex "a" {{ secret "{BASE64}"; }};', "f:1: there is no `key` where one must be", id="no key"),
        pytest.param("\nkey a {\n", "f:3: there is no `}` where one must be", id="an end too early"),
        pytest.param("key", "f:1: a word is missing", id="a word alone"),
        pytest.param("key {", "f:1: a word is missing", id="no name"),
        pytest.param("key a { };", "f:1: the key `a` has no secret", id="no secret"),
        pytest.param(f'key a {{ secret "{BASE64}" }};', "f:1: there is no `;` where one must be", id="no semicolon"),
        pytest.param(f'key a {{ secret "{BASE64}"; }}', "f:1: there is no `;` where one must be", id="none at the end"),
        pytest.param(f'key a {{ "{BASE64}"; }};', "f:1: neither `algorithm` nor `secret`, or twice", id="no option"),
        pytest.param(
            f'key a {{\nsecret "{BASE64}";\nsecret "{BASE64}"; }};',
            "f:3: neither `algorithm` nor `secret`, or twice",
            id="two secrets",
        ),
        pytest.param(f'key a {{ secret "{BASE64}', "f:1: a comment or a quote does not end", id="a quote without end"),
        pytest.param("key a {\n/* secret", "f:2: a comment or a quote does not end", id="a comment without end"),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        read(text, "f")
    assert str(caught.value) == f"{error}; {FORM}"
    assert BASE64 not in str(caught.value)


@pytest.mark.parametrize("algorithm", [name for name in ALGORITHMS if name.count("-") == 1])
def test_what_bind_writes_can_be_read(algorithm):
    text = subprocess.run(["tsig-keygen", "-a", algorithm, "k.example"], capture_output=True, text=True, check=True)
    (found,) = read(text.stdout, "f")
    assert (found.name, found.algorithm) == (from_text("k.example"), algorithm)


def test_a_long_file_is_read_in_a_short_time():
    assert len(read(f'key "a." {{ secret "{BASE64}"; }}; /* * ** */\n' * 10_000, "f")) == 10_000
