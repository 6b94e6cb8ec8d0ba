"""Reads zone files until the reader of ours is there."""

from collections.abc import Callable
from dataclasses import dataclass

import dns.exception
import dns.name
import dns.node
import dns.rdata
import dns.zone

from fedresolver.config.errors import StanzaError
from fedresolver.config.lexer import Token
from fedresolver.plugins.file.disk import Disk
from fedresolver.wire.name import Name, to_text
from fedresolver.wire.rr import RRset
from fedresolver.zone.contents import Contents, contents


@dataclass
class Parsed:
    contents: Contents
    warnings: tuple[str, ...] = ()


def read_zone(path: str, apex: Name, files: Disk, progress: Callable[[int], None] = lambda count: None) -> Parsed:
    text = files.read(path).decode()
    try:
        zone = dns.zone.from_text(text, to_text(apex), relativize=False)
    except dns.exception.DNSException as error:
        raise StanzaError(Token("", path, 1), str(error)) from error
    found = [
        RRset(Name(name.to_wire().lower()), rds.rdtype, rds.ttl, tuple(rd.to_wire() for rd in rds))
        for name, node in zone.nodes.items()
        for rds in node.rdatasets
    ]
    return Parsed(contents(apex, found))
