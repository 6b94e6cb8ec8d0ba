"""Zone files over real sockets: served, read again, and as the beginning of chains through the federation and outwards."""

import os
import re
import signal
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import pytest

from fedresolver.cli.check import findings
from tests.support.ask import ask, dig, question, udp_socket
from tests.support.deadline import eventually
from tests.support.dns_server import dns_server, from_zone, reply
from tests.support.manifests import put, shard
from tests.support.records import ede_of, lines_of
from tests.support.running import command, free_ports, page, process, running

ZONE = """\
$TTL 300
@ SOA ns hostmaster {serial} 7200 1800 86400 60
@ NS ns
ns A 192.0.2.53
www A {address}
eu.nginx CNAME nginx.shop.myfederation.svc.north.example.com.
pod.nginx CNAME nginx.shop.myfederation
out CNAME www.example.net.
round CNAME about
about CNAME round
"""
COREFILE = """
.:0 {{
    bind 127.0.0.1
    ready 127.0.0.1:0
    errors
    federation myfederation example.com {{
        manifests members
        local c1
        topology c1 north oslo
        topology c2 south rome
    }}
    file acme.zone acme.com {{
        reload 100ms
    }}
    cache 30
    forward . {to}
}}
"""
NET = ("www.example.net. 60 IN CNAME host.example.net.", "host.example.net. 60 IN A 198.51.100.3")
WALK = [
    "nginx.shop.myfederation.svc.north.example.com. 180 CNAME nginx.shop.myfederation.svc.example.com.",
    "nginx.shop.myfederation.svc.example.com. 180 A 192.0.2.1",
]


def write(folder, serial=1, address="192.0.2.80", more="", file="acme.zone"):
    draft = folder / f".{file}"
    draft.write_text(ZONE.format(serial=serial, address=address) + more)
    os.rename(draft, folder / file)


@contextmanager
def serving(folder, corefile=COREFILE):
    """Give a server with the zone acme.com, a Service that is healthy in another region only, and an upstream."""
    put(folder / "members", "c1", "nginx.yaml", *shard("nginx", ready=False))
    put(folder / "members", "c2", "nginx.yaml", *shard("nginx"))
    external = {"type": "ExternalName", "externalName": "out.acme.com"}
    metadata = {"name": "ext", "namespace": "shop"}
    put(
        folder / "members",
        "c1",
        "ext.yaml",
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": external},
    )
    with dns_server(chain) as upstream, running(folder, corefile.format(to=upstream.to)) as server:
        eventually(lambda: not server.server.missing())
        yield server, upstream


def chain(asked):
    """Answer as a recursive server does: with the whole chain."""
    if asked.text == "www.example.net. A":
        return reply(asked, *NET)
    return from_zone("")(asked)


@pytest.fixture
def both(tmp_path):
    write(tmp_path)
    with serving(tmp_path) as both:
        yield both


def answer(server, name, rtype="A", **options):
    return lines_of(ask(server.address(), question(name, rtype), **options).answer)


@pytest.mark.parametrize("tcp", [False, True])
@pytest.mark.parametrize("times", [1, 3], ids=["new", "kept"])
def test_a_chain_goes_from_a_zone_file_into_the_federation_in_one_response(both, tcp, times):
    server, upstream = both
    for _ in range(times):
        found = answer(server, "eu.nginx.acme.com", tcp=tcp)
        assert found == [f"eu.nginx.acme.com. 300 CNAME {WALK[0].split()[0]}", *WALK]
    assert upstream.names() == []


def test_a_chain_into_the_walk_ends_when_the_walk_changes(both, tmp_path):
    server, _ = both
    assert answer(server, "eu.nginx.acme.com")[-1] == WALK[-1]
    put(tmp_path / "members", "c2", "nginx.yaml", *shard("nginx", load_balancers=["192.0.2.2"]))
    eventually(lambda: answer(server, "eu.nginx.acme.com")[-1].endswith(" 192.0.2.2"))
    write(tmp_path, serial=2, more="", address="192.0.2.81")
    eventually(lambda: answer(server, "www.acme.com") == ["www.acme.com. 300 A 192.0.2.81"])


