"""What BIND and NSD make of zone files: the same records as we, and what BIND refuses we refuse."""

from pathlib import Path

import pytest

from fedresolver.config.errors import ConfigError
from tests.zone.text import peers
from tests.zone.text.nasty import FAULTY, INCLUDED, LEGAL, NSD_REFUSES
from tests.zone.text.zones import HEAD, read


def ours(octets: bytes) -> set[peers.Record]:
    return {
        peers.record(owner, rrset.ttl, rtype, rdata)
        for owner, types in read(octets, INCLUDED).contents.rrsets.items()
        for rtype, rrset in types.items()
        for rdata in rrset.rdatas
    }


def written(folder: Path, octets: bytes) -> bytes:
    for file, text in {"z": octets, **INCLUDED}.items():
        (folder / file).write_bytes(text)
    return octets


@pytest.mark.parametrize("what", LEGAL)
def test_bind_reads_the_same_records(what, tmp_path):
    octets = written(tmp_path, HEAD.encode() + LEGAL[what])
    result = peers.bind(tmp_path, "z")
    assert not result.returncode, result.stderr.decode()
    assert ours(octets) == peers.read_raw((tmp_path / "out").read_bytes())


@pytest.mark.parametrize("what", [what for what in LEGAL if what not in NSD_REFUSES])
def test_nsd_reads_the_same_records(what, tmp_path):
    octets = written(tmp_path, HEAD.encode() + LEGAL[what])
    result = peers.nsd(tmp_path, "z")
    assert not result.returncode, result.stderr.decode()
    assert ours(octets) == peers.read_printed(result.stdout)


@pytest.mark.parametrize("what", FAULTY)
def test_what_bind_refuses_is_refused(what, tmp_path):
    octets = written(tmp_path, HEAD.encode() + FAULTY[what].encode() + b"\n")
    assert peers.bind(tmp_path, "z").returncode
    with pytest.raises(ConfigError):
        read(octets, INCLUDED)
