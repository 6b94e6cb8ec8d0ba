"""Transfers of zone files to the clients of others, over real sockets."""

import socket
import subprocess

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsigkeyring
import dns.xfr
import dns.zone
import pytest

from tests.support.ask import ask, connected, dig, exactly, framed, question, raw, receive, wire
from tests.support.deadline import eventually
from tests.support.running import running
from tests.support.signed import BASE64

AXFR = 252
MANY = 2000
ZONE = """\
$ORIGIN example.org.
$TTL 300
@ SOA ns hm {serial} 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
*.wild TXT "any" "thing"
sub NS ns.sub
ns.sub A 192.0.2.53
{more}
"""
COREFILE = f"""
example.org:0 big.example:0 {{
    bind 127.0.0.1
    errors
    tsig {{
        secret key.example.org {BASE64}
    }}
    transfer {{
        to 127.0.0.1
        to 127.0.0.0/8 key key.example.org
    }}
    file zone example.org {{
        reload 100ms
    }}
    file big big.example
}}
"""
SERVER = "dns://:0"


def write(folder, serial, more=""):
    """Put a version of the zone into its file at once, as editors do."""
    (folder / "new").write_text(ZONE.format(serial=serial, more=more))
    (folder / "new").rename(folder / "zone")


@pytest.fixture
def server(tmp_path):
    write(tmp_path, 1)
    (tmp_path / "big").write_text(
        "@ 60 SOA ns.example.org. hm.example.org. 1 3600 600 86400 60\n@ 60 NS ns.example.org.\n"
        f"$GENERATE 1-{MANY} n$ 60 A 192.0.2.1\n$GENERATE 1-{MANY} n$ 60 TXT {' '.join(['x' * 250] * 4)}\n"
    )
    with running(tmp_path, COREFILE) as server:
        eventually(lambda: ask(server.address(), question("big.example", "SOA")).answer)
        yield server
        assert server.metric("fedresolver_panics_total") == 0


def copied(server, zone="example.org", **more):
    """Return all of a zone as dnspython reads a transfer."""
    host, port = server.address()
    stream = dns.query.xfr(host, zone, port=port, relativize=False, timeout=10, **more)
    return dns.zone.from_xfr(stream, relativize=False)


def serial(server, zone="example.org"):
    (soa,) = ask(server.address(), question(zone, "SOA")).answer
    return soa[0].serial


def test_the_zone_is_what_the_file_has(server):
    text = (server.corefile.parent / "zone").read_text()
    assert copied(server) == dns.zone.from_text(text, "example.org", relativize=False)


def test_dig_and_kdig_read_a_large_zone(server):
    assert dig(server.address(), "big.example", "AXFR").count("IN\tA\t192.0.2.1") == MANY
    host, port = server.address()
    done = subprocess.run(
        ("kdig", f"@{host}", "-p", str(port), "big.example", "AXFR"), capture_output=True, text=True, check=True
    )
    assert done.stdout.count("192.0.2.1\n") == MANY


def test_a_change_is_a_difference(server):
    write(server.corefile.parent, 2, "www A 192.0.2.80")
    eventually(lambda: serial(server) == 2)
    write(server.corefile.parent, 3, "www A 192.0.2.80\nwww AAAA 2001:db8::80")
    eventually(lambda: serial(server) == 3)
    for over in ("+tcp", "+notcp"):
        printed = dig(server.address(), "example.org", "IXFR=1", over, "+noall", "+answer")
        assert [line.split()[3:5] for line in printed.splitlines() if "\tA" in line] == [
            ["A", "192.0.2.80"],
            ["AAAA", "2001:db8::80"],
        ]
        assert [line.split()[6] for line in printed.splitlines() if "SOA" in line] == ["3", "1", "2", "2", "3", "3"]
    assert "ns.sub" in dig(server.address(), "example.org", "IXFR=0", "+tcp")


def test_others_are_refused_and_told_once(server):
    host, port = server.address()
    query = framed(raw(wire("example.org"), AXFR))
    for _ in range(20):
        with socket.create_connection((host, port), 5, source_address=("127.0.0.2", 0)) as sock:
            sock.sendall(query)
            assert receive(sock)[3] & 0xF == dns.rcode.REFUSED
    assert len(server.log.having("AXFR of example.org. refused to 127.0.0.2")) == 1
    assert server.metric("fedresolver_transfer_requests_total", SERVER, "example.org.", "AXFR", "refused") == 20


def test_others_have_it_with_the_key(server):
    keyring = dns.tsigkeyring.from_text({"key.example.org": BASE64})
    with_key = {"keyring": keyring, "keyalgorithm": "hmac-sha256", "source": "127.0.0.2"}
    assert copied(server, **with_key) == copied(server)
    assert len(copied(server, "big.example", **with_key).nodes) == MANY + 1


