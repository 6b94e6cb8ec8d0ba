"""Read `cache [TTL] [ZONES...] { success; denial; prefetch; serve_stale; servfail; disable; keepttl }`."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any, cast

from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.once import once
from fedresolver.config.read import (
    Stanza,
    StanzaError,
    Token,
    arguments,
    duration,
    flag,
    integer,
    no_block,
    one,
    one_of,
    options,
    zones,
)
from fedresolver.plugins.cache.metrics import CacheCounts, CacheMetrics
from fedresolver.upstream.memory.caching import Caching
from fedresolver.upstream.memory.keeping import Policy, Prefetch, Share, Stale
from fedresolver.wire.name import ROOT, Name, from_text, to_text

SUCCESS, DENIAL = "success", "denial"
MOST_SUCCESS, MOST_DENIAL = 3600, 1800
FAILURE, LONGEST_FAILURE = 5.0, 300.0
"""For how long a failure is and may be kept, in seconds (RFC 9520 3.2); if at all, then for a second at least."""
_LONGEST_TTL = 2**31 - 1
_MOST_ENTRIES = 100_000_000
_TIME = re.compile(r"-?[0-9][0-9.]*(?:ns|us|ms|[hms]|[0-9.])*")
"""What is meant as a TTL, and no zone."""
_PERCENT = re.compile("[0-9]{1,3}%")
_VERIFY, _IMMEDIATE = "verify", "immediate"


def parse(stanza: Stanza) -> Policy:
    """Return what a stanza says; ConfigError with all that is wrong in it."""
    names = list(stanza.args)
    most = _ttl(names.pop(0)) if names and _TIME.fullmatch(names[0].text) else None
    found = options(
        stanza,
        {
            SUCCESS: partial(_share, most=most or MOST_SUCCESS),
            DENIAL: partial(_share, most=most or MOST_DENIAL),
            "prefetch": _prefetch,
            "serve_stale": _stale,
            "servfail": one(_failure, "DURATION"),
            "disable": _disable,
            "keepttl": flag,
        },
        repeatable={"disable"},
    )
    disabled: tuple[tuple[str, tuple[Name, ...]], ...] = found.get("disable", ())
    return Policy(
        zones=_names(names) or (ROOT,),
        success=Share(**{"most": most or MOST_SUCCESS} | found.get(SUCCESS, {}), disabled=_of(SUCCESS, disabled)),
        denial=Share(**{"most": most or MOST_DENIAL} | found.get(DENIAL, {}), disabled=_of(DENIAL, disabled)),
        failure=found.get("servfail", FAILURE),
        prefetch=found.get("prefetch"),
        stale=found.get("serve_stale"),
        counting="keepttl" not in found,
    )


def _names(tokens: Iterable[Token]) -> tuple[Name, ...]:
    return tuple(from_text(zone) for token in tokens for zone in zones(token))


def _of(kind: str, disabled: Iterable[tuple[str, tuple[Name, ...]]]) -> tuple[Name, ...]:
    return tuple(name for which, names in disabled if which == kind for name in names)


def _ttl(token: Token, least: int = 1) -> int:
    seconds = duration(token)
    if seconds != int(seconds) or not least <= seconds <= _LONGEST_TTL:
        wrong = f"`{token.text}` is no TTL"
        raise StanzaError(token, wrong, f"write whole seconds from {least} to {_LONGEST_TTL}, as 30 or 5m")
    return int(seconds)


def _share(stanza: Stanza, most: int) -> dict[str, int]:
    """Return the fields of a Share; `most` is the longest TTL where none is written."""
    no_block(stanza)
    capacity, *ttls = arguments(stanza, 1, 3, f"{stanza.text} CAPACITY [TTL] [MINTTL]")
    share = {"capacity": integer(capacity, 1, _MOST_ENTRIES), "most": _ttl(ttls[0]) if ttls else most}
    if len(ttls) > 1:
        share["least"] = _ttl(ttls[1], 0)
        if share["least"] > share["most"]:
            wrong = f"the least TTL, `{ttls[1].text}`, is more than the longest, `{ttls[0].text}`"
            raise StanzaError(ttls[1], wrong, f"write `{stanza.text} CAPACITY TTL MINTTL`")
    return share


def _prefetch(stanza: Stanza) -> Prefetch | None:
    no_block(stanza)
    amount, *more = arguments(stanza, 1, 3, "prefetch AMOUNT [[DURATION] [PERCENTAGE%]]")
    given: dict[str, Any] = {}
    if more and more[-1].text.endswith("%"):
        given["percent"] = _percent(more.pop())
    if more:
        given["gap"] = duration(more.pop(0))
    if more:
        raise StanzaError(more[0], f"`{more[0].text}` is no percentage", "write it with its sign, as 10%")
    number = integer(amount, 0, _MOST_ENTRIES)
    return Prefetch(amount=number, **given) if number else None


def _percent(token: Token) -> int:
    value = int(token.text[:-1]) if _PERCENT.fullmatch(token.text) else 0
    if not 10 <= value <= 90:
        raise StanzaError(token, f"`{token.text}` is no percentage from 10% to 90%")
    return value


def _stale(stanza: Stanza) -> Stale | None:
    no_block(stanza)
    given = list(arguments(stanza, 0, 3, "serve_stale [DURATION] [verify [TIMEOUT] | immediate]"))
    settings: dict[str, float] = {}
    if given and given[0].text[:1].isdigit():
        settings["seconds"] = duration(given.pop(0))
    mode = _mode(given.pop(0)) if given else _VERIFY
    if mode == _IMMEDIATE:
        settings["patience"] = 0.0
    elif given:
        settings["patience"] = _patience(given.pop(0))
    if given:
        raise StanzaError(given[0], f"`{given[0].text}` is one argument too many", "write `serve_stale 1h verify 1.8s`")
    return Stale(**settings) if settings.get("seconds", 1) else None


def _mode(token: Token) -> str:
    return one_of(replace(token, text=token.text.lower()), (_VERIFY, _IMMEDIATE))


def _patience(token: Token) -> float:
    seconds = duration(token)
    if not seconds:
        raise StanzaError(token, "no answer comes in no time at all", f"write `{_IMMEDIATE}` if that is meant")
    return seconds


def _failure(token: Token) -> float:
    seconds = duration(token)
    if seconds and not 1 <= seconds <= LONGEST_FAILURE:
        raise StanzaError(
            token, f"a failure is kept from 1s to 5m (RFC 9520), not `{token.text}`", "0 is for not at all"
        )
    return seconds


def _disable(stanza: Stanza) -> tuple[str, tuple[Name, ...]]:
    no_block(stanza)
    kind, *names = arguments(stanza, 1, None, "disable success|denial [ZONES...]")
    return one_of(kind, (SUCCESS, DENIAL)), _names(names) or (ROOT,)


def setup(setup: Setup) -> Plugin:
    """Return the link of the chain, and the unit that remembers; a reload with the same settings keeps it."""
    policy = parse(once(setup.stanzas))
    counts = CacheCounts(setup.metrics.part(CacheMetrics), setup.server, ",".join(map(to_text, setup.zones)))
    key = ("cache", setup.server, setup.zones, setup.hosts, policy)
    caching = cast("Caching", setup.keep(key, lambda: Caching(policy, setup.clock, counts)))
    return Plugin(wrap=caching.wrap, units=(caching,), reader=lambda: counts.read(caching))
