"""The demo itself: the world is written, the server runs, each step is made, asked and compared with what was told."""

import asyncio
import os
import signal
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fedresolver.cli.demo.answer import Answer, Ask
from fedresolver.cli.demo.client import Client
from fedresolver.cli.demo.dig import Dig, dig_path
from fedresolver.cli.demo.steps import STEPS, Step
from fedresolver.cli.demo.world import SERVICE, write
from fedresolver.run.server import Server

PATIENCE = 5.0
"""How long a change may take to show in the answers, in seconds."""
_BETWEEN = 0.02


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer after a step, and how many seconds after the change it was there."""

    step: Step
    answer: Answer
    seconds: float

    @property
    def as_told(self) -> bool:
        """Whether the answer is the expected one; the order of addresses does not matter."""
        return sorted(self.answer.lines(SERVICE)) == sorted(self.step.told.lines) and (
            self.answer.why == self.step.told.why
        )


class Show(Protocol):
    """Whoever shows the demo to somebody."""

    def welcome(self, folder: Path, port: int, *, has_dig: bool) -> None:
        """Show the members in `folder`, and how to ask the server on `port`."""

    async def announce(self, title: str, step: Step, before: Answer | None) -> None:
        """Show what a step is going to do, and return when it may."""

    def outcome(self, outcome: Outcome) -> None:
        """Show what it has led to."""

    async def end(self, *, good: bool) -> None:
        """Say how it went, and return when the server may stop."""


async def play(show: Show, port: int, steps: tuple[Step, ...] = STEPS, patience: float = PATIENCE) -> int:
    """Run the demo on 127.0.0.1; return 0 if every answer was as told, else 1. OSError when the port cannot be had.

    A change may take `patience` seconds to show in the answers.
    """
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            # These must clean up as Ctrl-C does, which asyncio turns into a cancellation.
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with tempfile.TemporaryDirectory(prefix="fedresolver-demo-") as name:
        folder = Path(name)
        write(folder)
        server = Server(str(folder / "Corefile"), dict(os.environ), port)
        await server.start()
        try:
            stage = _Stage(folder, server.listeners.port(), patience)
            return 0 if await _serve(show, server, stage, steps) else 1
        finally:
            await server.stop()


async def _serve(show: Show, server: Server, stage: "_Stage", steps: tuple[Step, ...]) -> bool:
    """Play the steps for `show` as soon as the server knows its members."""
    await _ready(server)
    show.welcome(stage.folder, server.listeners.port(), has_dig=isinstance(stage.ask, Dig))
    good = True
    before: Answer | None = None
    for number, step in enumerate(steps, 1):
        await show.announce(f"{number}/{len(steps)}  {step.title}", step, before if step.asked == SERVICE else None)
        outcome = await stage.made(step)
        show.outcome(outcome)
        good, before = good and outcome.as_told, outcome.answer
    with suppress(asyncio.CancelledError):  # whoever ends it now has seen it all
        await show.end(good=good)
    return good


async def _ready(server: Server) -> None:
    """Wait until nothing is missing, or patience ends: then the first answer says what is."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    while True:
        if not server.missing() or loop.time() > deadline:
            return
        await asyncio.sleep(_BETWEEN)


class _Stage:
    """The files that steps change, and whoever asks about them."""

    def __init__(self, folder: Path, port: int, patience: float) -> None:
        dig = dig_path()
        self.folder = folder
        self.ask: Ask = Client(port) if dig is None else Dig(dig, port)
        self._patience = patience

    async def made(self, step: Step) -> Outcome:
        """Make a step, and ask until the answer is as told, or patience ends."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        if step.change is not None:
            step.change.apply(self.folder)
        while True:
            answer = await self.ask(step.asked)
            outcome = Outcome(step, answer, loop.time() - start)
            if outcome.as_told or outcome.seconds > self._patience:
                return outcome
            await asyncio.sleep(_BETWEEN)
