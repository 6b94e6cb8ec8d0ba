"""DNS servers in front of us that ask over TLS: what dig gets through them is what it gets from us."""

import re
import shutil
import subprocess
from contextlib import ExitStack
from string import Template

import pytest

from bench import tools
from tests.support.ask import dig
from tests.support.deadline import eventually
from tests.support.running import free_ports, running

HOST = "127.0.0.1"
NAME = "dns.example.com"
"""What our certificate is for."""
OURS = f"""\
tls://.:0 .:0 {{
    bind {HOST}
    prometheus 127.0.0.1:0
    tls cert.pem key.pem
    hosts names {{
        ttl 60
    }}
}}
"""
NAMES = "".join(f"192.0.2.{number} n{number}.example.org all.example.org\n" for number in range(1, 101))
UNBOUND = Template("""\
server:
    interface: 127.0.0.1@$port
    username: ""
    chroot: ""
    directory: "$folder"
    pidfile: ""
    use-syslog: no
    do-not-query-localhost: no
    module-config: "iterator"
    tls-cert-bundle: "$ca"
    pad-queries: yes
forward-zone:
    name: .
    forward-tls-upstream: yes
    forward-addr: 127.0.0.1@$upstream#$name
remote-control:
    control-enable: no
""")
COREDNS = Template("""\
.:$port {
    bind 127.0.0.1
    forward . tls://127.0.0.1:$upstream {
        tls $ca
        tls_servername $name
    }
}
""")
FRONTS = {
    "unbound": (UNBOUND, lambda file: ("unbound", "-d", "-c", file)),
    "CoreDNS": (COREDNS, lambda file: (str(tools.coredns()), "-conf", file)),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory, authority):
    folder = tmp_path_factory.mktemp("ours")
    for path, name in zip(authority.server("server", NAME), ("cert.pem", "key.pem"), strict=True):
        shutil.copy(path, folder / name)
    (folder / "names").write_text(NAMES)
    with running(folder, OURS) as server:
        yield server


@pytest.fixture(scope="module", params=FRONTS)
def front(request, server, authority, tmp_path_factory):
    """The address of a server in front of us, which answers."""
    template, command = FRONTS[request.param]
    folder, (port,) = tmp_path_factory.mktemp("front"), free_ports(1)
    upstream = server.address(transport="tls")[1]
    facts = {"port": port, "upstream": upstream, "ca": authority.path, "name": NAME, "folder": folder}
    (folder / "conf").write_text(template.substitute(facts))
    with ExitStack() as stack:
        out = stack.enter_context((folder / "log").open("wb"))
        child = stack.enter_context(subprocess.Popen(command(str(folder / "conf")), stdout=out, stderr=out, cwd=folder))
        stack.callback(child.kill)
        eventually(lambda: child.poll() is not None or "192.0.2.1" in dig((HOST, port), "n1.example.org", "+short"))
        assert child.poll() is None, (folder / "log").read_text()
        yield HOST, port


@pytest.mark.parametrize("words", ["n1 A", "N2 A", "all A +tcp", "n1 AAAA"])
def test_the_answer_is_ours(server, front, words):
    name, *rest = words.split()
    command = (f"{name}.example.org", *rest, "+short")
    assert sorted(dig(front, *command).split()) == sorted(dig(server.address(), *command).split())


def metrics(server):
    return server.page("/metrics")[1]


def test_many_questions_come_over_tls(server, front):
    for number in range(3, 101):
        assert dig(front, f"n{number}.example.org", "+short").split() == [f"192.0.2.{number}"]
    (line,) = re.findall('^fedresolver_dns_requests_total{.*proto="tls".*type="A".* ([0-9.]+)$', metrics(server), re.M)
    assert float(line) >= 98
