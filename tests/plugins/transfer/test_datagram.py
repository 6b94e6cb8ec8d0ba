"""NOTIFY over real sockets, to a receiver that dnspython plays."""

import asyncio
import socket
import threading
import time
from contextlib import contextmanager

import dns.message
import dns.opcode
import dns.rcode
import pytest

from fedresolver.plugins.transfer.datagram import NO_ANSWER, Sending
from fedresolver.plugins.transfer.settings import Target
from fedresolver.wire.notify import notify
from tests.support import signed
from tests.support.versions import soa

MESSAGE = notify(b"\x12\x34", soa(7))
SHORT = 0.2
"""Seconds that are waited for an answer that does not come; others come at once."""
LONG = 10.0


@contextmanager
def receiver(answer):
    """Give the address of a receiver that sends back what `answer` makes of a datagram, and the datagrams."""
    got = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))

        def work():
            while True:
                octets, peer = sock.recvfrom(65535)
                if not octets:
                    return
                got.append((octets, peer))
                for reply in answer(octets):
                    sock.sendto(reply, peer)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield sock.getsockname(), got
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
                end.sendto(b"", sock.getsockname())
            thread.join()


def send(address, seconds=LONG, hosts=(), key=None):
    sending = Sending(hosts, time.time)
    return asyncio.run(sending.send(MESSAGE, Target(*address, key), seconds))


def response(octets, rcode=0):
    found = dns.message.make_response(dns.message.from_wire(octets, keyring=keyring()))
    found.set_rcode(rcode)
    return found


def keyring():
    theirs = signed.theirs()
    return {theirs.name: theirs}


@pytest.mark.parametrize("rcode", [0, 5, 9])
def test_an_answer_is_its_rcode(rcode):
    with receiver(lambda octets: [response(octets, rcode).to_wire()]) as (address, got):
        assert send(address) == rcode
    assert [octets for octets, _ in got] == [MESSAGE]


def test_none_is_none():
    with receiver(lambda octets: []) as (address, _):
        assert send(address, SHORT) == NO_ANSWER


def test_nobody_there_is_no_answer():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        address = sock.getsockname()
    assert send(address, SHORT) == NO_ANSWER


def test_an_address_that_we_do_not_have_is_told():
    assert "assign" in send(("127.0.0.1", 53), SHORT, hosts=("192.0.2.1",))


def test_what_is_no_answer_is_passed_over():
    def answer(octets):
        other = response(octets)
        other.id ^= 1
        return [b"", b"x", octets, other.to_wire(), response(octets, 5).to_wire()]

    with receiver(answer) as (address, _):
        assert send(address) == 5


def test_it_comes_from_the_address_of_the_block():
    with receiver(lambda octets: [response(octets).to_wire()]) as (address, got):
        assert send(address, hosts=("::1", "127.0.0.2")) == 0
    assert got[0][1][0] == "127.0.0.2"


def test_with_a_key_it_is_signed_and_so_must_the_answer_be():
    def answer(octets):
        return [octets[:2] + b"\xa4\x09\0\0\0\0\0\0\0\0", response(octets).to_wire()]

    with receiver(answer) as (address, got):
        assert send(address, key=signed.key()) == 0
    assert dns.message.from_wire(got[0][0], keyring=keyring()).had_tsig


def test_an_answer_without_the_signature_is_told():
    def answer(octets):
        return [octets[:2] + b"\xa4\0\0\0\0\0\0\0\0\0"]

    with receiver(answer) as (address, _):
        assert send(address, SHORT, key=signed.key()) == "the answer is not signed"
