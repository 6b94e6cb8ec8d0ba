"""A Corefile of CoreDNS: its `federation` block, and what stands beside it."""

from collections.abc import Iterator

from fedresolver.cli.migrate.found import Found
from fedresolver.config.corefile import ServerBlock, parse
from fedresolver.config.errors import shown
from fedresolver.config.imports import Reader
from fedresolver.config.stanza import Stanza

CARRIED = frozenset(("errors", "health", "ready", "prometheus", "cache", "loadbalance", "reload", "loop"))
"""Plugins that have a line of their own in what is made, without options."""
_FORWARDS = ("forward", "proxy")


def read(text: str, path: str, files: Reader, environ: dict[str, str], found: Found) -> None:
    """Add what a Corefile says; ConfigError when it cannot be read."""
    for block in parse(text, path, files, environ).blocks:
        for stanza in block.stanzas:
            _read(stanza, block, found)


def _read(stanza: Stanza, block: ServerBlock, found: Found) -> None:
    if stanza.text == "federation":
        found.federations |= dict(_federations(stanza, found))
    elif stanza.text == "kubernetes":
        zones = [token.text for token in stanza.args if not token.text.rstrip(".").endswith(".arpa")]
        found.cluster_domain = zones[0].rstrip(".") if zones else found.cluster_domain
    elif stanza.text in _FORWARDS and len(stanza.args) > 1:
        _forward(stanza, block, found)
        _leave_options(stanza, found)
    elif stanza.text in CARRIED:
        _leave_options(stanza, found)
    else:
        found.notes.append(f"{stanza.file}:{stanza.line}: {shown(stanza.text)} is not carried over")


def _forward(stanza: Stanza, block: ServerBlock, found: Found) -> None:
    targets = tuple(token.text for token in stanza.args[1:])
    for key in block.keys:
        zone = key.zone.rstrip(".") or stanza.args[0].text.rstrip(".")
        if zone:
            found.stubs[zone] = targets
        else:
            found.upstreams += targets


def _leave_options(stanza: Stanza, found: Found) -> None:
    """Note what a plugin that is carried over was told beside its arguments."""
    for option in stanza.body or ():
        what = f"{shown(option.text)} of {shown(stanza.text)}"
        found.notes.append(f"{option.file}:{option.line}: {what} is not carried over")


def _federations(stanza: Stanza, found: Found) -> Iterator[tuple[str, str]]:
    """Yield name and domain of each line of the block: `NAME DOMAIN`."""
    for option in stanza.body or ():
        if option.text == "upstream":
            continue
        if len(option.args) == 1:
            yield option.text, option.args[0].text.rstrip(".")
        else:
            found.notes.append(f"{option.file}:{option.line}: `{option.text}` is no federation, which is NAME DOMAIN")
