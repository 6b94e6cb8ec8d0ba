"""Why a name that is of no federation has its answer: who answers it."""

from fedresolver.chain.handler import Reply, request_of_ours
from fedresolver.status.directory import Directory, UnknownError, Why
from fedresolver.status.documents import Explanation
from fedresolver.status.records import of_rrset
from fedresolver.wire.const import Rcode, rcode_text, type_text
from fedresolver.wire.name import to_text
from fedresolver.wire.query import question


async def explained(directory: Directory, why: Why, clock: float, wall: float) -> Explanation:
    """Return what the server block of a name answers; UnknownError where nobody has it, or more is asked than that."""
    found = directory.block_of(why.qname)
    if found is None:
        raise UnknownError(f"no server block here has a zone that {to_text(why.qname)} is in")
    if why.member or why.changes or why.at is not None:
        raise UnknownError(f"{to_text(why.qname)} is in no zone of a federation: it depends on no member and no time")
    block, zone = found
    reply = await block.handler(request_of_ours(question(why.qname, why.qtype), zone, clock))
    if not reply.plugin and reply.rcode == Rcode.REFUSED:
        raise UnknownError(f"{to_text(why.qname)} is in no zone that is served here; there are: {_served(directory)}")
    return told(why, reply, wall)


def _served(directory: Directory) -> str:
    """Return the zones that a name may be in; those of federations first."""
    inside = (zone for told in directory.federations for one in told.federations() for zone in (one.inside, one.bare))
    return ", ".join(dict.fromkeys((*inside, *sorted(map(to_text, directory.sources()))))) or "none"


def told(why: Why, reply: Reply, at: float) -> Explanation:
    """Return what is told of an answer by whoever gave it."""
    return Explanation(
        name=to_text(why.qname),
        type=type_text(why.qtype),
        at=at,
        rcode=rcode_text(reply.rcode),
        answer=tuple(record for rrset in reply.answer for record in of_rrset(rrset)),
        plugin=reply.plugin,
        text=reply.failure or ("" if reply.ede is None else reply.ede.text),
    )
