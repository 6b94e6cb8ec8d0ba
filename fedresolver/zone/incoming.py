"""A zone as it comes in: what the records of a transfer mean, one after the other.

    AXFR (RFC 5936 2.2)    SOA, all records, the same SOA
    IXFR (RFC 1995 4)      new SOA, then of each step: old SOA, what went, newer SOA, what came; last the new SOA
                           or, when there is no difference to be had, what an AXFR brings
                           or the new SOA alone, which is no newer than the one that we have

Which of them it is shows at the second record. Nothing here is the zone yet: what was there before stays whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum

import msgspec

from fedresolver.wire.const import Type
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import Name, is_below, to_text
from fedresolver.wire.serial import is_newer
from fedresolver.wire.zone_transfer import Record
from fedresolver.zone.contents import Contents, serial_in
from fedresolver.zone.difference import FIXED
from fedresolver.zone.draft import Draft, shown


class LimitError(FormatError):
    """A zone or a transfer that is larger than the operator allows."""


class Limits(msgspec.Struct, frozen=True):
    """The most records of a zone and of a transfer, and the most octets of both, without compression."""

    records: int = 5_000_000
    octets: int = 256 << 20


class Step(Enum):
    """Which records are expected next."""

    FIRST = "the SOA that says which version comes"
    SECOND = "what tells the whole zone from a difference"
    WHOLE = "records of the zone, or the SOA that ends it"
    REMOVED = "what went, or the SOA after the change"
    ADDED = "what came, or the SOA of the next change, or the one that ends all"
    ENDED = "nothing more"


class Incoming:
    """Takes in the transfer of `apex`; `had` is the version that there is, `incremental` whether an IXFR was asked for.

    `left_out` counts records that are not of the zone, `received` all.
    """

    def __init__(self, apex: Name, had: Contents | None, limits: Limits, *, incremental: bool) -> None:
        self.step = Step.FIRST
        self.is_difference = False
        self.left_out = 0
        self.received = 0
        self._apex = apex
        self._had = had
        self._incremental = incremental and had is not None
        self._limits = limits
        self._octets = 0
        self._carried = 0
        self._draft = Draft(apex)
        self._newest: Record
        self._serial = 0

    @property
    def is_current(self) -> bool:
        """Whether what there is already is as new as what the primary has; known when the transfer has ended."""
        return self._had is not None and not is_newer(_serial(self._newest), self._had.serial)

    @property
    def ended(self) -> bool:
        """Whether all has come that belongs to the transfer."""
        return self.step is Step.ENDED

    def weigh(self, octets: int) -> None:
        """Count the octets of a message as it came; LimitError for more than is allowed."""
        self._carried += octets
        self._check_size()

    def take(self, records: Iterable[Record]) -> Iterator[None]:
        """Take in some records, and yield where others may have their turn.

        FormatError for what is no transfer of this zone, or a difference to something else than what there is;
        LimitError for more than is allowed.
        """
        for record in records:
            self._count(record)
            soa, other = TABLE[self.step]
            if record.rtype == Type.SOA and record.owner == self._apex:
                yield from soa(self, record)
            elif not is_below(record.owner, self._apex):
                self.left_out += 1
            elif record.rtype == Type.SOA:
                raise FormatError(f"an SOA at {to_text(record.owner)}, which is not the zone")
            else:
                other(self, record)
        self._check_size()
        yield

    def finish(self) -> Iterator[None]:
        """Put the zone together once all has come."""
        yield from self._draft.close()

    def contents(self) -> Contents:
        """Return what the zone holds now, after `finish`; FormatError where no zone can be so."""
        return self._draft.contents(self._newest)

    def _count(self, record: Record) -> None:
        self.received += 1
        self._octets += len(record.owner) + FIXED + len(record.rdata)

    def _check_size(self) -> None:
        records = max(self.received, self._draft.records)
        octets = max(self._carried, self._octets, self._draft.octets)
        if records > self._limits.records:
            raise LimitError(f"more than {self._limits.records} records (`max_records`)")
        if octets > self._limits.octets:
            raise LimitError(f"more than {self._limits.octets} octets (`max_octets`)")

    def _begin(self, soa: Record) -> Iterator[None]:
        self._newest = soa
        self.step = Step.ENDED if self.is_current else Step.SECOND
        return iter(())

    def _decide(self, soa: Record) -> Iterator[None]:
        """Take the SOA right after the first one: that of the version from which a difference leads on."""
        if not self._incremental or self._had is None or _serial(soa) == _serial(self._newest):
            yield from self._end(soa)
            return
        if _serial(soa) != self._had.serial:
            raise FormatError(f"a difference from serial {_serial(soa)}, where {self._had.serial} is what there is")
        self.is_difference = True
        self.step, self._serial = Step.REMOVED, _serial(soa)
        yield from self._draft.copy(self._had)

    def _end(self, soa: Record) -> Iterator[None]:
        if _serial(soa) != _serial(self._newest):
            raise FormatError(f"an SOA of serial {_serial(soa)} within the zone of serial {_serial(self._newest)}")
        self.step = Step.ENDED
        return iter(())

    def _turn(self, soa: Record) -> Iterator[None]:
        """Take the SOA between what went and what came."""
        if not is_newer(_serial(soa), self._serial):
            raise FormatError(f"a difference that leads from serial {self._serial} to {_serial(soa)}")
        self.step, self._serial = Step.ADDED, _serial(soa)
        return iter(())

    def _go_on(self, soa: Record) -> Iterator[None]:
        """Take the SOA behind what came: of the next change, or the last."""
        if _serial(soa) != self._serial:
            raise FormatError(f"a difference from serial {_serial(soa)} behind one that leads to {self._serial}")
        self.step = Step.ENDED if self._serial == _serial(self._newest) else Step.REMOVED
        return iter(())

    def _whole(self, record: Record) -> None:
        self.step = Step.WHOLE
        self._draft.add(record)

    def _remove(self, record: Record) -> None:
        if not self._draft.remove(record):
            raise FormatError(f"a difference that takes away {shown(record)}, which is not there")

    def _add(self, record: Record) -> None:
        if not self._draft.add(record):
            raise FormatError(f"a difference that adds {shown(record)}, which is there already")

    def _too_early(self, record: Record) -> None:
        raise FormatError(f"{shown(record)} before the SOA")

    def _too_late(self, record: Record) -> None:
        raise FormatError(f"{shown(record)} behind the last SOA")

    def _soa_too_late(self, record: Record) -> Iterator[None]:
        raise FormatError(f"{shown(record)} behind the last SOA")


def _serial(soa: Record) -> int:
    return serial_in(soa.rdata)


TABLE: Mapping[Step, tuple[Callable[[Incoming, Record], Iterator[None]], Callable[[Incoming, Record], None]]] = {
    Step.FIRST: (Incoming._begin, Incoming._too_early),
    Step.SECOND: (Incoming._decide, Incoming._whole),
    Step.WHOLE: (Incoming._end, Incoming._whole),
    Step.REMOVED: (Incoming._turn, Incoming._remove),
    Step.ADDED: (Incoming._go_on, Incoming._add),
    Step.ENDED: (Incoming._soa_too_late, Incoming._too_late),
}
"""What an SOA of the zone, and what any other record means at each step."""