SIGNED = """\
$TTL 300
@ SOA ns hostmaster 1 7200 1800 86400 60
@ RRSIG SOA 13 2 300 20300101000000 20200101000000 1 example.net. AAAA
@ NS ns.example.org.
@ NSEC *.wild NS SOA RRSIG NSEC
*.wild CNAME www
*.wild RRSIG CNAME 13 3 300 20300101000000 20200101000000 1 example.net. AAAA
*.wild NSEC www CNAME RRSIG NSEC
*.wild RRSIG NSEC 13 3 300 20300101000000 20200101000000 1 example.net. AAAA
www A 192.0.2.1
www RRSIG A 13 3 300 20300101000000 20200101000000 1 example.net. AAAA
"""


@pytest.mark.parametrize("tcp", [False, True])
def test_signatures_are_for_those_who_want_them_whoever_asked_before(tmp_path, tcp):
    (tmp_path / "signed.zone").write_text(SIGNED)
    corefile = ".:0 {\nbind 127.0.0.1\nprometheus 127.0.0.1:0\nfile signed.zone example.net\nloadbalance\n}"
    plain = ["x.wild.example.net. CNAME", "www.example.net. A"]
    signed = [plain[0], "x.wild.example.net. RRSIG", plain[1], "www.example.net. RRSIG"]
    with running(tmp_path, corefile) as server:
        eventually(lambda: not server.server.missing())
        for wants in (False, True, False, True, True, False):
            response = ask(server.address(), question("x.wild.example.net", want_dnssec=wants), tcp=tcp)
            kinds = [" ".join(line.split()[0:3:2]) for line in lines_of(response.answer)]
            assert kinds == (signed if wants else plain)
            proofs = ["*.wild.example.net. NSEC", "*.wild.example.net. RRSIG"]
            assert [" ".join(line.split()[0:3:2]) for line in lines_of(response.authority)] == (proofs if wants else [])
        told = 'fedresolver_file_signed_until_timestamp_seconds{zone="example.net."} 1.8934560e+09'
        assert told.replace("0e+", "e+") in server.page("/metrics")[1]


def test_dig_sees_the_whole_chain(both):
    server, _ = both
    text = dig(server.address(), "+noall", "+answer", "+comments", "eu.nginx.acme.com")
    assert "status: NOERROR" in text
    assert re.search(r"flags: qr aa rd ra;", text)
    assert len([line for line in text.splitlines() if re.search(r"\sIN\s", line)]) == 3


@pytest.mark.parametrize("times", [1, 3], ids=["new", "kept"])
def test_a_chain_goes_from_a_zone_file_to_the_forwarder(both, times):
    server, upstream = both
    for _ in range(times):
        found = answer(server, "out.acme.com")
        assert [" ".join(line.split()[2:]) for line in found] == [
            "CNAME www.example.net.",
            "CNAME host.example.net.",
            "A 198.51.100.3",
        ]
        response = ask(server.address(), question("out.acme.com"))
        assert response.flags & dns.flags.AA
    assert upstream.names() == ["www.example.net. A"]


def test_a_chain_goes_from_the_federation_through_a_zone_file_to_the_forwarder(both):
    server, _ = both
    found = answer(server, "ext.shop.myfederation")
    assert [" ".join(line.split()[2:]) for line in found] == [
        "CNAME out.acme.com.",
        "CNAME www.example.net.",
        "CNAME host.example.net.",
        "A 198.51.100.3",
    ]


def test_a_loop_is_a_failure_and_told(both):
    server, _ = both
    response = ask(server.address(), question("round.acme.com"))
    assert (response.rcode(), response.answer) == (dns.rcode.SERVFAIL, [])
    assert server.log.having("a loop of CNAMEs through round.acme.com.")


def soa(server):
    return dig(server.address(), "+short", "acme.com", "SOA").split()[2:3]


