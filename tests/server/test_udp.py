"""The UDP listener, asked over real sockets."""

import asyncio
import socket

import pytest

from fedresolver.chain.handler import Reply
from fedresolver.server.udp import UdpListener, source
from tests.support.ask import (
    addresses,
    ask,
    dig,
    is_dropped,
    opt,
    option,
    over_udp,
    question,
    raw,
    udp_socket,
    wire,
)
from tests.support.deadline import eventually
from tests.support.listening import answering, listening

HUNDRED = tuple(f"192.0.2.{number}" for number in range(1, 101))
WWW = wire("www.example.org")


def test_a_query_is_answered():
    with listening() as server:
        assert addresses(ask(server.address, question("www.example.org"))) == {"192.0.2.1"}


def test_a_repeated_query_is_answered_alike():
    with listening() as server:
        first, *others = [over_udp(server.address, raw(WWW)) for _ in range(3)]
        assert others == [first, first]


def test_the_answer_follows_the_cell():
    cells = iter(([True], [True]))
    texts = iter(("192.0.2.1", "192.0.2.2"))
    current = {}

    async def handle(request):
        current["cell"] = next(cells)
        return await answering(next(texts), cell=current["cell"])(request)

    with listening(handle) as server:
        query = question("www.example.org")
        assert [addresses(ask(server.address, query)) for _ in range(3)] == [{"192.0.2.1"}] * 3
        current["cell"][0] = False
        assert [addresses(ask(server.address, query)) for _ in range(3)] == [{"192.0.2.2"}] * 3


def test_an_answer_without_a_cell_is_made_anew_each_time():
    count = iter(range(1, 9))

    async def handle(request):
        return await answering(f"192.0.2.{next(count)}", cell=None)(request)

    with listening(handle) as server:
        found = [addresses(ask(server.address, question("www.example.org"))) for _ in range(3)]
    assert found == [{"192.0.2.1"}, {"192.0.2.2"}, {"192.0.2.3"}]


def test_addresses_take_turns_where_that_is_wanted():
    with listening(answering("192.0.2.1", "192.0.2.2", "192.0.2.3", turns=True)) as server:
        query = question("www.example.org")
        firsts = [ask(server.address, query).answer[0][0].to_text() for _ in range(6)]
    assert firsts == ["192.0.2.1", "192.0.2.2", "192.0.2.3"] * 2


@pytest.mark.parametrize(
    ("edns", "most", "truncated"),
    [
        pytest.param(None, 512, True, id="512 octets without EDNS"),
        pytest.param(0, 512, True, id="an EDNS size of 0 means 512"),
        pytest.param(511, 512, True, id="an EDNS size of 511 means 512"),
        pytest.param(512, 512, True, id="an EDNS size of 512"),
        pytest.param(1000, 1000, True, id="an EDNS size in between"),
        pytest.param(1232, 1232, True, id="an EDNS size of 1232"),
        pytest.param(4096, 1232, True, id="never above 1232"),
        pytest.param(65535, 1232, True, id="never above 1232, whatever the client can take"),
    ],
)
def test_what_is_too_large_is_truncated_to_what_fits(edns, most, truncated):
    more = b"" if edns is None else opt(edns)
    with listening(answering(*HUNDRED)) as server:
        octets = over_udp(server.address, raw(WWW, more=more))
    assert most - 16 < len(octets) <= most
    assert bool(octets[2] & 0x02) is truncated
    assert (octets[-11:-8] == b"\0\0\x29") is (edns is not None)


def test_over_tcp_it_comes_whole():
    with listening(answering(*HUNDRED)) as server:
        response = ask(server.address, question("www.example.org", use_edns=0), tcp=True)
    assert len(addresses(response)) == 100


def test_dig_follows_a_truncated_answer_to_tcp():
    with listening(answering(*HUNDRED)) as server:
        assert len(dig(server.address, "www.example.org", "+short").split()) == 100


