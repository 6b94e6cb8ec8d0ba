"""Cookies with the clients of others."""

import re
import subprocess
from contextlib import contextmanager

import dns.edns
import dns.flags
import dns.rcode
import pytest

from tests.support.ask import addresses, ask, dig, opt, option, over_udp, question, raw, udp_socket, wire
from tests.support.deadline import eventually
from tests.support.running import free_ports, running
from tests.support.signed import ALGORITHM, BASE64, NAME

SECRET = "e5e973e5a6b2a43f48e7dc849e37bfcf"
COREFILE = """
example.org:0 {{
    bind 127.0.0.1
    prometheus 127.0.0.1:0
    cookie {options}
    hosts {{
        192.0.2.1 www.example.org other.example.org
        {more}
    }}
}}
"""
CLIENT = "0123456789abcdef"


@contextmanager
def served(folder, options="", count=0):
    more = "\n".join(f"        10.0.{number >> 8}.{number & 255} many.example.org" for number in range(count))
    with running(folder, COREFILE.format(options=options, more=more)) as server:
        yield server


def server_cookie(printed):
    """Return the cookie that dig shows, and whether it calls it good."""
    found = re.search(r"; COOKIE: ([0-9a-f]+)(?: \((\w+)\))?", printed)
    return (found[1], found[2]) if found else (None, None)


def kdig(address, *words):
    whole = ("kdig", f"@{address[0]}", "-p", str(address[1]), "+time=5", "+retry=0", *words)
    return subprocess.run(whole, capture_output=True, text=True, timeout=10, check=False).stdout


def counted(server, kind):
    """Return how many queries of a kind were counted."""
    text = server.page("/metrics")[1]
    found = re.search(rf'fedresolver_cookie_queries_total\{{[^}}]*kind="{kind}"[^}}]*\}} ([0-9.]+)', text)
    return float(found[1]) if found else 0.0


def test_dig_finds_its_cookie_good_and_comes_back_with_ours(tmp_path):
    with served(tmp_path, SECRET) as server:
        first, good = server_cookie(dig(server.address(), f"+cookie={CLIENT}", "www.example.org"))
        assert (first[:16], len(first), good) == (CLIENT, 48, "good")
        again, good = server_cookie(dig(server.address(), f"+cookie={first}", "absent.example.org"))
        assert (again, good) == (first, "good")
        assert (counted(server, "first"), counted(server, "valid")) == (1, 1)


@pytest.mark.parametrize("over", ["+notcp", "+tcp"])
@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("www.example.org",), "NOERROR"),
        (("absent.example.org",), "NXDOMAIN"),
        (("www.example.org", "MX"), "NOERROR"),
        (("www.example.org", "CH", "TXT"), "REFUSED"),
        (("www.example.org", "+edns=1", "+noednsneg"), "BADVERS"),
    ],
)
def test_every_answer_has_a_cookie(tmp_path, words, status, over):
    with served(tmp_path, SECRET) as server:
        for _ in range(2):
            printed = dig(server.address(), over, f"+cookie={CLIENT}", *words)
            assert f"status: {status}" in printed
            assert server_cookie(printed)[1] == "good"


def test_kdig_shows_a_cookie(tmp_path):
    with served(tmp_path, SECRET) as server:
        printed = kdig(server.address(), f"+cookie={CLIENT}", "www.example.org")
        assert re.search(rf"COOKIE: {CLIENT.upper()}[0-9A-F]{{32}}", printed.upper())


def test_dig_asks_again_when_its_cookie_is_not_ours(tmp_path):
    with served(tmp_path, "{\nrequire\n}") as server:
        printed = dig(server.address(), "+cookie", "www.example.org")
        assert "status: NOERROR" in printed
        assert "BADCOOKIE, retrying" in printed
        assert "192.0.2.1" in printed
        assert (counted(server, "first"), counted(server, "valid")) == (1, 1)


def test_where_cookies_are_required_who_has_none_comes_over_tcp(tmp_path):
    with served(tmp_path, "{\nrequire\n}") as server:
        for edns in (False, True):
            for _ in range(3):
                answer = ask(server.address(), question("www.example.org", use_edns=edns))
                assert (answer.answer, answer.flags & dns.flags.TC) == ([], dns.flags.TC)
                assert addresses(ask(server.address(), question("www.example.org", use_edns=edns), tcp=True))
        assert "192.0.2.1" in dig(server.address(), "+nocookie", "www.example.org")
        assert "Truncated, retrying in TCP mode" in dig(server.address(), "+nocookie", "www.example.org")


def test_a_query_without_a_question_gets_a_cookie(tmp_path):
    with served(tmp_path, SECRET) as server:
        printed = dig(server.address(), "+header-only", f"+cookie={CLIENT}")
        assert "status: NOERROR" in printed
        assert server_cookie(printed)[1] == "good"
        assert "QUERY: 0," in printed
        assert "status: FORMERR" in dig(server.address(), "+header-only", "+nocookie")


@pytest.mark.parametrize("size", [0, 7, 9, 15, 41])
def test_a_malformed_cookie_is_a_bad_format(tmp_path, size):
    with served(tmp_path, SECRET) as server:
        ask(server.address(), question("www.example.org", use_edns=0))
        query = question("www.example.org", use_edns=0, options=[dns.edns.GenericOption(10, bytes(size))])
        for _ in range(2):
            answer = ask(server.address(), query)
            assert (answer.rcode(), answer.options) == (dns.rcode.FORMERR, ())


