import asyncio

import pytest

from fedresolver.chain.plugin import Response, Visit
from tests.support.setup import Surroundings, plugin

OK = Response(200, b"OK")
STOPPING = Response(503, b"stopping\n")
UNTIL = "ready"
CONTINUOUSLY = "ready {\nmonitor continuously\n}"


def unready(*lines):
    return Response(503, "".join(f"{line}\n" for line in lines).encode())


def ask(made):
    return asyncio.run(made.routes[0].respond(Visit()))


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        pytest.param(UNTIL, [((), OK)], id="nothing is missing"),
        pytest.param(UNTIL, [(("a", "b"), unready("a", "b"))], id="each thing that is missing has a line"),
        pytest.param(UNTIL, [(("a",), unready("a")), ((), OK)], id="it becomes ready"),
        pytest.param(UNTIL, [((), OK), (("a",), OK)], id="it stays ready"),
        pytest.param(
            CONTINUOUSLY, [((), OK), (("a",), unready("a")), ((), OK)], id="continuously it may lose it again"
        ),
        pytest.param(UNTIL, [((), OK), ("stop", STOPPING)], id="not while it stops"),
        pytest.param(CONTINUOUSLY, [("stop", STOPPING)], id="not while it stops, continuously"),
    ],
)
def test_the_page(text, steps):
    around = Surroundings()
    made = plugin(text, around)
    for lacking, expected in steps:
        around.process.stopping = lacking == "stop"
        around.process.lacking = () if lacking == "stop" else lacking
        assert ask(made) == expected


@pytest.mark.parametrize(
    ("lacking", "answer"),
    [
        pytest.param((), Response(200, b"OK\na loops\nb loops\n"), id="beside OK"),
        pytest.param(("c",), unready("c"), id="not beside what is missing"),
    ],
)
def test_notes(lacking, answer):
    around = Surroundings()
    around.process.lacking, around.process.noted = lacking, ("a loops", "b loops")
    assert ask(plugin("ready", around)) == answer


def test_notes_come_and_go():
    around = Surroundings()
    made = plugin("ready", around)
    assert ask(made) == OK
    around.process.noted = ("a loops",)
    assert ask(made) == Response(200, b"OK\na loops\n")
    around.process.noted = ()
    assert ask(made) == OK


def test_a_reload_that_adds_a_federation_does_not_make_it_unready():
    around = Surroundings()
    assert ask(plugin("ready", around)) == OK
    around.process.lacking = ("a new member",)
    assert ask(plugin("ready", around)) == OK


@pytest.mark.parametrize(
    ("texts", "lacking", "expected"),
    [
        pytest.param([UNTIL], [()], [1], id="ready"),
        pytest.param([UNTIL], [("a",), (), ("a",)], [0, 1, 1], id="as the page says it"),
        pytest.param([CONTINUOUSLY], [(), ("a",)], [1, 0], id="continuously"),
        pytest.param([CONTINUOUSLY, UNTIL], [(), ("a",)], [1, 0], id="of two pages the worse one"),
        pytest.param([UNTIL, CONTINUOUSLY], [(), ("a",)], [1, 0], id="whichever comes first"),
        pytest.param([UNTIL], [(), "stop"], [1, 0], id="not while it stops"),
    ],
)
def test_the_number(texts, lacking, expected):
    around = Surroundings()
    around.metrics.read_with([plugin(text, around).reader for text in texts])

    def number():
        return next(family.value() for family in around.metrics.families() if family.name == "fedresolver_ready")

    seen = []
    for one in lacking:
        around.process.stopping = one == "stop"
        around.process.lacking = () if one == "stop" else one
        seen.append(number())
    assert seen == expected
