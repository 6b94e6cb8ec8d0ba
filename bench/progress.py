"""What is being done, for the one who waits."""

import sys


def say(what: str) -> None:
    """Print a line on stderr, so that stdout holds the results only."""
    print(f"bench: {what}", file=sys.stderr, flush=True)
