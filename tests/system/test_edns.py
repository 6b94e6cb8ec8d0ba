"""What answers say beside their records: who has answered, how large they may be, of which class they are."""

import re
from contextlib import contextmanager

import dns.edns
import dns.flags
import dns.rdataclass
import pytest

from tests.support.ask import ask, dig, over_udp, question
from tests.support.running import running

COREFILE = """
.:0 {{
    bind 127.0.0.1
    errors
    {options}
    file zone example.org
}}
"""
ZONE = """
$ORIGIN example.org.
@ 60 SOA ns hostmaster 1 7200 1800 86400 5
@ 60 NS ns
ns 60 A 192.0.2.53
www 60 A 192.0.2.1
"""


@contextmanager
def served(folder, *options, count=0):
    """Give a server with these directives, and a name that has so many addresses."""
    many = "".join(f"many 60 A 10.0.{number >> 8}.{number & 255}\n" for number in range(count))
    (folder / "zone").write_text(ZONE + many)
    with running(folder, COREFILE.format(options="\n    ".join(options))) as server:
        yield server


@pytest.mark.parametrize("over", ["+notcp", "+tcp"])
def test_dig_is_told_who_has_answered(tmp_path, over):
    with served(tmp_path, "nsid oslo 1") as server:
        for name in ("www.example.org", "absent.example.org", "www.example.org"):
            assert '("oslo 1")' in dig(server.address(), over, "+nsid", name)
            assert "NSID" not in dig(server.address(), over, name)
        assert '("oslo 1")' in dig(server.address(), over, "+nsid", "+edns=1", "+noednsneg", "www.example.org")


@pytest.mark.parametrize("over", ["+notcp", "+tcp"])
def test_dig_is_told_the_version(tmp_path, over):
    with served(tmp_path, "chaos v1 them us", "nsid oslo") as server:
        printed = dig(server.address(), over, "+nsid", "CH", "TXT", "Version.Bind")
        assert re.search(r'^Version\.Bind\.\t+0\tCH\tTXT\t"v1"$', printed, re.MULTILINE)
        assert '("oslo")' in printed
        assert sorted(dig(server.address(), over, "+short", "CH", "TXT", "authors.bind").split()) == ['"them"', '"us"']
        assert "status: REFUSED" in dig(server.address(), over, "CH", "TXT", "other.bind")
        assert "status: REFUSED" in dig(server.address(), over, "CH", "A", "version.bind")


def test_without_the_plugin_nobody_is_told_the_version(tmp_path):
    with served(tmp_path) as server:
        assert "status: REFUSED" in dig(server.address(), "CH", "TXT", "version.bind")


@pytest.mark.parametrize(
    ("limit", "asked", "most"),
    [
        pytest.param(None, None, 512, id="without EDNS"),
        pytest.param(None, 0, 512, id="a size below the least"),
        pytest.param(None, 512, 512, id="the least size"),
        pytest.param(None, 4096, 1232, id="the usual limit"),
        pytest.param(512, 4096, 512, id="a limit of 512"),
        pytest.param(1232, 4096, 1232, id="a limit of 1232"),
        pytest.param(4096, 4096, 4096, id="a limit of 4096"),
        pytest.param(4096, 1400, 1400, id="a client below the limit"),
        pytest.param(4096, 65535, 4096, id="a client above the limit"),
        pytest.param(4096, None, 512, id="a limit, without EDNS"),
    ],
)
def test_answers_are_whole_up_to_the_limit(tmp_path, limit, asked, most):
    fixed = 12 + len("many.example.org") + 2 + 4 + (0 if asked is None else 11)
    fits = (most - fixed) // 16
    options = () if limit is None else (f"bufsize {limit}",)
    how = {} if asked is None else {"use_edns": 0, "payload": asked}
    for count, whole in ((fits, True), (fits + 1, False)):
        with served(tmp_path, *options, count=count) as server:
            for _ in range(2):
                octets = over_udp(server.address(), question("many.example.org", **how).to_wire())
                answer = ask(server.address(), question("many.example.org", **how))
                assert len(octets) <= most
                assert bool(answer.flags & dns.flags.TC) != whole
                assert len(answer.answer[0]) == fits
                assert asked is None or answer.payload == (limit or 1232)
            assert len(ask(server.address(), question("many.example.org", **how), tcp=True).answer[0]) == count


def test_dig_sees_the_size_that_we_take(tmp_path):
    with served(tmp_path, "bufsize 1400", "cookie", count=100) as server:
        printed = dig(server.address(), "+ignore", "+bufsize=1400", "many.example.org")
        assert "udp: 1400" in printed
        assert "(good)" in printed
        for words in (("CH", "TXT", "version.bind"), ("+edns=1", "+noednsneg", "www.example.org"), ("+header-only",)):
            assert "udp: 1400" in dig(server.address(), *words)


def test_a_query_of_the_largest_size_is_read(tmp_path):
    with served(tmp_path, "bufsize 4096") as server:
        query = question("www.example.org", use_edns=0)
        short = len(query.to_wire())
        query.use_edns(0, payload=4096, options=[dns.edns.GenericOption(65001, bytes(4096 - short - 4))])
        octets = query.to_wire()
        assert len(octets) == 4096
        assert over_udp(server.address(), octets)[3] & 0xF == 0


def test_the_class_of_an_answer_is_that_of_the_question(tmp_path):
    with served(tmp_path, "chaos") as server:
        query = question("version.bind", "TXT", rdclass=dns.rdataclass.CH, use_edns=0)
        answer = ask(server.address(), query)
        assert [rrset.rdclass for rrset in answer.answer] == [dns.rdataclass.CH]
        assert answer.flags & dns.flags.AA
