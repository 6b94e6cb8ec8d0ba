"""Waiting for a condition, never for a time."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
SECONDS = 10.0
_STEP = 0.01


def eventually(condition: Callable[[], T], seconds: float = SECONDS) -> T:
    """Return the first result of `condition` that is true; AssertionError with the last one after `seconds`."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"still {found!r} after {seconds:g} s"
        time.sleep(_STEP)
    return found


async def until(condition: Callable[[], T], seconds: float = SECONDS) -> T:
    """Return the first result of `condition` that is true, while the loop goes on; AssertionError as above."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"still {found!r} after {seconds:g} s"
        await asyncio.sleep(_STEP)
    return found
