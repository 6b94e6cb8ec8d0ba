"""From `secondary` stanzas to the zones that they copy, and two links of the chain: questions, and NOTIFY."""

import random
import time
from typing import cast

from fedresolver.authority.answering import answering
from fedresolver.authority.stray import strays
from fedresolver.authority.zones import Zones
from fedresolver.chain.keys import key_of
from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.read import Errors, Stanza, StanzaError
from fedresolver.plugins.secondary.copy import Around, Copy
from fedresolver.plugins.secondary.metrics import SecondaryMetrics
from fedresolver.plugins.secondary.notify import notify
from fedresolver.plugins.secondary.parse import Settings, parse
from fedresolver.plugins.secondary.slots import Slots
from fedresolver.server.seldom import Seldom
from fedresolver.upstream.transfer.primary import Primary
from fedresolver.watch.worker import beside
from fedresolver.wire.name import Name, to_text
from fedresolver.zone.contents import Contents
from fedresolver.zone.zone import Zone, zone

__all__ = ["parse", "setup"]
_SMALL = 1000
"""Owners of a zone that is made ready in the event loop: a thread would cost more than it spares."""
_PAUSE = 0.001


def setup(setup: Setup) -> Plugin:
    """Return the plugin for all the `secondary` stanzas of a server block; ConfigError when one cannot be."""
    errors = Errors()
    copies: dict[Name, Copy] = {}
    fallthrough: dict[Name, tuple[Name, ...]] = {}
    named: dict[Name, Stanza] = {}
    zones = setup.shared.part(Zones)
    for stanza in setup.stanzas:
        with errors.gather():
            settings = parse(stanza)
            for apex in settings.zones or setup.zones:
                _refuse_twin(stanza, apex, zones)
                named[apex] = stanza
                copies[apex] = copy = _copy(setup, apex, settings)
                zones.files[apex] = copy.served
                fallthrough[apex] = settings.fallthrough
    errors.raise_any()
    metrics = setup.metrics.part(SecondaryMetrics)
    return Plugin(
        wrap=answering({apex: copy.served for apex, copy in copies.items()}, zones, fallthrough, "secondary"),
        aside=notify(copies, Seldom(setup.clock)),
        notified=True,
        follows=True,
        units=(_slots(setup), *copies.values()),
        missing=lambda: _missing(copies),
        reader=lambda: metrics.read(setup.server, copies),
        warnings=tuple(strays(named, setup.zones)),
    )


def _refuse_twin(stanza: Stanza, apex: Name, zones: Zones) -> None:
    if apex in zones.files:
        wrong = f"the zone {to_text(apex)} is served twice in this block"
        raise StanzaError(stanza, wrong, "name it in one `file` or `secondary` only")


def _copy(setup: Setup, apex: Name, settings: Settings) -> Copy:
    """Return the copy of a zone; the one that runs, where nothing of it has changed."""
    primaries = tuple(
        (primary.target, None if primary.key is None else key_of(setup, primary.key)) for primary in settings.primaries
    )

    def make() -> Copy:
        around = Around(setup.clock, setup.wall, random.random, _build, _slots(setup))
        asked = tuple(Primary(target, key, setup.wall, hosts=setup.hosts) for target, key in primaries)
        taken = setup.process.forget if settings.fallthrough else _nothing
        return Copy(apex, asked, settings.limits, around, taken)

    key = ("secondary", setup.server, setup.hosts, apex, primaries, settings.limits, bool(settings.fallthrough))
    return cast("Copy", setup.keep(key, make))


def _slots(setup: Setup) -> Slots:
    return cast("Slots", setup.keep("slots of secondary", Slots))


async def _build(contents: Contents, most: int) -> Zone:
    """Return a zone ready to be asked; a large one is made in a thread that lets the event loop go first.

    FormatError when it has more than `most` names.
    """
    if len(contents.rrsets) <= _SMALL:
        return zone(contents, most=most)
    return await beside(lambda: zone(contents, lambda: time.sleep(_PAUSE), most))


def _missing(copies: dict[Name, Copy]) -> str | None:
    """Say which zones are awaited: those of which nothing is known, and whose primaries were not asked in vain yet."""
    waited = [f"secondary {to_text(apex)}: not transferred yet" for apex, copy in copies.items() if not copy.tried]
    return "\n".join(waited) or None


def _nothing() -> None:
    """Do nothing: nobody else answers for names of the zone."""
