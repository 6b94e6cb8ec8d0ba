"""The command line: what the commands are called and what they take."""

import sys
from collections.abc import Callable
from typing import TypeVar

import click

from fedresolver import __version__
from fedresolver.cli.usage import Commands

F = TypeVar("F", bound=Callable[..., None])
_PATH = click.Path(readable=False)
"""A path whose file the command opens by itself: one that cannot be read is no wrong usage."""
_CONF = click.option("--conf", default="Corefile", show_default=True, type=_PATH, help="The configuration to read.")
_OUTPUT = click.option(
    "-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to print the result."
)

_SERVER = click.option(
    "--server",
    default="http://127.0.0.1:8053",
    show_default=True,
    envvar="FEDRESOLVER_SERVER",
    show_envvar=True,
    metavar="URL",
    help="The status page of the server that is asked.",
)
_WATCH = click.option("-w", "--watch", is_flag=True, help="Go on, and print what changes.")


def _form(*forms: str) -> Callable[[F], F]:
    """Return the option that says how a result is printed, the first form being usual."""
    return click.option(
        "-o", "--output", type=click.Choice(forms), default=forms[0], show_default=True, help="How to print it."
    )


def _where(command: F) -> F:
    """Add the options that say where that is which is looked at, for when it is not where it would be."""
    options = (
        click.option("--conf", type=_PATH, help="The Corefile.  [default: that of the server, where it is here]"),
        click.option("--resolv-conf", type=_PATH, help="The file of a pod.  [default: /etc/resolv.conf, in a pod]"),
        click.option(
            "--dns", metavar="ADDRESS", help="Where the server answers.  [default: where it says, if it is here]"
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _names(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Return the names of Services that the running server has, for the shell."""
    from fedresolver.cli.ask import completing

    return completing.names(context.params.get("server"), begun)


def _zones(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Return the zones whose records the running server has."""
    from fedresolver.cli.ask import completing

    return completing.zones(context.params.get("server"), begun)


def _members(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Return the members that the running server has."""
    from fedresolver.cli.ask import completing

    return completing.members(context.params.get("server"), begun)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
    """Read the configuration and build every plugin; open nothing.

    Prints every error as `file:line: what is wrong; what would be right` and exits 1 if there is one.
    """
    from fedresolver.cli.check import check as run
    from fedresolver.cli.printed import printed

    raise SystemExit(printed(lambda: run(conf, output)))


@main.command()
@_CONF
@click.option("--member", type=click.Choice(["local", "remote"]), help="Of these members only; of all by default.")
@_form("yaml", "json")
def rbac(conf: str, member: str | None, output: str) -> None:
    """Print the ClusterRoles that the configuration needs.

    They allow to list and watch, and nothing else. `fedresolver` is the one for the cluster around the server,
    `fedresolver-remote` that for each other member. Files that the configuration names need not be there.
    """
    from fedresolver.cli.printed import printed
    from fedresolver.cli.rbac import rbac as run

    raise SystemExit(printed(lambda: run(conf, member or "", output)))


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
    """Show a fail-over of embedded clusters, to be asked with dig.

    With a terminal it waits for Enter before each change, and goes on serving at the end. Exits 0 only if every answer
    was as told.
    """
    from fedresolver.cli.demo import demo as run

    raise SystemExit(run(port, guided=not script and sys.stdin.isatty() and sys.stdout.isatty(), output=output))


@main.command()
@_SERVER
@_WATCH
@click.option("--wait", is_flag=True, help="Wait until all of them are ready.")
@click.option("--timeout", default=60.0, show_default=True, help="Seconds to wait at most; then exit 1.")
@_form("table", "wide", "json", "yaml", "name")
def clusters(server: str, watch: bool, wait: bool, timeout: float, output: str) -> None:
    """List the member clusters of a running server.

    With `-o wide` also where reading a member fails, and what would help.
    """
    from fedresolver.cli.ask import commands as run

    seconds = timeout if wait else None
    raise SystemExit(run.ended(lambda: run.show_clusters(server, output, watch=watch, wait=seconds)))


@main.command()
@_SERVER
@_WATCH
@_form("table", "wide", "json", "yaml", "name")
def services(server: str, watch: bool, output: str) -> None:
    """List the federated Services, their shards, and what answers.

    ANSWERED is the level at which a client of the server's own cluster is answered now.
    """
    from fedresolver.cli.ask import commands as run

    raise SystemExit(run.ended(lambda: run.show_services(server, output, watch=watch)))


@main.command()
@click.argument("zone", default="", shell_complete=_zones)
@_SERVER
@_form("table", "zone", "json", "yaml")
def records(zone: str, server: str, output: str) -> None:
    """List all records of ZONE, or of every zone that is served.

    `-o zone` prints a zone file.
    """
    from fedresolver.cli.ask import commands as run

    raise SystemExit(run.ended(lambda: run.show_records(server, zone, output)))


@main.command()
@click.argument("name", shell_complete=_names)
@click.argument("type", default="A", metavar="[TYPE]")
@_SERVER
@click.option(
    "--from", "from", shell_complete=_members, default="", metavar="MEMBER", help="As a client in this cluster asks."
)
@click.option(
    "--at",
    default="",
    metavar="TIME",
    help="What was answered then: 03:12 by the server's time zone, or 2026-01-31T03:12:00Z.",
)
@click.option("--what-if", "suppose", multiple=True, metavar="CHANGE", help="What would be answered: see above.")
@_form("text", "json", "yaml")
def explain(server: str, suppose: tuple[str, ...], output: str, **query: str) -> None:
    """Say why NAME gets its answer: level by level, shard by shard.

    CHANGE is `down=MEMBER`, `down=region:REGION`, `down=zone:TOPOLOGY_ZONE` or `ready=NAMESPACE/SERVICE@MEMBER:COUNT`.
    Exits 1 where the answer has no records.
    """
    from fedresolver.cli.ask import commands as run

    query["suppose"] = ",".join(suppose)
    raise SystemExit(run.ended(lambda: run.show_explanation(server, query, output)))


@main.command()
@_SERVER
@_WATCH
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 5000), help="How many, the newest.")
@_form("table", "json", "yaml")
def journal(server: str, watch: bool, limit: int, output: str) -> None:
    """List what has changed of members and shards, the newest last.

    What was answered at one of these times is told by `explain NAME --at TIME`.
    """
    from fedresolver.cli.ask import commands as run

    raise SystemExit(run.ended(lambda: run.show_journal(server, limit, output, watch=watch)))


@main.command()
@_SERVER
@click.option(
    "--down", multiple=True, metavar="WHAT", help="A MEMBER, region:REGION or zone:TOPOLOGY_ZONE that is gone."
)
@_form("table", "json", "yaml")
def simulate(server: str, down: tuple[str, ...], output: str) -> None:
    """List every name whose answer changes if clusters are gone."""
    from fedresolver.cli.ask import commands as run

    if not down:
        raise click.UsageError("nothing is to be supposed; write --down MEMBER")
    suppose = ",".join(f"down={what}" for what in down)
    raise SystemExit(run.ended(lambda: run.show_simulation(server, suppose, output)))


@main.command()
@click.argument("files", nargs=-1, type=_PATH, metavar="[FILE]...")
@click.option(
    "--compare", "old", default="", metavar="ADDRESS", help="Ask the DNS server there what fedresolver is asked."
)
@click.option(
    "--with", "ours", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where fedresolver listens."
)
@_SERVER
@_form("table", "json")
def migrate(files: tuple[str, ...], old: str, ours: str, server: str, output: str) -> None:
    """Print what FILEs say as a Corefile, or compare two servers.

    A FILE is a ConfigMap of kube-dns (`federations`, `stubDomains`) or CoreDNS, or a Corefile of CoreDNS with a
    `federation` block.

    With --compare every Service of the running fedresolver is asked of both servers, and each difference is printed
    with its reason; exit 1 if there is one.
    """
    from fedresolver.cli import migrate as run
    from fedresolver.cli.ask.commands import ended

    if bool(files) == bool(old):
        raise click.UsageError("name files to read, or --compare the address of a DNS server")
    work = (lambda: run.compare(old, ours, server, output)) if old else (lambda: run.migrate(files))
    raise SystemExit(ended(work))


@main.command()
@click.argument("name", default="", shell_complete=_names)
@_SERVER
@_where
@_form("table", "json")
def diagnose(name: str, output: str, **where: str | None) -> None:
    """Find out why NAME does not resolve, and what mends it.

    Looks at the pod, the cluster's DNS, the server and its members, in the order of a packet's way. What cannot be
    seen from here is SKIPPED, with the reason. Exits 1 where something fails.
    """
    from fedresolver.cli.diagnose import command as run

    raise SystemExit(run.ended(lambda: run.diagnose(run.wanted(name, **where), output)))


@main.command()
@click.argument("name", default="", shell_complete=_names)
@_SERVER
@_where
@click.option("--log", type=click.Path(exists=True, dir_okay=False), help="A file with what the server has logged.")
@click.option("--output", type=_PATH, help="The archive.  [default: fedresolver-TIME.tar.gz]")
def gather(name: str, log: str | None, output: str | None, **where: str | None) -> None:
    """Put all that a bug report needs into one archive.

    Versions, the Corefile, the status pages, metrics, what `diagnose` finds, limits, the end of a log. No secret is in
    it: of texts only words that are known to be none are kept.
    """
    from fedresolver.cli.diagnose import command as run
    from fedresolver.cli.gather.command import gather as gathered

    raise SystemExit(run.ended(lambda: gathered(run.wanted(name, **where), log, output)))


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes SHELL complete commands and names.

    The names are those of Services, zones and members of the running server.

    In ~/.bashrc: eval "$(fedresolver completion bash)"
    """
    from fedresolver.cli.ask import completing

    click.echo(completing.script(main, shell))


def kubectl() -> None:
    """Run as `kubectl fed`, a plugin of kubectl: the executable `kubectl-fed`."""
    main(prog_name="kubectl fed")