def test_a_zone_that_is_not_here(server):
    with connected(server.address()) as sock:
        sock.sendall(framed(raw(wire("ns.example.org"), AXFR)))
        assert receive(sock)[3] & 0xF == dns.rcode.NOTAUTH


def test_a_client_that_takes_nothing_holds_its_connection_only(server):
    with connected(server.address()) as sock:
        sock.sendall(framed(*[raw(wire("big.example"), AXFR, id=number) for number in range(20)]))
        eventually(lambda: server.metric("fedresolver_transfer_running", SERVER) > 10)
        assert copied(server) is not None
        assert len(copied(server, "big.example").nodes) == MANY + 1
        assert exactly(sock, 2)
    eventually(lambda: server.metric("fedresolver_transfer_running", SERVER) == 0)
    ended = [
        server.metric("fedresolver_transfer_ended_total", SERVER, "big.example.", how)
        for how in ("broken_off", "whole")
    ]
    assert sum(ended) == 21
    assert ended[0] > 10


def test_several_transfers_on_one_connection(server):
    with connected(server.address()) as sock:
        sock.sendall(framed(*[raw(wire("example.org"), AXFR, id=number) for number in range(50)]))
        sock.sendall(framed(raw(wire("example.org"), 6, id=99)))
        ids = {int.from_bytes(receive(sock)[:2]) for _ in range(51)}
    assert ids == {*range(50), 99}


ENCRYPTED = """
tls://example.org:0 {{
    bind 127.0.0.1
    tls {cert} {key}
    transfer {{
        to 127.0.0.1
    }}
    file zone example.org
}}
https://example.org:0 {{
    bind 127.0.0.2
    tls {cert} {key}
    transfer {{
        to 127.0.0.1
    }}
    file zone example.org
}}
"""


def test_encrypted_ways(authority, tmp_path):
    cert, key = authority.server("encrypted", "127.0.0.1")
    write(tmp_path, 1, f"$GENERATE 1-{MANY} n$ A 192.0.2.1")
    with running(tmp_path, ENCRYPTED.format(cert=cert, key=key)) as server:
        host, port = server.address("127.0.0.1", 0, "tls")
        whole = ("kdig", f"@{host}", "-p", str(port), "+tls", "example.org", "AXFR")
        eventually(lambda: kdig(*whole).count("192.0.2.1\n") == MANY)
        host, port = server.address("127.0.0.2", 0, "https")
        assert "NOTIMPL" in kdig("kdig", f"@{host}", "-p", str(port), "+https", "example.org", "AXFR")


def kdig(*command):
    """Return what kdig prints, on both of its outputs."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    return done.stdout + done.stderr


CONTESTED = """
.:0 {
    bind 127.0.0.1
    transfer {
        to *
    }
    federation myfederation example.org {
        manifests members
    }
    file zone example.org
}
"""


def test_a_copy_asks_from_the_address_that_it_is_known_by(tmp_path):
    """By UDP for the SOA, by TCP for the zone: the primary gives it to 127.8.8.8 alone."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    write(first, 7)
    theirs = "example.org:0 {\nbind 127.0.0.1\ntransfer {\nto 127.8.8.8\n}\nfile zone\n}"
    with running(first, theirs) as primary:
        eventually(lambda: not primary.server.missing())
        ours = f"example.org:0 {{\nbind 127.8.8.8\nsecondary {{\ntransfer from 127.0.0.1:{primary.address()[1]}\n}}\n}}"
        with running(second, ours) as copy:
            address = copy.address("127.8.8.8")
            eventually(lambda: ask(address, question("ns.example.org")).answer)


def test_a_zone_file_that_is_a_federations_domain_is_transferred_to_nobody(tmp_path):
    (tmp_path / "members" / "c1").mkdir(parents=True)
    write(tmp_path, 1)
    with running(tmp_path, CONTESTED) as server:
        eventually(lambda: serial(server) == 1)
        with connected(server.address()) as sock:
            sock.sendall(framed(raw(wire("example.org"), AXFR)))
            assert receive(sock)[3] & 0xF == dns.rcode.REFUSED
        assert server.log.having("example.org. is a zone file and a federation's domain")


KEPT = """
.:0 {
    bind 127.0.0.1
    transfer {
        to *
    }
    federation myfederation example.com {
        manifests members
        snapshot state
    }
}
"""


def test_the_serial_of_the_public_domain_grows_across_restarts(tmp_path):
    (tmp_path / "members" / "c1").mkdir(parents=True)
    serials = []
    for _ in range(3):
        with running(tmp_path, KEPT) as server:
            zone = eventually(lambda server=server: public(server))
            serials.append(zone.get_rdataset(zone.origin, "SOA")[0].serial)
            assert serial(server, "example.com") == serials[-1]
    assert serials == sorted(set(serials))


def public(server):
    """Return the public domain; None while it is not known."""
    try:
        return copied(server, "example.com")
    except dns.xfr.TransferError:
        return None
