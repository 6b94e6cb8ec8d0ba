"""A resolver as a process, which reads the four members through their proxies, and is asked all the while."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, combinations
from pathlib import Path

from tests.e2e.kubeconfig import Context, write
from tests.e2e.member import Member
from tests.e2e.objects import service
from tests.support.ask import Address, addresses, ask, question
from tests.support.background import BackgroundAsker, asking_always
from tests.support.deadline import eventually
from tests.support.running import Process, free_ports, page, process

LOCAL = "nginx.mynamespace.myfederation.svc.cluster.local."
GLOBAL = "nginx.mynamespace.myfederation.svc.example.com."
STALE_AFTER = 6.0
"""Seconds. A fifth of the default, so that nobody waits long for a member to become stale."""
CLUSTER_IP = "10.96.0.10"
BALANCERS = {
    "gce-us-central1": "192.0.2.1",
    "gce-us-east1": "192.0.2.2",
    "gce-europe-west1": "192.0.2.3",
    "gce-asia-east1": "192.0.2.4",
}
"""The address of the load balancer of `nginx` in each member."""
_SHOWS = 30.0
"""Seconds in which a member that is healed must be followed again, back-off and slow links included."""
_COREFILE = """\
. {{
    bind 127.0.0.1
    errors
    ready 127.0.0.1:{ready}
    prometheus 127.0.0.1:{metrics}
    federation myfederation example.com {{
        kubeconfig kubeconfig
        local gce-us-central1
        stale_after {stale_after:g}
        expire_after {expire_after:g}
        snapshot snapshot
        {more}
    }}
}}
"""


class Resolver:
    """What is asked of the resolver: by DNS at `address`, which it keeps when it is started again, and by HTTP."""

    def __init__(self, folder: Path, more: str = "probe off", expire_after: float = 600.0) -> None:
        self._folder = folder
        self._dns, self._ready, self._metrics = free_ports(3)
        self.address: Address = ("127.0.0.1", self._dns)
        self.corefile = _COREFILE.format(
            ready=self._ready, metrics=self._metrics, stale_after=STALE_AFTER, expire_after=expire_after, more=more
        )

    @contextmanager
    def running(self, before: Sequence[str] = (), environ: Mapping[str, str] | None = None) -> Iterator[Process]:
        """Give the process, ready; at the end it is killed with SIGKILL. `before` and `environ` are as in `process`."""
        port = ("--port", str(self._dns))
        with process(self._folder, self.corefile, *port, before=before, environ=environ) as started:
            try:
                eventually(lambda: started.ended() or self.ready()[0] == 200, 20)
                yield started
                assert not started.ended()
            finally:
                sys.stdout.write(started.text)

    def ready(self) -> tuple[int, str]:
        """Return the status and the text of its page `/ready`."""
        return page(("127.0.0.1", self._ready), "/ready")

    def told(self, contexts: Iterable[Context]) -> None:
        """Write its kubeconfig anew."""
        write(self._folder / "kubeconfig", contexts)

    def metric(self, name: str, **labels: str) -> float:
        """Return the sum of the samples of a metric of the federation that have these labels."""
        text = page(("127.0.0.1", self._metrics), "/metrics")[1]
        lines = re.findall(rf"^fedresolver_federation_{name}{{(.*)}} (\S+)$", text, re.MULTILINE)
        wanted = {f'{label}="{value}"' for label, value in labels.items()}
        return sum(float(value) for found, value in lines if wanted <= set(found.split(",")))

    def phase(self, member: str) -> str:
        """Return the phase that a member is in."""
        words = ("joined", "synced", "stale", "expired", "failed")
        return next((word for word in words if self.metric("member_phase", member=member, phase=word)), "unknown")

    def errors(self, name: str = LOCAL) -> list[tuple[int, str]]:
        """Return code and text of the extended errors (RFC 8914) of the answer to a name."""
        response = ask(self.address, question(name, use_edns=0))
        return [(option.code, option.text) for option in response.options if option.otype == 15]

    def snapshot(self) -> bytes:
        """Return what its snapshot file holds, if there is one."""
        path = self._folder / "snapshot"
        return path.read_bytes() if path.exists() else b""

    def answer(self, name: str) -> set[str]:
        """Return the addresses that a name has."""
        return addresses(ask(self.address, question(name)))


class Story:
    """`nginx` runs in every member, and somebody asks for it where the resolver is and from the whole world."""

    def __init__(self, members: Mapping[str, Member], resolver: Resolver, asker: BackgroundAsker) -> None:
        self.members = members
        self.resolver = resolver
        self.asker = asker
        self._away: set[str] = set()

    def goes_down(self, member: str) -> None:
        """Let the shard of a member lose its endpoints, and wait until the answers show it."""
        with self.becoming(self._away | {member}):
            self.members[member].set_ready("nginx", 0)

    def comes_up(self, member: str) -> None:
        """Let the shard of a member have endpoints again, and wait until the answers show it."""
        with self.becoming(self._away - {member}):
            self.members[member].set_ready("nginx", 3)

    def follows(self, member: str) -> None:
        """See that changes of a member show in the answers."""
        self.goes_down(member)
        self.comes_up(member)

    def phase(self, member: str, phase: str) -> None:
        """Wait until a member is in a phase."""
        eventually(lambda: self.resolver.phase(member) == phase, _SHOWS)

    def may_lose(self, *members: str) -> None:
        """Say that from now on the answers may be without any of these members."""
        self.asker.right(GLOBAL, *without_some(members, self._away))

    def shows(self, away: set[str]) -> None:
        """Wait until the answers are without these members, and with all others; from then on nothing else is right.

        What makes them so has been told with `may_lose` before; else it is done while they are `becoming` so.
        """
        with self.becoming(away):
            pass

    @contextmanager
    def becoming(self, away: set[str]) -> Iterator[None]:
        """Let something be done that takes these members, and no others, from the answers, and wait until it shows."""
        before, after = balancers(self._away), balancers(away)
        self.asker.right(GLOBAL, before, after)
        yield
        eventually(lambda: self.asker.latest(GLOBAL) == after, _SHOWS)
        self.asker.right(GLOBAL, after)
        self._away = away


def balancers(away: Iterable[str] = ()) -> str:
    """Return the answer to the global name without some members, as the asker has it."""
    return " ".join(sorted(ip for name, ip in BALANCERS.items() if name not in set(away))) or "NXDOMAIN"


def without_some(members: Sequence[str], away: Iterable[str] = ()) -> list[str]:
    """Return the answers to the global name without those `away` and any of these members: their watches are apart."""
    some = chain.from_iterable(combinations(members, count) for count in range(len(members) + 1))
    return [balancers({*away, *names}) for names in some]


def populate(members: Mapping[str, Member]) -> None:
    """Let `nginx` run in every member."""
    for name, member in members.items():
        member.apply(service("nginx", CLUSTER_IP, BALANCERS[name]))
        member.set_ready("nginx", 3)


@contextmanager
def story(members: Mapping[str, Member], resolver: Resolver, right: Mapping[str, str] | None = None) -> Iterator[Story]:
    """Give the story of a resolver that runs; at the end no answer of it was lost or wrong."""
    expected = right or {LOCAL: CLUSTER_IP, GLOBAL: balancers()}
    for name, answer in expected.items():
        eventually(lambda name=name, answer=answer: resolver.answer(name) == set(answer.split()))
    with asking_always(resolver.address, expected) as asker:
        yield Story(members, resolver, asker)
    report = asker.report()
    assert report.asked > 0
    assert (report.lost, report.wrong) == ([], []), report
