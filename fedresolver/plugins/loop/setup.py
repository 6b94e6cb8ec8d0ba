"""Read `loop`, which takes nothing."""

from dataclasses import dataclass

from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.once import once
from fedresolver.config.read import Stanza, arguments, no_block
from fedresolver.plugins.loop.handler import catcher
from fedresolver.plugins.loop.metrics import LoopMetrics
from fedresolver.plugins.loop.watch import LoopWatch
from fedresolver.upstream.forwarding.roster import Roster


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `loop` says: that loops are looked for."""


def parse(stanza: Stanza) -> Settings:
    """Return the settings; StanzaError when there is an argument or a block."""
    arguments(stanza, 0, 0, "loop")
    no_block(stanza)
    return Settings()


def setup(setup: Setup) -> Plugin:
    """Return the link that catches what comes back, and the unit that sends it.

    The `forward` stanzas of the block put their upstreams into the roster later, but before anything starts.
    """
    parse(once(setup.stanzas))
    upstreams = setup.shared.part(Roster)
    watch = LoopWatch(upstreams, setup.zones)
    metrics = setup.metrics.part(LoopMetrics)

    def notes() -> tuple[str, ...]:
        return tuple(f"upstream {upstream.name} loops and is left out" for upstream in upstreams if upstream.looping)

    return Plugin(
        wrap=catcher(watch.catch),
        units=(watch,),
        reader=lambda: metrics.read(setup.server, upstreams),
        notes=notes,
    )
