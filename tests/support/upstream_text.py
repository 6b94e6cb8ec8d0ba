"""Responses of upstreams written as text, and what was read of them as text; dnspython makes the octets.

A line is `SECTION OWNER TTL TYPE DATA`, the section one of `an`, `au`, `ad`. `SIG TYPE SIGNER` stands for the data of
an RRSIG.
"""

import re

import dns.flags
import dns.message
import dns.rrset

from fedresolver.wire.name import from_text
from fedresolver.wire.query import Edns, Query, question
from fedresolver.wire.received import Received
from tests.support.records import lines, text

_SIGNATURE = re.compile(r"SIG (\S+) (\S+)$")


def query(asked: str, do: bool = False) -> Query:
    """Return the query for `NAME TYPE`."""
    name, rtype = asked.split()
    made = question(from_text(name), int(dns.rdatatype.from_text(rtype)))
    fields = {field: getattr(made, field) for field in made.__struct_fields__}
    return Query(**fields | {"edns": Edns(1232, 0, do)})


def response(asked: str, written: str, flags: str = "QR RD RA", rcode: str = "NOERROR", edns: int | None = 0) -> bytes:
    """Return the octets of a response to `NAME TYPE`, with an OPT record unless `edns` is None."""
    name, rtype = asked.split()
    made = dns.message.QueryMessage(0x1234)
    made.flags = dns.flags.from_text(flags)
    made.question = [dns.rrset.RRset(dns.name.from_text(name), 1, dns.rdatatype.from_text(rtype))]
    if edns is not None:
        made.use_edns(edns)
    made.set_rcode(dns.rcode.from_text(rcode))
    sections = {"an": made.answer, "au": made.authority, "ad": made.additional}
    for line in text(_expanded(written)):
        section, owner, ttl, kind, *data = line.split(" ", 4)
        sections[section].append(dns.rrset.from_text(owner, int(ttl), "IN", kind, *data))
    return made.to_wire(max_size=65535)


def shown(received: Received) -> list[str]:
    """Return the records that were kept, in the form of the text."""
    answer = [f"an {line}" for line in lines(received.answer)]
    return answer + [f"au {line}" for line in lines(received.authority)]


def expected(written: str) -> list[str]:
    """Return the lines of a text in the form of `shown`."""
    return text(_expanded(written))


def _expanded(written: str) -> str:
    return "\n".join(
        _SIGNATURE.sub(r"RRSIG \1 8 2 60 20300101000000 20200101000000 1 \2 AAAA", line)
        for line in written.splitlines()
    )
