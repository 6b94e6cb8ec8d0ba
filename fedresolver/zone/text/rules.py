"""What a zone as a whole must have, and what its operator has probably forgotten."""

from collections.abc import Callable, Collection, Iterator

from fedresolver.config.errors import At
from fedresolver.wire.const import ADDRESS_TYPES, Type
from fedresolver.wire.name import ROOT, Name, is_below, parents, to_text
from fedresolver.zone.proofs import MOST_ITERATIONS
from fedresolver.zone.text.complaints import Complaints
from fedresolver.zone.text.fields import NAMES_FROM
from fedresolver.zone.text.gathered import BEAT, Gathered, Growing
from fedresolver.zone.text.library import type_text

_WILDCARD = b"\x01*"
_POINTING = (Type.NS, Type.MX, Type.SRV)
_CUTS = frozenset((Type.NS, Type.DNAME))


def check(
    gathered: Gathered, file: str, complaints: Complaints, lost: Collection[int], beat: Callable[[], None]
) -> None:
    """Tell `complaints` what is missing in a zone, whose file is `file`, and what in it leads nowhere.

    What is `lost`, types of which a record could not be read, has been told and is not missed.
    """
    start = At(file, 1)
    apex = gathered.names.get(gathered.apex, {})
    zone = to_text(gathered.apex)
    if Type.SOA not in apex and Type.SOA not in lost:
        right = f"write `{zone} IN SOA PRIMARY MAILBOX SERIAL REFRESH RETRY EXPIRE MINIMUM`"
        complaints.error(start, f"the zone `{zone}` has no SOA; {right}")
    if Type.NS not in apex and Type.NS not in lost:
        complaints.error(start, f"the zone `{zone}` has no NS at its apex; write `{zone} IN NS HOST`")
    if Type.NSEC3PARAM in apex:
        _check_hashing(apex[Type.NSEC3PARAM], complaints)
    if not complaints.failed:
        _Links(gathered, complaints, beat).check()


def _check_hashing(growing: Growing, complaints: Complaints) -> None:
    rounds = max(int.from_bytes(rdata[2:4]) for rdata in growing.rdatas)
    if rounds > MOST_ITERATIONS:
        wrong = f"{rounds} iterations are too many, the NSEC3 records of the zone are not used as proofs"
        complaints.warning(growing.at, f"{wrong}; sign it with `-H 0` (RFC 9276 3.1)")


class _Links:
    """What in a zone points to what, with delegations (and DNAMEs) in mind: below them nothing is ours."""

    def __init__(self, gathered: Gathered, complaints: Complaints, beat: Callable[[], None]) -> None:
        self._apex = gathered.apex
        self._names = gathered.names
        self._complaints = complaints
        self._beat = beat
        self._cuts = {
            owner: frozenset(types)
            for owner, types in self._names.items()
            if (Type.NS in types and owner != self._apex) or Type.DNAME in types
        }

    def check(self) -> None:
        """Tell what is hidden, and what leads nowhere."""
        hidden: tuple[At, Name, Name] | None = None
        more = 0
        for count, (owner, types) in enumerate(self._names.items()):
            if not count % BEAT:
                self._beat()
            cut = self._cut(owner) if self._cuts else None
            if cut is None:
                self._check_targets(owner, types)
            elif not (types.keys() <= ADDRESS_TYPES and Type.NS in self._cuts[cut]):
                more += hidden is not None
                hidden = hidden or (next(iter(types.values())).at, owner, cut)
        if hidden:
            self._tell_hidden(*hidden, more)

    def _tell_hidden(self, at: At, owner: Name, cut: Name, more: int) -> None:
        others = f" (and {more} more such names)" if more else ""
        what = "delegated" if Type.NS in self._cuts[cut] else "redirected by a DNAME"
        self._complaints.warning(at, f"`{to_text(owner)}`{others} is never answered: `{to_text(cut)}` is {what}")

    def _cut(self, owner: Name) -> Name | None:
        """Return a name above `owner` in the zone that is delegated or redirected."""
        for name in parents(owner)[1:]:
            if name in self._cuts:
                return name
            if name == self._apex:
                return None
        return None

    def _check_targets(self, owner: Name, types: dict[int, Growing]) -> None:
        for rtype in _POINTING:
            if (growing := types.get(rtype)) is not None:
                for target in _targets(rtype, growing):
                    self._check_target(owner, rtype, growing.at, target)

    def _check_target(self, owner: Name, rtype: int, at: At, target: Name) -> None:
        if target == ROOT or not is_below(target, self._apex):
            return
        what = f"the {type_text(rtype)} of `{to_text(owner)}` names `{to_text(target)}`"
        cut = self._cut(target) or (target if target in self._cuts else None)
        types = self._found(target)
        if cut is not None and Type.NS not in self._cuts[cut] and target != cut:
            self._complaints.warning(at, f"{what}, which does not exist: `{to_text(cut)}` is a DNAME")
            return
        if types is not None and ADDRESS_TYPES & types.keys():
            return
        if cut is not None and target not in self._names:
            if rtype == Type.NS and cut == owner:
                self._complaints.warning(at, f"{what}, which has no address here; write its A or AAAA record as glue")
            return
        if types is not None and Type.CNAME in types:
            self._complaints.warning(at, f"{what}, which is a CNAME; name a host that has addresses (RFC 2181 10.3)")
        else:
            self._complaints.warning(at, f"{what}, which has no address in the zone; write its A or AAAA record")

    def _found(self, name: Name) -> dict[int, Growing] | None:
        """Return what is at a name, or what a wildcard puts there; None for nothing."""
        if name in self._names:
            return self._names[name]
        for above in parents(name)[1:]:
            if (wildcard := self._names.get(Name(_WILDCARD + above))) is not None:
                return wildcard
            if above in self._names or above == self._apex:
                return None
        return None


def _targets(rtype: int, growing: Growing) -> Iterator[Name]:
    start = NAMES_FROM[rtype]
    for rdata in growing.rdatas:
        yield Name(rdata[start:].lower())
