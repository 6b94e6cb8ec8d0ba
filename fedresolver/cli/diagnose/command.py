"""`fedresolver diagnose`."""

import os
import sys
from collections.abc import Callable

from fedresolver.cli.ask.client import as_json
from fedresolver.cli.diagnose import printing
from fedresolver.cli.diagnose.address import parsed
from fedresolver.cli.diagnose.checks import Finding, found
from fedresolver.cli.diagnose.gathering import Gathering, Wanted
from fedresolver.cli.printed import printed
from fedresolver.cli.progress import Progress
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import from_text


class UsageError(Exception):
    """The command was asked for something that makes no sense; the text says what would."""


def wanted(name: str, server: str | None, conf: str | None, resolv_conf: str | None, dns: str | None) -> Wanted:
    """Return what is to be looked at; UsageError for what is no name, or no address."""
    try:
        from_text(name or ".")
    except FormatError as error:
        raise UsageError(f"NAME: {error}") from error
    try:
        where = None if dns is None else parsed(dns)
    except ValueError as error:
        raise UsageError(f"--dns: {error}") from error
    return Wanted(name=name, server=server or "", conf=conf, resolv_conf=resolv_conf, dns=where)


def diagnose(wanted: Wanted, output: str) -> int:
    """Look at all that a name needs, print what was found; return the exit code."""
    progress = Progress()
    try:
        findings = looked(wanted, progress.say)
    finally:
        progress.end()
    if output == "json":
        print(as_json(printing.document(findings)))
    else:
        for line in printing.lines(findings):
            print(line)
    return 0 if printing.ok(findings) else 1


def looked(wanted: Wanted, say: Callable[[str], None]) -> tuple[Finding, ...]:
    """Return what all checks find."""
    return found(Gathering(wanted, os.environ, say).evidence())


def ended(run: Callable[[], int]) -> int:
    """Return the exit code of a command, whose error is one line."""
    try:
        return printed(run)
    except UsageError as error:
        print(f"fedresolver: {error}", file=sys.stderr)
        return 2
