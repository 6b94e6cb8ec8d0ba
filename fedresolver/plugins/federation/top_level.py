"""Which top-level domains exist: a federation called like one hides it from the pods that ask for `F.`."""

from functools import cache
from importlib.resources import files


@cache
def top_level_domains() -> frozenset[str]:
    """Return the top-level domains of the root zone, in small letters, as they were in 2026."""
    return frozenset(files(__package__).joinpath("top_level_domains.txt").read_text("ascii").split())
