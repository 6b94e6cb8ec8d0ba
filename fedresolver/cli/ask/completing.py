"""What a shell may complete: asked of the running server, and nothing where that is away."""

import click
from click.shell_completion import get_completion_class

from fedresolver.cli.ask.client import DEFAULT, AskError, Client
from fedresolver.status.documents import Clusters, Services, Zones

_SECONDS = 1.0
PROGRAM = "fedresolver"


def names(server: str | None, begun: str) -> list[str]:
    """Return the names of Services, as a pod asks them, that begin so."""
    try:
        found = _client(server).get("services", Services).services
    except AskError:
        return []
    return _beginning([f"{one.name}.{one.namespace}.{one.federation}" for one in found], begun)


def zones(server: str | None, begun: str) -> list[str]:
    """Return the zones that begin so."""
    try:
        return _beginning(_client(server).get("zones", Zones).zones, begun)
    except AskError:
        return []


def members(server: str | None, begun: str) -> list[str]:
    """Return the members that begin so."""
    try:
        found = _client(server).get("clusters", Clusters).clusters
    except AskError:
        return []
    return _beginning([one.name for one in found], begun)


def script(command: click.Command, shell: str) -> str:
    """Return the text that a shell is to evaluate."""
    kind = get_completion_class(shell)
    assert kind is not None  # the command takes no other
    return kind(command, {}, PROGRAM, f"_{PROGRAM.upper()}_COMPLETE").source()


def _client(server: str | None) -> Client:
    return Client(server or DEFAULT, _SECONDS)


def _beginning(texts: list[str] | tuple[str, ...], begun: str) -> list[str]:
    return [text for text in texts if text.startswith(begun)]
