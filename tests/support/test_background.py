import socket
import threading

import dns.message
import dns.rcode
import pytest

from tests.support.background import asking_always
from tests.support.deadline import eventually

NAME = "nginx.example.org."
PATIENCE = 0.5


class Speaker:
    """A DNS server that says `answer` to everything: an address, a response code, or nothing if it is empty."""

    def __init__(self, sock):
        self.sock = sock
        self.answer = "192.0.2.1"

    def run(self):
        while True:
            octets, sender = self.sock.recvfrom(4096)
            if octets == b"end":
                return
            if self.answer:
                self.sock.sendto(self.response(dns.message.from_wire(octets)).to_wire(), sender)

    def response(self, query):
        response = dns.message.make_response(query)
        if self.answer[0].isdigit():
            response.answer.append(dns.rrset.from_text(query.question[0].name, 5, "IN", "A", self.answer))
        else:
            response.set_rcode(dns.rcode.from_text(self.answer))
        return response


@pytest.fixture
def speaker():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        found = Speaker(sock)
        thread = threading.Thread(target=found.run)
        thread.start()
        yield found
        sock.sendto(b"end", sock.getsockname())
        thread.join()


@pytest.fixture
def asker(speaker):
    with asking_always(speaker.sock.getsockname(), {NAME: "192.0.2.1"}, patience=PATIENCE) as found:
        eventually(lambda: found.latest(NAME) == "192.0.2.1")
        yield found


def test_an_answer_is_right_as_long_as_it_is_told_to_be(speaker, asker):
    asker.right(NAME, "192.0.2.1", "192.0.2.2")
    speaker.answer = "192.0.2.2"
    eventually(lambda: asker.latest(NAME) == "192.0.2.2")
    asker.right(NAME, "192.0.2.2")
    report = asker.report()
    assert report.asked > 0
    assert (report.lost, report.wrong) == ([], [])


@pytest.mark.parametrize("answer", ["192.0.2.9", "NXDOMAIN", "SERVFAIL"])
def test_other_answers_are_wrong_and_tell_when(speaker, asker, answer):
    speaker.answer = answer
    eventually(lambda: asker.latest(NAME) == answer)
    wrong = asker.report().wrong
    assert {one.answer for one in wrong} == {answer}
    assert all(one.sent <= one.answered for one in wrong)


def test_silence_is_lost(speaker, asker):
    speaker.answer = ""
    eventually(lambda: asker.report().lost)
    assert asker.report().wrong == []


def test_a_port_where_nobody_listens_is_lost():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        address = sock.getsockname()
    with asking_always(address, {NAME: "192.0.2.1"}, patience=PATIENCE) as asker:
        eventually(lambda: asker.report().lost)
    report = asker.report()
    assert len(report.lost) == report.asked
