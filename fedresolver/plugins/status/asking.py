"""What the parameters of a page say."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from fedresolver.model.service import service_key
from fedresolver.status.directory import Why
from fedresolver.walk.supposed import Change, Down, Ready
from fedresolver.wire.const import type_number
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import Name, from_text

Query = Mapping[str, str]
MOST_CHANGES = 64
_RIGHT = "write down=MEMBER, down=region:REGION, down=zone:TOPOLOGY_ZONE or ready=NAMESPACE/SERVICE@MEMBER:COUNT"


class BadQueryError(ValueError):
    """A parameter is wrong; the text says what would be right."""


def why_of(query: Query, wall: float) -> Why:
    """Return which answer is to be explained; `wall` is the time of day, in seconds since the epoch."""
    qname = name_of(query, "name")
    at = query.get("at", "")
    return Why(qname, type_of(query), query.get("from", ""), changes_of(query), moment(at, wall) if at else None)


def name_of(query: Query, parameter: str) -> Name:
    """Return the domain name that a parameter is."""
    text = query.get(parameter, "")
    if not text:
        raise BadQueryError(f"there is no {parameter}: write ?{parameter}=NAME")
    try:
        return from_text(text)
    except FormatError as error:
        raise BadQueryError(f"{parameter}: {error}") from error


def type_of(query: Query) -> int:
    """Return the type of record that is asked for, A where nothing says it."""
    number = type_number(query.get("type", "A"))
    if number is None:
        raise BadQueryError("type: it is no type of record; write A, AAAA, SRV or TYPE123")
    return number


def number_of(query: Query, parameter: str, most: int) -> int:
    """Return a number from 1 to `most`, which it is where nothing says it."""
    text = query.get(parameter, str(most))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        raise BadQueryError(f"{parameter}: it is no number from 1 to {most}")
    return int(text)


def changes_of(query: Query) -> tuple[Change, ...]:
    """Return what is to be supposed, parted by commas."""
    words = [word for word in query.get("suppose", "").split(",") if word]
    if len(words) > MOST_CHANGES:
        raise BadQueryError(f"suppose: there are more than {MOST_CHANGES} changes")
    return tuple(map(_change, words))


def _change(text: str) -> Change:
    kind, _, what = text.partition("=")
    if kind == "down" and what:
        place, colon, name = what.partition(":")
        if not colon or place not in ("region", "zone"):  # a member may be called arn:aws:eks:...:cluster/prod
            return Down(member=what)
        if name:
            return Down(region=name) if place == "region" else Down(topology_zone=name)
    if kind == "ready":
        return _ready(what)
    raise BadQueryError(f"suppose: that is nothing that can be supposed; {_RIGHT}")


def _ready(text: str) -> Ready:
    service, _, rest = text.partition("@")
    namespace, _, name = service.partition("/")
    member, _, count = rest.rpartition(":")
    if not (namespace and name and member and count.isascii() and count.isdigit() and len(count) < 7):
        raise BadQueryError(f"suppose: that is no shard with a number of endpoints; {_RIGHT}")
    try:
        return Ready(member, service_key(namespace, name), int(count))
    except (UnicodeEncodeError, ValueError) as error:
        raise BadQueryError("suppose: a namespace and a Service have names in ASCII") from error


_END_OF_SECOND = 0.999999


def moment(text: str, wall: float) -> float:
    """Return the time, in seconds since the epoch, of `03:12`, `03:12:30` or a date with a time (ISO 8601).

    A time alone is the last one before `wall`; without a zone it is that of the server. A time in whole seconds, as the
    journal tells them, is the end of its second: what has changed in it has changed by then.
    """
    now = datetime.fromtimestamp(wall).astimezone()
    try:
        if len(text) <= len("03:12:30"):
            hour, minute, second = map(int, (f"{text}:00" if text.count(":") == 1 else text).split(":"))
            found = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
            found = found if found <= now else found - timedelta(days=1)
        else:
            found = datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError, IndexError) as error:
        raise BadQueryError("at: it is no time; write 03:12 or 2026-01-31T03:12:00Z") from error
    if found.microsecond or found > now:
        return found.timestamp()
    return min(found.timestamp() + _END_OF_SECOND, wall)
