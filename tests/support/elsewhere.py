"""What stands behind the federation in its chain, played by a test: other servers, by what they say to a question.

elb.example.net A                   a question, REFUSED for as long as nothing is said about it
    NOERROR                         the rcode, then the records of the answer, the least of all TTLs where they stand
    elb.example.net 60 A 192.0.2.1
    - example.net 900 300           the SOA of the authority section, with its TTL and its MINIMUM
    ede 23 timed out                the extended error
slow.example.net A
    NOERROR after 2s                it takes so long
broken.example.net A
    raises                          an exception leaves the handler
dead.example.net A
    silent                          there is never an answer
"""

import asyncio
from collections.abc import Iterable

import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from msgspec.structs import replace

from fedresolver.chain.handler import OURSELVES, REFUSED, Ede, Reply, Request
from fedresolver.wire.const import Rcode, Type, type_text
from fedresolver.wire.name import from_text, to_text
from fedresolver.wire.rr import RRset, Soa


class Elsewhere:
    """A handler that answers what it was told to, and takes note of each question; `clients` are those who asked."""

    def __init__(self) -> None:
        self._said: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self.clients: set[str] = set()

    def say(self, question: str, lines: Iterable[str]) -> None:
        """Answer a question, `elb.example.net A`, so from now on."""
        self._said[question] = list(lines)

    async def __call__(self, request: Request) -> Reply:
        query = request.query
        question = f"{to_text(query.qname).removesuffix('.')} {type_text(query.qtype)}"
        self.asked.append(question)
        self.clients.add("ourselves" if request.client is OURSELVES else "a client")
        first, *records = self._said.get(question, ["REFUSED"])
        if first == "silent":
            await asyncio.get_running_loop().create_future()
        if first == "raises":
            raise RuntimeError("it is broken")
        rcode, _, after = first.partition(" after ")
        if after:
            await asyncio.sleep(float(after.removesuffix("s")))
        return reply(rcode, records)


def reply(rcode: str, lines: Iterable[str]) -> Reply:
    """Return what another server says."""
    if rcode == "REFUSED":
        return REFUSED
    found = Reply(Rcode[rcode], authoritative=False, foreign=True, plugin="forward")
    for line in lines:
        first, *rest = line.split()
        if first == "ede":
            found = replace(found, ede=Ede(int(rest[0]), " ".join(rest[1:])))
        elif first == "-":
            found = replace(found, authority=(_soa(*rest),))
        else:
            found = replace(found, answer=_added(found.answer, _record(first, *rest)))
    return found


def _soa(zone: str, ttl: str, minimum: str) -> RRset:
    name = from_text(zone)
    return RRset(name, Type.SOA, int(ttl), (Soa(mname=name, rname=name, serial=1, minimum=int(minimum)).rdata(),))


def _record(owner: str, ttl: str, rtype: str, *data: str) -> RRset:
    number = dns.rdatatype.from_text(rtype)
    rdata = dns.rdata.from_text(dns.rdataclass.IN, number, " ".join(data), origin=dns.name.root, relativize=False)
    return RRset(from_text(owner), int(rdata.rdtype), int(ttl), (rdata.to_wire(),))


def _added(sets: tuple[RRset, ...], more: RRset) -> tuple[RRset, ...]:
    """Return RRsets with one record more."""
    for number, rrset in enumerate(sets):
        if (rrset.owner, rrset.rtype) == (more.owner, more.rtype):
            return (*sets[:number], replace(rrset, rdatas=rrset.rdatas + more.rdatas), *sets[number + 1 :])
    return (*sets, more)
