"""How a cache is to treat what other servers said: numbers and names, nothing that runs."""

from dataclasses import dataclass

from fedresolver.wire.name import ROOT, Name, is_below

CAPACITY = 9984
CLIENT_RESPONSE = 1.8
"""How long a client waits for an answer before a stale one is better (RFC 8767 5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many answers of one kind are kept, with TTLs from `least` to `most` seconds, and of names in which zones not.

    An answer that is larger than most counts as several.
    """

    most: int
    least: int = 0
    capacity: int = CAPACITY
    disabled: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefetch:
    """Which answers are asked for again before they end: those asked for `amount` times, never `gap` seconds apart.

    That is done when `percent` of the TTL is left, at the latest a second before the end.
    """

    amount: int
    gap: float = 60.0
    percent: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """For how many `seconds` after its end data may stand in for an answer that cannot be had (RFC 8767).

    `patience` is how long a client waits for the answer first, in seconds; with 0 the data is given at once.
    """

    seconds: float = 3600.0
    patience: float = CLIENT_RESPONSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is kept, and how long: names in `zones`, failures for `failure` seconds, 0 for not at all.

    `counting` is whether TTLs count down while an answer is kept.
    """

    zones: tuple[Name, ...] = (ROOT,)
    success: Share = Share(most=3600)
    denial: Share = Share(most=1800)
    failure: float = 5.0
    prefetch: Prefetch | None = None
    stale: Stale | None = None
    counting: bool = True


def is_in(name: Name, zones: tuple[Name, ...]) -> bool:
    """Say whether `name` is in one of `zones`."""
    for zone in zones:  # noqa: SIM110  (a generator costs more than what it does, for each query)
        if zone == ROOT or is_below(name, zone):
            return True
    return False
