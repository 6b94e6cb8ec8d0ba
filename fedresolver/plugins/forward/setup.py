"""From `forward` stanzas to one link of the chain."""

from typing import cast

from fedresolver.chain.handler import Handler, Wrap, link
from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.read import Errors, Stanza, StanzaError
from fedresolver.plugins.forward.handler import ForwardHandler
from fedresolver.plugins.forward.metrics import ForwardMetrics
from fedresolver.plugins.forward.parse import parse
from fedresolver.plugins.forward.settings import Settings
from fedresolver.plugins.forward.told import told
from fedresolver.status.directory import Directory
from fedresolver.upstream.forwarding.forwarder import Forwarder
from fedresolver.upstream.forwarding.roster import Roster
from fedresolver.upstream.forwarding.upstream import Upstream
from fedresolver.upstream.tls import CertificateError, context


def setup(setup: Setup) -> Plugin:
    """Return the plugin for all the `forward` stanzas of a server block; ConfigError when one cannot be.

    They are tried in the order in which they stand.
    """
    settings = _parsed(setup.stanzas)
    forwarders = [_forwarder(setup, stanza, one) for stanza, one in zip(setup.stanzas, settings, strict=True)]
    metrics = setup.metrics.part(ForwardMetrics)
    roster = setup.shared.part(Roster)
    setup.common.part(Directory).upstreams.append(lambda: told(forwarders))
    for forwarder in forwarders:
        roster += forwarder.upstreams

    def wrap(next_: Handler) -> Handler:
        pairs = zip(settings, forwarders, strict=True)
        return link(tuple(_link(one, forwarder) for one, forwarder in pairs), next_)

    def read() -> None:
        metrics.read(setup.server, forwarders)

    return Plugin(
        wrap=wrap,
        units=tuple(forwarders),
        reader=read,
        recursive=True,
        warnings=tuple(text for one in settings for text in one.warnings),
    )


def _link(settings: Settings, forwarder: Forwarder) -> Wrap:
    return lambda next_: ForwardHandler(settings, forwarder, next_)


def _parsed(stanzas: tuple[Stanza, ...]) -> tuple[Settings, ...]:
    errors = Errors()
    found = []
    for stanza in stanzas:
        with errors.gather():
            found.append(parse(stanza))
    errors.raise_any()
    return tuple(found)


def _forwarder(setup: Setup, stanza: Stanza, settings: Settings) -> Forwarder:
    """Return what asks the upstreams of a stanza; the one that runs, where nothing of it has changed."""
    tls = settings.tls
    ssl = None
    if any(target.tls for target in settings.targets):
        try:
            ssl = context(tls.cert, tls.key, tls.ca)
        except CertificateError as error:
            raise StanzaError(stanza, str(error)) from error

    def make() -> Forwarder:
        upstreams = [
            Upstream(target, settings.zones[0], settings.terms, ssl, setup.clock) for target in settings.targets
        ]
        return Forwarder(upstreams, settings.conduct, setup.clock)

    return cast("Forwarder", setup.keep(("forward", setup.server, setup.zones, settings), make))
