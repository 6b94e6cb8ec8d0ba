"""DNS over HTTPS from a running server, asked by curl, dig, kdig and Python's http.client."""

import http.client
import re
import subprocess

import dns.message
import pytest

from tests.support.ask import SECONDS, addresses, dig, opt, option, over_tcp, over_udp, raw, wire
from tests.support.deadline import eventually
from tests.support.encrypted import trusting
from tests.support.http2 import MEDIA_TYPE
from tests.support.https import HOST, http1, http2, value
from tests.support.manifests import put, shard
from tests.support.running import free_ports, running

COREFILE = """
(answers) {
    bind 127.0.0.1
    errors
    federation myfederation example.com {
        manifests members
        local c1
        topology c1 north oslo
        topology c2 south rome
    }
    hosts {
        192.0.2.1 www.example.org
        2001:db8::1 www.example.org
        ttl 77
    }
}
https://.:0 {
    tls CERT KEY
    prometheus 127.0.0.1:METRICS
    import answers
}
https://.:PLAIN {
    https {
        path /resolve
        max_streams 10
    }
    import answers
}
.:0 {
    import answers
}
"""
CART = "cart.shop.myfederation.svc.cluster.local"
FAR = "far.shop.myfederation"
QUERY = raw(wire("www.example.org"))


class Served:
    """A running server, where its transports are, and the file of the authority that signed its certificate."""

    def __init__(self, server, authority, plain, metrics):
        self.server = server
        self.ca = str(authority.path)
        self.plain = (HOST, plain)
        self.metrics = metrics
        self.https = server.address(transport="https")
        self.dns = server.address()
        self.way = {name: trusting(authority.path, name) for name in ("h2", "http/1.1")}


@pytest.fixture(scope="module")
def served(tmp_path_factory, authority):
    folder = tmp_path_factory.mktemp("served")
    certificate, key = authority.server("server", HOST)
    put(folder / "members", "c1", "cart.yaml", *shard("cart", cluster_ips=["10.0.0.1", "fd00::1"]))
    put(folder / "members", "c1", "far.yaml", *shard("far", ready=False))
    put(folder / "members", "c2", "far.yaml", *shard("far", load_balancers=["192.0.2.9"]))
    metrics, plain = free_ports(2)
    values = {"CERT": certificate, "KEY": key, "METRICS": metrics, "PLAIN": plain}
    text = re.sub("|".join(values), lambda found: str(values[found[0]]), COREFILE)
    with running(folder, text) as server:
        eventually(lambda: not server.server.missing())
        yield Served(server, authority, plain, metrics)


