"""What is asked of servers that forward, what is right there, and what comes of the loads."""

import random
import socket

import dns.flags
import dns.message
import dns.rcode
import pytest

from bench import queries
from bench.check import answer_of, question_of
from bench.figure import Figure
from bench.forwarding import dead, herd, overload, replay
from bench.forwarding.dead import Served
from bench.forwarding.herd import HERDED, Herd
from bench.forwarding.overload import Flooded
from bench.forwarding.servers import addresses
from bench.forwarding.truth import Forwarded
from bench.queries import query
from bench.truth import APEX, Answer
from bench.world import World

SERVICE = "svc-00001.mynamespace.myfederation"
TRUTH = Forwarded(World(2))
TIMEOUT = 5.0


def found(*records):
    return Answer(dns.rcode.NOERROR, frozenset(records))


@pytest.mark.parametrize(
    ("name", "type_", "right"),
    [
        pytest.param(
            "WWW.Example.net.",
            "A",
            found(("www.example.net.", 300, "A", "10.23.24.220")),
            id="an address that follows from the name in small letters",
        ),
        pytest.param(
            "www.example.net.",
            "AAAA",
            found(("www.example.net.", 300, "AAAA", "2001:db8::17:18dc")),
            id="and one of the other family",
        ),
        pytest.param(
            f"{SERVICE}.svc.cluster.local.",
            "A",
            found((f"{SERVICE}.svc.cluster.local.", 5, "A", "10.0.0.1")),
            id="federated names are not forwarded",
        ),
        pytest.param(
            f"{SERVICE}.svc.cluster.local.",
            "AAAA",
            Answer(dns.rcode.NOERROR, frozenset(), APEX),
            id="of another type there is nothing",
        ),
        pytest.param(
            f"{SERVICE}.default.svc.cluster.local.",
            "A",
            Answer(dns.rcode.NXDOMAIN, frozenset(), "cluster.local."),
            id="what else is below the cluster domain does not exist",
        ),
        pytest.param(".", "NS", found(), id="there is nothing else, but whoever looks if it lives gets an answer"),
        pytest.param(
            "notcluster.local.",
            "AAAA",
            found(("notcluster.local.", 300, "AAAA", "2001:db8::ed:e352")),
            id="the cluster domain ends at a dot",
        ),
    ],
)
def test_what_an_upstream_says_is_right_outside_of_the_federation(name, type_, right):
    assert TRUTH.answer(name, type_) == right


@pytest.mark.parametrize(
    ("name", "path"),
    [
        pytest.param(SERVICE, ["default.svc.cluster.local.", "svc.cluster.local."], id="a federated Service"),
        pytest.param(
            "www.site-0001.example.net",
            ["default.svc.cluster.local.", "svc.cluster.local.", "cluster.local.", ""],
            id="a name outside is asked absolute last",
        ),
    ],
)
def test_a_pod_asks_along_its_search_path_until_a_name_exists(name, path):
    assert replay.path(name, "default") == [f"{name}.{domain}" for domain in path]


@pytest.mark.parametrize(
    ("kind", "flags", "payload"),
    [(one, one.flags, one.payload) for one in replay.KINDS],
    ids=[one.name for one in replay.KINDS],
)
def test_a_kind_of_resolver_asks_for_both_families_in_its_own_form(kind, flags, payload):
    messages = list(map(dns.message.from_wire, replay.lookup(kind, SERVICE, "default")))
    asked = [question_of(message.to_wire()) for message in messages]
    assert asked == [(name, type_) for name in replay.path(SERVICE, "default") for type_ in ("A", "AAAA")]
    assert {message.flags for message in messages} == {flags}
    assert {message.edns for message in messages} == {-1 if payload is None else 0}
    assert {message.payload for message in messages} == {payload or 0}
    assert not any(message.ednsflags & dns.flags.DO for message in messages)


def test_no_two_kinds_of_resolver_send_the_same():
    assert len({next(replay.lookup(kind, SERVICE, "default")) for kind in replay.KINDS}) == len(replay.KINDS)


def test_few_services_are_asked_for_often_and_many_seldom():
    weights = replay.zipf(4)
    assert weights == pytest.approx([1, 1.5, 1.5 + 1 / 3, 1.75 + 1 / 3])


def test_lookups_are_drawn_alike_from_the_same_seed():
    first, second = ([next(next(draw)) for _ in range(50)] for draw in map(replay.lookups, map(random.Random, (1, 1))))
    assert first == second
    assert len(set(first)) > 1


