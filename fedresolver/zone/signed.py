"""What is said in a signed zone to who wants DNSSEC records (RFC 4035 3.1): also signatures, and proofs of absence."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from fedresolver.wire.const import Type
from fedresolver.wire.name import Name, above
from fedresolver.wire.rr import RRset
from fedresolver.zone.answer import Answer, answer
from fedresolver.zone.outcome import Alias, Data, NoData, NoName, Outcome, Referral, TooLong
from fedresolver.zone.proofs import WILDCARD, Proof, Proofs
from fedresolver.zone.signatures import signatures
from fedresolver.zone.zone import Zone

_DS = int(Type.DS)


def signed(zone: Zone, proofs: Proofs, qname: Name, outcome: Outcome) -> Answer:
    """Return what `answer` does about the outcome of a question for `qname`, with all that a validator needs."""
    plain = answer(zone, outcome)
    encloser = _encloser(zone, qname)
    source = qname if encloser is None else WILDCARD + encloser
    proof = _proof(zone, proofs, qname, encloser, outcome)
    return replace(
        plain,
        answer=tuple(_with_signatures(zone, plain.answer, qname, source)),
        authority=tuple(_with_signatures(zone, dict.fromkeys(plain.authority + proof))),
        additional=tuple(_with_signatures(zone, plain.additional)),
    )


def _encloser(zone: Zone, qname: Name) -> bytes | None:
    """Return the closest name above one that does not exist; None for one that does."""
    if qname in zone.nodes:
        return None
    encloser: bytes = qname
    while encloser not in zone.nodes:
        encloser = above(encloser)
    return encloser


def _proof(zone: Zone, proofs: Proofs, qname: Name, encloser: bytes | None, outcome: Outcome) -> Proof:
    match outcome:
        case NoData() | NoName():
            return proofs.no_data(qname) if encloser is None else proofs.absent(qname, encloser)
        case Data() | Alias():
            if encloser is None or WILDCARD + encloser not in zone.nodes:  # itself, or by a DNAME above
                return ()
            return proofs.expanded(qname, encloser)
        case Referral(servers=servers):
            of_zone = zone.nodes[servers.owner].get(_DS)
            return proofs.no_data(servers.owner) if of_zone is None else (of_zone,)
        case TooLong():
            return ()


def _with_signatures(zone: Zone, rrsets: Iterable[RRset], qname: bytes = b"", source: bytes = b"") -> Iterator[RRset]:
    """Yield RRsets, each with its signatures; those of `qname` are those of `source`, a wildcard perhaps."""
    for rrset in rrsets:
        yield rrset
        # Hidden names may be signed: the CNAME that follows from a DNAME is not.
        of_question = rrset.owner == qname
        types = zone.nodes.get(source) if of_question else zone.contents.rrsets.get(rrset.owner)
        found = signatures(types or {}, rrset)
        if found is not None:
            yield found
