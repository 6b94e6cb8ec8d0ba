"""Whether fedresolver itself answers."""

from collections.abc import Sequence

import msgspec

from fedresolver.cli.diagnose.heard import Heard, Reply, Silence
from fedresolver.cli.diagnose.verdict import Verdict, fail, fine, skip, warn

SAFE = 1232
"""Octets that come through everywhere in one piece."""


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """A listener at `address`, and what it says to the SOA of the federation's zone."""

    address: str
    udp: Heard
    tcp: Heard


def over_udp(listeners: Sequence[Listener]) -> Verdict:
    """Say whether every one answers over UDP."""
    for one in listeners:
        if isinstance(one.udp, Silence):
            return fail(f"{one.address} over UDP: {one.udp.why}", f"let UDP through: dig @{_dig(one)} . SOA")
    return fine(f"{_all(listeners)} answers over UDP")


def over_tcp(listeners: Sequence[Listener]) -> Verdict:
    """Say whether every one answers over TCP, which long answers need."""
    for one in listeners:
        if isinstance(one.tcp, Silence):
            return fail(f"{one.address} over TCP: {one.tcp.why}", f"let TCP through: dig +tcp @{_dig(one)} . SOA")
    return fine(f"{_all(listeners)} answers over TCP")


def edns(listeners: Sequence[Listener]) -> Verdict:
    """Say whether EDNS comes through, and answers are not so large that they are cut into pieces on their way."""
    answered = [(one, one.udp) for one in listeners if isinstance(one.udp, Reply)]
    if not answered:
        return skip("nothing answers over UDP")
    for one, reply in answered:
        if reply.size is None:
            what = f"{one.address} answers without EDNS, though it was asked with it"
            return fail(what, f"take away what changes DNS on the way: dig +bufsize={SAFE} @{_dig(one)} . SOA")
        if reply.size > SAFE:
            return warn(f"{one.address} sends up to {reply.size} octets over UDP", f"in the Corefile: bufsize {SAFE}")
    return fine(f"{_all(listeners)} answers with EDNS, in at most {SAFE} octets")


def _all(listeners: Sequence[Listener]) -> str:
    return ", ".join(one.address for one in listeners)


def _dig(one: Listener) -> str:
    host, _, port = one.address.rpartition(":")
    return f"{host.strip('[]')} -p {port}"
