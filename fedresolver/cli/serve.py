"""`fedresolver serve`."""

import asyncio
import os
import sys

from fedresolver.observe import log
from fedresolver.run.descriptors import allow_more
from fedresolver.run.failure import FAILURES, reasons
from fedresolver.run.server import Server


def serve(path: str, port: int) -> int:
    """Run the server with the Corefile at `path` until a signal ends it; return the exit code."""
    log.start()
    allow_more()
    try:
        asyncio.run(Server(path, dict(os.environ), port).run())
    except FAILURES as error:
        print("\n".join(reasons(error)), file=sys.stderr)
        return 1
    return 0
