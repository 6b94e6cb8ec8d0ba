"""Read `tsig [ZONES...] { secret NAME KEY [ALGORITHM]; secrets FILE; require TYPE...; require_opcode OPCODE... }`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.errors import shown
from fedresolver.config.read import (
    Errors,
    Stanza,
    StanzaError,
    Token,
    arguments,
    no_block,
    one,
    one_of,
    options,
    some,
    zones,
)
from fedresolver.config.value import path
from fedresolver.plugins.tsig.handler import Rule, require
from fedresolver.plugins.tsig.keyfile import LARGEST, read
from fedresolver.plugins.tsig.secret import key
from fedresolver.watch.octets import octets
from fedresolver.wire.const import Opcode, type_number
from fedresolver.wire.name import Name, from_text, to_text
from fedresolver.wire.tsig import Key, Keyring

OPCODES = {"query": int(Opcode.QUERY), "iquery": 1, "status": 2, "notify": int(Opcode.NOTIFY), "update": 5}
_ALL, _NONE = "all", "none"
_LEAST = 16
"""Octets of a secret below which it may be guessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The zones (none: those of the block), keys and key files of one `tsig`; the types and opcodes to be signed.

    None stands for all types or opcodes. Keys and files have the place at which they are named.
    """

    zones: tuple[Name, ...] = ()
    secrets: tuple[tuple[Stanza, Key], ...] = ()
    files: tuple[Token, ...] = ()
    types: frozenset[int] | None = frozenset()
    opcodes: frozenset[int] | None = frozenset()

    def rule(self, others: tuple[Name, ...]) -> Rule:
        """Return what must be signed, in `others` where no zones are named."""
        return Rule(zones=self.zones or others, types=self.types, opcodes=self.opcodes)


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says; ConfigError with all that is wrong in it."""
    errors = Errors()
    scope: list[Name] = []
    found = {}
    with errors.gather():
        scope += [from_text(zone) for token in stanza.args for zone in zones(token)]
    with errors.gather():
        found = options(
            stanza,
            {
                "secret": _secret,
                "secrets": one(_file, "FILE"),
                "require": _numbers(_type, "TYPE"),
                "require_opcode": _numbers(_opcode, "OPCODE"),
            },
            repeatable={"secret", "secrets"},
        )
    errors.raise_any()
    return Settings(
        zones=tuple(scope),
        secrets=found.get("secret", ()),
        files=found.get("secrets", ()),
        types=found.get("require", frozenset()),
        opcodes=found.get("require_opcode", frozenset()),
    )


def _secret(stanza: Stanza) -> tuple[Stanza, Key]:
    no_block(stanza)
    return stanza, key(*arguments(stanza, 2, 3, "secret NAME KEY [ALGORITHM]"))


def _file(token: Token) -> Token:
    path(token)
    return token


def _numbers(read_one: Callable[[Token], int], what: str) -> Callable[[Stanza], frozenset[int] | None]:
    """Return a reader of an option that names types or opcodes, `all` of them or `none`."""

    def reader(stanza: Stanza) -> frozenset[int] | None:
        words = [token.text.lower() for token in some(lambda token: token, what)(stanza)]
        if len(words) == 1 and words[0] in (_ALL, _NONE):
            return None if words[0] == _ALL else frozenset()
        return frozenset(some(read_one, what)(stanza))

    return reader


def _type(token: Token) -> int:
    number = type_number(token.text)
    if number is None:
        raise StanzaError(token, f"{shown(token.text)} is no type", f"write `AXFR`, `TYPE123`, `{_ALL}` or `{_NONE}`")
    return number


def _opcode(token: Token) -> int:
    return OPCODES[one_of(Token(token.text.lower(), token.file, token.line), OPCODES)]


def setup(setup: Setup) -> Plugin:
    """Return the keys of all stanzas, and the link that refuses what is not signed; the key files are read now."""
    errors = Errors()
    keyring, rules = setup.shared.part(Keyring), []
    warnings: list[str] = []
    for stanza in setup.stanzas:
        with errors.gather():
            settings = parse(stanza)
            rules.append(settings.rule(setup.zones))
            for place, found in _keys(settings):
                warnings += _taken(keyring, place, found)
    errors.raise_any()
    link = require(tuple(rules)) if any(not rule.idle for rule in rules) else None
    return Plugin(keyring=keyring, wrap=link, aside=link, warnings=tuple(warnings))


def _keys(settings: Settings) -> Iterator[tuple[Token | Stanza, Key]]:
    """Yield all keys, each with the place that names it."""
    yield from settings.secrets
    for token in settings.files:
        for found in _read(token):
            yield token, found


def _read(token: Token) -> tuple[Key, ...]:
    file = path(token)
    try:
        content = octets(file, LARGEST + 1)
    except OSError as error:
        raise StanzaError(token, f"the keys in {file} cannot be read: {error.strerror}") from error
    if len(content) > LARGEST:
        raise StanzaError(token, f"{file} has more than {LARGEST} octets")
    return read(content.decode("utf-8-sig", "replace"), file)


def _taken(keyring: Keyring, place: Token | Stanza, found: Key) -> Iterator[str]:
    """Add a key; yield what an operator should know of it."""
    if keyring.get(found.name) is not None:
        raise StanzaError(place, f"the key {to_text(found.name)} is there twice", "remove one, or give it another name")
    keyring.add(found)
    if len(found.secret) < _LEAST:
        bits = len(found.secret) * 8
        yield f"{place.file}:{place.line}: the secret of {to_text(found.name)} has {bits} bits only, and may be guessed"