def test_a_change_is_served_and_a_broken_file_leaves_what_was_there(both, tmp_path):
    server, _ = both
    assert soa(server) == ["1"]
    assert answer(server, "new.acme.com") == []
    write(tmp_path, serial=2, more="new A 192.0.2.9\n")
    eventually(lambda: answer(server, "new.acme.com") == ["new.acme.com. 300 A 192.0.2.9"])
    assert soa(server) == ["2"]

    write(tmp_path, serial=3, more="bad A 192.0.2.256\nworse A 192.0.2\n")
    eventually(lambda: len(server.log.having("acme.zone:")) == 2)
    first, second = server.log.having("acme.zone:")
    assert re.match(r"ERROR the zone acme.com. stays as it is: .*acme.zone:11: ", first)
    assert re.match(r"ERROR the zone acme.com. stays as it is: .*acme.zone:12: ", second)
    assert (soa(server), server.server.missing()) == (["2"], ())
    assert server.metric("fedresolver_file_reload_failed_total", "acme.com.") == 1

    write(tmp_path, serial=4)
    eventually(lambda: soa(server) == ["4"])
    assert answer(server, "new.acme.com") == []
    assert server.metric("fedresolver_file_serial", "acme.com.") == 4
    assert server.metric("fedresolver_file_records", "acme.com.") == 9


def test_a_change_without_another_serial_is_served_and_told_once(both, tmp_path):
    server, _ = both
    write(tmp_path, address="192.0.2.81")
    eventually(lambda: answer(server, "www.acme.com") == ["www.acme.com. 300 A 192.0.2.81"])
    assert len(server.log.having("its serial has not grown; secondaries will not see it")) == 1


def test_a_reload_that_brings_a_broken_file_keeps_the_old_configuration(both, tmp_path):
    server, upstream = both
    write(tmp_path, file="other.zone", more="bad A x\n")
    text = COREFILE.format(to=upstream.to)
    server.reload(text.replace("    cache 30", "    file other.zone other.com\n    cache 30"))
    assert server.log.having("reload failed, the old configuration stays: ")[0].count("other.zone:11: ")
    assert soa(server) == ["1"]
    assert ask(server.address(), question("www.other.com")).rcode() == dns.rcode.NXDOMAIN

    write(tmp_path, file="other.zone")
    server.reload()
    assert answer(server, "www.other.com") == ["www.other.com. 300 A 192.0.2.80"]


def test_check_and_the_start_say_all_that_is_wrong(tmp_path):
    write(tmp_path, more="bad A x\n")
    write(tmp_path, file="b.zone", more="worse A 192.0.2\n")
    (tmp_path / "Corefile").write_text(".:0 {\nbind 127.0.0.1\nfile acme.zone acme.com\nfile b.zone b.com\n}\n")
    for words in (("check",), ("serve",)):
        done = command(*words, "--conf", str(tmp_path / "Corefile"))
        assert done.returncode == 1
        assert re.search(r"acme.zone:11: .*\n.*b.zone:11: ", done.stderr), done.stderr


def test_a_file_that_is_not_there(tmp_path):
    (tmp_path / "Corefile").write_text(".:0 {\nbind 127.0.0.1\nfile nowhere acme.com\n}\n")
    done = command("check", "--conf", str(tmp_path / "Corefile"))
    assert done.returncode == 1
    assert re.search(r"Corefile:3: there is no zone file .*nowhere", done.stderr)


APEX = """\
$TTL 300
@ SOA master hostmaster 77 7200 1800 86400 60
@ NS master
@ A 192.0.2.10
master A 192.0.2.53
www A 192.0.2.80
svc TXT "hidden by the federation"
alias CNAME nginx.shop.myfederation.svc
*.shop.myfederation.svc A 192.0.2.99
"""
OWNED = """
.:0 {{
    bind 127.0.0.1
    errors
    federation myfederation example.com {{
        manifests members
        local c1
        topology c1 north oslo
        topology c2 south rome
    }}
    file apex.zone example.com
}}
"""
FILE_SOA = "example.com. 60 SOA master.example.com. hostmaster.example.com. 77 7200 1800 86400 60"
NX, OK = "NXDOMAIN", "NOERROR"


