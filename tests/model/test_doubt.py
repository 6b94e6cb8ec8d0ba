"""The machine of one shard: what each sign makes of each state."""

import pytest

from fedresolver.model.doubt import MOST_TARGETS, NEXT, Door, Sign, State, sign
from fedresolver.model.service import service_key

CART = service_key("shop", "cart")


def test_every_sign_is_foreseen_in_every_state():
    assert len(NEXT) == len(State) * len(Sign)


@pytest.mark.parametrize(
    ("signs", "state"),
    [
        pytest.param("accepted", "open", id="one that accepts"),
        pytest.param("refused", "shut", id="one that refuses"),
        pytest.param("refused accepted", "open", id="one that comes to accept"),
        pytest.param("accepted refused", "shut", id="one that ceases to accept while its member is synced"),
        pytest.param("accepted lost", "doubtful", id="one that ceases to accept while its member is lost"),
        pytest.param("accepted alone", "open", id="the same without a witness"),
        pytest.param("accepted alone lost", "doubtful", id="the same when the witness comes"),
        pytest.param("accepted lost alone", "doubtful", id="doubt stands when the witness goes"),
        pytest.param("accepted lost reached", "open", id="one that accepts again"),
        pytest.param("accepted lost reached lost", "doubtful", id="one that ceases again"),
        pytest.param("accepted lost back", "open", id="one whose member is synced again"),
        pytest.param("accepted lost back refused", "shut", id="and that still refuses then"),
        pytest.param("accepted lost back lost", "doubtful", id="one whose member is lost again at once"),
        pytest.param("accepted refused lost", "shut", id="one that refused before its member was lost"),
        pytest.param("refused reached lost", "shut", id="one that accepted only while its member was lost"),
        pytest.param("lost", "untried", id="one that was never tried while its member was synced"),
        pytest.param("reached lost", "untried", id="the same, though it accepted"),
    ],
)
def test_what_becomes_of(signs, state):
    found = State.UNTRIED
    for each in signs.split():
        found = NEXT[found, Sign(each)]
    assert found is State(state)


@pytest.mark.parametrize(
    ("accepted", "synced", "witness", "expected"),
    [
        (True, True, False, Sign.ACCEPTED),
        (False, True, True, Sign.REFUSED),
        (True, False, True, Sign.REACHED),
        (False, False, True, Sign.LOST),
        (False, False, False, Sign.ALONE),
    ],
)
def test_signs(accepted, synced, witness, expected):
    assert sign(accepted=accepted, synced=synced, witness=witness) is expected


def test_targets_are_all_addresses_with_the_first_port_then_with_the_next():
    door = Door("c1", CART, (b"aaaa", b"bbbb"), (80, 443))
    assert door.targets() == ((b"aaaa", 80), (b"bbbb", 80), (b"aaaa", 443), (b"bbbb", 443))


def test_targets_are_not_endless():
    addresses = tuple(bytes((10, 0, 0, last)) for last in range(64))
    assert len(Door("c1", CART, addresses, tuple(range(1, 256))).targets()) == MOST_TARGETS
