"""The link of the chain that holds answers back, those that are made and those that are kept."""

from functools import lru_cache, partial

import msgspec
from msgspec.structs import replace

from fedresolver.chain.handler import Client, Handler, Reply, Request, Verdict
from fedresolver.chain.proof import Proofs
from fedresolver.plugins.rrl.accounts import Accounts
from fedresolver.plugins.rrl.kind import Kind, classify
from fedresolver.plugins.rrl.metrics import Counts
from fedresolver.server.packed import packed
from fedresolver.wire.name import Name
from fedresolver.wire.query import Query

DROPPED = Reply(authoritative=False, verdict=Verdict.DROP, plugin="rrl")
_MOST_PREFIXES = 16_384
_REQUESTS = b"requests"
_MARKS = {kind: bytes((number,)) for number, kind in enumerate(Kind)}


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a network may get in a second, by kind of answer and of requests in all; what is not there has no limit.

    A network is an IPv4 or IPv6 prefix of so many bits. Of the answers held back each `slip`-th is sent empty, with
    TC, none if that is 0. With `report_only` all are sent, and only counted.
    """

    rates: dict[Kind, float] = msgspec.field(default_factory=dict)
    requests: float = 0.0
    ipv4_bits: int = 24
    ipv6_bits: int = 56
    slip: int = 2
    report_only: bool = False


class Limiter:
    """Holds back what is beyond the limits for names in `zones`, unless the client has proven its address."""

    def __init__(
        self, limits: Limits, zones: frozenset[Name], accounts: Accounts, proofs: Proofs, counts: Counts
    ) -> None:
        self._limits = limits
        self._zones = zones
        self._accounts = accounts
        self._proofs = proofs
        self._counts = counts
        self._network = lru_cache(maxsize=_MOST_PREFIXES)(self._masked)

    def wrap(self, next_: Handler) -> Handler:
        """Return the handler that judges the answers of `next_`."""

        async def handle(request: Request) -> Reply:
            query, client = request.query, request.client
            if not self._zones.intersection(query.qname[start:] for start in query.starts):
                return await next_(request)
            exempt = self._is_exempt(client, query)
            if not exempt and self._are_too_many(client):
                return DROPPED
            reply = await next_(request)
            kind, name = classify(request, reply)
            if kind not in self._limits.rates and not self._limits.requests:
                return reply
            verdict = reply.verdict
            if not exempt and verdict is Verdict.SEND:
                verdict = self._judged(client, kind, name)
            return replace(reply, guards=(*reply.guards, partial(self._again, kind, name)), verdict=verdict)

        return handle

    def _again(self, kind: Kind, name: Name, client: Client, query: Query | None) -> Verdict:
        """Return what becomes of one more of the same answer."""
        if self._is_exempt(client, query):
            return Verdict.SEND
        return Verdict.DROP if self._are_too_many(client) else self._judged(client, kind, name)

    def _is_exempt(self, client: Client, query: Query | None) -> bool:
        """Say whether the client is where it says: it has a connection, or something that we sent there."""
        return client.transport != "udp" or self._proofs.proven(query, client)

    def _are_too_many(self, client: Client) -> bool:
        """Charge a request, and say whether it is one too many."""
        rate = self._limits.requests
        if not rate or not self._accounts.charge(self._network(client.address) + _REQUESTS, rate):
            return False
        self._counts.requests += 1
        return not self._limits.report_only

    def _judged(self, client: Client, kind: Kind, name: Name) -> Verdict:
        """Charge an answer, and return what becomes of it."""
        rate = self._limits.rates.get(kind)
        held = self._accounts.charge(self._network(client.address) + _MARKS[kind] + name, rate) if rate else 0
        if not held:
            return Verdict.SEND
        self._counts.responses[kind] += 1
        if self._limits.report_only:
            return Verdict.SEND
        if self._limits.slip and held % self._limits.slip == 0:
            self._counts.slipped += 1
            return Verdict.SLIP
        return Verdict.DROP

    def _masked(self, address: str) -> bytes:
        """Return the octets of the network of an address, with how many they are before them."""
        octets = packed(address)
        size = len(octets)
        spare = 32 - self._limits.ipv4_bits if size == 4 else 128 - self._limits.ipv6_bits
        return bytes((size,)) + (int.from_bytes(octets) >> spare << spare).to_bytes(size)
