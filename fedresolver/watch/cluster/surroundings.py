"""What members that are API servers share with all others of their federation."""

import random
from collections.abc import Callable

import msgspec

from fedresolver.watch.cluster.metrics import ClusterMetrics
from fedresolver.watch.cluster.pace import Pace


class Surroundings(msgspec.Struct, frozen=True):
    """The federation, clocks, luck and numbers.

    `clock` is monotonic, `wall` since the epoch, both in seconds; `chance` draws from [0, 1).
    """

    federation: str
    pace: Pace
    clock: Callable[[], float]
    wall: Callable[[], float]
    metrics: ClusterMetrics
    chance: Callable[[], float] = random.random
