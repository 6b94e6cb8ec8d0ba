"""Somebody who asks the same question all the time, and counts what he does not get."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.support.ask import Address, over_tcp, over_udp

_PACE = 0.001
"""Seconds between questions: TCP connections must not use up the ports of the machine."""
_PATIENCE = 10.0


class Asker:
    """`asked` is how often; `failures` are answers that were wrong, and why there was none.

    Who is `patient` asks again when a TCP connection is closed on him, as RFC 7766 6.2.4 wants it of clients.
    """

    def __init__(self, *, patient: bool) -> None:
        self._patient = patient
        self.asked = 0
        self.failures: list[str] = []
        self.begun = threading.Event()
        self.ended = threading.Event()

    def ask(self, address: Address, octets: bytes, good: Callable[[bytes], bool], *, tcp: bool) -> None:
        """Ask until told to end; `begun` once the first question has got its answer, or none."""
        exchange = over_tcp if tcp else over_udp
        while not self.ended.wait(_PACE):
            self.asked += 1
            try:
                answer = exchange(address, octets)
            except (ConnectionResetError, BrokenPipeError, EOFError) as error:
                if not self._patient:
                    self.failures.append(repr(error))
            except OSError as error:
                self.failures.append(repr(error))
            else:
                if not good(answer):
                    self.failures.append(answer.hex())
            self.begun.set()


@contextmanager
def asking(
    address: Address, octets: bytes, good: Callable[[bytes], bool], *, tcp: bool = False, patient: bool = False
) -> Iterator[Asker]:
    """Give an asker at work; at the end he must have got a good answer to each of his questions."""
    asker = Asker(patient=patient)
    thread = threading.Thread(target=asker.ask, args=(address, octets, good), kwargs={"tcp": tcp})
    thread.start()
    try:
        assert asker.begun.wait(_PATIENCE), "the asker never began"
        yield asker
    finally:
        asker.ended.set()
        thread.join()
    assert asker.failures == []
    assert asker.asked > 0
