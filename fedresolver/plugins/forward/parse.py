"""Reading `forward FROM TO... { ... }`."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from fedresolver.config.read import (
    Errors,
    Stanza,
    StanzaError,
    Token,
    among,
    arguments,
    duration,
    flag,
    integer,
    no_block,
    one,
    one_of,
    options,
    path,
    some,
    within,
    zone,
    zones,
)
from fedresolver.plugins.forward.nameservers import read_nameservers
from fedresolver.plugins.forward.settings import Settings, Tls
from fedresolver.upstream.forwarding.checks import Checking
from fedresolver.upstream.forwarding.forwarder import Conduct
from fedresolver.upstream.forwarding.policy import Policy
from fedresolver.upstream.forwarding.upstream import Terms
from fedresolver.upstream.resolv_conf import Nameservers
from fedresolver.upstream.target import MOST_TARGETS, Target, server_name, targets
from fedresolver.wire.const import RCODES, Rcode
from fedresolver.wire.name import Name, from_text

USAGE = "forward FROM TO..."
_HEALTH_CHECK = "health_check DURATION [no_rec] [domain FQDN]"


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says, and the files that it names; ConfigError with all that is wrong in it."""
    errors = Errors()
    given = arguments(stanza, 2, None, USAGE)
    found: dict[str, Any] = {}
    asked: tuple[Target, ...] = ()
    warnings: list[str] = []
    names: tuple[Name, ...] = ()
    with errors.gather():
        names = _names(given[0])
    with errors.gather():
        asked = _targets(stanza, given[1:], warnings)
    with errors.gather():
        found = options(stanza, _READERS, repeatable={"except", "next", "failover"})
    errors.raise_any()
    return Settings(
        zones=names,
        targets=tuple(_proving(target, found.get("tls_servername", "")) for target in asked),
        excluded=_joined(found, "except"),
        terms=_terms(found),
        conduct=_conduct(found),
        tls=found.get("tls", Tls()),
        next=frozenset(_joined(found, "next")),
        next_on_nodata=found.get("next_on_nodata", False),
        prefer_udp=found.get("prefer_udp", False),
        warnings=tuple(warnings),
    )


def _targets(stanza: Stanza, tokens: tuple[Token, ...], warnings: list[str]) -> tuple[Target, ...]:
    def read(path: str) -> Nameservers:
        named = read_nameservers(path)
        warnings.extend(named.warnings)
        return named

    errors = Errors()
    found: list[Target] = []
    for token in tokens:
        with errors.gather():
            found += targets(token, read)
    errors.raise_any()
    found = list(dict.fromkeys(found))
    if len(found) > MOST_TARGETS:
        raise StanzaError(stanza, f"{len(found)} upstreams", f"name at most {MOST_TARGETS}")
    return tuple(found)


def _proving(target: Target, name: str) -> Target:
    """Return a target that must prove `name`, unless it is not asked over TLS or has a name of its own."""
    return replace(target, server_name=name) if target.tls and not target.server_name else target


def _names(token: Token) -> tuple[Name, ...]:
    return tuple(from_text(name) for name in zones(token))


def _excluded(stanza: Stanza) -> tuple[Name, ...]:
    return tuple(name for names in some(_names, "NAME")(stanza) for name in names)


def _rcode(token: Token) -> int:
    return RCODES[one_of(dataclasses.replace(token, text=token.text.upper()), tuple(RCODES))]


def _failure(token: Token) -> int:
    rcode = _rcode(token)
    if rcode == Rcode.NOERROR:
        raise StanzaError(token, f"`{token.text}` is no failure", "write response codes such as SERVFAIL and REFUSED")
    return rcode


def _health_check(stanza: Stanza) -> Checking:
    no_block(stanza)
    every, *more = arguments(stanza, 1, 4, _HEALTH_CHECK)
    found: dict[str, Any] = {"every": duration(every)}
    if not found["every"]:
        raise StanzaError(every, "a health check every 0 s", "write a duration such as `0.5s`")
    words = iter(more)
    for word in words:
        if one_of(word, ("no_rec", "domain")) == "no_rec":
            found["recursion"] = False
            continue
        name = next(words, None)
        if name is None:
            raise StanzaError(word, "`domain` without a name", f"write `{_HEALTH_CHECK}`")
        found["name"] = from_text(zone(name))
    return Checking(**found)


def _tls(stanza: Stanza) -> Tls:
    """Return the files of `tls`, `tls CA`, `tls CERT KEY` or `tls CERT KEY CA`."""
    no_block(stanza)
    given = tuple(path(token) for token in arguments(stanza, 0, 3, "tls [CERT KEY] [CA]"))
    return Tls(ca=given[0]) if len(given) == 1 else Tls(*given)


_READERS = {
    "except": _excluded,
    "policy": one(among(*(policy.value for policy in Policy)), "POLICY"),
    "force_tcp": flag,
    "prefer_udp": flag,
    "expire": one(duration, "DURATION"),
    "max_fails": one(within(0, 1000), "INTEGER"),
    "health_check": _health_check,
    "max_concurrent": one(lambda token: integer(token, 0, 1_000_000), "MAX"),
    "tls": _tls,
    "tls_servername": one(server_name, "NAME"),
    "next": some(_rcode, "RCODE"),
    "next_on_nodata": flag,
    "failfast_all_unhealthy_upstreams": flag,
    "failover": some(_failure, "RCODE"),
    "randomize_case": flag,
}


def _joined(found: Mapping[str, Any], name: str) -> tuple[Any, ...]:
    return tuple(value for values in found.get(name, ()) for value in values)


def _terms(found: Mapping[str, Any]) -> Terms:
    given = {name: found[name] for name in ("max_fails", "expire") if name in found}
    return Terms(streams_only=found.get("force_tcp", False), checking=found.get("health_check", Checking()), **given)


def _conduct(found: Mapping[str, Any]) -> Conduct:
    return Conduct(
        policy=Policy(found.get("policy", Policy.RANDOM.value)),
        failover=frozenset(_joined(found, "failover")),
        mixed_case=found.get("randomize_case", False),
        max_concurrent=found.get("max_concurrent", 0),
    )
