"""Running a program that prints something, bounded in time and octets; nothing of it is left over."""

import asyncio
import os
import signal
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.access.redaction import redacted

LARGEST = 1 << 20  # octets that a program may print
_LARGEST_SAID = 1 << 12  # octets that are kept of its standard error
_STDOUT = 1


class NoProgramError(AccessError):
    """There is no such program."""


async def output(
    program: str, arguments: Sequence[str], environ: Mapping[str, str], seconds: float, secrets: Collection[str] = ()
) -> bytes:
    """Return what a program prints, which has nothing to read; AccessError when it fails or does not end in time.

    Whatever it started is ended with it. What it says of a failure is told, in one line and without the `secrets`.
    """
    loop = asyncio.get_running_loop()
    run = _Run(loop)
    try:
        transport, _ = await loop.subprocess_exec(
            lambda: run,
            program,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            env=dict(environ),
            start_new_session=True,
        )
    except OSError as error:
        kind = NoProgramError if isinstance(error, FileNotFoundError) else AccessError
        raise kind(f"{program}: {error.strerror}") from error
    except ValueError as error:  # a null character in an argument or a variable
        raise AccessError(f"{program}: {error}") from error
    try:
        async with asyncio.timeout(seconds):
            await run.over
    except TimeoutError as error:
        raise AccessError(f"{program}: it takes more than {seconds:g} s") from error
    finally:
        with suppress(ProcessLookupError):
            os.killpg(transport.get_pid(), signal.SIGKILL)
        await run.exited
        transport.close()
    if len(run.printed) > LARGEST:
        raise AccessError(f"{program}: it printed more than {LARGEST >> 20} MiB")
    if code := transport.get_returncode():
        raise AccessError(f"{program}: it ended with code {code}{_first_line(run.said, secrets)}")
    return bytes(run.printed)


class _Run(asyncio.SubprocessProtocol):
    """A program that runs; `over` is done once all is printed that counts, `exited` once the program is no more."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.printed = bytearray()
        self.said = bytearray()
        self.over: asyncio.Future[None] = loop.create_future()
        self.exited: asyncio.Future[None] = loop.create_future()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd != _STDOUT:
            self.said += data[: _LARGEST_SAID - len(self.said)]
            return
        self.printed += data[: LARGEST + 1 - len(self.printed)]
        if len(self.printed) > LARGEST:
            _done(self.over)

    def process_exited(self) -> None:
        _done(self.exited)

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that it has exited, and that nobody can write any more."""
        _done(self.over)


def _done(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


def _first_line(said: bytearray, secrets: Collection[str]) -> str:
    lines = redacted(said.decode("utf-8", "replace"), secrets).strip().splitlines()
    return f": {lines[0][:200]!r}" if lines else ""
