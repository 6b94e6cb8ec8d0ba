"""Other servers on the loopback of this machine."""

import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.deadline import eventually


@contextmanager
def started(folder: Path, command: Sequence[str], ready: Callable[[], object]) -> Iterator[None]:
    """Run a server until it is `ready`; AssertionError with what it printed when it ends. At the end it is killed."""
    log = folder / "log"
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, cwd=folder) as child:
        try:
            eventually(lambda: child.poll() is not None or ready(), 20.0)
            assert child.poll() is None, log.read_text()
            yield
        finally:
            child.kill()


def written(folder: Path, name: str, text: str) -> str:
    """Write a file into a folder, which is made if need be, and return its path."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return str(folder / name)
