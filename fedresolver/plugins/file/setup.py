"""Read `file DBFILE [ZONES...] { reload DURATION; fallthrough [ZONES...] }`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from fedresolver.authority.answering import answering
from fedresolver.authority.stray import strays
from fedresolver.authority.zones import Zones
from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.read import (
    Errors,
    Stanza,
    StanzaError,
    arguments,
    duration,
    fallthrough,
    one,
    options,
    path,
    zones,
)
from fedresolver.plugins.file.metrics import FileMetrics
from fedresolver.plugins.file.zone_file import Wanted, ZoneFile
from fedresolver.watch.stamp import stamp
from fedresolver.wire.name import Name, from_text, to_text

PLUGIN = "file"
USAGE = "file DBFILE [ZONES...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A zone file and its zones, none for those of the block; names in `fallthrough` that are not there are others'."""

    file: str
    zones: tuple[Name, ...] = ()
    reload: float = 60.0
    fallthrough: tuple[Name, ...] = ()


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says; ConfigError with all that is wrong in it."""
    errors = Errors()
    found: dict[str, Any] = {}
    with errors.gather():
        file, *_ = arguments(stanza, 1, None, USAGE)
        found["file"] = path(file)
    for token in stanza.args[1:]:
        with errors.gather():
            found["zones"] = (*found.get("zones", ()), *map(from_text, zones(token)))
    with errors.gather():
        found |= options(stanza, {"reload": one(duration, "DURATION"), "fallthrough": fallthrough})
    errors.raise_any()
    found["fallthrough"] = tuple(map(from_text, found.get("fallthrough", ())))
    return Settings(**found)


def setup(setup: Setup) -> Plugin:
    """Return the link of the chain, and the units that read the files."""
    known = setup.shared.part(Zones)
    files: dict[Name, ZoneFile] = {}
    falls: dict[Name, tuple[Name, ...]] = {}
    first: dict[Name, Stanza] = {}
    errors = Errors()
    for stanza in setup.stanzas:
        with errors.gather():
            settings = parse(stanza)
            _refuse_missing(stanza, settings)
            for apex in settings.zones or setup.zones:
                _refuse_twin(stanza, apex, first)
                files[apex] = _zone_file(setup, settings, apex)
                falls[apex] = settings.fallthrough
    errors.raise_any()
    served = {apex: file.served for apex, file in files.items()}
    known.files.update(served)
    return Plugin(
        wrap=answering(served, known, falls, PLUGIN),
        slow=tuple(files.values()),
        check=lambda: _check(files.values()),
        follows=True,
        missing=lambda: _missing(files),
        reader=lambda: _tell(setup, files),
        warnings=tuple(strays(first, setup.zones)),
    )


def _refuse_missing(stanza: Stanza, settings: Settings) -> None:
    if stamp(settings.file) is None:
        raise StanzaError(stanza.args[0], f"there is no zone file {settings.file}", "name a file in master format")


def _refuse_twin(stanza: Stanza, apex: Name, first: dict[Name, Stanza]) -> None:
    known = first.setdefault(apex, stanza)
    if known is not stanza:
        there = f"{known.file}:{known.line}"
        raise StanzaError(stanza, f"the zone {to_text(apex)} has a file already, at {there}", "remove one")


def _zone_file(setup: Setup, settings: Settings, apex: Name) -> ZoneFile:
    wanted = Wanted(settings.file, apex, settings.reload)
    # One that is never looked at again is read again when the configuration is, if it has changed.
    version = None if settings.reload else stamp(settings.file)

    def make() -> ZoneFile:
        return ZoneFile(wanted, setup.process, setup.metrics.part(FileMetrics))

    return cast("ZoneFile", setup.keep((PLUGIN, wanted, version), make))


def _check(files: Iterable[ZoneFile]) -> tuple[str, ...]:
    errors, warnings = Errors(), list[str]()
    for file in files:
        with errors.gather():
            warnings += file.check()
    errors.raise_any()
    return tuple(warnings)


def _missing(files: Mapping[Name, ZoneFile]) -> str | None:
    names = [to_text(apex) for apex, file in files.items() if file.served.zone is None]
    return f"zone files not read yet: {', '.join(names)}" if names else None


def _tell(setup: Setup, files: Mapping[Name, ZoneFile]) -> None:
    """Bring the numbers up to date."""
    metrics = setup.metrics.part(FileMetrics)
    for apex, file in files.items():
        zone = file.served.zone
        if zone is None:
            continue
        metrics.records.set(zone.size, to_text(apex))
        metrics.serial.set(zone.contents.serial, to_text(apex))
        if zone.signed_until is not None:
            metrics.signed_until.set(zone.signed_until, to_text(apex))
