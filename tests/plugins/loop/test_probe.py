import pytest

from fedresolver.plugins.loop.probe import probe_name, suffix
from fedresolver.wire.name import MAX_NAME, from_text, starts, to_text

NUMBER = "0123456789abcdef" * 2
LONG = ".".join(("a" * 63, "b" * 63, "c" * 63))


@pytest.mark.parametrize(
    ("asked", "served", "expected"),
    [
        pytest.param(".", ["."], ".", id="everything"),
        pytest.param("example.org", ["."], "example.org.", id="a zone of a block for all"),
        pytest.param(".", ["example.org"], "example.org.", id="everything of a block for a zone"),
        pytest.param("a.example.org", ["example.net", "example.org"], "a.example.org.", id="below a zone of the block"),
        pytest.param("org", ["example.net", "example.org"], "example.org.", id="above a zone of the block"),
        pytest.param("example.org", ["example.org"], "example.org.", id="the same"),
        pytest.param("example.com", ["example.net", "example.org"], None, id="no name that is served goes there"),
        pytest.param("example.org", ["ample.org"], None, id="labels count, not octets"),
        pytest.param(f"{'d' * 28}.{LONG}", ["."], f"{'d' * 28}.{LONG}.", id="just room for a number"),
        pytest.param(f"{'d' * 29}.{LONG}", ["."], None, id="no room for a number"),
    ],
)
def test_where_probes_stand(asked, served, expected):
    found = suffix(from_text(asked), tuple(map(from_text, served)))
    assert (found and to_text(found)) == expected


@pytest.mark.parametrize("zone", [".", "example.org", f"{'d' * 28}.{LONG}"])
def test_the_name_of_a_probe(zone):
    name = probe_name(NUMBER, from_text(zone))
    assert to_text(name) == f"{NUMBER}.{to_text(from_text(zone))}".replace("..", ".")
    assert len(name) <= MAX_NAME
    assert starts(name)[1] == 33
