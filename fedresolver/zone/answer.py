"""An outcome as the sections of a response."""

from typing import assert_never

import msgspec

from fedresolver.wire.const import Rcode
from fedresolver.wire.name import Name
from fedresolver.wire.rr import RRset
from fedresolver.zone.addresses import addresses, glue
from fedresolver.zone.outcome import Alias, Data, NoData, NoName, Outcome, Referral, TooLong
from fedresolver.zone.zone import Zone


class Answer(msgspec.Struct, frozen=True, gc=False):
    """The records by section; `target` is the name with which the chain goes on, wherever that is found."""

    rcode: int = Rcode.NOERROR
    answer: tuple[RRset, ...] = ()
    authority: tuple[RRset, ...] = ()
    additional: tuple[RRset, ...] = ()
    authoritative: bool = True
    target: Name | None = None


def answer(zone: Zone, outcome: Outcome) -> Answer:
    """Return what is said about an outcome in `zone`."""
    match outcome:
        case Data(rrset=rrset):
            return Answer(answer=(rrset,), additional=addresses(zone, rrset))
        case NoData():
            return Answer(authority=zone.denial)
        case NoName():
            return Answer(Rcode.NXDOMAIN, authority=zone.denial)
        case Referral(servers=servers):
            return Answer(authority=(servers,), additional=glue(zone, servers), authoritative=False)
        case Alias(rrsets=rrsets, target=target):
            return Answer(answer=rrsets, target=target)
        case TooLong(dname=dname):
            return Answer(Rcode.YXDOMAIN, answer=(dname,))
        case _:
            assert_never(outcome)
