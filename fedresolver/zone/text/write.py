"""The data of a record as the text of a zone file (RFC 1035 5.1)."""

import dns.exception
import dns.rdata
import dns.rdataclass
import dns.rdatatype


def rdata_text(rtype: int, rdata: bytes) -> str:
    r"""Return data as text, names with their final dot; as `\# 4 C0000201` what has no other form (RFC 3597 5)."""
    try:
        kind = dns.rdatatype.RdataType.make(rtype)
        return dns.rdata.from_wire(dns.rdataclass.IN, kind, rdata, 0, len(rdata)).to_text()
    except (dns.exception.DNSException, ValueError):  # ValueError: some of its readers raise it for octets
        return f"\\# {len(rdata)} {rdata.hex().upper()}".rstrip()
