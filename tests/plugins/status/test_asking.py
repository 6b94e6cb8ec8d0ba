"""What the parameters of the pages say."""

from datetime import UTC, datetime

import pytest

from fedresolver.plugins.status.asking import BadQueryError, changes_of, moment, name_of, number_of, type_of
from fedresolver.walk.supposed import Down, Ready
from fedresolver.wire.name import from_text
from tests.support.world import key

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("down=c1", (Down(member="c1"),)),
        ("down=arn:aws:eks:eu-1:1:cluster/c1", (Down(member="arn:aws:eks:eu-1:1:cluster/c1"),)),
        ("down=region:us,down=zone:us-a", (Down(region="us"), Down(topology_zone="us-a"))),
        ("ready=shop/cart@c1:0", (Ready("c1", key("shop/cart"), 0),)),
        ("ready=shop/cart@kind:c1:2", (Ready("kind:c1", key("shop/cart"), 2),)),
    ],
)
def test_what_is_supposed(text, expected):
    assert changes_of({"suppose": text}) == expected


@pytest.mark.parametrize(
    "text",
    ["up=c1", "down", "down=", "down=zone:", "down=region:", "ready=cart@c1:0", "ready=a/b@c1", "ready=a/b@c1:x"],
)
def test_what_cannot_be_supposed(text):
    with pytest.raises(BadQueryError, match="write down=MEMBER"):
        changes_of({"suppose": text})


def test_there_is_a_limit_to_what_is_supposed():
    with pytest.raises(BadQueryError, match="more than 64"):
        changes_of({"suppose": ",".join(["down=c1"] * 65)})


def test_names():
    assert name_of({"name": "A.Example"}, "name") == from_text("a.example")
    with pytest.raises(BadQueryError, match=r"there is no zone: write \?zone=NAME"):
        name_of({"name": "a.example"}, "zone")
    with pytest.raises(BadQueryError, match="name: label of 0 octets"):
        name_of({"name": "a..b"}, "name")


@pytest.mark.parametrize(("text", "expected"), [("a", 1), ("SRV", 33), ("TYPE65", 65), ("type65", 65)])
def test_types(text, expected):
    assert type_of({"type": text}) == expected


@pytest.mark.parametrize("text", ["B", "TYPE", "TYPE65536", "TYPE-1", ""])
def test_what_is_no_type(text):
    with pytest.raises(BadQueryError, match="write A, AAAA, SRV or TYPE123"):
        type_of({"type": text})


def test_numbers():
    assert number_of({}, "limit", 500) == 500
    assert number_of({"limit": "7"}, "limit", 500) == 7
    for text in ("0", "501", "x", "-1"):
        with pytest.raises(BadQueryError, match="limit: it is no number from 1 to 500"):
            number_of({"limit": text}, "limit", 500)


@pytest.mark.parametrize(
    ("text", "seconds_before"),
    [
        pytest.param("2026-01-31T03:12:00.000001Z", 8 * 3600 + 48 * 60 - 0.000001, id="to the microsecond"),
        pytest.param("2026-01-31T03:12:00Z", 8 * 3600 + 48 * 60 - 0.999999, id="the end of its second"),
        pytest.param("2026-01-31T12:00:00+01:00", 3600 - 0.999999, id="with an offset"),
        pytest.param("2026-01-31T12:00:00Z", 0, id="now"),
        pytest.param("2026-01-31T12:00:01Z", -1, id="to come"),
    ],
)
def test_moments(text, seconds_before):
    assert moment(text, NOON) == pytest.approx(NOON - seconds_before, abs=1e-6)


def test_a_time_alone_is_the_last_one():
    here = datetime.fromtimestamp(NOON).astimezone()
    assert moment(here.strftime("%H:%M"), NOON) == NOON
    later = moment(datetime.fromtimestamp(NOON + 60).astimezone().strftime("%H:%M"), NOON)
    assert later == NOON + 60 - 86_400 + 0.999999


@pytest.mark.parametrize("text", ["noon", "25:00", "03:60", "1:2:3:4", "2026-13-01T00:00:00", "12"])
def test_what_is_no_time(text):
    with pytest.raises(BadQueryError, match="write 03:12"):
        moment(text, NOON)
