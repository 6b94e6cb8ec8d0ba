"""From `federation` stanzas to one link of the chain."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import TypeAlias, TypeVar, cast

from fedresolver.authority.zones import Source, Zones
from fedresolver.chain.follow import follow
from fedresolver.chain.handler import Handler
from fedresolver.chain.plugin import Plugin, Unit
from fedresolver.chain.setup import Setup
from fedresolver.config.read import Errors, Stanza, StanzaError
from fedresolver.plugins.federation.apex import Apex
from fedresolver.plugins.federation.handler import FederationHandler, Served
from fedresolver.plugins.federation.inside import InsideZone
from fedresolver.plugins.federation.live import Live
from fedresolver.plugins.federation.metrics import FederationMetrics
from fedresolver.plugins.federation.outside import REMEMBERED, Outside
from fedresolver.plugins.federation.parse import parse
from fedresolver.plugins.federation.public import PublicZone
from fedresolver.plugins.federation.published import PublishedZone
from fedresolver.plugins.federation.reserve import Reserve
from fedresolver.plugins.federation.running import RunningFederation
from fedresolver.plugins.federation.serial import Serial
from fedresolver.plugins.federation.settings import Settings
from fedresolver.plugins.federation.sources import Sources, gather, kubeconfig_roster
from fedresolver.plugins.federation.told import FederationsTold
from fedresolver.plugins.federation.top_level import top_level_domains
from fedresolver.status.directory import Directory
from fedresolver.upstream.memory.caching import Caching
from fedresolver.walk.federation import Federation
from fedresolver.wire.name import Name, to_text
from fedresolver.wire.rr import RRset

Sharing: TypeAlias = tuple[RunningFederation, ...]
L = TypeVar("L", bound=Live)


def setup(setup: Setup) -> Plugin:
    """Return the plugin for all the federations of a server block; ConfigError when one cannot be."""
    settings = _parsed(setup)
    metrics = setup.metrics.part(FederationMetrics)
    sources = [gather(setup, one) for one in settings]
    runnings = [_running(setup, one, its, metrics) for one, its in zip(settings, sources, strict=True)]
    serials = {apex: _serial(setup, apex) for one in settings for apex in _apexes(one)}
    files = setup.shared.part(Zones).files
    for running in runnings:
        *own, shared = (serials[apex] for apex in _apexes(running.settings))
        running.serials, running.shared, running.files = tuple(own), (shared,), files
    zones = _zones(runnings, serials, files)
    directory = setup.common.part(Directory)
    listed = tuple(filter(directory.take, runnings))
    told = FederationsTold(
        runnings, listed, zones.keys(), lambda imagined: _zones(imagined, serials, files), setup.wall
    )
    directory.federations.append(told)
    published = tuple(_published(setup, runnings, serials))

    outside = Outside(its.hostnames for its in sources)
    caching = _caching(setup)

    def wrap(next_: Handler) -> Handler:
        beyond = caching.wrap(next_)
        handler = FederationHandler(zones, next_, beyond)
        outside.handler = follow(handler.resolve)
        told.handler, told.outside = follow(handler), beyond
        return handler

    def missing() -> str | None:
        return "\n".join(filter(None, (running.missing() for running in runnings))) or None

    def read() -> None:
        for running in runnings:
            running.refresh_metrics()

    return Plugin(
        wrap=wrap,
        units=(
            *(unit for its in sources for unit in its.units),
            *serials.values(),
            *published,
            *runnings,
            caching,
            outside,
        ),
        follows=True,
        missing=missing,
        reader=read,
        warnings=tuple(_warnings(setup, settings)),
    )


def _parsed(setup: Setup) -> tuple[Settings, ...]:
    errors = Errors()
    found: dict[str, Settings] = {}
    first: dict[str, Stanza] = {}
    for stanza in setup.stanzas:
        with errors.gather():
            settings = parse(stanza, setup.environ)
            name = settings.federation.name
            if name in first:
                there = f"{first[name].file}:{first[name].line}"
                raise StanzaError(stanza, f"federation {name} is there twice", f"the first is at {there}; join them")
            first[name], found[name] = stanza, settings
            _refuse_shared(stanza, settings, found.values())
            _refuse_overlap(stanza, [one.federation for one in found.values()])
    errors.raise_any()
    return tuple(found.values())


def _refuse_shared(stanza: Stanza, settings: Settings, known: Iterable[Settings]) -> None:
    """Raise StanzaError when a federation that is known keeps its snapshot in the same file."""
    if not settings.snapshot:
        return
    file, name = os.path.realpath(settings.snapshot), settings.federation.name
    for other in known:
        if other.snapshot and other.federation.name != name and os.path.realpath(other.snapshot) == file:
            wrong = f"federation {name} has the snapshot {settings.snapshot} of federation {other.federation.name}"
            raise StanzaError(stanza, wrong, "give each federation a file of its own")


def _refuse_overlap(stanza: Stanza, known: Sequence[Federation]) -> None:
    """Raise StanzaError when the last federation makes two zones or two names of different kinds the same one."""
    last = known[-1]
    right = "name a public domain that nothing else has"
    if last.domain == last.cluster_domain:
        wrong = "is also its cluster domain, so global names would be those that pods ask"
        raise StanzaError(stanza, f"the public domain of federation {last.name} {wrong}", right)
    for one, other in chain(((last, other) for other in known), ((other, last) for other in known)):
        if one.domain in (other.inside, other.bare):
            wrong = f"is the zone {to_text(one.domain)} in which pods ask for names of federation {other.name}"
            raise StanzaError(stanza, f"the public domain of federation {one.name} {wrong}", right)


def _running(setup: Setup, settings: Settings, sources: Sources, metrics: FederationMetrics) -> RunningFederation:
    """Return the federation that runs with exactly these settings already, or a new one."""

    def make() -> RunningFederation:
        return RunningFederation(settings, sources, setup.clock, metrics)

    return cast("RunningFederation", setup.keep(("federation", repr(settings)), make))


def _caching(setup: Setup) -> Caching:
    """Return what remembers names that are not the federation's but that names of it lead to."""
    key = ("outside", setup.server, setup.zones, setup.hosts)
    return cast("Caching", setup.keep(key, lambda: Caching(REMEMBERED, setup.clock)))


