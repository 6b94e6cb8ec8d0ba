import logging
import re

import pytest

from fedresolver.chain.handler import Reply
from fedresolver.chain.plugin import UNCOUNTED
from fedresolver.plugins.errors.handler import LINES, ErrorLog, Pattern, duration_text, traced
from fedresolver.wire.const import Rcode
from tests.support.request import answering, ask, finished


class Clock:
    """Calls that are due later, made when a test moves the time."""

    def __init__(self):
        self.now = 0.0
        self.due = []

    def later(self, seconds, call):
        timer = Timer(self.now + seconds, call)
        self.due.append(timer)
        return timer

    def move(self, seconds):
        self.now += seconds
        for timer in [timer for timer in self.due if timer.at <= self.now]:
            self.due.remove(timer)
            if not timer.cancelled:
                timer.call()


class Timer:
    def __init__(self, at, call):
        self.at, self.call, self.cancelled = at, call, False

    def cancel(self):
        self.cancelled = True


def failed(why):
    return finished(Reply(rcode=Rcode.SERVFAIL, failure=why))


def pattern(text, level=logging.WARNING, show_first=False):
    return Pattern(30.0, re.compile(text), level, show_first)


def line(why, level="ERROR"):
    return f"{level} 2 www.example.org. A: {why}"


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.DEBUG, "fedresolver")
    return lambda: [f"{record.levelname} {record.getMessage()}" for record in caplog.records]


@pytest.mark.parametrize(
    ("patterns", "events", "expected"),
    [
        pytest.param((), ["a lost"], [line("a lost")], id="a failure is a line"),
        pytest.param((), [""], [], id="an answer that did not fail is none"),
        pytest.param((pattern("lost"),), ["a lost", "b lost"], [], id="a pattern holds its errors back"),
        pytest.param(
            (pattern("lost"),),
            ["a lost", "b lost", 30],
            ["WARNING 2 errors like 'lost' occurred in last 30s"],
            id="and tells their number in the end",
        ),
        pytest.param(
            (pattern("lost"),),
            ["a lost", 30, "b lost", 29],
            ["WARNING 1 errors like 'lost' occurred in last 30s"],
            id="the time begins anew with the next error",
        ),
        pytest.param((pattern("^lost"),), ["a lost"], [line("a lost")], id="what matches no pattern is a line"),
        pytest.param(
            (pattern("a"), pattern("lost", logging.INFO)),
            ["a lost", 30],
            ["WARNING 1 errors like 'a' occurred in last 30s"],
            id="the first pattern has it",
        ),
        pytest.param(
            (pattern("lost", show_first=True),),
            ["a lost", 30],
            [line("a lost", "WARNING")],
            id="show_first shows the first, and no number of one",
        ),
        pytest.param(
            (pattern("lost", show_first=True),),
            ["a lost", "b lost", "c lost", 30],
            [line("a lost", "WARNING"), "WARNING 3 errors like 'lost' occurred in last 30s"],
            id="show_first shows the first, and then the number of all",
        ),
        pytest.param(
            (),
            ["a"] * (LINES + 7) + [1],
            [line("a")] * LINES + ["ERROR 7 more errors occurred in last 1s"],
            id="a second has only so many lines",
        ),
        pytest.param(
            (), ["a"] * LINES + [1] + ["b"], [line("a")] * LINES + [line("b")], id="the next second has lines again"
        ),
    ],
)
def test_what_is_logged(patterns, events, expected, lines):
    clock = Clock()
    errors = ErrorLog(patterns, clock.later)
    for event in events:
        if isinstance(event, str):
            errors.finished(failed(event))
        else:
            clock.move(event)
    assert lines() == expected


def test_close_tells_what_is_held_back_and_only_once(lines):
    clock = Clock()
    errors = ErrorLog((pattern("lost"),), clock.later)
    errors.finished(failed("a lost"))
    errors.close()
    errors.close()
    clock.move(60)
    assert lines() == ["WARNING 1 errors like 'lost' occurred in last 30s"]


def test_each_failure_is_seen_and_nothing_else():
    errors = ErrorLog((), Clock().later)
    assert errors.finished(failed("a")) is None
    assert errors.finished(finished()) is UNCOUNTED


def test_an_exception_is_logged_with_its_stack_and_goes_on(caplog):
    handler = traced(ErrorLog((), Clock().later))(answering(KeyError("x")))
    with pytest.raises(KeyError):
        ask(handler)
    (record,) = caplog.records
    assert record.getMessage() == "2 www.example.org. A: KeyError: 'x'"
    assert record.exc_info[0] is KeyError


def test_an_answer_goes_through():
    assert ask(traced(ErrorLog((), Clock().later))(answering(Reply(plugin="x")))) == Reply(plugin="x")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (30, "30s"),
        (300, "5m0s"),
        (5400, "1h30m0s"),
        (3600, "1h0m0s"),
        (90.5, "1m30.5s"),
        (0.1, "100ms"),
        (0.0005, "0.5ms"),
    ],
)
def test_durations_are_written_as_go_does(seconds, text):
    assert duration_text(seconds) == text
