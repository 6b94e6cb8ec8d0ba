"""Wrong usage of a command, told in one line as all other errors are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import click
from click.exceptions import NoArgsIsHelpError

_ENDS = (".", "?", "?)")


class WrongUsage(click.ClickException):
    """A command that was called in another way than its help says: exit code 2."""

    exit_code = 2

    def show(self, file: IO[str] | None = None) -> None:
        """Print the one line on stderr."""
        click.echo(f"fedresolver: {self.message}", file=file, err=True)


class Commands(click.Group):
    """Commands whose wrong usage is one line. Without a command the help is printed."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        """Read what stands before the command; WrongUsage."""
        with _in_one_line():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        """Read the command with its arguments, and run it; WrongUsage."""
        with _in_one_line(ctx):
            return super().invoke(ctx)


@contextmanager
def _in_one_line(begun: click.Context | None = None) -> Iterator[None]:
    try:
        yield
    except NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        text = " ".join(error.format_message().split())
        end = "" if text.endswith(_ENDS) else "."
        raise WrongUsage(f"{text}{end} See `{_path(error.ctx, begun)} --help`.") from error


def _path(met: click.Context | None, begun: click.Context | None) -> str:
    """Return the command that an error is about, as it was written; click does not name it in all of them."""
    if met or not begun:
        return met.command_path if met else "fedresolver"
    return " ".join(filter(None, (begun.command_path, begun.invoked_subcommand)))
