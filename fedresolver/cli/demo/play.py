"""The demo itself: the world is written, the server runs, each step is made, asked and compared with what was told."""

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from fedresolver.cli.demo.answer import Answer, Ask
from fedresolver.cli.demo.client import Client
from fedresolver.cli.demo.dig import Dig, dig_path
from fedresolver.cli.demo.screen import Screen
from fedresolver.cli.demo.steps import STEPS, Step, Told
from fedresolver.cli.demo.world import SERVICE, write
from fedresolver.run.server import Server

PATIENCE = 5.0
"""How long a change may take to show in the answers, in seconds; an answer that was told is taken at once."""
_BETWEEN = 0.02

Pause = Callable[[], Awaitable[None]]


async def play(screen: Screen, port: int, *, guided: bool, steps: tuple[Step, ...] = STEPS) -> bool:
    """Run the demo on 127.0.0.1; return whether every answer was as told.

    A `guided` one waits for keys, and stays at the end until it is interrupted.
    """
    with tempfile.TemporaryDirectory(prefix="fedresolver-demo-") as name:
        folder = Path(name)
        write(folder)
        server = Server(str(folder / "Corefile"), dict(os.environ), port)
        await server.start()
        try:
            return await _guide(screen, server, folder, steps, guided=guided)
        finally:
            await server.stop()


async def _guide(screen: Screen, server: Server, folder: Path, steps: tuple[Step, ...], *, guided: bool) -> bool:
    port = server.listeners.port()
    dig = dig_path()
    ask: Ask = Client(port) if dig is None else Dig(dig, port)
    screen.welcome(folder, port, has_dig=dig is not None)
    good = True
    before: Answer | None = None
    for number, step in enumerate(steps, 1):
        if guided and number > 1:
            await screen.wait()
        if step.change is not None:
            step.change.apply(folder)
        after = await _asked(ask, step.told)
        as_told = _is(after, step.told)
        screen.step(number, step, before, after, as_told=as_told)
        good, before = good and as_told, after
    screen.end(good=good, stays=guided, port=port)
    if guided:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
    return good


async def _asked(ask: Ask, told: Told) -> Answer:
    """Return the answer that was told as soon as it comes, or the last one when patience ends."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    while True:
        answer = await ask(SERVICE)
        if _is(answer, told) or loop.time() > deadline:
            return answer
        await asyncio.sleep(_BETWEEN)


def _is(answer: Answer, told: Told) -> bool:
    """Say whether an answer is what was told; the order of addresses does not matter."""
    return sorted(answer.lines(SERVICE)) == sorted(told.lines) and answer.why == told.why
