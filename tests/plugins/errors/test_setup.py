import asyncio
import logging
import re

import pytest

from fedresolver.chain.handler import Reply
from fedresolver.config.read import ConfigError
from fedresolver.plugins.errors.handler import Pattern
from fedresolver.plugins.errors.setup import Settings, parse
from fedresolver.wire.const import Rcode
from tests.support.request import finished
from tests.support.setup import plugin, stanzas

USAGE = "consolidate DURATION REGEXP [LEVEL] [show_first]"


def pattern(period, text, level=logging.ERROR, show_first=False):
    return Pattern(period, re.compile(text), level, show_first)


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        pytest.param("errors", Settings(), id="defaults"),
        pytest.param("errors stdout", Settings(), id="stdout may be named"),
        pytest.param("errors {\nstacktrace\n}", Settings(stacktrace=True), id="stacktrace"),
        pytest.param(
            'errors {\nconsolidate 5m "a b$"\n}', Settings(consolidate=(pattern(300, "a b$"),)), id="a pattern"
        ),
        pytest.param(
            "errors {\nconsolidate 30 a warning\nconsolidate 1s b show_first\nconsolidate 1s c debug show_first\n}",
            Settings(
                consolidate=(
                    pattern(30, "a", logging.WARNING),
                    pattern(1, "b", show_first=True),
                    pattern(1, "c", logging.DEBUG, show_first=True),
                )
            ),
            id="patterns with a level and show_first",
        ),
    ],
)
def test_what_it_says(text, settings):
    (stanza,) = stanzas(text)
    assert parse(stanza) == settings


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("errors file", "Corefile:2: `file` is not known here; known here: `stdout`", id="another place"),
        pytest.param(
            "errors {\nconsolidate 5m\n}",
            f"Corefile:3: `consolidate` takes 2 to 4 arguments, not 1; write `{USAGE}`",
            id="no expression",
        ),
        pytest.param(
            "errors {\nconsolidate 5m (\n}",
            "Corefile:3: `(` is no regular expression: missing ), unterminated subpattern at position 0",
            id="no regular expression",
        ),
        pytest.param(
            "errors {\nconsolidate 0 a\n}",
            "Corefile:3: errors of no time at all cannot be told together; write a duration, as 30s",
            id="no time",
        ),
        pytest.param(
            "errors {\nconsolidate 1s a loud\n}",
            "Corefile:3: `loud` is not known here; known here: `debug`, `error`, `info`, `warning`",
            id="an unknown level",
        ),
        pytest.param(
            "errors {\nconsolidate 1s a error twice\n}",
            f"Corefile:3: `twice` is not known here; write `{USAGE}`",
            id="a word after the level",
        ),
        pytest.param(
            "errors {\nconsolidate 1s a" + "a" * 10_000 + "\n}",
            "Corefile:3: a regular expression of 10001 characters; write at most 10000",
            id="a very long expression",
        ),
        pytest.param(
            "errors\nerrors",
            "Corefile:3: `errors` is given twice in this server block, first at Corefile:2; remove one",
            id="twice",
        ),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(text)
    assert str(caught.value) == error


def test_only_stacktrace_needs_a_link_of_the_chain():
    assert plugin("errors").wrap is None
    assert plugin("errors {\nstacktrace\n}").wrap is not None


def test_what_is_counted_is_told_at_the_end_of_the_process(caplog):
    async def body():
        made = plugin("errors {\nconsolidate 5m lost info\n}")
        caplog.set_level(logging.INFO, "fedresolver")
        made.observer.finished(finished(Reply(rcode=Rcode.SERVFAIL, failure="c1 is lost")))
        made.closing()

    asyncio.run(body())
    assert [record.getMessage() for record in caplog.records] == ["1 errors like 'lost' occurred in last 5m0s"]