def over_http2(served, message, post):
    with http2(served.https, served.way["h2"]) as client:
        header = [(":method", "POST" if post else "GET"), (":scheme", "https"), (":authority", HOST)]
        header.append((":path", "/dns-query" if post else f"/dns-query?dns={value(message)}"))
        stream = client.client.request([*header, ("content-type", MEDIA_TYPE)], message if post else None)
        client.send()
        return client.ended(stream)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(QUERY, id="A"),
        pytest.param(raw(wire("www.example.org"), rtype=28), id="AAAA"),
        pytest.param(raw(wire("WWW.eXample.ORG"), id=0), id="letter case"),
        pytest.param(raw(wire("www.example.org"), more=opt(do=True)), id="EDNS"),
        pytest.param(raw(wire("www.example.org"), more=opt(version=1)), id="BADVERS"),
        pytest.param(raw(wire(CART)), id="local"),
        pytest.param(raw(wire(FAR), more=opt()), id="walk"),
        pytest.param(raw(wire(FAR), rtype=16), id="NODATA"),
        pytest.param(raw(wire("none.shop.myfederation"), more=opt()), id="NXDOMAIN"),
        pytest.param(raw(wire("www.example.net")), id="NXDOMAIN of hosts"),
        pytest.param(raw(wire("www.example.org"), rclass=3), id="CHAOS, REFUSED"),
        pytest.param(raw(wire("myfederation"), rtype=252), id="AXFR"),
        pytest.param(raw(wire("www.example.org"), flags=5 << 11), id="UPDATE"),
        pytest.param(raw(wire("www.example.org"), flags=2 << 11), id="STATUS"),
        pytest.param(QUERY + b"\0", id="an octet too many"),
        pytest.param(QUERY[:-1], id="an octet too few"),
        pytest.param(QUERY[:4] + b"\0\2" + QUERY[6:], id="two questions"),
    ],
)
def test_answers_are_those_of_tcp(served, message):
    expected = over_tcp(served.dns, message)
    assert over_http2(served, message, post=True) == expected
    assert over_http2(served, message, post=False) == expected
    assert http1(served.https, message, served.way["http/1.1"])[2] == expected
    if not expected[2] & 2:
        assert over_udp(served.dns, message) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("www.example.org", 77), (CART, 5), (FAR, 5), ("none.shop.myfederation", 5), ("www.example.net", 5)],
)
def test_http_caches_are_told_how_long_it_holds(served, name, expected):
    _, header, body = http1(served.https, raw(wire(name)), served.way["http/1.1"])
    response = dns.message.from_wire(body)
    assert header["cache-control"] == f"max-age={expected}"
    assert expected == min((rrset.ttl for rrset in (*response.answer, *response.authority)), default=0)


@pytest.mark.parametrize("word", ["+https", "+https-get"])
def test_dig(served, word):
    found = dig(served.https, word, f"+tls-ca={served.ca}", "www.example.org")
    assert re.search(r"^www\.example\.org\.\s+77\s+IN\s+A\s+192\.0\.2\.1$", found, re.MULTILINE), found
    assert f"({word[1:].upper()})" in found


@pytest.mark.parametrize("word", ["+http-plain=/resolve", "+http-plain-get=/resolve"])
def test_dig_without_tls(served, word):
    assert "192.0.2.1" in dig(served.plain, word, "www.example.org")


@pytest.mark.parametrize("words", [("+https",), ("+https", "+https-get"), ("+https", "+nopadding")])
def test_kdig(served, words):
    command = (
        "kdig",
        f"@{HOST}",
        "-p",
        str(served.https[1]),
        *words,
        f"+tls-ca={served.ca}",
        "www.example.org",
        "AAAA",
    )
    found = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS * 2, check=False).stdout
    assert "2001:db8::1" in found, found
    assert "HTTP/2-GET" in found if "+https-get" in words else "HTTP/2-POST" in found
    assert ("PADDING" in found) == ("+nopadding" not in words)  # it wants padding where it can have it


def curl(served, *words, tls=True):
    """Return status, version of HTTP and body that curl gets."""
    scheme, (host, port) = ("https", served.https) if tls else ("http", served.plain)
    path = "/dns-query" if tls else "/resolve"
    url = f"{scheme}://{host}:{port}{path}"
    command = ("curl", "-s", "--cacert", served.ca, "-w", "\n%{http_code} %{http_version}", "-m", "5", *words)
    command = tuple(word.replace("URL", url) for word in command)
    done = subprocess.run(command, capture_output=True, timeout=SECONDS * 2, check=False)
    body, _, written = done.stdout.rpartition(b"\n")
    return (*written.decode().split(), body)


@pytest.mark.parametrize(("word", "version"), [("--http1.1", "1.1"), ("--http2", "2"), ("--http1.0", "1.1")])
def test_curl(served, word, version, tmp_path):
    path = tmp_path / "query"
    path.write_bytes(QUERY)
    expected = over_tcp(served.dns, QUERY)
    got = curl(served, word, f"URL?dns={value(QUERY)}")
    assert got == ("200", version, expected)
    posted = curl(served, word, "-H", f"content-type: {MEDIA_TYPE}", "--data-binary", f"@{path}", "URL")
    assert posted == ("200", version, expected)


