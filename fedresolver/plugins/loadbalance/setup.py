"""Read `loadbalance [round_robin | weighted WEIGHTFILE] { prefer CIDR...; reload DURATION }`."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from fedresolver.chain.handler import Wrap
from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.once import once
from fedresolver.config.read import (
    Stanza,
    StanzaError,
    arguments,
    cidr,
    duration,
    one,
    one_of,
    options,
    path,
    some,
)
from fedresolver.plugins.loadbalance.handler import Network, prefer, round_robin, weighted
from fedresolver.plugins.loadbalance.weights import WeightFile

USAGE = "loadbalance [round_robin | weighted WEIGHTFILE]"
ROUND_ROBIN, WEIGHTED = "round_robin", "weighted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The policy: turns, with networks that come first, or the weights of a file, read again after so many seconds."""

    weight_file: str | None = None
    prefer: tuple[Network, ...] = ()
    reload: float = 30.0


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says; ConfigError with all that is wrong in it."""
    given = arguments(stanza, 0, 2, USAGE)
    policy = one_of(given[0], (ROUND_ROBIN, WEIGHTED)) if given else ROUND_ROBIN
    arguments(stanza, 0 if policy == ROUND_ROBIN else 2, 1 if policy == ROUND_ROBIN else 2, USAGE)
    if policy == WEIGHTED:
        return Settings(weight_file=path(given[1]), **options(stanza, {"reload": one(duration, "DURATION")}))
    found = options(stanza, {"prefer": some(cidr, "CIDR")}, repeatable={"prefer"})
    return Settings(prefer=_joined(found))


def _joined(found: Mapping[str, Any]) -> tuple[Network, ...]:
    return tuple(network for networks in found.get("prefer", ()) for network in networks)


def setup(setup: Setup) -> Plugin:
    """Return the link of the chain, and with `weighted` the unit that looks at the file."""
    stanza = once(setup.stanzas)
    settings = parse(stanza)
    if settings.weight_file is None:
        return Plugin(wrap=_turns(settings))
    file = _weight_file(setup, settings.weight_file, settings.reload)
    try:
        file.load()
    except ValueError as error:
        raise StanzaError(stanza.args[1], f"the weights cannot be read: {error}") from error
    return Plugin(wrap=weighted(file, random.randrange), units=(file,))


def _turns(settings: Settings) -> Wrap:
    return prefer(settings.prefer) if settings.prefer else round_robin


def _weight_file(setup: Setup, where: str, interval: float) -> WeightFile:
    return cast("WeightFile", setup.keep(("loadbalance", where, interval), lambda: WeightFile(where, interval)))
