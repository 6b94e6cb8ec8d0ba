"""`fedresolver migrate`: files in, a Corefile out; or two servers asked the same names."""

import asyncio
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

import yaml

from fedresolver.cli.ask import services
from fedresolver.cli.ask.client import AskError, Client
from fedresolver.cli.demo.answer import Ask
from fedresolver.cli.demo.client import Client as DnsClient
from fedresolver.cli.migrate import comparing, coredns, kube_dns
from fedresolver.cli.migrate.comparing import Difference
from fedresolver.cli.migrate.corefile import lines
from fedresolver.cli.migrate.found import Found, MigrateError
from fedresolver.config.errors import ConfigError, StanzaError
from fedresolver.config.lexer import Token
from fedresolver.config.value import host_port
from fedresolver.run.files import Disk
from fedresolver.status.documents import Services
from fedresolver.status.table import table
from fedresolver.watch.octets import octets

_LARGEST = 4 << 20


def migrate(paths: Sequence[str]) -> int:
    """Print the Corefile that says what the files say; return the exit code."""
    found = Found()
    try:
        for path in paths:
            _read(path, found)
    except (MigrateError, ConfigError) as error:
        print(error, file=sys.stderr)
        return 1
    if not found.federations:
        print(
            f"{', '.join(paths)}: there is no federation: neither `federations` of kube-dns nor a `federation` block "
            "of CoreDNS",
            file=sys.stderr,
        )
        return 1
    for line in lines(found):
        print(line)
    return 0


def _read(path: str, found: Found) -> None:
    try:
        text = octets(path, _LARGEST).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise MigrateError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    maps = list(_config_maps(text))
    if not maps:
        coredns.read(text, path, Disk(), dict(os.environ), found)
    for name, data in maps:
        where = f"{path}: ConfigMap {name}"
        if "Corefile" in data:
            coredns.read(data["Corefile"], f"{path}/{name}/Corefile", Disk(), dict(os.environ), found)
        if kube_dns.KEYS & data.keys():
            kube_dns.read(data, where, found)


def _config_maps(text: str) -> Iterable[tuple[str, Mapping[str, str]]]:
    """Yield name and data of each ConfigMap in YAML, also in a List; nothing for what is no YAML of Kubernetes."""
    try:
        documents = list(yaml.safe_load_all(text))
    except yaml.YAMLError:
        return
    for document in documents:
        if not isinstance(document, dict):
            continue
        for item in document.get("items") or [document]:
            if isinstance(item, dict) and item.get("kind") == "ConfigMap":
                data = item.get("data") or {}
                name = (item.get("metadata") or {}).get("name", "")
                yield str(name), {str(key): str(value) for key, value in data.items()}


def compare(old: str, ours: str, server: str, output: str) -> int:
    """Ask the DNS servers at `old` and `ours` all names of Services that the status page at `server` has.

    Return 0 when all answers are alike, 1 when some differ.
    """
    found = asyncio.run(_compared(services.every(Client(server)), _asker(old), _asker(ours)))
    if output == "json":
        print(json.dumps([asdict(one) for one in found], indent=2))
    else:
        rows = ((one.name, one.old, one.ours, one.reason) for one in found)
        print("\n".join(table(("NAME", "OLD", "FEDRESOLVER", "REASON"), rows)) if found else "all answers are alike")
    return 1 if found else 0


async def _compared(found: Services, old: Ask, ours: Ask) -> list[Difference]:
    names = [name for one in found.services for name in one.names]
    return await comparing.compare(names, old, ours)


def _asker(address: str) -> Ask:
    """Return what asks the server at `HOST[:PORT]`."""
    try:
        host, port = host_port(Token(address, "--compare", 0), 53)
    except StanzaError as error:
        raise AskError(f"`{address}` is no address: {error.wrong}", 2) from error
    return DnsClient(port, host, recursive=True)
