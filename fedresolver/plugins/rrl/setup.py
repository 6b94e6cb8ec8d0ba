"""Read `rrl [ZONES...] { responses-per-second N; ...; window SECONDS; slip-ratio N; report-only; ... }`."""

from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from fedresolver.chain.plugin import Plugin
from fedresolver.chain.proof import Proofs
from fedresolver.chain.setup import Setup
from fedresolver.config.errors import shown
from fedresolver.config.once import once
from fedresolver.config.read import Errors, Stanza, StanzaError, Token, duration, flag, one, options, within, zones
from fedresolver.config.value import integer
from fedresolver.plugins.rrl.accounts import Accounts
from fedresolver.plugins.rrl.handler import Limiter, Limits
from fedresolver.plugins.rrl.kind import Kind
from fedresolver.plugins.rrl.metrics import Counts, RrlMetrics
from fedresolver.wire.name import Name, from_text

FASTEST = 1_000_000
LONGEST_WINDOW = 3600.0
_OF_RESPONSES = "responses-per-second"
_RATES = {
    _OF_RESPONSES: Kind.RESPONSE,
    "nodata-per-second": Kind.NODATA,
    "nxdomains-per-second": Kind.NXDOMAIN,
    "referrals-per-second": Kind.REFERRAL,
    "errors-per-second": Kind.ERROR,
}
_REQUESTS = "requests-per-second"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The zones of `rrl`, none for those of the block, its limits, seconds of its window, and its most accounts."""

    zones: tuple[Name, ...] = ()
    limits: Limits = field(default_factory=Limits)
    window: float = 15.0
    accounts: int = 100_000


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says; ConfigError with all that is wrong in it."""
    errors = Errors()
    names: tuple[Name, ...] = ()
    found: dict[str, Any] = {}
    with errors.gather():
        names = tuple(map(from_text, chain.from_iterable(map(zones, stanza.args))))
    with errors.gather():
        found = _options(stanza)
    errors.raise_any()
    given = {kind: found[name] for name, kind in _RATES.items() if name in found}
    rates = dict.fromkeys(Kind, found.get(_OF_RESPONSES, 0)) | given
    limits = Limits(
        rates={kind: float(rate) for kind, rate in rates.items() if rate},
        requests=float(found.get(_REQUESTS, 0)),
        report_only="report-only" in found,
        **_renamed(found, {"ipv4-prefix-length": "ipv4_bits", "ipv6-prefix-length": "ipv6_bits", "slip-ratio": "slip"}),
    )
    others = _renamed(found, {"window": "window", "max-table-size": "accounts"})
    return Settings(zones=names, limits=limits, **others)


def _options(stanza: Stanza) -> dict[str, Any]:
    rate = one(within(0, FASTEST), "NUMBER")
    return options(
        stanza,
        {
            **dict.fromkeys((*_RATES, _REQUESTS), rate),
            "window": one(_window, "SECONDS"),
            "ipv4-prefix-length": one(within(1, 32), "BITS"),
            "ipv6-prefix-length": one(within(1, 128), "BITS"),
            "slip-ratio": one(within(0, 10), "NUMBER"),
            "max-table-size": one(lambda token: integer(token, 2, 10_000_000), "NUMBER"),
            "report-only": flag,
        },
    )


def _window(token: Token) -> float:
    seconds = duration(token)
    if not 0 < seconds <= LONGEST_WINDOW:
        raise StanzaError(token, f"{shown(token.text)} is no window", "write more than 0 seconds, at most an hour")
    return seconds


def _renamed(found: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Return those of `found` that are in `names`, by the names that they have there."""
    return {other: found[name] for name, other in names.items() if name in found}


def setup(setup: Setup) -> Plugin:
    """Return the link of the chain; a `cookie` of the block says whose addresses are proven."""
    stanza = once(setup.stanzas)
    settings = parse(stanza)
    accounts, counts = Accounts(settings.accounts, settings.window, setup.clock), Counts()
    zones_ = frozenset(settings.zones or setup.zones)
    limiter = Limiter(settings.limits, zones_, accounts, setup.shared.part(Proofs), counts)
    metrics = setup.metrics.part(RrlMetrics)
    return Plugin(
        wrap=limiter.wrap,
        reader=lambda: counts.tell(metrics, setup.server, len(accounts)),
        warnings=_warnings(stanza, settings.limits),
    )


def _warnings(stanza: Stanza, limits: Limits) -> tuple[str, ...]:
    if limits.rates or limits.requests:
        return ()
    return (f"{stanza.file}:{stanza.line}: `rrl` limits nothing; give it `{_OF_RESPONSES} NUMBER` or another limit",)
