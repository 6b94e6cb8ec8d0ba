"""An answer that is about the client."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from fedresolver.chain.handler import OURSELVES, Client, Handler, Reply, Request
from fedresolver.wire.const import Type
from fedresolver.wire.name import MAX_NAME, ROOT, Name, prefix
from fedresolver.wire.rr import RRset, addresses, srv_rdata


def whoami(next_: Handler) -> Handler:
    """Return the handler that answers every question, so that nothing reaches `next_`."""
    return _answer


async def _answer(request: Request) -> Reply:
    qname = request.query.qname
    if request.client is OURSELVES:  # where a chain of CNAMEs leads: nothing is said of anybody
        return Reply(plugin="whoami")
    address = addresses(qname, 0, (_address(request.client).packed,))
    return Reply(additional=(*address, *_port(qname, request.client)), plugin="whoami")


def _address(client: Client) -> IPv4Address | IPv6Address:
    address = ip_address(client.address)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _port(qname: Name, client: Client) -> tuple[RRset, ...]:
    """Return the SRV record `_udp.qname` or `_tcp.qname`; none where that name is too long to exist."""
    owner = prefix((b"_udp" if client.transport == "udp" else b"_tcp",)) + qname
    if len(owner) > MAX_NAME:
        return ()
    return (RRset(Name(owner), Type.SRV, 0, (srv_rdata(0, client.port, ROOT),)),)
