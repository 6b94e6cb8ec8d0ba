"""What the tests here need and what takes minutes to build, once: `python -m tests.neighbours` prints where it is."""

import sys

from bench import tools
from bench.process import BenchError


def main() -> int:
    """Print the path of CoreDNS."""
    try:
        sys.stdout.write(f"coredns {tools.coredns()}\n")
    except BenchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
