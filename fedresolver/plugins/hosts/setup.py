"""Read `hosts [FILE [ZONES...]] { [INLINE]; ttl SECONDS; no_reverse; reload DURATION; fallthrough [ZONES...] }`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, cast

from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.once import once
from fedresolver.config.read import (
    Errors,
    Stanza,
    StanzaError,
    arguments,
    duration,
    fallthrough,
    flag,
    no_block,
    one,
    options,
    path,
    within,
    zones,
)
from fedresolver.plugins.hosts.authority import Authority
from fedresolver.plugins.hosts.file import HostsFile, Wanted
from fedresolver.plugins.hosts.handler import hosts
from fedresolver.plugins.hosts.metrics import HostsMetrics
from fedresolver.plugins.hosts.text import Entry, entry
from fedresolver.watch.stamp import stamp
from fedresolver.wire.name import Name, from_text, to_text

DEFAULT = "/etc/hosts"
LONGEST_TTL = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The file, zones (none: those of the block) and lines of one `hosts`; names in `fallthrough` may be others'."""

    file: str = DEFAULT
    zones: tuple[Name, ...] = ()
    inline: tuple[Entry, ...] = ()
    ttl: int = 3600
    reverse: bool = True
    reload: float = 5.0
    fallthrough: tuple[Name, ...] = ()


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says; ConfigError with all that is wrong in it."""
    errors = Errors()
    found: dict[str, Any] = {}
    lines = [option for option in stanza.body or () if _is_line(option)]
    with errors.gather():
        if stanza.args:
            found["file"] = path(stanza.args[0])
        found["zones"] = _names(zones(token) for token in stanza.args[1:])
    with errors.gather():
        rest = tuple(option for option in stanza.body or () if option not in lines)
        found |= _options(replace(stanza, body=rest))
    inline = []
    for line in lines:
        with errors.gather():
            inline.append(_inline(line))
    errors.raise_any()
    return Settings(**found, inline=tuple(inline))


def _is_line(option: Stanza) -> bool:
    """Say whether a line of the block begins with what is meant to be an address."""
    return option.text[:1].isdigit() or ":" in option.text


def _inline(line: Stanza) -> Entry:
    no_block(line)
    try:
        return entry([line.text, *(token.text for token in arguments(line))])
    except ValueError as error:
        wrong, _, right = str(error).partition("; ")
        raise StanzaError(line, wrong, right) from error


def _options(stanza: Stanza) -> dict[str, Any]:
    found = options(
        stanza,
        {
            "ttl": one(within(0, LONGEST_TTL), "SECONDS"),
            "no_reverse": flag,
            "reload": one(duration, "DURATION"),
            "fallthrough": fallthrough,
        },
    )
    if "no_reverse" in found:
        found["reverse"] = not found.pop("no_reverse")
    if "fallthrough" in found:
        found["fallthrough"] = tuple(map(from_text, found["fallthrough"]))
    return found


def _names(texts: Iterable[tuple[str, ...]]) -> tuple[Name, ...]:
    return tuple(map(from_text, chain.from_iterable(texts)))


def setup(setup: Setup) -> Plugin:
    """Return the link of the chain, and the unit that reads the file."""
    stanza = once(setup.stanzas)
    settings = parse(stanza)
    zones = frozenset(settings.zones or setup.zones)
    wanted = Wanted(
        settings.file, zones, settings.inline, ttl=settings.ttl, reverse=settings.reverse, reload=settings.reload
    )

    def make() -> HostsFile:
        return HostsFile(wanted, setup.process, setup.wall)

    file = cast("HostsFile", setup.keep(("hosts", wanted), make))
    return Plugin(
        wrap=hosts(file, Authority(frozenset(zones), frozenset(settings.fallthrough))),
        units=(file,),
        reader=lambda: _tell(setup, file),
        warnings=_warnings(stanza, settings),
    )


def _warnings(stanza: Stanza, settings: Settings) -> tuple[str, ...]:
    if stamp(settings.file) is not None:
        return ()
    return (f"{stanza.file}:{stanza.line}: there is no file {settings.file} (yet); `hosts` reads it when it comes",)


def _tell(setup: Setup, file: HostsFile) -> None:
    """Bring the numbers up to date."""
    metrics, zone = setup.metrics.part(HostsMetrics), to_text(setup.zones[0])
    metrics.entries.set(file.table.size, setup.server, zone)
    if file.read_at is not None:
        metrics.reload.set(file.read_at, setup.server, zone)
