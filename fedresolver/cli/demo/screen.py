"""What the demo shows, on a terminal or in a file."""

import asyncio
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fedresolver.cli.demo.answer import Answer
from fedresolver.cli.demo.play import Outcome
from fedresolver.cli.demo.steps import OWN, Step
from fedresolver.cli.demo.world import LOCAL, MEMBERS, NEIGHBOURS, SERVICE, shard, state

_STORY = (
    "Four clusters, one in each of four regions, form a federation. The two small ones below stand beside the "
    "local one, so that the walk outwards meets somebody in its topology zone and in its region."
)
_QUESTIONS = (
    SERVICE,
    f"{SERVICE}.svc.cluster.local",
    f"{SERVICE}.svc.example.com",
    f"{SERVICE}.svc.us-east1.example.com",
    f"_http._tcp.{SERVICE} SRV",
    f"eu.{OWN}",
)
_ASK = "Ask for yourself, from another terminal:"
_WOULD_ASK = "At a terminal the demo waits before each change, for you to ask:"
_LABEL = 7


class Screen:
    """Prints to `console`, or to standard output; a `guided` one waits for keys."""

    def __init__(self, console: Console | None = None, *, guided: bool = False) -> None:
        self._console = console or Console(highlight=False)
        self._guided = guided
        self._folder = Path()

    def welcome(self, folder: Path, port: int, *, has_dig: bool) -> None:
        """Show the members, their shards, and how to ask."""
        self._folder = folder
        say = self._console.print
        say(f"{_STORY}\n")
        self._members()
        say(f"\n* The server runs here: inside, the shard has the ClusterIP {MEMBERS[0].cluster_ip}.")
        say(f"The members are folders of Kubernetes YAML in\n{folder}/members\n", soft_wrap=True)
        say(f"{_ASK if self._guided else _WOULD_ASK}\n")
        for question in _QUESTIONS:
            say(f"dig @127.0.0.1 -p {port} {question}", style="cyan", soft_wrap=True)
        asker = "dig asks" if has_dig else "dig is not installed here (Debian: bind9-dnsutils), so the demo itself asks"
        say(f"\nBelow, {asker} for {SERVICE}, written S.")

    async def announce(self, title: str, step: Step, before: Answer | None) -> None:
        """Show what a step is going to do, and what is answered before it; wait for Enter."""
        self._console.print(f"\n[bold]{title}[/]")
        rows = [("", Text(step.story))]
        if step.asked != SERVICE:
            rows.append(("ask", Text(step.asked, "cyan")))
        if step.change is not None:
            rows += [("file", Text(step.change.path, "cyan")), ("", Text(str(step.change), "cyan"))]
        if before is not None:
            rows += _answer("before", before.lines(SERVICE), before.why, "dim")
        self._rows(rows)
        if self._guided and (step.change is not None or step.asked != SERVICE):
            await self._pressed("Press Enter to make this change." if step.change else "Press Enter to ask for it.")

    def outcome(self, outcome: Outcome) -> None:
        """Show the answer after a step, and why it is that one."""
        answer, step = outcome.answer, outcome.step
        rows = _answer("answer", answer.lines(SERVICE), answer.why, "green" if outcome.as_told else "red")
        if not outcome.as_told:
            rows += _answer("told", step.told.lines, step.told.why, "yellow")
        if step.change is not None:
            rows.append(("took", Text(f"{outcome.seconds:.2f} s from the change to this answer")))
        self._rows([*rows, ("", Text(step.because, "italic"))])

    async def end(self, *, good: bool) -> None:
        """Say how it went; a guided demo stays until Ctrl-C."""
        verdict = "Every answer was as told." if good else "Not every answer was as told."
        self._console.print(f"\n[bold {'green' if good else 'red'}]{verdict}[/]")
        if self._guided:
            self._console.print("\nThe members as they stand now:\n")
            self._members()
            self._console.print(f"\nThe server goes on. Edit what you like in\n{self._folder}/members", soft_wrap=True)
            self._console.print("and ask again. Ctrl-C ends the server and removes the folder.")
            while await _line():
                pass

    async def _pressed(self, text: str) -> None:
        self._console.print(f"\n[bold]{text}[/] ", end="")
        await _line()
        self._console.print()

    def _members(self) -> None:
        """Show where the members are and how their shards stand, as their files say it now."""
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for title in ("NAME", "REGION", "ZONES", "SHARD", "STATE"):
            table.add_column(title, no_wrap=True)
        for member in (*MEMBERS, *NEIGHBOURS):
            if member == NEIGHBOURS[0]:
                table.add_row()
            name = f"{member.name} *" if member.name == LOCAL else member.name
            standing = state(self._folder, member)
            style = "" if standing.startswith("3") else "dim"
            balancer = shard(self._folder, member)
            table.add_row(name, member.region, member.topology_zone, balancer, standing, style=style)
        self._console.print(table)

    def _rows(self, rows: list[tuple[str, Text]]) -> None:
        """Show labelled lines, those that are too long wrapped beside their label."""
        for label, text in rows:
            head = label
            for line in text.wrap(self._console, self._console.width - _LABEL - 2):
                line.rstrip()
                self._console.print(Text.assemble((f"{head:>{_LABEL}}  ", "bold"), line))
                head = ""


def _answer(label: str, lines: tuple[str, ...], why: str, style: str) -> list[tuple[str, Text]]:
    rows = [("", Text(line, style)) for line in lines or ("nothing",)]
    return [(label, rows[0][1]), *rows[1:], *([("why", Text(why, style))] if why else [])]


async def _line() -> bool:
    """Wait for a line at the terminal; return False at the end of the input. Can be cancelled, as `input` cannot."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return bool(os.read(sys.stdin.fileno(), 4096))
