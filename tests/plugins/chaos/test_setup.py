import socket

import pytest
from msgspec.structs import replace

from fedresolver import __version__
from fedresolver.chain.handler import REFUSED, Reply
from fedresolver.config.read import ConfigError
from fedresolver.wire.const import Type
from fedresolver.wire.name import from_text
from fedresolver.wire.rr import RRset
from tests.support.request import answering, ask, request
from tests.support.setup import plugin


def asked(text, rclass=3, opcode=0):
    found = request(text)
    return replace(found, query=replace(found.query, qclass=rclass, flags=opcode << 11))


def told(text, question, **how):
    return ask(plugin(text).aside(answering(REFUSED)), asked(question, **how))


def texts(name, *strings):
    rdatas = tuple(bytes((len(string),)) + string.encode() for string in strings)
    return Reply(answer=(RRset(from_text(name), Type.TXT, 0, rdatas),), plugin="chaos")


@pytest.mark.parametrize(
    ("text", "name", "strings"),
    [
        ("chaos", "version.bind", (f"fedresolver-{__version__}",)),
        ("chaos", "authors.bind", ("the authors of fedresolver",)),
        ("chaos", "hostname.bind", (socket.gethostname(),)),
        ("chaos", "id.server", (socket.gethostname(),)),
        ("chaos v1", "version.server", ("v1",)),
        ("chaos v1", "authors.bind", ("the authors of fedresolver",)),
        ('chaos "not telling" b a b', "version.bind", ("not telling",)),
        ("chaos v1 b a b", "authors.bind", ("a", "b")),
        ("chaos " + "v" * 300, "version.bind", ("v" * 255,)),
    ],
)
def test_what_is_said(text, name, strings):
    assert told(text, f"{name} TXT") == texts(name, *strings)
    assert told(text, f"{name} ANY") == texts(name, *strings)


@pytest.mark.parametrize(
    ("question", "how"),
    [
        ("version.bind A", {}),
        ("version.bind SOA", {}),
        ("other.bind TXT", {}),
        ("bind TXT", {}),
        (". TXT", {}),
        ("version.bind TXT", {"rclass": 255}),
        ("version.bind TXT", {"rclass": 4}),
        ("version.bind TXT", {"opcode": 4}),
        ("version.bind AXFR", {}),
    ],
)
def test_all_else_is_passed_on(question, how):
    assert told("chaos", question, **how) == REFUSED


def test_ordinary_questions_do_not_meet_it():
    assert plugin("chaos").wrap is None


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("chaos\nchaos", "Corefile:3: `chaos` is given twice in this server block, first at Corefile:2; remove one"),
        ("chaos {\n}", "Corefile:2: `chaos` takes no block; remove its `{` and `}`"),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(text)
    assert str(caught.value) == error
