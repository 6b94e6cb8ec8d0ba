import pytest

from fedresolver.config.read import ConfigError
from fedresolver.plugins.file.setup import Settings, parse
from fedresolver.wire.name import ROOT, from_text
from tests.support.setup import plugin, stanzas

ORG, NET = from_text("example.org"), from_text("example.net")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("file db", Settings(file="conf/db")),
        ("file /etc/db example.ORG example.net", Settings(file="/etc/db", zones=(ORG, NET))),
        ("file db 192.0.2.0/24", Settings(file="conf/db", zones=(from_text("2.0.192.in-addr.arpa"),))),
        ("file db {\nreload 10s\n}", Settings(file="conf/db", reload=10.0)),
        ("file db {\nreload 0\nfallthrough\n}", Settings(file="conf/db", reload=0.0, fallthrough=(ROOT,))),
        ("file db {\nfallthrough example.org\n}", Settings(file="conf/db", fallthrough=(ORG,))),
    ],
)
def test_a_stanza_is_read(text, expected):
    (stanza,) = stanzas(text, "conf/Corefile")
    assert parse(stanza) == expected


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("file", ["Corefile:2: `file` takes 1 or more arguments, not 0; write `file DBFILE [ZONES...]`"]),
        ("file db {\nreload often\n}", ["Corefile:3: `often` is no duration; write seconds, or a duration as 30s, 1m30s, 100ms"]),
        ("file db a..b {\nrelaod 1m\n}", ["Corefile:2: the zone `a..b` has a label of 0 octets; a label has 1 to 63", "Corefile:3: unknown option `relaod`; did you mean `reload`?"]),
    ],
)  # fmt: skip
def test_all_that_is_wrong_is_told(text, errors):
    (stanza,) = stanzas(text)
    with pytest.raises(ConfigError) as caught:
        parse(stanza)
    assert [str(error) for error in caught.value.errors] == errors


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "db"
    path.write_text("@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n")
    return path


def test_a_file_that_is_not_there_and_a_zone_that_is_there_twice_are_wrong(db):
    with pytest.raises(ConfigError) as caught:
        plugin(f"file {db} example.org\nfile nowhere example.net\nfile {db} example.ORG")
    assert [str(error) for error in caught.value.errors] == [
        "Corefile:3: there is no zone file nowhere; name a file in master format",
        "Corefile:4: the zone example.org. has a file already, at Corefile:2; remove one",
    ]


@pytest.mark.parametrize(
    ("block", "zones", "warned"),
    [
        ("example.org", "example.org", False),
        ("example.org", "www.example.org", False),
        ("www.example.org", "example.org", False),
        ("example.org", "", False),
        ("example.org", "example.net", True),
    ],
)
def test_a_zone_of_which_no_name_is_asked_for_is_a_warning(db, block, zones, warned):
    made = plugin(f"file {db} {zones}", zones=(from_text(block),))
    assert bool(made.warnings) == warned
    assert all(
        warning.startswith("Corefile:2: no name of the zone example.net. is asked for") for warning in made.warnings
    )


def test_it_is_ready_when_all_files_were_read(db):
    made = plugin(f"file {db} example.org example.net")
    assert made.missing() == "zone files not read yet: example.org., example.net."
    assert (len(made.slow), made.units, made.follows) == (2, (), True)


def test_check_tells_the_errors_of_all_files(db, tmp_path):
    other = tmp_path / "other"
    for path in (db, other):
        path.write_text("@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.256\n")
    made = plugin(f"file {db} example.org\nfile {other} example.net")
    with pytest.raises(ConfigError) as caught:
        made.check()
    assert [(error.file, error.line) for error in caught.value.errors] == [(str(db), 3), (str(other), 3)]
