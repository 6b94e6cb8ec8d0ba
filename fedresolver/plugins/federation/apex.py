"""The apex of a zone of ours: its SOA and NS records, and the addresses of the name servers that are in it."""

from collections.abc import Mapping

from fedresolver.authority.zones import Source
from fedresolver.chain.handler import Cell
from fedresolver.plugins.federation.serial import Serial
from fedresolver.plugins.federation.settings import NameServer
from fedresolver.wire.const import Type
from fedresolver.wire.name import Name, parents
from fedresolver.wire.rr import RRset, Soa, addresses, denial

NEGATIVE_TTL = 5
"""How long a negative answer may be kept (RFC 2308 5), in seconds; also the TTL of the SOA itself."""


class Apex:
    """What a zone has of its own, whatever the members say.

    Where one of `files`, zone files and copies of others' zones, is the same zone, the apex is theirs: then negative
    answers carry their SOA.
    """

    def __init__(
        self,
        zone: Name,
        serial: Serial,
        name_servers: tuple[NameServer, ...],
        hostmaster: Name,
        ttl: int,
        files: Mapping[Name, Source],
    ) -> None:
        self.zone = zone
        self.files = files
        self._serial = serial
        self._name_servers = name_servers
        self._hostmaster = hostmaster
        self._ttl = ttl
        self._hosts = {host.name: host.addresses for host in name_servers if zone in parents(host.name)}
        self.has_hosts = bool(self._hosts)
        self._above_hosts = frozenset(name for host in self._hosts for name in parents(host)[1:])
        self._soa: tuple[int, tuple[RRset]] = (-1, (self._make_soa(0),))

    @property
    def cell(self) -> Cell:
        """What answers about the apex hold until: the serial grows."""
        return self._serial.cell

    def soa(self) -> tuple[RRset]:
        """Return the SOA, as the authority section of a negative answer wants it (RFC 2308 3)."""
        theirs = self.files.get(self.zone)
        if theirs is not None and theirs.contents is not None:
            return (denial(theirs.contents.soa),)
        serial = self._serial.value
        if self._soa[0] != serial:
            self._soa = (serial, (self._make_soa(serial),))
        return self._soa[1]

    def own(self, qtype: int) -> tuple[RRset, ...]:
        """Return what the apex itself has of a type; of ANY one RRset (RFC 8482 4.1)."""
        if qtype in (Type.SOA, Type.ANY):
            return self.soa()
        if qtype == Type.NS:
            names = tuple(server.name for server in self._name_servers)
            return (RRset(self.zone, Type.NS, self._ttl, names),)
        return self.host(self.zone, qtype) or ()

    def glue(self) -> tuple[RRset, ...]:
        """Return the addresses of the name servers whose names are in the zone."""
        return tuple(rrset for name, packed in self._hosts.items() for rrset in addresses(name, self._ttl, packed))

    def host(self, name: Name, qtype: int) -> tuple[RRset, ...] | None:
        """Return what a name server's name has of a type, nothing for a name above one; None for other names."""
        packed = self._hosts.get(name)
        if packed is None:
            return () if name in self._above_hosts else None
        found = addresses(name, self._ttl, packed)
        return found[:1] if qtype == Type.ANY else tuple(rrset for rrset in found if rrset.rtype == qtype)

    def _make_soa(self, serial: int) -> RRset:
        soa = Soa(mname=self._name_servers[0].name, rname=self._hostmaster, serial=serial, minimum=NEGATIVE_TTL)
        return RRset(self.zone, Type.SOA, NEGATIVE_TTL, (soa.rdata(),))
