"""The demo as one JSON document, for scripts."""

import json
from pathlib import Path

from fedresolver.cli.demo.answer import Answer
from fedresolver.cli.demo.play import Outcome
from fedresolver.cli.demo.steps import Step
from fedresolver.cli.demo.world import SERVICE


class Document:
    """Prints `{"ok", "qname", "asked_with", "steps"}` at the end; never waits."""

    def __init__(self) -> None:
        self._asked_with = ""
        self._steps: list[dict[str, object]] = []

    def welcome(self, folder: Path, port: int, *, has_dig: bool) -> None:
        """Take note of who asks; folder and port are gone before anybody reads of them."""
        self._asked_with = "dig" if has_dig else "fedresolver"

    async def announce(self, title: str, step: Step, before: Answer | None) -> None:
        """Go on at once."""

    def outcome(self, outcome: Outcome) -> None:
        """Take note of an outcome."""
        step = outcome.step
        self._steps.append(
            {
                "title": step.title,
                "asked": step.asked,
                "path": None if step.change is None else step.change.path,
                "change": None if step.change is None else str(step.change),
                "ok": outcome.as_told,
                "answer": outcome.answer.lines(SERVICE),
                "why": outcome.answer.why,
                "told": {"answer": step.told.lines, "why": step.told.why},
                "seconds": round(outcome.seconds, 3),
            }
        )

    async def end(self, *, good: bool) -> None:
        """Print everything."""
        found = {"ok": good, "qname": SERVICE, "asked_with": self._asked_with, "steps": self._steps}
        print(json.dumps(found, indent=2))
