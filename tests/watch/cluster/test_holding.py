"""What a member has of one kind, and what a list or a change makes of it."""

import pytest

from fedresolver.model.objects import Endpoint, Namespace, Port, Ref, Service, Slice
from fedresolver.watch.cluster.holding import Holding, weight
from fedresolver.watch.cluster.trouble import Trouble, TroubleError
from fedresolver.watch.kube.intake import Taken


def which(name: str) -> Ref:
    return Ref(Namespace, "", name)


def told(name: str) -> Taken:
    return Taken(which(name), Namespace(name))


def holding(*names: str, largest: int = 100) -> Holding:
    held = Holding(largest)
    held.restore([Namespace(name) for name in names])
    return held


def names(held: Holding) -> list[str]:
    return sorted(ref.name for ref in held.objects)


def test_what_is_new_is_told_once():
    held = holding()
    assert held.take(told("a")) == Namespace("a")
    assert held.take(told("a")) is None


def test_what_a_list_did_not_name_is_known_at_its_end():
    held = holding("a", "b", "c")
    held.begin()
    held.listed(told("b"))
    held.listed(told("d"))
    assert names(held) == ["a", "b", "c", "d"]
    assert set(held.unnamed()) == {which("a"), which("c")}


def test_a_damaged_object_keeps_its_last_good_state_in_a_list_too():
    held = holding("a")
    held.begin()
    assert held.listed(Taken(which("a"), None, "wrong", damaged=True)) is None
    assert held.unnamed() == ()
    assert names(held) == ["a"]


def test_a_damaged_object_that_is_new_is_left_out():
    held = holding()
    assert held.take(Taken(which("a"), None, "wrong", damaged=True)) is None
    assert held.take(Taken(None, None, "no name", damaged=True)) is None
    assert names(held) == []


def test_an_object_that_says_nothing_any_more_is_gone():
    held = holding("a")
    assert held.take(Taken(which("a"))) == which("a")
    assert held.take(Taken(which("b"))) is None
    assert names(held) == []


def test_what_is_not_there_cannot_go():
    held = holding("a")
    assert (held.remove(which("a")), held.remove(which("a"))) == (which("a"), None)


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        pytest.param(Namespace("a"), 1, id="an object"),
        pytest.param(
            Service(
                namespace="n",
                name="s",
                cluster_ips=(b"1234",),
                ports=(Port("http", "tcp", 80),),
                ingress=(b"1234", b"5678"),
                labels=(("a", "b"),),
            ),
            6,
            id="a Service with addresses, ports and labels",
        ),
        pytest.param(
            Slice(namespace="n", name="s", service="s", endpoints=(Endpoint((b"1234", b"5678")), Endpoint((b"9012",)))),
            6,
            id="a slice with endpoints and their addresses",
        ),
    ],
)
def test_weight(thing, expected):
    assert weight(thing) == expected


def test_too_much_is_trouble_and_what_is_held_stays():
    held = holding("a", "b", largest=3)
    held.take(told("c"))
    with pytest.raises(TroubleError) as caught:
        held.take(told("d"))
    assert caught.value.trouble is Trouble.TOO_LARGE
    assert names(held) == ["a", "b", "c"]
    held.remove(which("a"))
    assert held.take(told("d")) == Namespace("d")


def test_a_list_without_end_of_objects_that_say_nothing_is_too_much():
    held = holding(largest=2)
    held.begin()
    for name in "abcd":
        assert held.listed(Taken(which(name))) is None
    with pytest.raises(TroubleError):
        held.listed(Taken(None, None, "no name", damaged=True))
