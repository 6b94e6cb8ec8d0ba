"""Read `errors { stacktrace; consolidate DURATION REGEXP [LEVEL] [show_first] }`."""

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.once import once
from fedresolver.config.read import Stanza, StanzaError, Token, arguments, duration, flag, no_block, one_of, options
from fedresolver.plugins.errors.handler import ErrorLog, Pattern, Timer, traced

USAGE = "consolidate DURATION REGEXP [LEVEL] [show_first]"
_LEVELS = {"warning": logging.WARNING, "error": logging.ERROR, "info": logging.INFO, "debug": logging.DEBUG}
_LONGEST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is told together, and whether exceptions are logged with their stack."""

    stacktrace: bool = False
    consolidate: tuple[Pattern, ...] = ()


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says; ConfigError with all that is wrong in it."""
    for where in arguments(stanza, 0, 1, "errors"):
        one_of(where, ("stdout",))
    found = options(stanza, {"stacktrace": flag, "consolidate": _consolidate}, repeatable={"consolidate"})
    return Settings(**found)


def _consolidate(option: Stanza) -> Pattern:
    no_block(option)
    period, regexp, *rest = arguments(option, 2, 4, USAGE)
    show_first = bool(rest) and rest[-1].text == "show_first"
    levels = rest[:-1] if show_first else rest
    if len(levels) > 1:
        raise StanzaError(levels[1], f"`{levels[1].text}` is not known here", f"write `{USAGE}`")
    level = _LEVELS[one_of(levels[0], _LEVELS)] if levels else logging.ERROR
    return Pattern(_period(period), _compiled(regexp), level, show_first)


def _period(token: Token) -> float:
    seconds = duration(token)
    if not seconds:
        raise StanzaError(token, "errors of no time at all cannot be told together", "write a duration, as 30s")
    return seconds


def _compiled(token: Token) -> re.Pattern[str]:
    if len(token.text) > _LONGEST:
        raise StanzaError(token, f"a regular expression of {len(token.text)} characters", f"write at most {_LONGEST}")
    try:
        return re.compile(token.text)
    except re.error as error:
        raise StanzaError(token, f"`{token.text}` is no regular expression: {error}") from error


def setup(setup: Setup) -> Plugin:
    """Return the observer, and with `stacktrace` the link of the chain that sees exceptions."""
    settings = parse(once(setup.stanzas))
    errors = ErrorLog(settings.consolidate, _later)
    wrap = traced(errors) if settings.stacktrace else None
    return Plugin(wrap=wrap, observer=errors, closing=errors.close)


def _later(seconds: float, call: Callable[[], None]) -> Timer:
    return asyncio.get_running_loop().call_later(seconds, call)