def test_who_has_a_cookie_is_not_limited(tmp_path):
    limited = SECRET + "\n    rrl {\n        responses-per-second 1\n    }"
    with served(tmp_path, limited) as server:
        cookie, _ = server_cookie(dig(server.address(), f"+cookie={CLIENT}", "www.example.org"))
        more = opt(options=option(10, bytes.fromhex(cookie)))
        for number in range(40):
            assert over_udp(server.address(), raw(wire("www.example.org"), id=number, more=more))[6:8] == b"\0\1"
        with udp_socket(server.address()) as sock:
            for number in range(40):
                sock.send(raw(wire("www.example.org"), id=number))
            sock.send(raw(wire("www.example.org"), id=40, more=more))
            answers = list(
                iter(lambda: sock.recv(512), over_udp(server.address(), raw(wire("www.example.org"), id=40, more=more)))
            )
        assert sum(answer[6:8] == b"\0\1" for answer in answers) < 40


@pytest.mark.parametrize("size", [512, 1232])
def test_an_answer_that_is_cut_keeps_its_cookie(tmp_path, size):
    with served(tmp_path, SECRET, count=200) as server:
        printed = dig(server.address(), "+ignore", f"+bufsize={size}", f"+cookie={CLIENT}", "many.example.org")
        assert server_cookie(printed)[1] == "good"
        flags = re.search(r";; flags: ([a-z ]*);", printed)[1].split()
        assert "tc" in flags
        assert size - 16 < int(re.search(r"MSG SIZE  rcvd: (\d+)", printed)[1]) <= size


@pytest.mark.parametrize("size", [512, 1232])
def test_an_answer_that_is_cut_keeps_all_that_stands_beside_it(tmp_path, size):
    more = f"{SECRET}\n    nsid oslo\n    tsig {{\n        secret {NAME} {BASE64}\n    }}"
    with served(tmp_path, more, count=100) as server:
        key = ("-y", f"{ALGORITHM}:{NAME}:{BASE64}")
        words = (*key, "+nsid", f"+bufsize={size}", f"+cookie={CLIENT}", "many.example.org")
        printed = dig(server.address(), "+ignore", *words)
        assert server_cookie(printed)[1] == "good"
        assert '("oslo")' in printed
        assert re.search(r";; flags: [a-z ]*\btc\b", printed)
        assert "TSIG PSEUDOSECTION" in printed
        assert "Couldn't verify" not in printed
        assert "ANSWER: 100," in dig(server.address(), *words)


def test_without_the_plugin_no_cookie_comes_back(tmp_path):
    with running(tmp_path, "example.org:0 {\n    bind 127.0.0.1\n    whoami\n}\n") as server:
        printed = dig(server.address(), f"+cookie={CLIENT}", "www.example.org")
        assert server_cookie(printed) in ((CLIENT, "echoed"), (None, None))
        message = raw(wire("www.example.org"), more=b"\0\0\x29\x04\xd0\0\0\0\0\0\x0c" + option(10, bytes(8)))
        assert b"\0\x0a\0" not in over_udp(server.address(), message)[-16:]


NAMED = """
options {{
    directory "{folder}";
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    allow-query {{ any; }};
    recursion yes;
    dnssec-validation no;
    forward only;
    forwarders {{ 127.0.0.1 port {ours}; }};
    send-cookie yes;
    pid-file none;
    session-keyfile none;
}};
controls {{ }};
"""
UNBOUND = """
server:
    interface: 127.0.0.1
    port: {port}
    access-control: 127.0.0.0/8 allow
    do-not-query-localhost: no
    module-config: iterator
    directory: "{folder}"
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
remote-control:
    control-enable: no
forward-zone:
    name: "."
    forward-addr: 127.0.0.1@{ours}
"""


@contextmanager
def neighbour(folder, text, *command):
    """Give the address of a resolver in front of us."""
    path = folder / "neighbour.conf"
    path.write_text(text)
    with (folder / "log").open("wb") as log, subprocess.Popen((*command, path), stdout=log, stderr=log) as child:
        try:
            yield child
        finally:
            child.terminate()


@pytest.mark.parametrize("required", ["", "{\nrequire\n}"])
@pytest.mark.parametrize(
    ("text", "command"), [(NAMED, ("named", "-g", "-c")), (UNBOUND, ("unbound", "-d", "-c"))], ids=["bind", "unbound"]
)
def test_resolvers_in_front_of_us_get_answers(tmp_path, text, command, required):
    (port,) = free_ports(1)
    with served(tmp_path, required) as server:
        filled = text.format(folder=tmp_path, port=port, ours=server.address()[1])
        with neighbour(tmp_path, filled, *command):
            eventually(lambda: "192.0.2.1" in dig(("127.0.0.1", port), "www.example.org"))
            assert "192.0.2.1" in dig(("127.0.0.1", port), "other.example.org")
            assert "status: NXDOMAIN" in dig(("127.0.0.1", port), "absent.example.org")
        if text is NAMED:  # the first query brings the cookie that the next ones have
            assert counted(server, "valid") >= 1
            assert counted(server, "foreign") == counted(server, "malformed") == 0
