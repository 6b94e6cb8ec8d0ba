"""From a Corefile to what runs: the chain of each server block, the addresses, the pages, the units.

Nothing is opened or started here, so that `check` can build all of it.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import partial
from itertools import groupby

import msgspec

from fedresolver.authority.zones import Zones
from fedresolver.chain.follow import follow
from fedresolver.chain.handler import Handler, link
from fedresolver.chain.plugin import Https, Plugin, Route, Unit
from fedresolver.chain.setup import Process, Setup, Shared
from fedresolver.config.corefile import Corefile, ServerBlock, unknown_directive
from fedresolver.config.errors import Errors, StanzaError, listed, shown
from fedresolver.config.stanza import Stanza
from fedresolver.observe.metrics import Metrics
from fedresolver.plugins import ANSWERING, ORDER, set_up
from fedresolver.run.cautions import cautions
from fedresolver.run.crossing import Crossing, connect
from fedresolver.run.places import EVERYWHERE, Address, Place, Places, label
from fedresolver.run.transports import ENCRYPTED, TRANSPORTS
from fedresolver.server.router import Block
from fedresolver.status.directory import Block as Told
from fedresolver.status.directory import Directory
from fedresolver.wire.name import Name, from_text
from fedresolver.wire.tsig import NO_KEYS

DEFAULT_PORT = 53


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What is there before any configuration is read. `port` is that of keys which name none."""

    process: Process
    metrics: Metrics
    environ: dict[str, str]
    clock: Callable[[], float]
    wall: Callable[[], float]
    port: int = DEFAULT_PORT


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration, ready to be run.

    `blocks` are the server blocks by the place where they listen and by zone. `units` are in the order in which they
    start, `slow` those of them that may start last; `keys` are their names, by which the next configuration finds them
    again. `checks` read what would be read at the start, and raise ConfigError.
    """

    blocks: dict[Place, dict[Name, Block]]
    routes: dict[Address, list[Route]]
    units: tuple[Unit, ...]
    slow: tuple[Unit, ...]
    checks: tuple[Callable[[], tuple[str, ...]], ...]
    keys: dict[Hashable, Unit]
    missing: tuple[Callable[[], str | None], ...]
    notes: tuple[Callable[[], tuple[str, ...]], ...]
    readers: tuple[Callable[[], None], ...]
    closing: tuple[Callable[[], None], ...]
    lameduck: float
    warnings: tuple[str, ...]
    digest: str


class _Kept:
    """The units of the configuration before, and those that this one adds."""

    def __init__(self, former: dict[Hashable, Unit]) -> None:
        self._former = former
        self.keys: dict[Hashable, Unit] = {}

    def keep(self, key: Hashable, make: Callable[[], Unit]) -> Unit:
        """Return the unit under `key`, which may run already."""
        if key not in self.keys:
            self.keys[key] = self._former[key] if key in self._former else make()
        return self.keys[key]


def build(corefile: Corefile, around: Surroundings, former: dict[Hashable, Unit]) -> Built:
    """Return what `corefile` describes, with the units of the `former` one where they go on.

    ConfigError for all that is wrong in it.
    """
    corefile = corefile.on_port(around.port)
    kept, errors = _Kept(former), Errors()
    places = Places()
    opened: list[str] = []
    plugins: list[Plugin] = []
    common = Shared()
    crossings: dict[int, Crossing] = {}
    steps: dict[int, Handler] = {}
    for server_block in corefile.blocks:
        shared = Shared()
        made = _plugins(server_block, (shared, common), around, kept, errors)
        plugins += made.values()
        crossing = Crossing()
        block, step = _block(made, crossing)
        crossings[id(block)], steps[id(block)] = crossing, step
        common.part(Directory).blocks.append(_told(server_block, shared, block))
        with errors.gather():
            opened += _place(server_block, block, made, places, errors)
    errors.raise_any()
    connect(places.blocks.values(), crossings, steps)
    slow = dict.fromkeys(unit for plugin in plugins for unit in plugin.slow)
    units = dict.fromkeys(unit for plugin in plugins for unit in plugin.units)
    return Built(
        blocks=places.blocks,
        routes=_routes(plugins),
        units=(*units, *slow),
        slow=tuple(slow),
        checks=tuple(plugin.check for plugin in plugins if plugin.check is not None),
        keys=kept.keys,
        missing=tuple(plugin.missing for plugin in plugins if plugin.missing is not None),
        notes=tuple(plugin.notes for plugin in plugins if plugin.notes is not None),
        readers=tuple(plugin.reader for plugin in plugins if plugin.reader is not None),
        closing=tuple(plugin.closing for plugin in plugins if plugin.closing is not None),
        lameduck=max((plugin.lameduck for plugin in plugins), default=0.0),
        warnings=(*map(str, corefile.warnings), *(text for plugin in plugins for text in plugin.warnings), *opened),
        digest=corefile.digest,
    )


def _told(server_block: ServerBlock, shared: Shared, block: Block) -> Told:
    """Return what can be asked of a block beside what listens."""
    zones = tuple(from_text(key.zone) for key in server_block.keys)
    return Told(_label(server_block), zones, shared.part(Zones), block.handler)


def _label(block: ServerBlock) -> str:
    key = block.keys[0]
    return label(key.transport, key.port)


def _plugins(
    block: ServerBlock, parts: tuple[Shared, Shared], around: Surroundings, kept: _Kept, errors: Errors
) -> dict[str, Plugin]:
    """Return the plugins of a block by their names, in their fixed order."""
    known = [stanza for stanza in block.stanzas if stanza.text in ORDER]
    for stanza in block.stanzas:
        if stanza.text not in ORDER:
            errors.add(unknown_directive(stanza, ORDER))
    known.sort(key=lambda stanza: ORDER.index(stanza.text))
    made: dict[str, Plugin] = {}
    for name, stanzas in groupby(known, key=lambda stanza: stanza.text):
        with errors.gather():
            made[name] = set_up(name)(_setup(block, tuple(stanzas), made.values(), parts, around, kept))
    return made


def _hosts(plugins: Iterable[Plugin]) -> tuple[str, ...]:
    return tuple(host for plugin in plugins for host in plugin.addresses)


def _setup(
    block: ServerBlock,
    stanzas: tuple[Stanza, ...],
    before: Iterable[Plugin],
    parts: tuple[Shared, Shared],
    around: Surroundings,
    kept: _Kept,
) -> Setup:
    """Return what a plugin is given; those `before` it in the block are set up already."""
    shared, common = parts
    return Setup(
        stanzas=stanzas,
        zones=tuple(from_text(key.zone) for key in block.keys),
        server=_label(block),
        plugins=tuple(sorted({stanza.text for stanza in block.stanzas} & set(ORDER), key=ORDER.index)),
        process=around.process,
        metrics=around.metrics,
        environ=around.environ,
        clock=around.clock,
        wall=around.wall,
        keep=kept.keep,
        hosts=_hosts(before),
        shared=shared,
        common=common,
    )


def _block(plugins: dict[str, Plugin], crossing: Crossing) -> tuple[Block, Handler]:
    """Return what a listener sees of the plugins of a block, and its handler that follows no chains."""
    around = tuple(plugin.wrap for name, plugin in plugins.items() if plugin.wrap is not None and name not in ANSWERING)
    answering = tuple(plugin.wrap for name, plugin in plugins.items() if plugin.wrap is not None and name in ANSWERING)
    aside = tuple(plugin.aside for plugin in plugins.values() if plugin.aside is not None)
    follows = any(plugin.follows for plugin in plugins.values())
    between = (partial(follow, elsewhere=crossing.elsewhere),) if follows else ()
    block = Block(
        link(around + between + answering),
        tuple(plugin.observer for plugin in plugins.values() if plugin.observer is not None),
        recursive=any(plugin.recursive for plugin in plugins.values()),
        aside=link(around + aside),
        gates=tuple(plugin.gate for plugin in plugins.values() if plugin.gate is not None),
        options=tuple(plugin.options for plugin in plugins.values() if plugin.options is not None),
        udp_size=max(plugin.udp_size for plugin in plugins.values()) if plugins else 0,
        notified=any(plugin.notified for plugin in plugins.values()),
        encryption=next((plugin.encryption for plugin in plugins.values() if plugin.encryption is not None), None),
        https=next((plugin.https for plugin in plugins.values() if plugin.https is not None), Https()),
        keyring=next((plugin.keyring for plugin in plugins.values() if plugin.keyring is not None), NO_KEYS),
    )
    return block, link(around + answering)


def _place(
    server_block: ServerBlock, block: Block, plugins: dict[str, Plugin], places: Places, errors: Errors
) -> Iterator[str]:
    """Put a block at every address and zone that it serves; yield warnings."""
    hosts = _hosts(plugins.values()) or EVERYWHERE
    if len(plugins) == len({stanza.text for stanza in server_block.stanzas}):
        _check_transports(server_block, block)
        places.put(block, server_block.keys, hosts, errors)  # else one failed, perhaps `bind`: where it listens is open
    yield from cautions(server_block, block, plugins.values(), hosts)


def _check_transports(server_block: ServerBlock, block: Block) -> None:
    """Raise StanzaError for a transport that is not served, or that wants a certificate which is not there."""
    for key in server_block.keys:
        if key.transport not in TRANSPORTS:
            right = f"write one of {listed(f'{name}://' for name in TRANSPORTS)}"
            raise StanzaError(key.token, f"{key.transport}:// is not served", right)
        if key.transport in ENCRYPTED and block.encryption is None:
            right = "write `tls CERT KEY`, with the paths of both in PEM, into this server block"
            raise StanzaError(key.token, f"{shown(str(key))} has no certificate", right)


def _routes(plugins: list[Plugin]) -> dict[Address, list[Route]]:
    routes: dict[Address, list[Route]] = {}
    for plugin in plugins:
        for route in plugin.routes:
            routes.setdefault((route.host, route.port), []).append(route)
    return routes
