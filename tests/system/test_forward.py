"""A running server that forwards, asked by dig and dnspython, with upstreams that behave well and badly."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import pytest

from tests.support.ask import addresses, ask, connected, dig, framed, question, receive
from tests.support.deadline import eventually
from tests.support.dns_server import dns_server, reply, truncated
from tests.support.running import command, running

ZONE = """
www.example.org. 300 IN A 192.0.2.1
alias.example.org. 300 IN CNAME www.example.org.
"""
BIG = tuple(f"big.example.org. 60 IN A 198.51.{number // 200}.{number % 200 + 1}" for number in range(400))


def corefile(*to, more=""):
    return f".:0 {{\n bind 127.0.0.1\n errors\n forward . {' '.join(to)} {{\n{more}\n}}\n}}\n"


def test_dig_gets_what_the_upstream_says(tmp_path):
    with dns_server(ZONE) as upstream, running(tmp_path, corefile(upstream.to)) as server:
        found = dig(server.address(), "www.example.org", "A")
        assert "status: NOERROR" in found
        assert "flags: qr rd ra;" in found
        assert "192.0.2.1" in found
        assert "status: NXDOMAIN" in dig(server.address(), "nothing.example.org", "A")
        assert upstream.names() == ["www.example.org. A", "nothing.example.org. A"]


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_the_transport_is_that_of_the_client(tmp_path, tcp):
    with dns_server(ZONE) as upstream, running(tmp_path, corefile(upstream.to)) as server:
        assert addresses(ask(server.address(), question("www.example.org"), tcp=tcp)) == {"192.0.2.1"}
        assert upstream.names("tcp" if tcp else "udp") == ["www.example.org. A"]


def test_what_is_truncated_is_asked_for_over_tcp_and_given_whole(tmp_path):
    def respond(asked):
        return truncated(asked) if asked.transport == "udp" else reply(asked, *BIG)

    with dns_server(respond) as upstream, running(tmp_path, corefile(upstream.to)) as server:
        cut = ask(server.address(), question("big.example.org", use_edns=0, payload=1232))
        assert cut.flags & dns.flags.TC
        whole = ask(server.address(), question("big.example.org"), tcp=True)
        assert len(addresses(whole)) == 400


def test_options_and_letters_of_the_client_stay_with_us(tmp_path):
    subnet = dns.edns.ECSOption("192.0.2.0", 24)
    cookie = dns.edns.GenericOption(10, b"12345678")
    with dns_server(ZONE) as upstream, running(tmp_path, corefile(upstream.to)) as server:
        query = question("wWw.Example.ORG", use_edns=0, options=[subnet, cookie])
        response = ask(server.address(), query)
        assert str(response.question[0].name) == "wWw.Example.ORG."
        assert response.options == ()
        assert (upstream.asked[0].name, upstream.asked[0].message.options) == ("www.example.org.", ())


@pytest.mark.parametrize(
    ("flags", "do", "sent", "shown"),
    [
        (0, False, dns.flags.AD, 0),
        (dns.flags.AD, False, dns.flags.AD, dns.flags.AD),
        (0, True, dns.flags.AD, dns.flags.AD),
        (dns.flags.CD, False, dns.flags.AD | dns.flags.CD, dns.flags.CD),
    ],
    ids=["plain", "AD", "DO", "CD"],
)
def test_flags_of_dnssec(tmp_path, flags, do, sent, shown):
    def respond(asked):
        message = reply(asked, "www.example.org. 300 IN A 192.0.2.1")
        message.flags |= dns.flags.AD | dns.flags.AA
        return message

    with dns_server(respond) as upstream, running(tmp_path, corefile(upstream.to)) as server:
        query = question("www.example.org", want_dnssec=do)
        query.flags |= flags
        response = ask(server.address(), query)
        both = dns.flags.AD | dns.flags.CD
        assert upstream.asked[0].message.flags & both == sent
        assert bool(upstream.asked[0].message.ednsflags & dns.flags.DO) is do
        assert response.flags & (both | dns.flags.AA) == shown


def test_lies_are_not_believed(tmp_path):
    """Beside the answer: another's address, an SOA of elsewhere, glue; none of it is given on."""

    def respond(asked):
        return reply(
            asked,
            "www.example.org. 300 IN A 192.0.2.1",
            "www.bank.example. 300 IN A 6.6.6.6",
            authority=("com. 300 IN NS ns.evil.example.",),
        )

    with dns_server(respond) as upstream, running(tmp_path, corefile(upstream.to)) as server:
        response = ask(server.address(), question("www.example.org"))
        assert (addresses(response), response.authority, response.additional) == ({"192.0.2.1"}, [], [])
        assert len(response.answer) == 1
        assert len(upstream.asked) == 1


def pipelined(address, *messages):
    """Return the answers to messages that are sent at once, on one connection."""
    with connected(address) as sock:
        sock.sendall(framed(*messages))
        return [receive(sock) for _ in messages]


def loop(asked):
    return reply(asked, "www.example.org. 60 IN CNAME a.example.", "a.example. 60 IN CNAME www.example.org.")