def _serial(setup: Setup, apex: Name) -> Serial:
    return cast("Serial", setup.keep(("serial", apex), lambda: Serial(setup.wall)))


def _published(setup: Setup, runnings: list[RunningFederation], serials: Mapping[Name, Serial]) -> Iterator[Unit]:
    """Yield the public domains as zones to be transferred, and what keeps their serials growing across a restart."""
    zones = setup.shared.part(Zones)
    for domain, sharing in _by_domain(runnings).items():
        every = tuple(running.settings for running in sharing)
        serial, apex = serials[domain], _apex(every[0], domain, serials, zones.files)

        def make(serial: Serial = serial, apex: Apex = apex, sharing: Sharing = sharing) -> PublishedZone:
            return PublishedZone(apex, serial, sharing)

        zone = cast("PublishedZone", setup.keep(("published", repr(every)), make))
        zones.federated[domain] = zone
        kept = next((one.snapshot for one in every if one.snapshot), "")
        if kept:
            yield setup.keep(("reserve", domain, kept), partial(Reserve, serial, f"{kept}.serial"))
        yield zone


def _by_domain(runnings: Sequence[L]) -> dict[Name, tuple[L, ...]]:
    """Return the federations by the public domain, in which several may publish."""
    domains = dict.fromkeys(running.settings.federation.domain for running in runnings)
    return {
        domain: tuple(running for running in runnings if running.settings.federation.domain == domain)
        for domain in domains
    }


def _apexes(settings: Settings) -> tuple[Name, Name, Name]:
    return settings.federation.inside, settings.federation.bare, settings.federation.domain


def _zones(
    runnings: Sequence[Live], serials: Mapping[Name, Serial], files: Mapping[Name, Source]
) -> dict[Name, Served]:
    """Return the zones of the federations by their apexes; those with the same domain share one."""
    zones: dict[Name, Served] = {}

    def soa(zone: Name) -> tuple[RRset, ...]:
        return zones[zone].zone.apex.soa()

    for running in runnings:
        settings = running.settings
        federation = settings.federation
        inside = InsideZone(running, _apex(settings, federation.inside, serials, files), soa, below_cluster=True)
        bare = InsideZone(running, _apex(settings, federation.bare, serials, files), soa, below_cluster=False)
        zones[federation.inside] = Served(inside, None)
        zones[federation.bare] = Served(bare, settings.fallthrough)
    for domain, sharing in _by_domain(runnings).items():
        settings = sharing[0].settings
        public = PublicZone(sharing, _apex(settings, domain, serials, files), soa)
        zones[domain] = Served(public, _fallthrough(sharing))
    return zones


def _fallthrough(sharing: Iterable[Live]) -> tuple[Name, ...] | None:
    """Return the zones of which any of the federations that share a domain gives names to the next plugin."""
    said = [zones for one in sharing if (zones := one.settings.fallthrough) is not None]
    return tuple(chain.from_iterable(said)) if said else None


def _apex(settings: Settings, zone: Name, serials: Mapping[Name, Serial], files: Mapping[Name, Source]) -> Apex:
    return Apex(zone, serials[zone], settings.name_servers, settings.hostmaster, settings.federation.ttl, files)


def _warnings(setup: Setup, settings: tuple[Settings, ...]) -> Iterator[str]:
    for stanza, one in zip(setup.stanzas, settings, strict=True):
        name = one.federation.name
        if name in top_level_domains():
            yield (
                f"{stanza.file}:{stanza.line}: federation {name} is called like a top-level domain that exists; "
                f"its names cannot be resolved here any more"
            )
        places = [option for option in stanza.body or () if option.text == "kubeconfig"]
        for place, kubeconfig in zip(places, one.kubeconfigs, strict=True):
            for warning in kubeconfig_roster(setup, one, kubeconfig).warnings():
                yield f"{place.file}:{place.line}: {warning}"
