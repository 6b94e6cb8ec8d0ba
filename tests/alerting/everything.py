"""A whole server with every plugin that counts, and a query for each of its counters."""

import base64
import itertools
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dns.edns

from tests.e2e.authority import Authority
from tests.e2e.kubeconfig import Context, write
from tests.support.ask import Address, ask, dig, question
from tests.support.deadline import eventually
from tests.support.encrypted import serving
from tests.support.loop import looping
from tests.support.manifests import endpoints, node, service
from tests.support.running import Process, free_ports, page, process
from tests.support.stub_api.api import StubApi

COREFILE = """.:{dns} {{
    bind 127.0.0.1
    errors
    prometheus 127.0.0.1:{metrics}
    health 127.0.0.1:{health} {{
        lameduck 5s
    }}
    ready 127.0.0.1:{ready}
    status 127.0.0.1:{status}
    cookie
    acl refused.example.net {{
        block
    }}
    rrl {{
        responses-per-second 100000
    }}
    loadbalance
    hosts {{
        192.0.2.9 printer.example.net
        fallthrough
    }}
    federation myfederation example.com {{
        kubeconfig kubeconfig
        local c1
        allow_addresses 127.0.0.0/8
        snapshot kept/state
        startup_timeout 1s
        stale_after {stale_after}
        ns ns1.example.com 192.0.2.53
    }}
    transfer example.com {{
        to 127.0.0.1
    }}
    file zone example.org
    cache
    loop
    forward . 127.0.0.1:{upstream}
    reload
}}

.:{upstream} {{
    bind 127.0.0.1
    whoami
}}

example.edu:{upstream} {{
    bind 127.0.0.1
    file primary
    transfer {{
        to 127.0.0.1:{dns}
    }}
}}

example.edu:{dns} {{
    bind 127.0.0.1
    prometheus 127.0.0.1:{metrics}
    secondary {{
        transfer from 127.0.0.1:{upstream}
    }}
}}

dead.test:{dns} {{
    bind 127.0.0.1
    prometheus 127.0.0.1:{metrics}
    forward . 127.0.0.1:{nobody}
}}

.:{slow} {{
    bind 127.0.0.1
    prometheus 127.0.0.1:{metrics}
    forward . 127.0.0.1:{mute}
}}

https://.:{https} {{
    bind 127.0.0.1
    prometheus 127.0.0.1:{metrics}
    tls cert.pem key.pem
    whoami
}}
"""
ZONE = """$ORIGIN example.org.
@ 60 IN SOA ns1 hostmaster 1 60 60 600 60
@ 60 IN NS ns1
ns1 60 IN A 192.0.2.53
"""
PLACES = ("dns", "metrics", "health", "ready", "status", "https", "upstream", "slow", "nobody")
CHANGED = "2026-01-01T00:00:00Z"
MEMBERS = ("c1", "c2", "c3")
FORBIDDEN = "c3"


@dataclass(frozen=True, slots=True)
class Everything:
    """The server: where it answers, and where its numbers are. `lose` ends the API server of a member.

    At `slow` it waits for an upstream that says nothing, and that of names in dead.test is not there. In `folder` it has
    its Corefile, and its snapshot in the folder `kept`.
    """

    process: Process
    dns: Address
    metrics: Address
    ready: Address
    slow: Address
    folder: Path
    changes: Iterator[None]
    lose: Callable[[str], None]

    def text(self) -> str:
        """Return the page of all numbers."""
        return page(self.metrics, "/metrics")[1]

    def is_ready(self) -> bool:
        """Say whether the page of `ready` says so."""
        return page(self.ready, "/ready")[0] == 200

    def ask(self, name: str, rtype: str = "A") -> None:
        """Ask one question."""
        ask(self.dns, question(name, rtype, use_edns=0))

    def use(self) -> None:
        """Ask something of each plugin that counts, and have a member tell of a change."""
        next(self.changes)
        for name, rtype in ASKED:
            self.ask(name, rtype)
        cookie = dns.edns.GenericOption(10, b"12345678")
        ask(self.dns, question("printer.example.net", use_edns=0, options=[cookie]))
        dig(self.dns, "example.com", "AXFR")


