"""How a command that prints ends, whatever becomes of what it prints on."""

import os
import sys
from collections.abc import Callable


def printed(run: Callable[[], int]) -> int:
    """Return the exit code of a command; that nothing more can be printed is one line on stderr, and code 1.

    Where the reader has gone, as after `| head -1`, it has read enough: code 0 and no line. Ctrl-C is 130.
    """
    try:
        code = run()
        if sys.stdout is not None:  # it is None where the shell has closed it
            sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _print_no_more()
        return 0
    except OSError as error:
        print("fedresolver", *filter(None, (error.filename, error.strerror or str(error))), sep=": ", file=sys.stderr)
        _print_no_more()
        return 1
    return code


def _print_no_more() -> None:
    """Let what is still to be written go nowhere, for Python tries it again at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
