import io
import logging

import pytest

from fedresolver.observe import log


@pytest.fixture
def lines():
    """Give the text that is logged at INFO and above, and put the loggers back as they were."""
    logger = logging.getLogger(log.ROOT)
    before = logger.handlers[:], logger.level, logger.propagate
    stream = io.StringIO()
    log.start(logging.INFO, stream)
    yield lambda: stream.getvalue()
    logger.handlers[:], logger.level, logger.propagate = before


@pytest.mark.parametrize(
    ("logger", "level", "text", "line"),
    [
        pytest.param("fedresolver", logging.INFO, "x", "[INFO] x\n", id="the process"),
        pytest.param("fedresolver.reload", logging.WARNING, "x", "[WARNING] plugin/reload: x\n", id="a plugin"),
        pytest.param("fedresolver.server", logging.ERROR, "x", "[ERROR] server: x\n", id="a package"),
        pytest.param("fedresolver", logging.DEBUG, "x", "", id="below the level"),
        pytest.param(
            "fedresolver.errors",
            logging.ERROR,
            "a\nb\r\tc",
            "[ERROR] plugin/errors: a\\x0ab\\x0d\\x09c\n",
            id="one line",
        ),
        pytest.param(
            "fedresolver", logging.INFO, "\x1b[31m\x7f\x85\u2028", "[INFO] \\x1b[31m\\x7f\\x85\\u2028\n", id="controls"
        ),
        pytest.param(
            "fedresolver", logging.INFO, "bjørn \ud800", "[INFO] bjørn \\ud800\n", id="letters, and no lone surrogates"
        ),
    ],
)
def test_lines(logger, level, text, line, lines):
    logging.getLogger(logger).log(level, "%s", text)
    assert lines() == line


def test_an_exception_is_part_of_the_line(lines):
    try:
        raise KeyError("x\ny")
    except KeyError:
        logging.getLogger("fedresolver.errors").exception("failed")
    assert lines().startswith("[ERROR] plugin/errors: failed\\x0aTraceback (most recent call last):\\x0a")
    assert lines().count("\n") == 1


def test_starting_again_replaces_the_handler(lines):
    stream = io.StringIO()
    log.start(logging.INFO, stream)
    logging.getLogger("fedresolver").info("x")
    assert (lines(), stream.getvalue()) == ("", "[INFO] x\n")


def test_other_libraries_are_not_touched(lines):
    logging.getLogger("aiohttp").error("x")
    assert lines() == ""


def test_a_line_per_query_is_escaped_too():
    stream = io.StringIO()
    log.line_writer(stream)("a\nb")
    assert stream.getvalue() == "[INFO] a\\x0ab\n"


def test_each_line_is_written_at_once():
    octets = io.BytesIO()
    stream = io.TextIOWrapper(octets, encoding="utf-8")
    log.line_writer(stream)("x")
    assert octets.getvalue() == b"[INFO] x\n"


class Broken(io.StringIO):
    def write(self, text):
        raise BrokenPipeError


@pytest.mark.parametrize("stream", [Broken(), io.StringIO()], ids=["a broken pipe", "a closed file"])
def test_a_stream_that_takes_nothing_stops_no_query(stream):
    write = log.line_writer(stream)
    stream.close()
    assert write("x") is None
