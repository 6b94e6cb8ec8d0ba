"""The numbers of the IANA DNS parameters registry that we act on, and their mnemonics."""

from enum import IntEnum

QR, AA, TC, RD, RA, AD, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020, 0x0010
"""The flags of a header (RFC 1035 4.1.1, RFC 4035 3)."""


OPCODE = 0x7800
"""The bits of the flags that say what kind of message it is."""


class Opcode(IntEnum):
    """Kinds of messages (RFC 6895 2.2) that we read."""

    QUERY = 0
    NOTIFY = 4


class Rcode(IntEnum):
    """Response codes (RFC 6895 2.3); those above 15 need EDNS."""

    NOERROR = 0
    FORMERR = 1
    SERVFAIL = 2
    NXDOMAIN = 3
    NOTIMP = 4
    REFUSED = 5
    YXDOMAIN = 6
    NOTAUTH = 9
    BADVERS = 16
    BADCOOKIE = 23


class TsigError(IntEnum):
    """Errors of a TSIG record (RFC 8945 3)."""

    BADSIG = 16
    BADKEY = 17
    BADTIME = 18
    BADTRUNC = 22


class Type(IntEnum):
    """Types of records and questions (RFC 6895 3.1)."""

    A = 1
    NS = 2
    CNAME = 5
    SOA = 6
    PTR = 12
    HINFO = 13
    MX = 15
    TXT = 16
    AAAA = 28
    LOC = 29
    SRV = 33
    NAPTR = 35
    DNAME = 39
    OPT = 41
    DS = 43
    SSHFP = 44
    RRSIG = 46
    NSEC = 47
    DNSKEY = 48
    NSEC3 = 50
    NSEC3PARAM = 51
    TLSA = 52
    SVCB = 64
    HTTPS = 65
    SPF = 99
    NXNAME = 128
    TKEY = 249
    TSIG = 250
    IXFR = 251
    AXFR = 252
    MAILB = 253
    MAILA = 254
    ANY = 255
    URI = 256
    CAA = 257


class Ede(IntEnum):
    """Extended DNS error codes (RFC 8914 4)."""

    OTHER = 0
    STALE_ANSWER = 3
    CACHED_ERROR = 13
    NOT_READY = 14
    BLOCKED = 15
    FILTERED = 17
    STALE_NXDOMAIN = 19
    NO_REACHABLE_AUTHORITY = 22
    NETWORK_ERROR = 23


CLASS_IN, CLASS_CH = 1, 3
LONGEST_CHAIN = 8
"""How many CNAMEs an answer may have; beyond that it is taken for a loop."""
TRANSFER_TYPES = frozenset((Type.IXFR, Type.AXFR))
ADDRESS_TYPES = frozenset((Type.A, Type.AAAA))
TURNING_TYPES = ADDRESS_TYPES | {Type.MX}
"""The types whose records may change places from answer to answer; the data of none is ever compressed."""
_DIGITS, _MOST = 5, 0xFFFF
_CLASSES = {1: "IN", 3: "CH", 4: "HS", 254: "NONE", 255: "ANY"}
_TYPES = {int(member): member.name for member in Type}
_TSIG_ERRORS = {int(member): member.name for member in TsigError}
_RCODES = {int(member): member.name for member in Rcode} | {
    7: "YXRRSET",
    8: "NXRRSET",
    10: "NOTZONE",
}


def type_text(number: int) -> str:
    """Return the mnemonic of a type, or `TYPE123` (RFC 3597 5)."""
    return _TYPES.get(number) or f"TYPE{number}"


def type_number(text: str) -> int | None:
    """Return the number of a type from its mnemonic or `TYPE123` in any letter case, None when there is none."""
    text = text.upper()
    number = text.removeprefix("TYPE")
    if number != text and number.isascii() and number.isdigit() and len(number) <= _DIGITS and int(number) <= _MOST:
        return int(number)
    return int(Type[text]) if text in Type.__members__ else None


def class_text(number: int) -> str:
    """Return the mnemonic of a class, or `CLASS123` (RFC 3597 5)."""
    return _CLASSES.get(number) or f"CLASS{number}"


RCODES = {text: number for number, text in _RCODES.items()}
"""The numbers of response codes by their mnemonics."""


def rcode_text(number: int) -> str:
    """Return the mnemonic of a response code, or `RCODE123`."""
    return _RCODES.get(number) or f"RCODE{number}"


def tsig_error_text(number: int) -> str:
    """Return the mnemonic of the error in a TSIG record, or `ERROR123`."""
    return _TSIG_ERRORS.get(number) or f"ERROR{number}"
