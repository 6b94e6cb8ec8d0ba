"""What BIND and NSD make of a zone file."""

import os
import shutil
import struct
import subprocess
from contextlib import suppress
from pathlib import Path

import dns.name
import dns.rdata
import dns.zone

Record = tuple[bytes, int, int, bytes]
"""Owner in small letters, TTL, type and data in canonical form."""


def record(owner: bytes, ttl: int, rtype: int, data: bytes) -> Record:
    with suppress(dns.exception.DNSException):  # where dnspython is stricter, octets are compared as they are
        data = dns.rdata.from_wire("IN", rtype, data, 0, len(data)).to_digestable()
    return owner.lower(), ttl, rtype, data


def bind(folder: Path, file: str, zone: str = "example.org") -> subprocess.CompletedProcess[bytes]:
    """Have BIND read a file in `folder`, and write `out` in its raw form, where data is octets."""
    options = ("-i", "none", "-k", "ignore", "-f", "text", "-F", "raw=0", "-o", "out")
    return _run(folder, "named-compilezone", *options, zone, file)


def read_raw(octets: bytes) -> set[Record]:
    """Return the records of a file in BIND's raw format, version 0."""
    found = set()
    position = struct.calcsize("!3I")
    while position < len(octets):
        (total,) = struct.unpack_from("!I", octets, position)
        end = position + total
        _, rtype, _, ttl, count, length = struct.unpack_from("!3H2IH", octets, position + 4)
        position += 4 + struct.calcsize("!3H2IH")
        owner = octets[position : position + length]
        position += length
        for _ in range(count):
            (length,) = struct.unpack_from("!H", octets, position)
            found.add(record(owner, ttl, rtype, octets[position + 2 : position + 2 + length]))
            position += 2 + length
        assert position == end
    return found


def nsd(folder: Path, file: str, zone: str = "example.org") -> subprocess.CompletedProcess[bytes]:
    """Have NSD read a file in `folder`, and print it."""
    return _run(folder, "nsd-checkzone", "-p", zone, file)


def read_printed(text: bytes, zone: str = "example.org") -> set[Record]:
    """Return the records that NSD has printed."""
    read = dns.zone.from_text(text.decode("latin-1"), origin=zone, relativize=False, check_origin=False)
    return {record(owner.to_wire(), ttl, data.rdtype, data.to_wire()) for owner, ttl, data in read.iterate_rdatas()}


def _run(folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
    assert found, f"{program} is missing; `make test` installs it"
    return subprocess.run((found, *arguments), capture_output=True, cwd=folder, check=False, timeout=60)
