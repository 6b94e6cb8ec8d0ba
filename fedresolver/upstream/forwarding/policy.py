"""In which order upstreams are asked."""

import random
from collections.abc import Callable, Sequence
from enum import Enum
from itertools import count
from typing import TypeAlias

Order: TypeAlias = Callable[[int], Sequence[int]]
"""Return the numbers from 0 to one less than the argument, in the order of this question."""


class Policy(Enum):
    """The ways of CoreDNS's `policy`."""

    RANDOM = "random"
    ROUND_ROBIN = "round_robin"
    SEQUENTIAL = "sequential"


def order(policy: Policy) -> Order:
    """Return what gives each question its order."""
    match policy:
        case Policy.RANDOM:
            return lambda size: random.sample(range(size), size)
        case Policy.ROUND_ROBIN:
            turns = count()
            return lambda size: _from(next(turns) % size, size)
        case Policy.SEQUENTIAL:
            return range


def _from(start: int, size: int) -> Sequence[int]:
    return (*range(start, size), *range(start))
