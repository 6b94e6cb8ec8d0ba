"""Read `nsid [DATA...]`."""

import socket
from dataclasses import dataclass

from fedresolver.chain.handler import Client
from fedresolver.chain.plugin import Options, Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.once import once
from fedresolver.config.read import Stanza, StanzaError, no_block
from fedresolver.wire.query import Query

LONGEST = 128
"""Octets of an identifier: more would take the room of the answer."""
_NSID = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What identifies the server; empty for the name of the host."""

    data: bytes = b""


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says; the words are joined by blanks, as they are in CoreDNS."""
    no_block(stanza)
    data = " ".join(token.text for token in stanza.args).encode()
    if len(data) > LONGEST:
        raise StanzaError(stanza, f"the identifier has {len(data)} octets", f"use at most {LONGEST}")
    return Settings(data=data)


def setup(setup: Setup) -> Plugin:
    """Return the option that says which server has answered."""
    data = parse(once(setup.stanzas)).data or socket.gethostname().encode()[:LONGEST]
    return Plugin(options=identifier(data))


def identifier(data: bytes) -> Options:
    """Return the option for those who ask for it (RFC 5001 2.2)."""
    option = _NSID.to_bytes(2) + len(data).to_bytes(2) + data

    def options(query: Query, client: Client) -> bytes:
        return option if query.edns is not None and query.edns.has(_NSID) else b""

    return options
