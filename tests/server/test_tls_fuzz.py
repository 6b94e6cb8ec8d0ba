"""Records of TLS that are spoilt at random, before, in and behind the handshake: nothing is raised, nothing stays."""

import random
import ssl
from contextlib import suppress

import pytest

from tests.support.ask import connected, framed, raw, wire
from tests.support.deadline import eventually
from tests.support.encrypted import Shown, over_tls, trusting
from tests.support.listening import listening

WWW = wire("www.example.org")
HOST = "127.0.0.1"
ROUNDS = 60


class Spoiler:
    """A client that speaks TLS, some octets of which are changed, doubled, left out or put in."""

    def __init__(self, seed, way):
        self._random = random.Random(seed)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = way.wrap_bio(self._incoming, self._outgoing, server_hostname=HOST)
        self._clean = self._random.randrange(3)  # the flights that are left as they are

    def talk(self, sock):
        """Say what it has to say, and read what comes, until one side has enough."""
        with suppress(ssl.SSLError, OSError):
            for _ in range(4):
                if self._step():
                    self._tls.write(framed(raw(WWW)) * self._random.randrange(1, 50))
                sock.sendall(self._spoilt(self._outgoing.read()))
                self._incoming.write(sock.recv(65536))

    def _step(self):
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def _spoilt(self, octets):
        if self._clean:
            self._clean -= 1
            return octets
        made = bytearray(octets or b"\x17")
        for _ in range(self._random.choice((1, 1, 2, 20))):
            place = self._random.randrange(len(made))
            length = self._random.choice((1, 1, 2, 100))
            way = self._random.randrange(4)
            if way == 0:
                made[place] = self._random.randrange(256)
            elif way == 1:
                made[place:place] = made[place : place + length]
            elif way == 2 and len(made) > length:
                del made[place : place + length]
            else:
                made[place:place] = self._random.randbytes(length)
        return bytes(made) or b"\0"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_nothing_that_is_spoilt_does_harm(version, authority, caplog):
    way = trusting(authority.path)
    way.minimum_version = way.maximum_version = version
    with listening(encryption=Shown(authority.server("server", HOST))) as server:
        for seed in range(ROUNDS):
            with connected(server.tls.address) as sock:
                sock.settimeout(0.05)
                Spoiler(seed, way).talk(sock)
        eventually(lambda: server.tls.connections == 0)
        assert over_tls(server.tls.address, raw(WWW), way)[:2] == b"\x12\x34"
    assert caplog.records == []
