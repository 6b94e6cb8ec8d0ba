"""Every opcode on every transport: what nobody serves is NOTIMP before anything else is looked at (RFC 8906 3.1.3)."""

import socket
import ssl
import struct
import urllib.request
from functools import partial

import pytest

from tests.e2e.authority import Authority
from tests.support.ask import SECONDS, framed, over_tcp, over_udp, receive, wire
from tests.support.running import running

HOST, TLS_HOST, HTTP_HOST = "127.0.0.1", "127.0.0.2", "127.0.0.3"
COREFILE = """
(both) {{
    whoami
    {more}
}}
.:0 {{
    bind {host}
    import both
}}
tls://.:0 {{
    bind {tls_host}
    import both
    tls {certificate} {key}
}}
https://.:0 {{
    bind {http_host}
    import both
}}
"""
SECONDARY = """secondary example.org {
        transfer from 127.0.0.9
    }"""
NOTIMP, FORMERR, REFUSED, NOTAUTH = 4, 1, 5, 9
QUESTION = wire("example.org") + b"\0\6\0\1"
BROKEN = {
    "a question": ((1, 0, 0, 0), QUESTION),
    "no question": ((0, 0, 0, 0), b""),
    "counts of what is not there": ((9, 9, 9, 9), b"\xff" * 9),
    "a zone section and more": ((1, 1, 1, 1), QUESTION + b"\xc0\x0c\0\1\0\1\0\0\0\0\0\0" * 3),
    "EDNS of another version": ((1, 0, 0, 1), QUESTION + b"\0\0\x29\x04\xd0\0\1\0\0\0\0"),
    "a signature": ((1, 0, 0, 1), QUESTION + b"\3key\0\0\xfa\0\xff\0\0\0\0\0\0"),
}
NOTIFY = 4
UNSERVED = [1, 2, 3, *range(5, 16)]
TRANSPORTS = ["udp", "tcp", "tls", "https"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def serve(tmp_path_factory, authority, more):
    certificate, key = authority.server("server", TLS_HOST)
    text = COREFILE.format(
        host=HOST, tls_host=TLS_HOST, http_host=HTTP_HOST, more=more, certificate=certificate, key=key
    )
    return running(tmp_path_factory.mktemp("served"), text)


@pytest.fixture(scope="module")
def ask(tmp_path_factory, authority):
    """Ask a server that is no secondary."""
    with serve(tmp_path_factory, authority, "") as server:
        yield asking(server, authority)


@pytest.fixture(scope="module")
def ask_secondary(tmp_path_factory, authority):
    """Ask one that has a secondary for example.org, whose primary is somebody else."""
    with serve(tmp_path_factory, authority, SECONDARY) as server:
        yield asking(server, authority)


def asking(server, authority):
    ways = {
        "udp": (over_udp, HOST, "dns"),
        "tcp": (over_tcp, HOST, "dns"),
        "tls": (partial(over_tls, authority), TLS_HOST, "tls"),
        "https": (over_http, HTTP_HOST, "https"),
    }

    def asked(transport, opcode, what):
        """Return opcode and rcode of the answer."""
        counts, rest = BROKEN[what]
        octets = struct.pack("!6H", 0x7150, opcode << 11, *counts) + rest
        way, host, scheme = ways[transport]
        answer = way(server.address(host, transport=scheme), octets)
        assert answer[:2] == octets[:2]
        assert answer[2] & 0x80
        return answer[2] >> 3 & 0xF, answer[3] & 0xF

    return asked


def over_tls(authority, address, octets):
    context = ssl.create_default_context(cafile=authority.path)
    with (
        socket.create_connection(address, SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=TLS_HOST) as sock,
    ):
        sock.sendall(framed(octets))
        return receive(sock)


def over_http(address, octets):
    """Ask as a proxy does that has the certificate in our place."""
    url = f"http://{address[0]}:{address[1]}/dns-query"
    request = urllib.request.Request(url, octets, {"Content-Type": "application/dns-message"})
    with urllib.request.urlopen(request, timeout=SECONDS) as response:
        return response.read()


@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("opcode", [*UNSERVED, NOTIFY])
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_nobody_serves(ask, transport, opcode, what):
    assert ask(transport, opcode, what) == (opcode, NOTIMP)


@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("opcode", UNSERVED)
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_a_secondary_does_not_serve_either(ask_secondary, transport, opcode, what):
    assert ask_secondary(transport, opcode, what) == (opcode, NOTIMP)


@pytest.mark.parametrize(
    ("what", "rcode"),
    [
        ("a question", REFUSED),
        ("no question", FORMERR),
        ("counts of what is not there", FORMERR),
        ("a zone section and more", FORMERR),
        ("EDNS of another version", 0),  # the lower bits of BADVERS
        ("a signature", FORMERR),
    ],
)
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_notify_is_for_secondaries(ask_secondary, transport, what, rcode):
    assert ask_secondary(transport, NOTIFY, what) == (NOTIFY, rcode)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_questions_are_answered_all_the_same(ask, transport):
    assert ask(transport, 0, "a question") == (0, 0)
