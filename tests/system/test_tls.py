"""A running server over TLS, asked by kdig, dig, openssl and dnspython; certificates that change meanwhile."""

import re
import shutil
import ssl
import subprocess

import dns.message
import dns.query
import pytest

from tests.support.ask import ask, framed, over_udp, question, raw, receive, wire
from tests.support.deadline import eventually
from tests.support.encrypted import over_tls, secured, trusting
from tests.support.manifests import put, shard
from tests.support.running import process, running

HOST = "127.0.0.1"
CART = "cart.shop.f"
WWW = "www.example.org"
COREFILE = f"""
tls://.:0 dns://.:0 {{
    bind {HOST}
    tls cert.pem key.pem
    federation f example.com {{
        manifests members
        local c1
    }}
    hosts inline.hosts {{
        192.0.2.1 {WWW}
        fallthrough
    }}
}}
"""
QUESTIONS = [
    (WWW, "A"),
    (WWW, "AAAA"),
    (WWW, "ANY"),
    ("absent.example.org", "A"),
    (CART, "A"),
    (CART, "SRV"),
    (f"_http._tcp.{CART}", "SRV"),
    ("absent.shop.f", "A"),
    ("f", "SOA"),
    ("example.com", "NS"),
    ("cart.shop.f.svc.example.com", "A"),
    ("cart.shop.f.svc.nowhere.example.com", "A"),
]


def show(folder, pair):
    for path, name in zip(pair, ("cert.pem", "key.pem"), strict=True):
        shutil.copy(path, folder / name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, authority):
    folder = tmp_path_factory.mktemp("served")
    put(folder / "members", "c1", "cart.yaml", *shard("cart"))
    (folder / "inline.hosts").write_text("")
    show(folder, authority.server("server", HOST))
    return folder


@pytest.fixture(scope="module")
def server(folder):
    with running(folder, COREFILE) as server:
        yield server


@pytest.fixture(scope="module")
def address(server):
    return server.address(transport="tls")


def printed(*words, text=None):
    done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False, input=text)
    return done.stdout + done.stderr


@pytest.mark.parametrize(("name", "rtype"), QUESTIONS, ids=lambda value: value)
@pytest.mark.parametrize("edns", [False, 0], ids=["plain", "EDNS"])
def test_every_answer_is_that_of_udp_and_tcp(server, address, authority, name, rtype, edns):
    query, way = question(name, rtype, use_edns=edns), trusting(authority.path)

    def said():
        over = [ask(server.address(), query, tcp=tcp) for tcp in (False, True)]
        over += [dns.message.from_wire(over_tls(address, query.to_wire(), way)) for _ in range(2)]  # new, and again
        return {(str(message), *(option.to_wire() for option in message.options)) for message in over}

    eventually(lambda: len(said()) == 1)  # a serial may grow between two of them


def test_dnspython(address, authority):
    answer = dns.query.tls(
        question(WWW), HOST, 5, address[1], ssl_context=trusting(authority.path), server_hostname=HOST
    )
    assert answer.answer[0][0].address == "192.0.2.1"


@pytest.mark.parametrize("padding", ["+padding", "+nopadding"])
def test_kdig(address, authority, padding):
    found = printed(
        "kdig", "+tls", f"+tls-ca={authority.path}", "+edns", padding, f"@{HOST}", "-p", str(address[1]), WWW
    )
    assert "TLS session (TLS1.3)" in found
    assert "status: NOERROR" in found
    assert "192.0.2.1" in found
    assert (";; Received 468 B" in found) is (padding == "+padding")


def test_kdig_asks_often_on_one_connection(address, authority):
    words = ("kdig", "+tls", f"+tls-ca={authority.path}", "+keepopen", f"@{HOST}", "-p", str(address[1]))
    assert printed(*words, *[WWW, "A"] * 20).count("192.0.2.1") == 20


def test_dig(address, authority):
    words = (
        "dig",
        "+tls",
        f"+tls-ca={authority.path}",
        "+keepalive",
        "+padding=128",
        f"@{HOST}",
        "-p",
        str(address[1]),
    )
    found = printed(*words, WWW)
    assert "status: NOERROR" in found
    assert "192.0.2.1" in found
    assert re.search("TCP.KEEPALIVE: 10.0 secs", found)
    assert re.search("PAD", found)


