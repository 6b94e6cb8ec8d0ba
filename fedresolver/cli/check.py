"""`fedresolver check`."""

import json
import os
import sys
import time

from fedresolver.config.errors import Errors
from fedresolver.observe.metrics import Metrics
from fedresolver.run.build import Surroundings, build
from fedresolver.run.failure import FAILURES, reasons
from fedresolver.run.files import read_corefile


class _NotRunning:
    """The process, for plugins that are built but never run."""

    stopping = False
    file = ""

    def listening(self) -> tuple[str, ...]:
        return ()

    def missing(self) -> tuple[str, ...]:
        return ()

    def notes(self) -> tuple[str, ...]:
        return ()

    def forget(self) -> None:
        """Do nothing: nothing is answered."""

    def changed(self) -> bool:
        return False

    async def reload(self) -> None:
        """Do nothing: there is nothing that runs."""


def check(path: str, output: str) -> int:
    """Read and build the configuration at `path`, print what is wrong with it; return the exit code."""
    errors, warnings = findings(path, dict(os.environ))
    _print(path, errors, warnings, output)
    return 1 if errors else 0


def findings(path: str, environ: dict[str, str]) -> tuple[list[str], list[str]]:
    """Return the errors and the warnings of the configuration at `path`, a line each."""
    around = Surroundings(
        process=_NotRunning(), metrics=Metrics(), environ=environ, clock=time.monotonic, wall=time.time
    )
    try:
        built = build(read_corefile(path, environ), around, {})
        errors, warnings = Errors(), list(built.warnings)
        for read in built.checks:
            with errors.gather():
                warnings += read()
        errors.raise_any()
        return [], warnings
    except FAILURES as error:
        return reasons(error), []


def _print(path: str, errors: list[str], warnings: list[str], output: str) -> None:
    if output == "json":
        print(json.dumps({"file": path, "ok": not errors, "errors": errors, "warnings": warnings}, indent=2))
        return
    for line in errors:
        print(line, file=sys.stderr)
    for line in warnings:
        print(f"warning: {line}", file=sys.stderr)
    if not errors:
        print(f"{path}: good")
