"""The command line: what the commands are called and what they take."""

import sys

import click

from fedresolver import __version__

_CONF = click.option(
    "--conf", default="Corefile", show_default=True, type=click.Path(), help="The configuration to read."
)
_OUTPUT = click.option(
    "-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to print the result."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="fedresolver")
def main() -> None:
    """Answer DNS for a federation of Kubernetes clusters.

    The names of federated Services are answered from the health of every member: the local ClusterIP while the
    local shard is healthy, otherwise the load balancers of the nearest shards that are.

    Exit codes: 0 done, 1 the answer is no or the work failed, 2 wrong usage.
    """


@main.command()
@_CONF
@click.option(
    "--port",
    default=53,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port of server blocks that name none; 0 is any free one.",
)
def serve(conf: str, port: int) -> None:
    """Run the server.

    SIGTERM drains and ends it, SIGUSR1 makes it read its configuration again.
    """
    from fedresolver.cli.serve import serve as run

    raise SystemExit(run(conf, port))


@main.command()
@_CONF
@_OUTPUT
def check(conf: str, output: str) -> None:
    """Read the configuration and build every plugin, but open nothing.

    Prints every error as `file:line: what is wrong; what would be right` and exits 1 if there is one.
    """
    from fedresolver.cli.check import check as run

    raise SystemExit(run(conf, output))


@main.command()
@click.option(
    "--port",
    default=0,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port on 127.0.0.1; 0 is any free one.",
)
@click.option("--script", is_flag=True, help="Wait for no key and end after the last step, as without a terminal.")
@_OUTPUT
def demo(port: int, script: bool, output: str) -> None:
    """Show a fail-over of four embedded clusters, to be asked with dig.

    With a terminal it waits for Enter before each change, and goes on serving at the end. Exits 0 only if every answer
    was as told.
    """
    from fedresolver.cli.demo import demo as run

    raise SystemExit(run(port, guided=not script and sys.stdin.isatty() and sys.stdout.isatty(), output=output))
