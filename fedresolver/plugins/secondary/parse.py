"""Reading `secondary [ZONES...] { ... }`."""

from typing import Any

import msgspec

from fedresolver.chain.keys import with_key
from fedresolver.config.errors import shown
from fedresolver.config.read import (
    Errors,
    Stanza,
    StanzaError,
    Token,
    arguments,
    fallthrough,
    no_block,
    one,
    options,
    within,
    zones,
)
from fedresolver.upstream.target import MOST_TARGETS, Target, at_address
from fedresolver.wire.name import Name, from_text
from fedresolver.zone.incoming import Limits

_FROM = "transfer from ADDRESS [ADDRESS...] [key NAME]"
_MOST_RECORDS = 100_000_000
_MOST_OCTETS = 1 << 40


class From(msgspec.Struct, frozen=True):
    """A primary: where it is, and what names the key that queries to it are signed with, None for no key."""

    target: Target
    key: Token | None = None


class Settings(msgspec.Struct, frozen=True):
    """What one stanza says; no zones are those of the block."""

    zones: tuple[Name, ...]
    primaries: tuple[From, ...]
    limits: Limits = Limits()
    fallthrough: tuple[Name, ...] = ()


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says; ConfigError with all that is wrong in it."""
    errors = Errors()
    names: list[Name] = []
    found: dict[str, Any] = {}
    for token in stanza.args:
        with errors.gather():
            names += _names(token)
    with errors.gather():
        found = options(stanza, _READERS, repeatable={"transfer"})
        if "transfer" not in found:
            raise StanzaError(stanza, "`secondary` without a primary", f"write `{_FROM}` into its block")
    errors.raise_any()
    limits = {name: found[f"max_{name}"] for name in ("records", "octets") if f"max_{name}" in found}
    return Settings(
        zones=tuple(dict.fromkeys(names)),
        primaries=_once(stanza, tuple(primary for part in found["transfer"] for primary in part)),
        limits=Limits(**limits),
        fallthrough=tuple(map(from_text, found.get("fallthrough", ()))),
    )


def _names(token: Token) -> tuple[Name, ...]:
    return tuple(from_text(name) for name in zones(token))


def _once(stanza: Stanza, primaries: tuple[From, ...]) -> tuple[From, ...]:
    found: dict[Target, From] = {}
    for primary in primaries:
        found.setdefault(primary.target, primary)
    if len(found) > MOST_TARGETS:
        raise StanzaError(stanza, f"{len(found)} primaries", f"name at most {MOST_TARGETS}")
    return tuple(found.values())


def _transfer(stanza: Stanza) -> tuple[From, ...]:
    """Return the primaries of a line, which may end with a key for all of them."""
    no_block(stanza)
    word, *words = arguments(stanza, 2, None, _FROM)
    if word.text != "from":
        wrong = f"`transfer {word.text}` in `secondary`"
        raise StanzaError(word, wrong, f"write `{_FROM}`; who may have the zone says the directive `transfer`")
    addresses, key = with_key(words, _FROM)
    return tuple(From(_target(word), key) for word in addresses)


def _target(token: Token) -> Target:
    target = at_address(token)
    if target is None:
        right = "write one, as 192.0.2.1 or [2001:db8::1]:53"
        raise StanzaError(token, f"{shown(token.text)} is no IP address", right)
    if target.tls:
        raise StanzaError(token, "zones do not come over TLS here", "write the address without `tls://`")
    return target


_READERS = {
    "transfer": _transfer,
    "fallthrough": fallthrough,
    "max_records": one(within(1, _MOST_RECORDS), "NUMBER"),
    "max_octets": one(within(1, _MOST_OCTETS), "NUMBER"),
}
