"""What a right answer is, worked out from the world without asking any server."""

from dataclasses import dataclass
from functools import cached_property

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from bench.world import (
    CLUSTER_DOMAIN,
    DOMAIN,
    FEDERATION,
    LOCAL,
    MEMBERS,
    NAMESPACE,
    WALKED,
    World,
    cluster_ip,
    load_balancer,
)

LOCAL_TTL = 5
TTL = 180
APEX = f"{FEDERATION}.svc.{CLUSTER_DOMAIN}"
SUFFIX = f"{NAMESPACE}.{APEX}"
"""What follows the Service in the names that are asked."""
ZONES = (APEX, DOMAIN)

Record = tuple[str, int, str, str]
"""Owner, TTL in seconds, type, RDATA as text."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer section that is right for a name, and who is its SOA if there is none."""

    rcode: dns.rcode.Rcode
    records: frozenset[Record]
    authority: str | None = None


@dataclass(frozen=True)
class Truth:
    """The records of a world, by owner."""

    world: World

    @property
    def apexes(self) -> tuple[str, ...]:
        """The zones that the records are in."""
        return ZONES

    @cached_property
    def records(self) -> dict[str, list[Record]]:
        """Every record of the names that the benchmark asks, by owner."""
        numbered = list(enumerate(self.world.names, 1))
        local = [record(name, number) for number, name in numbered[:-1]]
        by_owner: dict[str, list[Record]] = {}
        for one in local + walk(WALKED, len(numbered)):
            by_owner.setdefault(one[0], []).append(one)
        return by_owner

    def chain(self, name: str) -> list[list[Record]]:
        """Return the RRsets that answer for the A records of a name, in the order of the walk."""
        found: list[list[Record]] = []
        owner = name.lower()
        while rrset := self.records.get(owner):
            found.append(rrset)
            _, _, type_, owner = rrset[0]
            if type_ == "A":
                break
        return found

    def answer(self, name: str, type_: str = "A") -> Answer:
        """Return the right answer for a name; the Services that are healthy here have A records only."""
        if rrsets := self.chain(name):
            if type_ != "A":
                return Answer(dns.rcode.NOERROR, frozenset(), self.apexes[0])
            return Answer(dns.rcode.NOERROR, frozenset(record for rrset in rrsets for record in rrset))
        return Answer(dns.rcode.NXDOMAIN, frozenset(), self.apexes[0])

    def reply(self, query: dns.message.Message) -> bytes:
        """Return a right reply to a query as octets, for a server that can only repeat it."""
        question = query.question[0]
        name, type_ = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
        right = self.answer(name, type_)
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA
        reply.set_rcode(right.rcode)
        reply.answer = [encoded(rrset) for rrset in self.chain(name)] if right.records else []
        if right.authority:
            reply.authority = [encoded([(right.authority, LOCAL_TTL, "SOA", soa(right.authority))])]
        return reply.to_wire()

    def zone(self, apex: str) -> str:
        """Return the zone file of an apex, with absolute names."""
        lines = [f"{apex} {LOCAL_TTL} IN SOA {soa(apex)}", f"{apex} {LOCAL_TTL} IN NS ns.dns.{apex}"]
        lines += [f"ns.dns.{apex} {LOCAL_TTL} IN A 127.0.0.1"]
        for owner, records in self.records.items():
            if owner.endswith(f".{apex}"):
                lines += [f"{owner} {ttl} IN {type_} {rdata}" for _, ttl, type_, rdata in records]
        return "\n".join(lines) + "\n"

    def hosts(self) -> str:
        """Return the addresses of the local names in the form of /etc/hosts."""
        records = (record for rrset in self.records.values() for record in rrset)
        return "".join(f"{rdata} {owner}\n" for owner, _, type_, rdata in records if type_ == "A")


def record(service: str, number: int) -> Record:
    """Return the address record of a Service that is healthy in the local member."""
    return f"{service}.{SUFFIX}", LOCAL_TTL, "A", cluster_ip(LOCAL, number)


def walk(service: str, number: int) -> list[Record]:
    """Return the records when it is healthy in the other members only: topology zone, region, global."""
    public = f"{service}.{NAMESPACE}.{FEDERATION}.svc"
    levels = [f"{LOCAL.topology_zone}.{LOCAL.region}.", f"{LOCAL.region}.", ""]
    names = [f"{service}.{SUFFIX}"] + [f"{public}.{level}{DOMAIN}" for level in levels]
    ttls = (LOCAL_TTL, TTL, TTL)
    chain = [(names[i], ttls[i], "CNAME", names[i + 1]) for i in range(3)]
    return chain + [(names[3], TTL, "A", load_balancer(member, number)) for member in MEMBERS[1:]]


def encoded(records: list[Record]) -> dns.rrset.RRset:
    """Return records of one owner and type as dnspython has them."""
    owner, ttl, type_, _ = records[0]
    return dns.rrset.from_text(owner, ttl, "IN", type_, *(rdata for _, _, _, rdata in records))


def soa(apex: str) -> str:
    """Return the RDATA of the SOA of an apex; its last field is the negative TTL in seconds."""
    return f"ns.dns.{apex} hostmaster.{apex} 1 7200 1800 86400 {LOCAL_TTL}"
