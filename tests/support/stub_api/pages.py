"""The honest answer to a list: pages of one revision."""

import base64

import msgspec

from tests.support.stub_api.answer import Answer, json_answer
from tests.support.stub_api.call import Call
from tests.support.stub_api.shown import BARE, BARE_LIST, listed
from tests.support.stub_api.status import TOO_OLD, RefusedError, refusal
from tests.support.stub_api.store import ExpiredError, Key, Store

_NOW = -1
"""The revision of a token which continues an expired list with what there is now."""


class _Token(msgspec.Struct, frozen=True):
    rv: int
    after: Key
    v: str = "meta.k8s.io/v1"


def page(call: Call, store: Store) -> Answer:
    """Return the page of a list that is asked for; RefusedError where there is none."""
    assert call.resource is not None
    if call.shape == BARE:
        raise RefusedError(refusal(406, f"you requested {BARE}, but the requested object is a list"))
    token = _read(call.query.get("continue", ""))
    revision = token.rv if token and token.rv != _NOW else store.revision
    try:
        everything = store.at(call.resource.name, revision)
    except ExpiredError as error:
        assert token is not None
        again = _written(_Token(_NOW, token.after))
        raise RefusedError(refusal(410, TOO_OLD, **{"continue": again})) from error
    left = [
        (key, thing)
        for key, thing in everything
        if (token is None or key > token.after) and call.selected in {None, key[1]}
    ]
    shown = left[: call.number("limit") or None]
    metadata: dict[str, object] = {"resourceVersion": str(revision)}
    if len(shown) < len(left):
        metadata["continue"] = _written(_Token(revision, shown[-1][0]))
        # With a selector the API server does not count what remains.
        metadata |= {} if call.selected else {"remainingItemCount": len(left) - len(shown)}
    things = [thing for _, thing in shown]
    return json_answer(listed(call.resource, things, bare=call.shape == BARE_LIST, **metadata))


def _written(token: _Token) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(token)).decode()


def _read(text: str) -> _Token | None:
    if not text:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text), type=_Token)
    except ValueError as error:
        raise RefusedError(refusal(400, "continue key is not valid")) from error
