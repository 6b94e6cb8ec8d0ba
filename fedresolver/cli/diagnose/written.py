"""Whether the Corefile is good."""

import shlex

import msgspec

from fedresolver.cli.diagnose.verdict import Verdict, fail, fine, warn


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with the Corefile at `path`, and what may be."""

    path: str
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def good(corefile: Written) -> Verdict:
    """Say whether a server would start with it."""
    again = f"mend that line, then: fedresolver check --conf {shlex.quote(corefile.path)}"
    if corefile.errors:
        return fail(f"{corefile.errors[0]}{_more(corefile.errors)}", again)
    if corefile.warnings:
        return warn(f"{corefile.warnings[0]}{_more(corefile.warnings)}", again)
    return fine(f"{corefile.path} is good")


def _more(lines: tuple[str, ...]) -> str:
    return f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
