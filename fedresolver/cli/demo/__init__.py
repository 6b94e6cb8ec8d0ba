"""`fedresolver demo`: a federation of embedded members on a loopback port, and a guided fail-over.

What is told is data (world.py, steps.py); what is answered comes over UDP from a running server (dig.py, client.py), is
compared with what was told (play.py), and is shown (screen.py, the only importer of rich, or document.py).
"""

import asyncio
import logging
import sys

from fedresolver.observe import log

INTERRUPTED = 130
"""The exit code of a demo that was ended before its last step, as shells have it for SIGINT."""


def demo(port: int, *, guided: bool, output: str) -> int:
    """Run the demo; return the exit code: 0 if every answer was as told, else 1.

    `output` is `json` or `text`; a text that is `guided` waits for keys.
    """
    from fedresolver.cli.demo.document import Document
    from fedresolver.cli.demo.play import play
    from fedresolver.cli.demo.screen import Screen
    from fedresolver.run.failure import reasons

    log.start(logging.ERROR, sys.stderr)
    try:
        return asyncio.run(play(Document() if output == "json" else Screen(guided=guided), port))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return INTERRUPTED
    except OSError as error:
        print("\n".join(reasons(error)), file=sys.stderr)
        return 1
