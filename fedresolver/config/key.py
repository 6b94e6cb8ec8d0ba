"""The keys of a server block: which zones it serves, over what, on which port."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from fedresolver.config.errors import Errors, StanzaError, listed, shown
from fedresolver.config.lexer import Token
from fedresolver.config.zone import zone_names

PORTS: dict[str, int | None] = {"dns": None, "tls": 853, "https": 443}
"""The transports, and the port of each where a key names none; that of `dns` is the command's."""

_KEY = re.compile(r"(?:(?P<transport>[^/]*)://)?(?P<zone>.*?)(?::(?P<port>[0-9]*))?", re.DOTALL)
_EMPTY_RIGHT = "name a zone, `.` for the root; an environment variable that is not set is empty"


@dataclass(frozen=True, slots=True)
class Key:
    """A zone that a block serves: lower-case text with a final dot; `port` None is the command's `--port`."""

    transport: str
    zone: str
    port: int | None
    token: Token

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        return f"{self.transport}://{self.zone}{port}"


def keys(token: Token) -> tuple[Key, ...]:
    """Return the keys that `token` stands for, several for a network that ends inside an octet; StanzaError if none."""
    if not token.text:
        raise StanzaError(token, "the key of this server block is empty", _EMPTY_RIGHT)
    found = _KEY.fullmatch(token.text)
    assert found  # every part of the expression may be empty, and its middle takes anything
    transport = _transport(token, found["transport"])
    port = _port(token, found["port"], transport)
    try:
        zones = zone_names(found["zone"] or ".")
    except ValueError as error:
        wrong, _, right = str(error).partition("; ")
        raise StanzaError(token, f"the zone {shown(token.text)} {wrong}", right) from None
    return tuple(Key(transport, zone, port, token) for zone in zones)


def _transport(token: Token, name: str | None) -> str:
    transport = "dns" if name is None else name.lower()
    if transport not in PORTS:
        raise StanzaError(
            token,
            f"{shown(transport)} is no transport that is served",
            f"write one of {listed(f'{name}://' for name in PORTS)}",
        )
    return transport


def _port(token: Token, digits: str | None, transport: str) -> int | None:
    if digits is None:
        return PORTS[transport]
    if not digits or len(digits) > 5 or int(digits) > 65535:
        raise StanzaError(token, f"{shown(token.text)} has no port behind its `:`", "write a number from 0 to 65535")
    return int(digits)


def with_port(given: Iterable[Key], port: int) -> tuple[Key, ...]:
    """Return the keys with `port` where they name none."""
    return tuple(replace(key, port=port) if key.port is None else key for key in given)


def refuse_twins(given: Iterable[Key], errors: Errors) -> None:
    """Put an error that names both places into `errors` for each key that was there before."""
    seen: dict[tuple[str, str, int | None], Token] = {}
    told: set[Token] = set()  # a network may be many keys, but is one slip
    for key in given:
        place = (key.transport, key.zone, key.port)
        if place not in seen:
            seen[place] = key.token
        elif key.token not in told:
            told.add(key.token)
            errors.add(_twin(key, seen[place]))


def _twin(key: Key, first: Token) -> StanzaError:
    wrong = f"{shown(str(key))} is served twice, first at {first.file}:{first.line}"
    return StanzaError(key.token, wrong, "put both into one server block, or give one another port")
