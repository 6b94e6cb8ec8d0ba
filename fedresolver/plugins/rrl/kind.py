"""Which answers are alike: those of one kind that are about the same name."""

from enum import Enum

from fedresolver.chain.handler import Reply, Request
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import Name

NO_NAME = Name(b"")


class Kind(Enum):
    """Kinds of answers, each with a limit of its own."""

    RESPONSE = "response"
    NODATA = "nodata"
    NXDOMAIN = "nxdomain"
    REFERRAL = "referral"
    ERROR = "error"


_DENIALS = {int(Rcode.NOERROR): Kind.NODATA, int(Rcode.NXDOMAIN): Kind.NXDOMAIN}


def classify(request: Request, reply: Reply) -> tuple[Kind, Name]:
    """Return the kind of an answer, and the name that it is about.

    That is the name of the question where it has records, the zone where it denies something or refers to another
    zone, and none where it is an error: names that nobody has can be made up without end.
    """
    if reply.rcode not in _DENIALS:
        return Kind.ERROR, NO_NAME
    if reply.rcode == Rcode.NOERROR and (reply.answer or reply.stream is not None):
        return Kind.RESPONSE, request.query.qname
    first = reply.authority[0] if reply.authority else None
    if first is None:
        return _DENIALS[reply.rcode], request.zone
    is_referral = first.rtype == Type.NS and not reply.authoritative
    return Kind.REFERRAL if is_referral else _DENIALS[reply.rcode], first.owner
