"""Zones from text, for tests, and the answers about them as text."""

from collections.abc import Mapping

from fedresolver.wire.name import from_text
from fedresolver.zone.contents import Contents
from fedresolver.zone.text.read import read_zone

HEAD = """\
$TTL 300
@ SOA ns hostmaster 1 7200 1800 86400 60
"""


class Texts:
    """Files that are text in a test."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def read(self, path: str) -> bytes:
        try:
            return self._texts[path].encode()
        except KeyError:
            raise FileNotFoundError(2, "No such file or directory", path) from None


def zone_of(text: str, apex: str = "example.org", head: str = HEAD) -> Contents:
    """Return the contents of a zone that is written as `text`, behind an SOA with a MINIMUM of 60 and TTLs of 300."""
    return read_zone("zone", from_text(apex), Texts({"zone": head + text})).contents
