"""The machine of one kind: its table is whole, and leads on from everywhere."""

import pytest

from fedresolver.watch.cluster.reflector import NEXT, Pause, Sign, State, Step
from fedresolver.watch.cluster.watcher import SIGNS

NEVER = {
    State.STREAM: {Sign.BACK, Sign.LATE, Sign.MUTE},
    State.LIST: {Sign.BACK, Sign.LATE, Sign.CLOSED, Sign.MUTE},
    State.CHECK: {Sign.CLOSED, Sign.MUTE},
    State.WATCH: {Sign.TOLD},
}
"""Ways in which a request cannot end."""


def test_every_way_in_which_a_request_may_end_leads_on():
    possible = {(state, sign) for state in State for sign in Sign if sign not in NEVER[state]}
    assert possible == NEXT.keys()


def test_every_trouble_is_a_sign_in_every_state():
    assert [(state, sign) for state in State for sign in SIGNS.values() if (state, sign) not in NEXT] == []


def test_every_state_is_reached_and_every_state_leads_to_a_watch():
    reached = {State.STREAM}
    while True:
        more = {step.state for (state, _), step in NEXT.items() if state in reached} | reached
        if more == reached:
            break
        reached = more
    assert reached == set(State)
    assert NEXT[State.STREAM, Sign.TOLD].state is NEXT[State.LIST, Sign.TOLD].state is State.WATCH


@pytest.mark.parametrize(
    ("state", "sign", "step"),
    [
        pytest.param(State.WATCH, Sign.CLOSED, Step(State.WATCH, Pause.NONE), id="a quiet watch is renewed"),
        pytest.param(State.WATCH, Sign.GONE, Step(State.STREAM, Pause.NONE), id="410: list anew"),
        pytest.param(State.WATCH, Sign.MUTE, Step(State.CHECK, Pause.NONE), id="not a word: is our revision to come?"),
        pytest.param(State.CHECK, Sign.BACK, Step(State.STREAM, Pause.NONE), id="it is: the member was rebuilt"),
        pytest.param(State.WATCH, Sign.UNAUTHORIZED, Step(State.STREAM, Pause.BACK_OFF), id="401: list anew, later"),
        pytest.param(State.WATCH, Sign.FORBIDDEN, Step(State.LIST, Pause.RENEW), id="a denied watch is no quiet one"),
        pytest.param(State.STREAM, Sign.UNSUPPORTED, Step(State.LIST, Pause.NONE), id="pages, where it cannot stream"),
        pytest.param(State.CHECK, Sign.LATE, Step(State.STREAM, Pause.NONE), id="away for too long: list anew"),
    ],
)
def test_step(state, sign, step):
    assert NEXT[state, sign] == step
