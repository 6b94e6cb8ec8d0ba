"""What the demo shows, on a terminal or in a file."""

import asyncio
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fedresolver.cli.demo.answer import Answer
from fedresolver.cli.demo.steps import Step, Told
from fedresolver.cli.demo.world import LOCAL, MEMBERS, NEIGHBOURS, SERVICE, Member


class Screen:
    """Prints to `console`, or to standard output."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)

    def welcome(self, folder: Path, port: int, *, has_dig: bool) -> None:
        """Show the members, their shards, and how to ask."""
        say = self._console.print
        say(f"[bold]A federation of {len(MEMBERS)} clusters[/], and two small ones beside the local one.")
        say(f"Their objects are YAML files in {folder}/members.\n", soft_wrap=True)
        say(_members())
        say("\nAsk it yourself, from another terminal:\n")
        for name in (SERVICE, f"{SERVICE}.svc.example.com", f"_http._tcp.{SERVICE} SRV"):
            say(f"  dig @127.0.0.1 -p {port} {name}", soft_wrap=True)
        if not has_dig:
            say("\ndig is not installed here (Debian: bind9-dnsutils); the demo asks by itself.")

    def step(self, number: int, step: Step, before: Answer | None, after: Answer, *, as_told: bool) -> None:
        """Show one step: what happens, the answer before and after, and why."""
        say = self._console.print
        say(f"\n[bold]{number}. {step.title}[/]")
        say(f"   {step.story}")
        if step.change is not None:
            say(f"   {step.change.path}: {step.change}", markup=False, soft_wrap=True)
        if before is not None:
            self._answer("before", before.lines(SERVICE), before.why, "dim")
        self._answer("after" if before else "answer", after.lines(SERVICE), after.why, "green" if as_told else "red")
        if not as_told:
            self._told(step.told)
        say(Text(f"   {step.because}", style="italic"))

    def end(self, *, good: bool, stays: bool, port: int) -> None:
        """Say how it went."""
        verdict = "Every answer was as told." if good else "Not every answer was as told."
        self._console.print(f"\n[bold {'green' if good else 'red'}]{verdict}[/]")
        if stays:
            self._console.print(f"The server stays on 127.0.0.1 port {port} until you press Ctrl-C.")

    async def wait(self) -> None:
        """Wait for the Enter key."""
        self._console.print("\n[dim]Press Enter for the next step.[/]", end="")
        await asyncio.get_running_loop().run_in_executor(None, input)

    def _answer(self, when: str, lines: tuple[str, ...], why: str, style: str) -> None:
        for place, line in enumerate(lines or ("nothing",)):
            label = when if place == 0 else ""
            self._console.print(Text(f"   {label:>7}  {line}", style=style), soft_wrap=True)
        self._console.print(Text(f"   {'why':>7}  {why}", style=style), soft_wrap=True)

    def _told(self, told: Told) -> None:
        self._answer("told", told.lines, told.why, "yellow")


def _members() -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("NAME", "REGION", "ZONE", "CLUSTERIP", "LOAD BALANCER"):
        table.add_column(title, no_wrap=True)
    for member in (*MEMBERS, *NEIGHBOURS):
        table.add_row(*_row(member))
    return table


def _row(member: Member) -> tuple[str, ...]:
    name = f"{member.name} *" if member.name == LOCAL else member.name
    return name, member.region, member.topology_zone, member.cluster_ip, member.load_balancer