@pytest.mark.parametrize("times", [1, 3], ids=["new", "kept"])
@pytest.mark.parametrize(
    ("name", "rtype", "rcode", "found"),
    [
        pytest.param("", "SOA", OK, [FILE_SOA.replace(" 60 SOA", " 300 SOA")], id="the apex is the file's"),
        pytest.param("", "A", OK, ["example.com. 300 A 192.0.2.10"], id="all of it"),
        pytest.param("www", "A", OK, ["www.example.com. 300 A 192.0.2.80"], id="a name that is not federated"),
        pytest.param("ns", "A", NX, [FILE_SOA], id="the name servers are the file's"),
        pytest.param("nope", "A", NX, [FILE_SOA], id="a name that nobody has"),
        pytest.param("svc", "TXT", OK, [FILE_SOA], id="the federation's empty non-terminals stay its own"),
        pytest.param("north", "A", OK, [FILE_SOA], id="a region"),
        pytest.param("nginx.shop.myfederation.svc", "TXT", OK, [FILE_SOA], id="no data of a federated name"),
        pytest.param("nginx.shop.myfederation.svc", "A", OK, WALK[1:], id="a federated name"),
        pytest.param(
            "nope.shop.myfederation.svc",
            "A",
            OK,
            ["nope.shop.myfederation.svc.example.com. 300 A 192.0.2.99"],
            id="a name that the federation does not have",
        ),
        pytest.param(
            "alias",
            "A",
            OK,
            ["alias.example.com. 300 CNAME nginx.shop.myfederation.svc.example.com.", *WALK[1:]],
            id="a chain inside the zone into the federation",
        ),
    ],
)
def test_a_zone_file_may_be_the_public_domain(tmp_path, times, name, rtype, rcode, found):
    (tmp_path / "apex.zone").write_text(APEX)
    with serving(tmp_path, OWNED) as (server, _):
        for _ in range(times):
            response = ask(server.address(), question(f"{name}.example.com".lstrip("."), rtype))
            assert dns.rcode.to_text(response.rcode()) == rcode
            assert lines_of(response.answer or response.authority) == found


def test_a_large_zone_holds_up_neither_other_zones_nor_the_end(tmp_path):
    (tmp_path / "small.zone").write_text(ZONE.format(serial=1, address="192.0.2.80"))
    (tmp_path / "big.zone").write_text(ZONE.format(serial=1, address="192.0.2.80"))
    with (tmp_path / "big.zone").open("a") as file:
        file.writelines(f"n{number} A 192.0.2.1\n" for number in range(300_000))
    text = ".:0 {{\nbind 127.0.0.1\nready 127.0.0.1:{}\nfile small.zone small.com\nfile big.zone big.com\n}}\n"
    (port,) = free_ports(1)
    with process(tmp_path, text.format(port)) as server:
        address = server.address()
        eventually(lambda: ask(address, question("www.small.com")).answer)
        response = ask(address, question("www.big.com", use_edns=0))
        assert (dns.rcode.to_text(response.rcode()), ede_of(response)) == ("SERVFAIL", "14")
        assert page(("127.0.0.1", port), "/ready") == (503, "zone files not read yet: big.com.\n")
        server.signal(signal.SIGTERM)
        assert server.wait(5) == 0
        assert "Traceback" not in server.text


TWO_BLOCKS = """
acme.com:{port} {{
    bind 127.0.0.1
    file acme.zone
}}
example.com:{port} {{
    bind 127.0.0.1
    acl {{
        block net 127.0.0.9
    }}
    federation myfederation example.com {{
        manifests members
        local c1
        topology c1 north oslo
        topology c2 south rome
    }}
}}
"""


@pytest.mark.parametrize("times", [1, 2], ids=["new", "again"])
def test_a_chain_goes_from_one_server_block_into_another_whose_rules_hold(tmp_path, times):
    write(tmp_path)
    (port,) = free_ports(1)
    with serving(tmp_path, TWO_BLOCKS.replace("{port}", str(port))) as (server, _):
        address = server.address(port=port)
        query = question("eu.nginx.acme.com").to_wire()
        for _ in range(times):
            with udp_socket(address) as sock:
                sock.send(query)
                allowed = dns.message.from_wire(sock.recv(4096))
            with udp_socket(address, ("127.0.0.9", 0)) as sock:
                sock.send(query)
                denied = dns.message.from_wire(sock.recv(4096))
        assert lines_of(allowed.answer)[1:] == WALK
        assert (dns.rcode.to_text(denied.rcode()), lines_of(denied.answer)) == ("SERVFAIL", [])


def test_check_tells_what_is_odd_in_a_zone_file(tmp_path):
    write(tmp_path, more="elsewhere.example. A 192.0.2.1\n")
    (tmp_path / "Corefile").write_text(". {\n file acme.zone acme.com\n}\n")
    errors, warnings = findings(str(tmp_path / "Corefile"), {})
    assert errors == []
    assert [line for line in warnings if "elsewhere.example" in line] != []