@pytest.mark.parametrize(
    ("word", "version"), [("--http1.1", "1.1"), ("--http2-prior-knowledge", "2"), ("--http2", "1.1")]
)
def test_curl_without_tls(served, word, version):
    assert curl(served, word, f"URL?dns={value(QUERY)}", tls=False)[:2] == ("200", version)


@pytest.mark.parametrize("word", ["--http1.1", "--http2"])
@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("URL",), "400"),
        (("URL/other",), "404"),
        (("-X", "DELETE", "URL"), "405"),
        (("-d", "x=y", "URL"), "415"),
        (("-H", f"content-type: {MEDIA_TYPE}", "--data-binary", "@BIG", "URL"), "413"),
        (
            ("-H", f"content-type: {MEDIA_TYPE}", "-H", "transfer-encoding: chunked", "-T", "BIG", "-X", "POST", "URL"),
            "413",
        ),
    ],
    ids=["nothing", "path", "method", "type", "large", "chunked"],
)
def test_curl_is_told_what_is_wrong(served, word, words, status, tmp_path):
    big = tmp_path / "big"
    big.write_bytes(bytes(70_000))
    assert curl(served, word, *(each.replace("BIG", str(big)) for each in words))[0] == status


def test_curl_resolves_with_it(served):
    url = f"https://{HOST}:{served.https[1]}/dns-query"
    command = (
        "curl",
        "-sv",
        "-m",
        "2",
        "--connect-timeout",
        "1",
        "--doh-insecure",
        "--doh-url",
        url,
        "http://www.example.org:1/",
    )
    found = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS * 2, check=False).stderr
    assert "192.0.2.1" in found


def test_a_large_message_is_read_and_padded(served):
    message = raw(wire("www.example.org"), more=opt(1232, option(12, bytes(30_000))))
    body = http1(served.https, message, served.way["http/1.1"])[2]
    assert addresses(dns.message.from_wire(body)) == {"192.0.2.1"}
    assert len(body) % 468 == 0


def test_responses_are_counted(served):
    def count():
        connection = http.client.HTTPConnection(HOST, served.metrics, timeout=SECONDS)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        found = re.search(r'fedresolver_https_responses_total\{server="https://:0",status="200"\} (\S+)', text)
        return float(found[1]) if found else 0.0

    before = count()
    over_http2(served, QUERY, post=True)
    assert count() == before + 1


def test_a_reload_changes_the_path(tmp_path, authority):
    certificate, key = authority.server("server", HOST)
    text = f"https://.:0 {{\n bind {HOST}\n tls {certificate} {key}\n https {{\n path /PATH\n }}\n whoami\n}}\n"
    way = trusting(authority.path, "http/1.1")
    with running(tmp_path, text.replace("PATH", "old")) as running_server:
        address = running_server.address(transport="https")
        assert http1(address, QUERY, way)[0] == 404
        running_server.corefile.write_text(text.replace("PATH", "dns-query"))
        running_server.loop.run(running_server.server.reload())
        assert running_server.address(transport="https") == address
        assert http1(address, QUERY, way)[0] == 200


def test_acl_sees_the_peer_on_a_warm_fast_path_too(tmp_path):
    acl = "acl {\n block type A net 127.0.0.1\n drop type TXT net 127.0.0.1\n allow\n }"
    told = {"X_Forwarded_For": "192.0.2.9", "Forwarded": "for=192.0.2.9"}
    with running(tmp_path, f"https://.:0 {{\n bind {HOST}\n {acl}\n whoami\n}}\n") as running_server:
        address = running_server.address(transport="https")
        for _ in range(3):
            refused, given = (http1(address, raw(wire("www.example.org"), rtype), None, **told)[2] for rtype in (1, 28))
            assert (refused[3] & 0xF, given[3] & 0xF) == (5, 0)
            with pytest.raises(http.client.RemoteDisconnected):
                http1(address, raw(wire("www.example.org"), 16), None, **told)
