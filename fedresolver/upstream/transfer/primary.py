"""A primary: what it is asked about zones, and what of its answers is believed."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import msgspec

from fedresolver.upstream.failure import words
from fedresolver.upstream.source import source
from fedresolver.upstream.target import Target
from fedresolver.upstream.transfer.datagram import asked_over_udp
from fedresolver.upstream.transfer.failure import TransferError
from fedresolver.upstream.transfer.signing import Asking, asking
from fedresolver.upstream.transfer.stream import Stream, connected
from fedresolver.wire.const import Rcode, Type, rcode_text, type_text
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import Name
from fedresolver.wire.received import is_truncated
from fedresolver.wire.rr import RRset
from fedresolver.wire.tsig import Key, SignatureError
from fedresolver.wire.zone_transfer import AT_ONCE, Answer, Reading, Record, ask_zone, question_of, read_head
from fedresolver.zone.contents import Contents
from fedresolver.zone.incoming import Incoming, LimitError, Limits

T = TypeVar("T")
_ID = 2


class Patience(msgspec.Struct, frozen=True):
    """How long a primary may take, in seconds.

    `answer` is for each of the `tries` over UDP, `connect` to open a connection, `message` until the next message of a
    transfer is whole, `whole` for all of it.
    """

    answer: float = 3.0
    tries: int = 2
    connect: float = 10.0
    message: float = 20.0
    whole: float = 600.0


class Transferred(msgspec.Struct, frozen=True):
    """What a transfer has brought: the zone, None where the primary has nothing newer, and whether as a difference.

    `received` counts the records that came, `left_out` those of them that are not of the zone.
    """

    contents: Contents | None
    is_difference: bool = False
    received: int = 0
    left_out: int = 0


class Primary:
    """The server `target`; queries are signed with `key`, if there is one, at the time that `wall` tells.

    It is asked from one of `hosts`, our addresses, if one will do.
    """

    def __init__(
        self,
        target: Target,
        key: Key | None,
        wall: Callable[[], float],
        patience: Patience | None = None,
        hosts: tuple[str, ...] = (),
    ) -> None:
        self.target = target
        self.key = key
        self._wall = wall
        self._patience = patience or Patience()
        self._source = source(hosts, target.host)

    def __str__(self) -> str:
        return str(self.target)

    async def soa(self, zone: Name) -> RRset:
        """Return the SOA of a zone as this primary has it now; TransferError when it does not say."""
        return await self._guarded(self._soa(zone))

    async def transfer(self, zone: Name, had: Contents | None, limits: Limits) -> Transferred:
        """Return the zone; where the version `had` is there already, by the difference to it, if that can be had.

        TransferError when there is none, or none that is newer.
        """
        if had is not None:
            try:
                return await self._guarded(self._transfer(zone, had, limits, Type.IXFR))
            except TransferError as error:
                if not error.again:
                    raise
        return await self._guarded(self._transfer(zone, had, limits, Type.AXFR))

    async def _guarded(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what comes of `work`, or say in one way why nothing does."""
        try:
            return await work
        except SignatureError as error:
            raise TransferError(f"{self}: {error}") from error
        except LimitError as error:
            raise TransferError(f"{self} sends {error}") from error
        except FormatError as error:
            raise TransferError(f"{self} sends {error}", again=True) from error
        except EOFError as error:
            raise TransferError(f"{self}: it closed the connection", again=True) from error
        except OSError as error:
            raise TransferError(f"{self}: {words(error)}") from error

    async def _soa(self, zone: Name) -> RRset:
        asked = asking(ask_zone(os.urandom(_ID), zone, Type.SOA), self.key, self._wall)
        question = question_of(zone, Type.SOA)
        message = await self._over_udp(asked, question)
        if message is None or is_truncated(message):
            async with self._connected() as stream:
                await stream.send(asked.message)
                message = await stream.receive(self._patience.message)
        head, records = await self._read(message, asked, question)
        asked.end()
        _check_rcode(self, head, Type.SOA)
        for record in records:
            if head.authoritative and (record.owner, record.rtype) == (zone, Type.SOA):
                return RRset(zone, Type.SOA, record.ttl, (record.rdata,))
        raise TransferError(f"{self} is not authoritative for the zone")

    def _connected(self) -> AbstractAsyncContextManager[Stream]:
        return connected(self.target, self._patience.connect, self._source)

    async def _over_udp(self, asked: Asking, question: bytes) -> bytes | None:
        """Return the answer to a datagram; None where TCP is to be tried."""
        for _ in range(self._patience.tries):
            try:
                return await asked_over_udp(self.target, asked.message, question, self._patience.answer, self._source)
            except TimeoutError:
                continue
            except OSError:
                break
        return None

    async def _transfer(self, zone: Name, had: Contents | None, limits: Limits, qtype: Type) -> Transferred:
        difference = qtype is Type.IXFR
        soa = had.soa if difference and had is not None else None
        asked = asking(ask_zone(os.urandom(_ID), zone, qtype, soa), self.key, self._wall)
        incoming = Incoming(zone, had, limits, incremental=difference)
        async with (
            asyncio.timeout(self._patience.whole),
            self._connected() as stream,
        ):
            await stream.send(asked.message)
            await self._receive(stream, asked, question_of(zone, qtype), incoming)
        asked.end()
        if incoming.is_current:
            return Transferred(None, received=incoming.received)
        await _in_turns(incoming.finish())
        return Transferred(incoming.contents(), incoming.is_difference, incoming.received, incoming.left_out)

    async def _receive(self, stream: Stream, asked: Asking, question: bytes, incoming: Incoming) -> None:
        """Take in the messages of a transfer until it has ended."""
        qtype = int.from_bytes(question[-4:-2])
        while not incoming.ended:
            first = not incoming.received
            message = await stream.receive(self._patience.message)
            incoming.weigh(len(message))
            head, records = await self._read(message, asked, question)
            _check_rcode(self, head, qtype)
            if not records or (first and not head.has_question):
                raise FormatError("a message without a record, or a first one without the question")
            for start in range(0, len(records), AT_ONCE):
                await _in_turns(incoming.take(records[start : start + AT_ONCE]))

    async def _read(self, message: bytes, asked: Asking, question: bytes) -> tuple[Answer, list[Record]]:
        """Return the head and the records of a message, once its signature is verified."""
        head = read_head(message, asked.message[:_ID], question)
        reading = Reading(message, head, question)
        await _in_turns(reading.parts())
        asked.verify(message, reading.signature)
        return head, reading.records


async def _in_turns(parts: Iterator[None]) -> None:
    """Do work in parts, between which others have their turn."""
    for _ in parts:
        await asyncio.sleep(0)


def _check_rcode(primary: Primary, head: Answer, qtype: int) -> None:
    if head.rcode != Rcode.NOERROR:
        raise TransferError(f"{primary} answers {rcode_text(head.rcode)} to {type_text(qtype)}", again=True)