ASKED = [
    ("cart.shop.myfederation", "A"),
    ("only-there.shop.myfederation", "A"),
    ("ill-here.shop.myfederation", "A"),
    ("nowhere.shop.myfederation", "A"),
    ("cart.shop.myfederation.svc.north.example.com", "A"),
    ("absent.shop.myfederation", "A"),
    ("ns1.example.org", "A"),
    ("www.example.net", "A"),
    ("refused.example.net", "A"),
    ("printer.example.net", "A"),
    ("example.edu", "SOA"),
]


def changing(put: Callable[[dict[str, object]], object]) -> Iterator[None]:
    """Have the endpoints of the cart change each time that one more is asked for."""
    for number in itertools.cycle(range(1, 200)):
        put(endpoints("cart", addresses=[f"10.1.0.{number}"], changed=CHANGED))
        yield


def corefile(folder: Path, ports: dict[str, int], stale_after: str) -> str:
    """Write what the Corefile names into `folder`, and return it."""
    (folder / "zone").write_text(ZONE)
    (folder / "primary").write_text(ZONE.replace("example.org", "example.edu"))
    return COREFILE.format(**ports, stale_after=stale_after)


@contextmanager
def everything(folder: Path, authority: Authority, stale_after: str = "30s") -> Iterator[Everything]:
    """Give a server of three members, one of which may not be read, each plugin of which has been used once."""
    ports = dict(zip(PLACES, free_ports(len(PLACES)), strict=True))
    (folder / "kept").mkdir()
    for source, name in zip(authority.server("fedresolver", "127.0.0.1"), ("cert.pem", "key.pem"), strict=True):
        (folder / name).write_bytes(source.read_bytes())
    with looping() as loop, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        ports["mute"] = mute.getsockname()[1]
        apis = {name: StubApi(tls=serving(authority.server(name, "127.0.0.1"))) for name in MEMBERS}
        try:
            for name, api in apis.items():
                loop.run(api.start())
                for thing in objects(name):
                    loop.call(api.put, thing)
            apis[FORBIDDEN].forbidden |= {(verb, "services") for verb in ("list", "watch")}
            write(folder / "kubeconfig", contexts(apis, authority))
            with process(folder, corefile(folder, ports, stale_after)) as started:
                at = {name: ("127.0.0.1", port) for name, port in ports.items()}
                changes = changing(lambda slice_: loop.call(apis["c1"].put, slice_))
                found = Everything(
                    started,
                    at["dns"],
                    at["metrics"],
                    at["ready"],
                    at["slow"],
                    folder,
                    changes,
                    lambda name: loop.run(apis[name].stop()),
                )
                eventually(lambda: listening(at["ready"]) and found.is_ready(), 30.0)
                eventually(lambda: 'phase="pending"} 0.0' in found.text() and "secondary_serial" in found.text(), 30.0)
                found.use()
                yield found
        finally:
            for api in apis.values():
                loop.run(api.stop())


def contexts(apis: dict[str, StubApi], authority: Authority) -> list[Context]:
    """Return how the members are reached: with a certificate that is good, and the last with a token that ends soon."""
    shown, now = authority.client("client", "fedresolver"), int(time.time())
    claims = json.dumps({"iat": now - 360_000, "exp": now + 3_600}).encode()
    token = f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.c2ln"
    found = {name: Context(name, api.url, authority.path, certificate=shown) for name, api in apis.items()}
    found[FORBIDDEN] = Context(FORBIDDEN, apis[FORBIDDEN].url, authority.path, token=token)
    return list(found.values())


def objects(member: str) -> list[dict[str, object]]:
    """Return what a member has."""
    number = MEMBERS.index(member) + 1
    ready = {"cart": True, "ill-here": member != "c1", "only-there": True, "nowhere": False}
    found = [node("n1", "north", f"zone-{number}")]
    for index, name in enumerate(name for name in ready if (name, member) != ("only-there", "c1")):
        balancers = [f"127.0.9.{number}"]
        found.append(service(name, cluster_ips=[f"10.0.{index}.{number}"], load_balancers=balancers))
        found.append(endpoints(name, ready=ready[name]))
    return found


def listening(address: Address) -> bool:
    """Say whether somebody accepts connections there."""
    try:
        with socket.create_connection(address, 1.0):
            return True
    except OSError:
        return False
