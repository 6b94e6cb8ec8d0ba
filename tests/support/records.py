"""Records as lines of text, made by dnspython, a reader that is not ours."""

from collections.abc import Iterable

import dns.message
import dns.name
import dns.rdata
import dns.rdatatype
import dns.rrset

from fedresolver.wire.rr import RRset

EDE = 15


def lines(rrsets: Iterable[RRset]) -> list[str]:
    """Return RRsets of ours as `owner ttl TYPE data`, a line per record, in their order."""
    return [
        f"{_name(rrset.owner)} {rrset.ttl} {dns.rdatatype.to_text(rrset.rtype)} {_data(rrset.rtype, rdata)}"
        for rrset in rrsets
        for rdata in rrset.rdatas
    ]


def lines_of(section: Iterable[dns.rrset.RRset]) -> list[str]:
    """Return the RRsets of a section that dnspython read, in the same form."""
    return [
        f"{rrset.name} {rrset.ttl} {dns.rdatatype.to_text(rrset.rdtype)} {rr.to_text()}"
        for rrset in section
        for rr in rrset
    ]


def text(written: str) -> list[str]:
    """Return the lines of a text without indentation, columns and empty lines."""
    return [" ".join(line.split()) for line in written.splitlines() if line.strip()]


def ede_of(response: dns.message.Message) -> str | None:
    """Return the extended error as `code text`; None without one."""
    found = [option for option in response.options if option.otype == EDE]
    assert len(found) < 2, "two extended errors"
    return f"{int(found[0].code)} {found[0].text or ''}".strip() if found else None


def _name(octets: bytes) -> str:
    return dns.name.from_wire(octets, 0)[0].to_text()


def _data(rtype: int, rdata: bytes) -> str:
    return dns.rdata.from_wire("IN", rtype, rdata, 0, len(rdata)).to_text()