def test_lookups_are_interleaved_and_each_keeps_its_order():
    sequences = iter([iter(["a1", "a2", "a3"]), iter(["b1"]), iter(["c1", "c2"])])
    assert list(replay.interleaved(sequences, 2)) == ["a1", "b1", "a2", "a3", "c1", "c2"]


def test_names_that_were_never_asked_are_all_different():
    asked = [question_of(message)[0] for message in queries.never_asked(500)]
    assert len(set(asked)) == 500
    assert all(name.endswith(".example.net.") for name in asked)


def test_upstreams_are_named_with_their_ports():
    assert addresses([53, 54]) == "127.0.0.1:53 127.0.0.1:54"


def values(figures):
    return {figure.what: (pytest.approx(figure.value), figure.met) for figure in figures}


def test_of_the_slow_answers_counts_the_client_that_had_most():
    well = [Served(0.001, [0, 0]), Served(0.002, [0, 0]), Served(0.001, [0, 0])]
    ill = [Served(0.001, [0, 1]), Served(0.0021, [2, 0]), Served(0.0010, [1, 1])]
    assert values(dead.compared(well, ill)) == {
        "slow answers of a client, most": (2, False),
        "p99, both alive": (1.0, None),
        "largest / least of these": (2.0, None),
        "p99": (1.0, None),
        "p99 / both alive": (1.0, True),
    }


def test_a_peer_has_no_target():
    assert dead.slow("forward-dead, coredns", [3]) == Figure(
        "forward-dead, coredns", "slow answers of a client, most", 3, ""
    )
    assert {figure.limit for figure in herd.figures_of("forward-herd, coredns", Herd(9, 9, 9, 1.0))} == {None}
    flooded = [Flooded(100, 1000, 10, 50.0)]
    assert {figure.limit for figure in overload.figures_of("forward-overload, coredns", flooded)} == {None}


def test_a_herd_is_measured_by_what_reaches_the_upstream():
    assert values(herd.figures_of("forward-herd", Herd(3, 0, 5, 0.25))) == {
        "questions upstream": (3, False),
        "unanswered": (0, True),
        "asked again": (5, None),
        "upstream's answer to the last one": (250.0, None),
    }


def test_a_flood_is_measured_by_what_is_answered_beside_the_peak_of_its_round():
    flooded = [Flooded(1000, 9000, 500, 60.0), Flooded(2000, 20_000, 1900, 61.0), Flooded(1000, 10_000, 900, 66.0)]
    assert values(overload.figures_of("forward-overload", flooded)) == {
        "peak": (1000, None),
        "offered / peak": (10, None),
        "good": (900, None),
        "peak / good": (10 / 9, True),
        "memory, first flood": (60.0, None),
        "memory, last flood": (66.0, None),
        "last / first": (1.1, False),
    }


@pytest.mark.parametrize(("name", "type_"), [(HERDED, "A"), ("www.example.net.", "A"), (".", "NS")])
def test_the_slow_upstream_says_what_is_right(name, type_):
    asked = dns.message.make_query(name, type_).to_wire()
    assert answer_of(dns.message.from_wire(herd.reply(asked))) == TRUTH.answer(name, type_)


def test_the_slow_upstream_keeps_the_herd_waiting_and_nobody_else():
    with herd.slow() as (port, upstream), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(TIMEOUT)
        sock.connect(("127.0.0.1", port))

        def asked(name):
            sock.send(query(name).to_wire())
            return name

        def next_answer():
            return question_of(sock.recv(512))[0]

        asked(HERDED)
        assert asked("www.example.net.") == next_answer()
        upstream.answer()
        assert next_answer() == HERDED
        assert asked(HERDED) == next_answer()
    assert len(upstream.waiting) == 2


class Sockets:
    """Sockets of askers that hold what came for them."""

    def __init__(self):
        self.ours, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ours.close()
        self.theirs.close()


def test_an_asker_who_is_answered_is_not_left():
    with Sockets() as pair:
        for number in (1, 2):
            pair.theirs.send(herd.reply(number.to_bytes(2) + herd.MESSAGE[2:]))
        left = {(0, 1), (0, 2)}
        herd.collect(None, [pair.ours], left)
    assert left == set()


def test_the_questions_of_a_herd_differ_in_their_id_only():
    with Sockets() as pair:
        herd.ask([pair.ours], {(0, 7), (0, 8)})
        sent = [pair.theirs.recv(512) for _ in range(2)]
    assert [int.from_bytes(message[:2]) for message in sent] == [7, 8]
    assert len({message[2:] for message in sent}) == 1
    assert question_of(sent[0]) == (HERDED, "A")
