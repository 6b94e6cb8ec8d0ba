import pytest

from fedresolver.chain.proof import Proofs
from fedresolver.chain.setup import Shared
from fedresolver.config.read import ConfigError
from fedresolver.plugins.cookie.setup import Settings, parse
from tests.support.request import request
from tests.support.setup import Surroundings, plugin, stanzas

A, B = "0123456789abcdef" * 2, "fedcba9876543210" * 2


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("", Settings()),
        ("{\nrequire\nrotate 12h\n}", Settings(require=True, rotate=43200)),
        (f"{A} {B.upper()}", Settings(secrets=(bytes.fromhex(A), bytes.fromhex(B)))),
    ],
)
def test_what_it_says(text, settings):
    (stanza,) = stanzas(f"cookie {text}")
    assert parse(stanza) == settings
    assert "b'" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            f"cookie {A[1:]}",
            "Corefile:2: a secret of `cookie` is not 32 hexadecimal digits; make one with `openssl rand -hex 16`",
        ),
        (
            f"cookie {' '.join([A] * 5)}",
            "Corefile:2: `cookie` takes 0 to 4 arguments, not 5; write `cookie [SECRET...]`",
        ),
        (
            f"cookie {A} {{\nsecret_file f\n}}",
            "Corefile:3: there are secrets already, behind `cookie`; remove one of both",
        ),
        (
            f"cookie {A} {{\nrotate 1h\n}}",
            "Corefile:2: `rotate` is for secrets that are drawn at random; remove it, or the secrets",
        ),
        (
            "cookie {\nsecret_file f\nrotate 1h\n}",
            "Corefile:2: `rotate` is for secrets that are drawn at random; remove it, or the secrets",
        ),
        ("cookie {\nreload 1h\n}", "Corefile:2: `reload` is for a `secret_file`, and there is none; remove it"),
        (
            "cookie {\nrotate 59m\n}",
            "Corefile:3: a cookie holds for an hour, and its secret must, too; write 1h or more",
        ),
        (
            "cookie {\nsecret_file missing\n}",
            "Corefile:3: the secrets in missing cannot be used: No such file or directory",
        ),
        ("cookie\ncookie", "Corefile:3: `cookie` is given twice in this server block, first at Corefile:2; remove one"),
        ("cookie {\nrequired\n}", "Corefile:3: unknown option `required`; did you mean `require`?"),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(text)
    assert str(caught.value) == error
    assert A[1:] not in str(caught.value)


def test_drawn_secrets_outlive_a_reload_and_are_the_same_in_every_block():
    around = Surroundings()
    one, other = (plugin("cookie", around) for _ in range(2))
    assert one.units == other.units
    assert len(around.units) == 1


def test_secrets_in_a_file_are_read_at_once(tmp_path):
    (tmp_path / "s").write_text(A)
    made = plugin("cookie {\nsecret_file s\n}", file=str(tmp_path / "Corefile"))
    assert made.units[0].secrets() == (bytes.fromhex(A),)


def test_it_proves_addresses_to_other_plugins():
    found = request()
    shared = Shared()
    made = plugin("cookie", shared=shared)
    assert made.gate is not None
    assert len(shared.part(Proofs)) == 1
    assert not shared.part(Proofs).proven(found.query, found.client)


def test_it_counts():
    around = Surroundings()
    made = plugin("cookie", around)
    found = request()
    made.gate(found.query, found.client)
    made.reader()
    family = next(one for one in around.metrics.families() if one.name == "fedresolver_cookie_queries_total")
    assert family.values["dns://:53", "absent"] == 1