def test_the_size_that_a_client_can_take_is_no_policy_for_the_next():
    with listening(answering(*HUNDRED)) as server:
        large, small = raw(WWW, more=opt(1232)), raw(WWW, more=opt(600))
        sizes = [len(over_udp(server.address, octets)) for octets in (large, small, large, small, raw(WWW))]
    assert [size > 1200 for size in sizes] == [True, False, True, False, False]
    assert max(sizes[1], sizes[3]) <= 600
    assert sizes[4] <= 512


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"", id="an empty datagram"),
        pytest.param(b"\x12\x34\x01\0\0\1\0\0\0\0\0", id="eleven octets"),
        pytest.param(raw(WWW, flags=0x8000), id="a response"),
        pytest.param(raw(WWW, flags=0xA800), id="a response with another opcode"),
    ],
)
def test_what_deserves_no_answer_gets_none(octets):
    with listening() as server:
        assert is_dropped(server.address, octets, raw(WWW, id=0x7777))


@pytest.mark.parametrize("warm", [False, True], ids=["asked first", "asked again"])
@pytest.mark.parametrize(("wildcard", "asked"), [("0.0.0.0", "127.0.0.5"), ("0.0.0.0", "127.0.0.1"), ("::", "::1")])
def test_a_wildcard_answers_from_the_address_that_was_asked(wildcard, asked, warm):
    with listening(host=wildcard) as server:
        address = (asked, server.address[1])
        for _ in range(2 if warm else 1):
            response = ask(address, question("www.example.org"))  # over a connected socket: it takes no other source
    assert addresses(response) == {"192.0.2.1"}


@pytest.mark.parametrize(
    ("level", "came", "goes"),
    [
        pytest.param(socket.IPPROTO_IP, b"\2\0\0\0" + b"\x0a\0\0\1" * 2, b"\0\0\0\0" + b"\x0a\0\0\1" * 2, id="IPv4"),
        pytest.param(socket.IPPROTO_IPV6, b"\xfd" + bytes(15) + b"\2\0\0\0", b"\xfd" + bytes(19), id="IPv6"),
    ],
)
def test_a_response_may_leave_by_another_interface_than_the_query_came_by(level, came, goes):
    assert source([(level, 50, came)]) == [(level, 50, goes)]


def test_dig_is_content_with_a_wildcard():
    with listening(host="0.0.0.0") as server:
        assert dig(("127.0.0.5", server.address[1]), "www.example.org", "+short") == "192.0.2.1\n"


def test_a_handler_is_told_which_address_was_asked():
    seen = []

    async def handle(request):
        seen.append((request.client.transport, request.client.local_address, request.client.local_port))
        return Reply()

    with listening(handle, host="0.0.0.0") as server:
        port = server.address[1]
        ask(("127.0.0.5", port), question("www.example.org"))
        ask(("127.0.0.6", port), question("www.example.org"), tcp=True)
    assert seen == [("udp", "127.0.0.5", port), ("tcp", "127.0.0.6", port)]


def test_a_handler_that_waits_is_answered_later_and_holds_up_nobody():
    gate = asyncio.Event()

    async def handle(request):
        if request.query.qname.startswith(b"\x04slow"):
            await gate.wait()
        return await answering("192.0.2.1")(request)

    with listening(handle) as server, udp_socket(server.address) as sock:
        sock.send(raw(wire("slow.example.org"), id=1))
        sock.send(raw(wire("fast.example.org"), id=2))
        first = sock.recv(512)
        server.loop.call(gate.set)
        assert (first[:2], sock.recv(512)[:2]) == (b"\0\2", b"\0\1")


def test_what_waits_is_answered_while_the_listener_closes():
    gate = asyncio.Event()
    entered = asyncio.Event()

    async def handle(request):
        entered.set()
        await gate.wait()
        return Reply()

    async def close(server):
        asyncio.get_running_loop().call_later(0.05, gate.set)
        await server.close(5.0)

    with listening(handle) as server, udp_socket(server.address) as sock:
        sock.send(raw(WWW))
        server.loop.run(entered.wait())
        server.loop.run(close(server))
        assert sock.recv(512)[:2] == b"\x12\x34"


def test_what_never_ends_is_cancelled_when_the_listener_closes():
    cancelled = []
    entered = asyncio.Event()

    async def handle(request):
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(request.query.qname)
        raise AssertionError("nobody sets the event")

    with listening(handle) as server, udp_socket(server.address) as sock:
        sock.send(raw(WWW))
        server.loop.run(entered.wait())
    assert cancelled == [WWW]


