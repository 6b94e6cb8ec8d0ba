"""A federation in which all is well, with all that its names need, to be broken in one place.

A server with two members that are API servers; the DNS of the cluster, which hands the
federation's names to it; the resolver that all other names go to; the resolv.conf of a pod.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.message

from tests.e2e.authority import Authority
from tests.e2e.kubeconfig import Context, write
from tests.support.ask import Address, ask
from tests.support.deadline import eventually
from tests.support.dns_server import Asked, DnsServer, dns_server, from_zone, reply
from tests.support.manifests import endpoints, node, service
from tests.support.running import Running, running
from tests.support.stub_api.api import StubApi

ZONE = "myfederation.svc.cluster.local."
NAME = "cart.shop.myfederation"
TOKEN = "t0p-s3cret-t0ken"
_IDLE = ".:0 {\n    bind 127.0.0.1\n    whoami\n}\n"
_COREFILE = """
.:0 {{
    bind 127.0.0.1
    status 127.0.0.1:0
    ready 127.0.0.1:0
    federation myfederation example.com {{
        kubeconfig kubeconfig
        local {local}
        snapshot kept/state
        ns ns.example.com 192.0.2.53
    }}
    forward . {upstream}
    {more}
}}
"""


class Ailing:
    """The federation; `relayed` is where the cluster's DNS sends its names, `pod` the resolv.conf of a pod."""

    def __init__(self, server: Running, folder: Path, authority: Authority) -> None:
        self.server = server
        self.folder = folder
        self.authority = authority
        self.pod = folder / "resolv.conf"
        self.cluster_dns: DnsServer
        self.upstream: DnsServer
        self.apis = {name: StubApi(tls=_tls(authority)) for name in ("c1", "c2")}
        for api in self.apis.values():
            api.token = TOKEN

    @property
    def url(self) -> str:
        """Where the status page is."""
        return next(one for one in self.server.server.listening() if one.startswith("http://"))

    @property
    def address(self) -> Address:
        """Where the server listens."""
        return self.server.address()

    def begin(self) -> None:
        """Have the members, each with a healthy shard of the cart, and go over to a configuration with them."""
        for number, (name, api) in enumerate(self.apis.items(), 1):
            self.server.loop.run(api.start())
            self.put(
                name,
                node("n1", f"region-{number}", f"zone-{number}"),
                service("cart", cluster_ips=[f"10.0.0.{number}"], load_balancers=[f"192.0.2.{number}"]),
                endpoints("cart"),
            )
        (self.folder / "kept").mkdir()
        self.write(self.authority)
        self.write_pod()
        self.configure()
        eventually(lambda: not self.server.server.missing())
        eventually(lambda: list(map(_watches, self.apis.values())) == [4, 3])  # no connection is under way any more

    def write(self, authority: Authority) -> None:
        """Write the kubeconfig, with the authority that c2 is believed by."""
        believed = {"c1": self.authority, "c2": authority}
        contexts = (Context(name, api.url, believed[name].path, TOKEN) for name, api in self.apis.items())
        write(self.folder / "kubeconfig", contexts)

    def write_pod(
        self, nameserver: str = "", search: str = "shop.svc.cluster.local svc.cluster.local", ndots: int = 5
    ) -> None:
        """Write the pod's resolv.conf."""
        host, port = self.cluster_dns.address
        there = nameserver or f"nameserver [{host}]:{port}"
        self.pod.write_text(f"{there}\nsearch {search}\noptions ndots:{ndots}\n")

    def configure(self, local: str = "c1", more: str = "") -> None:
        """Go over to another configuration."""
        before = len(self.server.log.having("INFO reloaded"))
        self.server.reload(_COREFILE.format(local=local, upstream=self.upstream.to, more=more))
        assert len(self.server.log.having("INFO reloaded")) == before + 1, self.server.log.lines

    def put(self, member: str, *things: dict[str, object]) -> None:
        """Add or change objects of a member."""
        for thing in things:
            self.server.loop.call(self.apis[member].put, thing)

    def ask_again(self, member: str) -> None:
        """Have a member asked anew."""
        self.server.loop.call(self.apis[member].disconnect)

    def relay(self, asked: Asked) -> dns.message.Message:
        """Return what the server answers to a question, word for word."""
        query = dns.message.from_wire(asked.octets)
        return ask(self.address, query, tcp=asked.transport == "tcp")

    def hand_on(self, asked: Asked) -> dns.message.Message:
        """Return what the DNS of the cluster answers: names of the federation are the server's."""
        if asked.text.split()[0].endswith(ZONE):
            return self.relay(asked)
        return reply(asked, rcode="NXDOMAIN")

    def end(self) -> None:
        """Stop the members."""
        self.server.reload(_IDLE)
        for api in self.apis.values():
            self.server.loop.run(api.stop())


def _watches(api: StubApi) -> int:
    return sum(not watch.initial for watch in api.watching())


def _tls(authority: Authority) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.server("api", "127.0.0.1"))
    return context


@contextmanager
def ailing(folder: Path, authority: Authority) -> Iterator[Ailing]:
    """Give a federation in which all is well."""
    root = from_zone(". 60 IN SOA a.root. hm.root. 1 2 3 4 5")
    with running(folder, _IDLE) as server:
        it = Ailing(server, folder, authority)
        with dns_server(it.hand_on) as it.cluster_dns, dns_server(root) as it.upstream:
            try:
                it.begin()
                yield it
            finally:
                it.end()