def long_chain(asked):
    names = ["www.example.org.", *(f"n{number}.example." for number in range(20))]
    links = (f"{one} 60 IN CNAME {two}" for one, two in pairwise(names))
    return reply(asked, *links, "n19.example. 60 IN A 192.0.2.1")


def cut_off(asked):
    return reply(asked, "www.example.org. 60 IN A 192.0.2.1").to_wire()[:-2]


@pytest.mark.parametrize("lie", [loop, long_chain, cut_off])
def test_what_cannot_be_read_is_servfail_with_the_reason(tmp_path, lie):
    with dns_server(lie) as upstream, running(tmp_path, corefile(upstream.to)) as server:
        response = ask(server.address(), question("www.example.org", use_edns=0))
        assert (response.rcode(), response.answer) == (dns.rcode.SERVFAIL, [])
        assert [option.code for option in response.options] == [23]
        assert server.log.having("an answer cannot be read")


def test_an_upstream_that_is_not_there_costs_nothing_and_comes_back(tmp_path):
    with dns_server(ZONE) as good:
        with dns_server(ZONE) as upstream:
            gone = upstream.address
        text = corefile(f"{gone[0]}:{gone[1]}", good.to, more="policy sequential")
        with running(tmp_path, text) as server:
            assert addresses(ask(server.address(), question("www.example.org"))) == {"192.0.2.1"}
            assert good.names() == ["www.example.org. A"]
            eventually(lambda: server.log.having("does not answer: it is not asked"))
            with dns_server(ZONE, port=gone[1]) as back:
                eventually(lambda: server.log.having("answers again"))
                assert addresses(ask(server.address(), question("www.example.org"))) == {"192.0.2.1"}
                assert "www.example.org. A" in back.names()


def test_several_stanzas_are_tried_in_order(tmp_path):
    with dns_server("www.corp.example. 60 IN A 10.0.0.1") as own, dns_server(ZONE) as rest:
        text = f".:0 {{\n bind 127.0.0.1\n forward corp.example {own.to}\n forward . {rest.to}\n}}\n"
        with running(tmp_path, text) as server:
            assert addresses(ask(server.address(), question("www.corp.example"))) == {"10.0.0.1"}
            assert addresses(ask(server.address(), question("www.example.org"))) == {"192.0.2.1"}
        assert (own.names(), rest.names()) == (["www.corp.example. A"], ["www.example.org. A"])


def test_metrics(tmp_path):
    with dns_server(ZONE) as upstream, running(tmp_path, corefile(upstream.to)) as server:
        for name in ("www", "nothing", "www"):
            ask(server.address(), question(f"{name}.example.org"))
        where = ("dns://:0", upstream.to)
        assert server.metric("fedresolver_forward_requests_total", *where, "udp") == 3
        assert server.metric("fedresolver_forward_responses_total", *where, "NOERROR") == 2
        assert server.metric("fedresolver_forward_responses_total", *where, "NXDOMAIN") == 1
        assert server.metric("fedresolver_forward_upstream_up", *where) == 1


def test_a_reload_loses_no_question_that_is_under_way(tmp_path):
    held = []

    def respond(asked):
        held.append(asked)
        return reply(asked, "www.example.org. 300 IN A 192.0.2.1") if len(held) > 1 else None

    with (
        dns_server(respond) as upstream,
        running(tmp_path, corefile(upstream.to)) as server,
        ThreadPoolExecutor(2) as pool,
    ):
        asking = pool.submit(ask, server.address(), question("www.example.org"))
        eventually(lambda: held)
        reloading = pool.submit(server.reload, corefile(upstream.to, more="policy sequential"))
        assert addresses(asking.result()) == {"192.0.2.1"}
        reloading.result()


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        pytest.param("bind 198.18.0.1 8.8.8.8", True, id="open to all"),
        pytest.param("bind 127.0.0.1", False, id="where no stranger comes"),
        pytest.param("bind 8.8.8.8\nacl {\nallow net 10.0.0.0/8\nblock\n}", False, id="closed to strangers"),
        pytest.param("bind 8.8.8.8\nacl {\nallow\n}", True, id="a list that allows everybody"),
        pytest.param("bind 8.8.8.8\nacl {\nblock net 10.0.0.0/8\n}", True, id="a list that denies some"),
        pytest.param("bind 8.8.8.8\nacl example.org {\nblock\n}", True, id="a list for one zone"),
    ],
)
def test_a_public_address_is_warned_of(tmp_path, text, warned):
    file = tmp_path / "Corefile"
    file.write_text(f". {{\n{text}\nforward . 192.0.2.1\n}}\n")
    done = command("check", "--conf", str(file))
    assert done.returncode == 0
    assert ("8.8.8.8 is a public address" in done.stdout + done.stderr) is warned
    assert "198.18.0.1 is a public" not in done.stdout + done.stderr


def test_over_tcp_many_questions_are_answered_as_they_come(tmp_path):
    with dns_server(ZONE) as upstream, running(tmp_path, corefile(upstream.to)) as server:
        messages = [question("www.example.org").to_wire() for _ in range(50)]
        assert [addresses(dns.message.from_wire(octets)) for octets in pipelined(server.address(), *messages)] == [
            {"192.0.2.1"}
        ] * 50