@pytest.mark.parametrize(
    ("host", "asked"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.5"), ("::1", "::1"), ("::", "::1")]
)
def test_what_came_before_the_listener_closed_is_answered(host, asked):
    with listening(host=host) as server, udp_socket((asked, server.address[1])) as sock:

        async def send_and_close():
            for number in range(200):
                sock.send(raw(WWW, id=number))
            await server.udp.close(1.0)

        server.loop.run(send_and_close())
        found = {int.from_bytes(sock.recv(512)[:2]) for _ in range(200)}
    assert found == set(range(200))


def test_what_waits_is_bounded_and_the_newest_are_answered(caplog):
    gate = asyncio.Event()

    async def handle(request):
        await gate.wait()
        return await answering("192.0.2.1")(request)

    with listening(handle) as server, udp_socket(server.address) as sock:
        server.loop.call(lambda: setattr(server.udp, "most_waiting", 20))
        for number in range(50):
            sock.send(raw(wire(f"{number}.example.org"), id=number))
        sock.send(raw(WWW, flags=0x2800))  # answered at once, behind all the others
        assert sock.recv(512)[3] == 4
        server.loop.call(gate.set)
        assert {int.from_bytes(sock.recv(512)[:2]) for _ in range(20)} == set(range(30, 50))
        sock.send(raw(WWW, flags=0x2800))
        assert sock.recv(512)[3] == 4, "the oldest are not answered"
    assert caplog.records == []


@pytest.mark.parametrize(
    ("most", "message"),
    [
        pytest.param(4096, lambda n: raw(wire(f"{n}.example.org")), id="random names"),
        pytest.param(0, lambda n: raw(WWW, more=opt(1232, option(10, n.to_bytes(8)))), id="random cookies"),
        pytest.param(4096, lambda n: raw(WWW, more=opt(1232, option(65001, n.to_bytes(8)))), id="random options"),
        pytest.param(1, lambda n: raw(_cased(n)), id="random letter case"),
    ],
)
def test_a_flood_that_never_repeats_leaves_the_tables_bounded(most, message):
    with listening() as server, udp_socket(server.address) as sock:
        server.udp.hot.__init__(4096)
        for start in range(0, 20_000, 100):
            for number in range(start, start + 100):
                sock.send(message(number))
            for _ in range(100):
                sock.recv(512)
        assert len(server.udp.hot) <= most


def _cased(number):
    text = bytearray(b"abcdefghijklmnopqrst")
    for bit in range(20):
        if number >> bit & 1:
            text[bit] -= 32
    return b"\x14" + bytes(text) + WWW


def test_an_address_that_cannot_be_had_is_an_error_and_leaks_nothing():
    with listening() as server, pytest.raises(OSError, match="in use"):
        UdpListener(server.address, server.resolver)


def test_an_asker_that_cannot_be_reached_is_no_reason_to_stop():
    with listening() as server:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
            gone.sendto(raw(WWW), server.address)
        assert addresses(ask(server.address, question("www.example.org"))) == {"192.0.2.1"}


def test_a_datagram_above_what_a_query_may_have_is_a_format_error():
    with listening() as server:
        response = over_udp(server.address, raw(WWW, more=opt(1232, option(65001, bytes(5000)))))
    assert response[3] & 0xF == 1


def test_the_table_is_found_again_when_the_generation_changed():
    with listening() as server:
        server.udp.hot.__init__(4)
        names = [wire(f"{number}.example.org") for number in range(8)]
        for name in names * 3:
            assert over_udp(server.address, raw(name))[-4:] == b"\xc0\0\x02\1"
        assert eventually(lambda: len(server.udp.hot) <= 4)


@pytest.mark.parametrize(
    ("host", "told"),
    [
        pytest.param("127.0.0.1", 0, id="one address"),
        pytest.param("0.0.0.0", 1, id="every address"),
    ],
)
def test_only_a_socket_of_all_addresses_is_told_where_a_datagram_was_sent_to(host, told):
    with listening(host=host) as server:
        assert server.udp.socket.getsockopt(socket.IPPROTO_IP, 8) == told  # IP_PKTINFO, ip(7)
