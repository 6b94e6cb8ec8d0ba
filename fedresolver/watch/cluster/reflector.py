"""How one kind of objects of one member is followed: list it, watch it, list it again when the thread is lost.

Theory of operation. Each state is one request; the way it ends leads to the next. A list tells all there is and at
which revision (`metadata.resourceVersion`); a watch goes on from there, change by change, and from the last revision
that it told when its stream ends. The thread is lost when the server has forgotten our revision (410), when it never
knew it (the member was rebuilt: a watch from a revision in the future is silent for ever), when we were away too long,
or when we had no business there meanwhile (401, 403).

A revision in the future cannot be seen in a watch, so after a watch that ended without a word, or by force, the
server is asked for its present revision first.
"""

from enum import Enum

import msgspec


class State(Enum):
    """What is asked of the API server now.

    `STREAM` is a watch that begins with all there is (`sendInitialEvents`), `LIST` is a list in pages, `CHECK` asks
    for the revision only, `WATCH` goes on from the revision that we have.
    """

    STREAM = "stream"
    LIST = "list"
    CHECK = "check"
    WATCH = "watch"


class Sign(Enum):
    """How a request ended.

    `TOLD` is that it told what it was to tell: all there is, or a revision that is not below ours. `CLOSED` is the
    orderly end of a watch that had something to say, `MUTE` that of one that had not. `BACK` is a revision below ours.
    `LATE` is that we have not heard of the kind for too long, or cannot be sure that we heard everything.
    `UNSUPPORTED` is that the server knows no such request.
    """

    TOLD = "told"
    CLOSED = "closed"
    MUTE = "mute"
    BACK = "back"
    LATE = "late"
    GONE = "gone"
    UNSUPPORTED = "unsupported"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    ABSENT = "absent"
    BROKEN = "broken"
    DAMAGED = "damaged"


class Pause(Enum):
    """What comes before the next request: nothing, a back-off, or the time after which a quiet watch is renewed."""

    NONE = "none"
    BACK_OFF = "back off"
    RENEW = "renew"


class Step(msgspec.Struct, frozen=True):
    """What to do next."""

    state: State
    pause: Pause


def _rows(state: State, cells: dict[Sign, tuple[State, Pause]]) -> dict[tuple[State, Sign], Step]:
    return {(state, sign): Step(*cell) for sign, cell in cells.items()}


NEXT: dict[tuple[State, Sign], Step] = {
    **_rows(
        State.STREAM,
        {
            Sign.TOLD: (State.WATCH, Pause.NONE),
            Sign.UNSUPPORTED: (State.LIST, Pause.NONE),
            Sign.CLOSED: (State.LIST, Pause.BACK_OFF),
            Sign.GONE: (State.LIST, Pause.BACK_OFF),
            Sign.UNAUTHORIZED: (State.STREAM, Pause.BACK_OFF),
            Sign.FORBIDDEN: (State.LIST, Pause.NONE),  # the right to list is another than the right to watch
            Sign.ABSENT: (State.LIST, Pause.NONE),
            Sign.BROKEN: (State.LIST, Pause.BACK_OFF),
            Sign.DAMAGED: (State.LIST, Pause.BACK_OFF),
        },
    ),
    **_rows(
        State.LIST,
        {
            Sign.TOLD: (State.WATCH, Pause.NONE),
            Sign.GONE: (State.LIST, Pause.BACK_OFF),  # the pages took longer than the server remembers
            Sign.UNSUPPORTED: (State.LIST, Pause.BACK_OFF),
            Sign.UNAUTHORIZED: (State.LIST, Pause.BACK_OFF),
            Sign.FORBIDDEN: (State.LIST, Pause.BACK_OFF),
            Sign.ABSENT: (State.LIST, Pause.RENEW),
            Sign.BROKEN: (State.LIST, Pause.BACK_OFF),
            Sign.DAMAGED: (State.LIST, Pause.BACK_OFF),
        },
    ),
    **_rows(
        State.CHECK,
        {
            Sign.TOLD: (State.WATCH, Pause.NONE),
            Sign.BACK: (State.STREAM, Pause.NONE),
            Sign.LATE: (State.STREAM, Pause.NONE),
            Sign.GONE: (State.STREAM, Pause.NONE),
            Sign.UNSUPPORTED: (State.STREAM, Pause.BACK_OFF),
            Sign.UNAUTHORIZED: (State.STREAM, Pause.BACK_OFF),
            Sign.FORBIDDEN: (State.STREAM, Pause.BACK_OFF),
            Sign.ABSENT: (State.LIST, Pause.BACK_OFF),
            Sign.BROKEN: (State.CHECK, Pause.BACK_OFF),
            Sign.DAMAGED: (State.CHECK, Pause.BACK_OFF),
        },
    ),
    **_rows(
        State.WATCH,
        {
            Sign.CLOSED: (State.WATCH, Pause.NONE),
            Sign.MUTE: (State.CHECK, Pause.NONE),
            Sign.BACK: (State.STREAM, Pause.NONE),
            Sign.LATE: (State.STREAM, Pause.NONE),
            Sign.GONE: (State.STREAM, Pause.NONE),
            Sign.UNSUPPORTED: (State.STREAM, Pause.BACK_OFF),
            Sign.UNAUTHORIZED: (State.STREAM, Pause.BACK_OFF),
            Sign.FORBIDDEN: (State.LIST, Pause.RENEW),  # a watch that is denied is not a quiet watch: list instead
            Sign.ABSENT: (State.LIST, Pause.BACK_OFF),  # it may be served in another version now
            Sign.BROKEN: (State.CHECK, Pause.BACK_OFF),
            Sign.DAMAGED: (State.STREAM, Pause.BACK_OFF),
        },
    ),
}
"""From a state and the way its request ended to the next. A pair that is not here cannot be, and raises."""
