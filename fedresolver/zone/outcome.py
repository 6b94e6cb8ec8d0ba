"""The named ways in which a question to a zone ends (RFC 1034 4.3.2)."""

from typing import TypeAlias

import msgspec

from fedresolver.wire.name import Name
from fedresolver.wire.rr import RRset


class Data(msgspec.Struct, frozen=True, gc=False):
    """The name has what was asked for."""

    rrset: RRset


class NoData(msgspec.Struct, frozen=True, gc=False):
    """The name exists, but has nothing of the type."""


class NoName(msgspec.Struct, frozen=True, gc=False):
    """There is no such name."""


class Referral(msgspec.Struct, frozen=True, gc=False):
    """The name is in a zone that was delegated to these name servers."""

    servers: RRset


class Alias(msgspec.Struct, frozen=True, gc=False):
    """The name stands for another one, by a CNAME, or by a DNAME and the CNAME that follows from it (RFC 6672).

    `target` is the other one, None where the alias itself was asked for.
    """

    rrsets: tuple[RRset, ...]
    target: Name | None


class TooLong(msgspec.Struct, frozen=True, gc=False):
    """The DNAME would make a name that is longer than any may be (RFC 6672 2.2)."""

    dname: RRset


Outcome: TypeAlias = Data | NoData | NoName | Referral | Alias | TooLong

NO_DATA, NO_NAME = NoData(), NoName()
