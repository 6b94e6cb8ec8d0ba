"""What plugins read their stanzas with: a stanza goes in, typed values or a StanzaError come out.

    def parse(stanza: Stanza) -> Settings:
        name, domain = arguments(stanza, 2, 2, "federation NAME DOMAIN { ... }")
        found = options(
            stanza,
            {
                "ttl": one(within(0, 86400)),               # ttl 180
                "stale_after": one(duration, "DURATION"),   # stale_after 30s
                "probe": one(among("on", "off")),           # probe off
                "allow_addresses": some(cidr, "CIDR"),      # allow_addresses 10.0.0.0/8 ...
                "fallthrough": fallthrough,                 # fallthrough [ZONES...]
                "insecure": flag,                           # insecure
                "member": member,                           # our own: member(stanza) -> Member
            },
            repeatable={"allow_addresses", "member"},
        )
        return Settings(name=dns_label(name), domain=zone(domain), **found)

A reader of an option is any function from a Stanza to a value. `options` holds what was written and nothing else, so
defaults stay in the settings class. All errors of a block are raised together.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from fedresolver.config.errors import ConfigError, Errors, StanzaError, shown, suggestion
from fedresolver.config.lexer import Token
from fedresolver.config.stanza import Stanza
from fedresolver.config.value import (
    cidr,
    dns_label,
    duration,
    host_port,
    integer,
    ip_address,
    one_of,
    path,
    zone,
    zones,
)

__all__ = [
    "ConfigError",
    "Errors",
    "Stanza",
    "StanzaError",
    "Token",
    "among",
    "arguments",
    "cidr",
    "dns_label",
    "duration",
    "fallthrough",
    "flag",
    "host_port",
    "integer",
    "ip_address",
    "no_block",
    "one",
    "one_of",
    "options",
    "path",
    "some",
    "within",
    "zone",
    "zones",
]

T = TypeVar("T")


def arguments(stanza: Stanza, at_least: int = 0, at_most: int | None = None, usage: str = "") -> tuple[Token, ...]:
    """Return the arguments, which are `at_least` to `at_most`, None for any number; the error quotes `usage`."""
    given = len(stanza.args)
    if given < at_least or (at_most is not None and given > at_most):
        wrong = f"{shown(stanza.text)} takes {_span(at_least, at_most)}, not {given}"
        raise StanzaError(stanza, wrong, f"write `{usage}`" if usage else "")
    return stanza.args


def _span(at_least: int, at_most: int | None) -> str:
    if at_most is None:
        return f"{at_least} or more arguments"
    if at_most == 0:
        return "no argument"
    span = f"{at_most}" if at_least == at_most else f"{at_least} to {at_most}"
    return f"{span} argument" + ("s" if at_most > 1 else "")


def no_block(stanza: Stanza) -> None:
    """Raise StanzaError if braces follow the arguments."""
    if stanza.body is not None:
        raise StanzaError(stanza, f"{shown(stanza.text)} takes no block", "remove its `{` and `}`")


def options(
    stanza: Stanza, readers: Mapping[str, Callable[[Stanza], object]], repeatable: Collection[str] = ()
) -> dict[str, Any]:
    """Return what the block of `stanza` says: option name -> value, for a `repeatable` one a tuple of values.

    An option that is not written is not there. ConfigError holds every error of the block. Values are Any: each reader
    has a type of its own, and the settings that they are given to name it.
    """
    found: dict[str, Any] = {}
    first: dict[str, Stanza] = {}
    errors = Errors()
    for option in stanza.body or ():
        with errors.gather():
            value = _reader(option, readers)(option)
            if option.text in repeatable:
                found[option.text] = (*found.get(option.text, ()), value)
            else:
                _refuse_twin(option, first.setdefault(option.text, option))
                found[option.text] = value
    errors.raise_any()
    return found


def _reader(option: Stanza, readers: Mapping[str, Callable[[Stanza], object]]) -> Callable[[Stanza], object]:
    if option.text not in readers:
        raise StanzaError(option, f"unknown option {shown(option.text)}", suggestion(option.text, readers))
    return readers[option.text]


def _refuse_twin(option: Stanza, first: Stanza) -> None:
    if option is not first:
        wrong = f"{shown(option.text)} is given twice, first at {first.file}:{first.line}"
        raise StanzaError(option, wrong, "remove one")


def flag(stanza: Stanza) -> bool:
    """Return True: the option is there. It takes neither arguments nor a block."""
    no_block(stanza)
    arguments(stanza, 0, 0, stanza.text)
    return True


def one(read: Callable[[Token], T], what: str = "VALUE") -> Callable[[Stanza], T]:
    """Return a reader of an option with one argument, which `read` understands; `what` is its name in errors."""

    def reader(stanza: Stanza) -> T:
        no_block(stanza)
        (token,) = arguments(stanza, 1, 1, f"{stanza.text} {what}")
        return read(token)

    return reader


def some(read: Callable[[Token], T], what: str = "VALUE", at_least: int = 1) -> Callable[[Stanza], tuple[T, ...]]:
    """Return a reader of an option with any number of arguments, `at_least` so many, each for `read`."""

    def reader(stanza: Stanza) -> tuple[T, ...]:
        no_block(stanza)
        usage = f"{stanza.text} {what}..." if at_least else f"{stanza.text} [{what}...]"
        return tuple(map(read, arguments(stanza, at_least, None, usage)))

    return reader


def fallthrough(stanza: Stanza) -> tuple[str, ...]:
    """Return the zones of `fallthrough [ZONES...]`, of which names go to the next plugin; without any it is all."""
    no_block(stanza)
    found = tuple(name for token in arguments(stanza, 0, None, "fallthrough [ZONES...]") for name in zones(token))
    return found or (".",)


def within(low: int, high: int) -> Callable[[Token], int]:
    """Return a reader of a whole number from `low` to `high`."""
    return lambda token: integer(token, low, high)


def among(*choices: str) -> Callable[[Token], str]:
    """Return a reader of one word of `choices`."""
    return lambda token: one_of(token, choices)
