"""`fedresolver demo`: a federation of embedded members on a loopback port, and a guided fail-over.

What is told is data (world.py, steps.py); what is answered comes over UDP from a running server (dig.py, client.py) and
is compared with what was told (play.py). Nothing else of the program knows rich (screen.py).
"""

import asyncio
import logging
import sys

from fedresolver.observe import log


def demo(port: int, *, guided: bool) -> int:
    """Run the demo; return the exit code: 0 if every answer was as told, else 1."""
    from fedresolver.cli.demo.play import play
    from fedresolver.cli.demo.screen import Screen

    log.start(logging.ERROR)
    try:
        return 0 if asyncio.run(play(Screen(), port, guided=guided)) else 1
    except (KeyboardInterrupt, EOFError):
        return 0
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