def test_dig_is_told_over_tcp_how_long_it_may_stay(server):
    host, port = server.address()
    words = ("dig", "+keepalive", f"@{host}", "-p", str(port), WWW)
    assert "TCP KEEPALIVE: 10.0 secs" in printed(*words, "+tcp").replace("TCP-KEEPALIVE", "TCP KEEPALIVE")
    assert "KEEPALIVE" not in printed(*words).upper().split(";; OPT PSEUDOSECTION")[1]


def test_openssl(address, authority):
    words = ("openssl", "s_client", "-alpn", "dot", "-CAfile", str(authority.path), "-verify_return_error")
    found = printed(*words, "-connect", f"{HOST}:{address[1]}", text="")
    assert "ALPN protocol: dot" in found
    assert "Verify return code: 0 (ok)" in found
    assert "Compression: NONE" in found
    assert "Secure Renegotiation IS NOT supported" in found or "TLSv1.3" in found


def test_it_says_where_it_listens(server):
    assert server.log.having("listening on tls://127.0.0.1:")


def test_no_question_over_udp_is_answered_where_tls_is_spoken(server, address):
    with pytest.raises(ConnectionRefusedError):
        over_udp(address, raw(wire(WWW)))


# certificates that change


def test_a_reload_with_another_certificate_loses_no_connection(folder, authority, stranger, tmp_path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    for path, name in zip(stranger.server("server", HOST), ("cert2.pem", "key2.pem"), strict=True):
        shutil.copy(path, tmp_path / name)
    with running(tmp_path, COREFILE) as server:
        address = server.address(transport="tls")
        with secured(address, trusting(authority.path)) as sock:
            server.reload(COREFILE.replace("cert.pem key.pem", "cert2.pem key2.pem"))
            assert server.address(transport="tls") == address
            assert over_tls(address, raw(wire(WWW)), trusting(stranger.path))
            sock.sendall(framed(raw(wire(WWW))))
            assert receive(sock)[:2] == b"\x12\x34"


def test_a_reload_with_a_bad_certificate_keeps_the_old_one(folder, authority, tmp_path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with running(tmp_path, COREFILE) as server:
        server.reload(COREFILE.replace("cert.pem key.pem", "cert.pem nokey.pem"))
        assert server.log.having(
            f"{tmp_path}/Corefile:4: cannot read `{tmp_path}/nokey.pem`: No such file or directory"
        )
        assert over_tls(server.address(transport="tls"), raw(wire(WWW)), trusting(authority.path))


def test_a_bad_certificate_stops_the_start(folder, tmp_path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "key.pem").write_text("no key")
    with process(tmp_path, COREFILE) as started:
        assert started.wait() == 1
        assert f"{tmp_path}/Corefile:4: `{tmp_path}/key.pem` has no private key in PEM; " in started.text


CLIENTS = COREFILE.replace("cert.pem key.pem", "cert.pem key.pem ca.pem {{\n client_auth {}\n }}")


@pytest.mark.parametrize(
    ("demand", "nobody", "ours", "theirs"),
    [
        ("nocert", True, True, True),
        ("request", True, True, True),
        ("verify_if_given", True, True, False),
        ("require_and_verify", False, True, False),
        ("require", False, True, False),
    ],
)
def test_what_is_demanded_of_clients(folder, authority, stranger, tmp_path, demand, nobody, ours, theirs):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    shutil.copy(authority.path, tmp_path / "ca.pem")
    pairs = (None, authority.client("client", "ann"), stranger.client("client", "eve"))
    with running(tmp_path, CLIENTS.replace("{{", "{").replace("}}", "}").replace("{}", demand)) as server:
        address = server.address(transport="tls")
        assert [let_in(address, authority, pair) for pair in pairs] == [nobody, ours, theirs]


def let_in(address, authority, pair):
    way = trusting(authority.path)
    if pair is not None:
        way.load_cert_chain(*pair)
    try:
        return over_tls(address, raw(wire(WWW)), way)[:2] == b"\x12\x34"
    except (ssl.SSLError, ConnectionError, EOFError):
        return False
