"""Zone files as text, and what was read as text: data is written out by dnspython, from the octets."""

import posixpath
from collections.abc import Mapping

import dns.rdata
import dns.rdatatype
import pytest

from fedresolver.config.errors import ConfigError
from fedresolver.wire.name import from_text, to_text
from fedresolver.zone.text.read import Parsed, read_zone

HEAD = """\
$TTL 300
@ SOA ns mail 1 2 3 4 5
@ NS ns
ns A 192.0.2.53
"""
LINES_OF_HEAD = HEAD.count("\n")


class Files:
    """A file system of octets and text, or of the exceptions that reading raises."""

    def __init__(self, files: Mapping[str, bytes | str | Exception]) -> None:
        self.files = dict(files)

    def read(self, path: str) -> bytes:
        found = self.files.get(posixpath.normpath(path), FileNotFoundError(2, "No such file or directory"))
        if isinstance(found, Exception):
            raise found
        return found.encode() if isinstance(found, str) else found


def read(
    text: bytes | str, files: Mapping[str, bytes | str | Exception] | None = None, apex: str = "example.org"
) -> Parsed:
    """Return what the whole file `text`, called `z`, says."""
    return read_zone("z", from_text(apex), Files({"z": text, **(files or {})}))


def records(parsed: Parsed) -> list[str]:
    """Return `OWNER TTL TYPE DATA` for each record but those of HEAD; the apex's own name is not written out."""
    zone = to_text(parsed.contents.apex)
    return [
        f"{to_text(owner).removesuffix(zone).removesuffix('.') or '@'} {rrset.ttl} {_data(rtype, rdata)}"
        for owner, types in parsed.contents.rrsets.items()
        for rtype, rrset in types.items()
        for rdata in rrset.rdatas
    ]


def _data(rtype: int, rdata: bytes) -> str:
    try:
        data = dns.rdata.from_wire("IN", rtype, rdata, 0, len(rdata)).to_text()
    except dns.exception.DNSException:
        data = rf"\# {len(rdata)} {rdata.hex()}"
    return f"{dns.rdatatype.to_text(rtype)} {data}".strip()


def body(text: bytes | str, files: Mapping[str, bytes | str | Exception] | None = None) -> list[str]:
    """Return the records of a zone whose file is HEAD and then `text`, without those of HEAD."""
    head = set(records(read(HEAD)))
    octets = text.encode() if isinstance(text, str) else text
    return [record for record in records(read(HEAD.encode() + octets, files)) if record not in head]


def errors(text: bytes | str, files: Mapping[str, bytes | str | Exception] | None = None) -> list[str]:
    """Return the errors of HEAD and then `text`, with lines counted from its first; the file `z` is not named."""
    octets = text.encode() if isinstance(text, str) else text
    with pytest.raises(ConfigError) as raised:
        read(HEAD.encode() + octets, files)
    return [_of_body(str(error)) for error in raised.value.errors]


def warnings(text: bytes | str, files: Mapping[str, bytes | str | Exception] | None = None) -> list[str]:
    """Return the warnings about HEAD and then `text`, told as errors are."""
    octets = text.encode() if isinstance(text, str) else text
    return [_of_body(warning) for warning in read(HEAD.encode() + octets, files).warnings]


def _of_body(told: str) -> str:
    file, line, what = told.split(":", 2)
    return f"{int(line) - LINES_OF_HEAD}:{what}" if file == "z" else told
