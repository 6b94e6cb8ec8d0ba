"""`fedresolver serve`."""

import asyncio
import os
import sys

from fedresolver.config.errors import ConfigError
from fedresolver.observe import log
from fedresolver.run.server import Server


def serve(path: str, port: int) -> int:
    """Run the server with the Corefile at `path` until a signal ends it; return the exit code."""
    log.start()
    try:
        asyncio.run(Server(path, dict(os.environ), port).run())
    except (ConfigError, OSError, UnicodeDecodeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0
