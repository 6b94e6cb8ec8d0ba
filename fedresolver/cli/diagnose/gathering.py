"""Gathers all that the checks look at, step by step."""

import os
import secrets
from collections.abc import Callable, Mapping

import msgspec

from fedresolver import __version__
from fedresolver.cli.ask.client import AskError, Client
from fedresolver.cli.diagnose import surroundings
from fedresolver.cli.diagnose.address import Address, parsed, text
from fedresolver.cli.diagnose.asking import heard
from fedresolver.cli.diagnose.evidence import Evidence
from fedresolver.cli.diagnose.heard import Reply
from fedresolver.cli.diagnose.listener import Listener
from fedresolver.cli.diagnose.page import Page
from fedresolver.cli.diagnose.resolv_conf import ResolvConf
from fedresolver.cli.diagnose.stub_domain import Handing, StubDomain
from fedresolver.cli.diagnose.subject import Subject, subject
from fedresolver.cli.diagnose.upstream import Asked
from fedresolver.cli.diagnose.verdict import Unseen
from fedresolver.status.documents import Clusters, Explanation, Server, Services, Upstream
from fedresolver.wire.const import Type

Say = Callable[[str], None]
"""Is told what is being done."""
_MOST = 8
"""Listeners and upstreams that are asked; a machine may have very many addresses."""
_PLAIN = "dns://"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at: the name that does not resolve, and where to look, None for wherever that usually is.

    `dns` is the address of the server, as it is asked from here.
    """

    name: str = ""
    server: str
    conf: str | None = None
    resolv_conf: str | None = None
    dns: Address | None = None


class Gathering:
    """Looks at what is `wanted`, telling `say` what it does; `environ` are our environment variables."""

    def __init__(self, wanted: Wanted, environ: Mapping[str, str], say: Say) -> None:
        self._wanted = wanted
        self._environ = dict(environ)
        self._say = say

    def evidence(self) -> Evidence:
        """Return all that is seen."""
        page = self.page()
        beside = not isinstance(page, Unseen) and page.beside
        if isinstance(page, Unseen):
            known = surroundings.federations(self._wanted.conf, self._environ)
        else:
            known = page.server.federations
        it = subject(self._wanted.name, known)
        listeners = self._listeners(page, it)
        conf = surroundings.resolv_conf(self._wanted.resolv_conf, self._environ, beside=beside)
        self._say("reading the Corefile")
        return Evidence(
            asked=self._wanted.name,
            version=__version__,
            subject=it,
            page=page,
            conf=conf,
            stub=self._stub(conf, it, listeners),
            listeners=listeners,
            corefile=surroundings.corefile(self._wanted.conf, _file(page), self._environ),
            upstreams=self._upstreams(page),
            there=_is_there(page, it),
        )

    def page(self) -> Page | Unseen:
        """Return what the status pages say."""
        client = Client(self._wanted.server)
        self._say(f"asking {self._wanted.server}")
        try:
            server = client.get("server", Server)
            clusters = client.get("clusters", Clusters).clusters
            explanation = self._explanation(client)
            found = client.get("services", Services, _just(explanation)).services
        except AskError as error:
            return Unseen(str(error))
        return Page(
            url=self._wanted.server,
            server=server,
            clusters=clusters,
            services=found,
            explanation=explanation,
            beside=surroundings.is_this_machine(server.host),
        )

    def _explanation(self, client: Client) -> Explanation | Unseen:
        if not self._wanted.name:
            return Unseen("no name is asked for: fedresolver diagnose NAME")
        try:
            return client.get("explain", Explanation, {"name": self._wanted.name})
        except AskError as error:
            return Unseen(str(error))

    def _listeners(self, page: Page | Unseen, it: Subject | Unseen) -> tuple[Listener, ...] | Unseen:
        addresses = self._addresses(page)
        if isinstance(addresses, Unseen):
            return addresses
        zone = it.inside if isinstance(it, Subject) else "."
        return tuple(self._listener(address, zone) for address in addresses)

    def _addresses(self, page: Page | Unseen) -> tuple[Address, ...] | Unseen:
        """Return where the server is asked from here."""
        if self._wanted.dns is not None:
            return (self._wanted.dns,)
        if isinstance(page, Unseen):
            return Unseen("where the server listens is not known without its status page; --dns names an address")
        if not page.beside:
            return Unseen(f"the server is on {page.server.host}, not here; --dns names an address of it")
        plain = [one.removeprefix(_PLAIN) for one in page.server.listening if one.startswith(_PLAIN)]
        return tuple(map(parsed, plain[:_MOST])) or Unseen("the server has no listener for plain DNS")

    def _listener(self, where: Address, zone: str) -> Listener:
        self._say(f"asking {text(where)}")
        return Listener(
            address=text(where),
            udp=heard(where, zone, Type.SOA),
            tcp=heard(where, zone, Type.SOA, tcp=True),
        )

    def _stub(
        self, conf: ResolvConf | Unseen, it: Subject | Unseen, listeners: tuple[Listener, ...] | Unseen
    ) -> StubDomain | Unseen:
        if isinstance(conf, Unseen):
            return conf
        if isinstance(it, Unseen):
            return it
        first = None if isinstance(listeners, Unseen) else listeners[0]
        ours = first.udp.soa if first is not None and isinstance(first.udp, Reply) else ""
        return StubDomain(
            inside=it.inside,
            servers=tuple(self._handing(where, it.inside) for where in conf.nameservers),
            ours=ours,
            public=it.public or "DOMAIN",
        )

    def _handing(self, where: Address, zone: str) -> Handing:
        self._say(f"asking nameserver {text(where)}")
        nobody = f"{secrets.token_hex(8)}.{zone}"
        return Handing(server=text(where), soa=heard(where, zone, Type.SOA), nobody=heard(where, nobody, Type.A))

    def _upstreams(self, page: Page | Unseen) -> tuple[Asked, ...] | Unseen:
        if isinstance(page, Unseen):
            return page
        first = page.server.upstreams[:_MOST]
        return tuple(self._asked(one, beside=page.beside) for one in first)

    def _asked(self, one: Upstream, *, beside: bool) -> Asked:
        """Ask an upstream ourselves, where we are where the server is; one with TLS the server alone can ask."""
        if not beside or "://" in one.to:
            return Asked(one)
        self._say(f"asking upstream {one.to}")
        return Asked(one, heard(parsed(one.to), one.zone, Type.SOA))


def _just(explanation: Explanation | Unseen) -> dict[str, str]:
    """Return how the Services are asked for: the one that a name is of, or else the first ones."""
    if isinstance(explanation, Unseen) or not explanation.service:
        return {}
    key = f"{explanation.federation}/{explanation.service}"
    return {"after": f"{key[:-1]}{chr(ord(key[-1]) - 1)}\x7f", "limit": "1"}  # what comes last before it


def _file(page: Page | Unseen) -> str:
    """Return the Corefile of a server that is here."""
    return page.server.file if not isinstance(page, Unseen) and page.beside else ""


def _is_there(page: Page | Unseen, it: Subject | Unseen) -> bool | None:
    """Say whether the snapshot is seen here; None where it cannot be."""
    if isinstance(page, Unseen) or isinstance(it, Unseen) or not page.beside:
        return None
    snapshots = (one.snapshot for one in page.server.federations if one.name == it.name)
    return next((os.path.exists(one.path) for one in snapshots if one is not None), None)
