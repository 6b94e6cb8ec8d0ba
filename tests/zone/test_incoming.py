"""What the records of a transfer mean: RFC 5936 2.2, RFC 1995 4."""

import pytest

from fedresolver.wire.error import FormatError
from fedresolver.zone.incoming import TABLE, Incoming, LimitError, Limits, Step
from tests.support.zone_records import APEX, NS, record, records, soa, told, zone_of

WWW = "www.example.org. 60 A 192.0.2.1"
WWW_2 = "www.example.org. 60 A 192.0.2.2"
MAIL = "mail.example.org. 60 A 192.0.2.3"
ELSEWHERE = "www.example.net. 60 A 192.0.2.9"
HAD = (soa(1), NS, WWW)


def taken(*lines, had=None, incremental=False, limits=None):
    """Return what takes in lines, one record at a time."""
    incoming = Incoming(APEX, had, limits or Limits(), incremental=incremental)
    for one in records(*lines):
        for _ in incoming.take([one]):
            pass
    return incoming


def zone(incoming):
    """Return the lines of the zone that came."""
    assert incoming.ended
    for _ in incoming.finish():
        pass
    return told(incoming.contents())


def difference(*lines, had=HAD):
    return taken(*lines, had=zone_of(*had), incremental=True)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((soa(1), NS, WWW, MAIL), id="as most have it"),
        pytest.param((soa(1), WWW, NS, WWW_2, MAIL, "*.example.org. 60 TXT x"), id="a set in two pieces"),
        pytest.param((soa(1), NS, WWW, "www.example.org. 60 AAAA ::1"), id="two types of one owner"),
        pytest.param((soa(1), NS, "a.b.c.example.org. 1 TYPE65280 \\# 0"), id="a type that nobody knows"),
        pytest.param((soa(1), NS, "c.example.org. 60 CNAME Www.Example.NET."), id="capital letters in data"),
    ],
)
def test_a_whole_zone_holds_what_came(lines):
    assert zone(taken(*lines, lines[0])) == told(zone_of(*lines))


def test_a_record_that_comes_twice_is_there_once():
    assert zone(taken(soa(1), NS, WWW, WWW, soa(1))) == told(zone_of(soa(1), NS, WWW))


def test_the_ttl_of_a_set_is_the_last_that_came():
    incoming = taken(soa(1), NS, WWW, "www.example.org. 30 A 192.0.2.2", soa(1))
    assert [line for line in zone(incoming) if line.startswith("www")] == [
        "www.example.org. 30 A 192.0.2.1",
        "www.example.org. 30 A 192.0.2.2",
    ]


def test_what_is_not_of_the_zone_is_left_out():
    others = (ELSEWHERE, "org. 60 NS evil.example.", "xexample.org. 60 A 192.0.2.9")
    incoming = taken(soa(1), NS, *others, "example.net. 60 SOA a. b. 7 7 7 7 7", WWW, soa(1))
    assert (incoming.left_out, incoming.received) == (4, 8)
    assert zone(incoming) == told(zone_of(soa(1), NS, WWW))


@pytest.mark.parametrize(
    ("lines", "after"),
    [
        pytest.param((soa(2), soa(1), WWW, soa(2), WWW_2, soa(2)), (soa(2), NS, WWW_2), id="one goes, one comes"),
        pytest.param((soa(2), soa(1), soa(2), WWW_2, soa(2)), (soa(2), NS, WWW, WWW_2), id="one comes"),
        pytest.param((soa(2), soa(1), WWW, soa(2), soa(2)), (soa(2), NS), id="one goes"),
        pytest.param((soa(2), soa(1), soa(2), soa(2)), (soa(2), NS, WWW), id="only the SOA"),
        pytest.param(
            (soa(3), soa(1), WWW, soa(2), WWW_2, soa(2), WWW_2, soa(3), MAIL, soa(3)),
            (soa(3), NS, MAIL),
            id="two steps, the second takes back the first",
        ),
        pytest.param(
            (soa(2), soa(1), WWW, soa(2), WWW.replace(" 60 ", " 5 "), soa(2)),
            (soa(2), NS, WWW.replace(" 60 ", " 5 ")),
            id="another TTL",
        ),
        pytest.param(
            (soa(2), soa(1), NS, soa(2), "example.org. 60 NS a.example.org.", soa(2)),
            (soa(2), "example.org. 60 NS a.example.org.", WWW),
            id="at the apex",
        ),
        pytest.param(
            (soa(2), soa(1), ELSEWHERE, soa(2), "x.example.net. 60 A 192.0.2.8", soa(2)),
            (soa(2), NS, WWW),
            id="what is not of the zone is left out",
        ),
        pytest.param((soa(2), NS, MAIL, soa(2)), (soa(2), NS, MAIL), id="the whole zone in its place"),
    ],
)
def test_a_difference_leads_to_the_new_version(lines, after):
    assert zone(difference(*lines)) == told(zone_of(*after))


def test_a_difference_leaves_the_version_before_as_it_was():
    had = zone_of(*HAD, MAIL)
    taken(soa(2), soa(1), WWW, soa(2), WWW_2, "mail.example.org. 60 TXT new", soa(2), had=had, incremental=True)
    assert told(had) == told(zone_of(*HAD, MAIL))


def test_serials_go_round():
    high = (1 << 32) - 1
    incoming = difference(soa(1), soa(high), WWW, soa(1), MAIL, soa(1), had=(soa(high), NS, WWW))
    assert zone(incoming) == told(zone_of(soa(1), NS, MAIL))


@pytest.mark.parametrize("serial", [1, 0, (1 << 32) - 5])
@pytest.mark.parametrize("incremental", [True, False])
def test_an_soa_that_is_no_newer_ends_it(serial, incremental):
    incoming = taken(soa(serial), had=zone_of(*HAD), incremental=incremental)
    assert (incoming.ended, incoming.is_current) == (True, True)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        pytest.param((WWW,), "www.example.org. A before the SOA", id="no SOA first"),
        pytest.param((soa(1), NS, soa(2)), "an SOA of serial 2 within the zone of serial 1", id="another SOA last"),
        pytest.param((soa(1), soa(2)), "an SOA of serial 2 within the zone of serial 1", id="a difference to nothing"),
        pytest.param(
            (soa(1), NS, "sub.example.org. 60 SOA a. b. 1 1 1 1 1"),
            "an SOA at sub.example.org., which is not the zone",
            id="an SOA elsewhere",
        ),
        pytest.param((soa(1), NS, soa(1), WWW), "www.example.org. A behind the last SOA", id="more behind the end"),
        pytest.param((soa(1), NS, soa(1), soa(1)), "example.org. SOA behind the last SOA", id="an SOA behind the end"),
    ],
)
def test_what_is_no_zone_is_refused(lines, why):
    with pytest.raises(FormatError, match=why):
        taken(*lines)


@pytest.mark.parametrize("lines", [(soa(1), WWW, soa(1)), (soa(1), soa(1))], ids=["without NS", "nothing at all"])
def test_a_zone_without_name_servers_is_refused(lines):
    with pytest.raises(FormatError, match=r"the zone example\.org\. without an NS record at its apex"):
        zone(taken(*lines))


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        pytest.param((soa(2), soa(1), MAIL), "takes away mail.example.org. A, which is not there", id="no such owner"),
        pytest.param((soa(2), soa(1), WWW_2), "takes away www.example.org. A, which is not there", id="no such data"),
        pytest.param(
            (soa(2), soa(1), "www.example.org. 60 TXT x"), "takes away www.example.org. TXT", id="no such type"
        ),
        pytest.param((soa(2), soa(1), WWW, WWW), "takes away www.example.org. A", id="the same record twice"),
        pytest.param((soa(2), soa(1), soa(2), WWW), "adds www.example.org. A, which is there", id="one that is there"),
        pytest.param((soa(3), soa(2)), "a difference from serial 2, where 1 is what there is", id="from another one"),
        pytest.param((soa(3), soa(1), soa(1)), "a difference that leads from serial 1 to 1", id="a step to itself"),
        pytest.param((soa(3), soa(1), soa(0)), "a difference that leads from serial 1 to 0", id="a step back"),
        pytest.param(
            (soa(3), soa(1), soa(2), MAIL, soa(3)), "serial 3 behind one that leads to 2", id="a step that is missing"
        ),
        pytest.param((soa(2), soa(1), soa(2), soa(2), MAIL), "mail.example.org. A behind the last SOA", id="too much"),
    ],
)
def test_a_difference_that_does_not_fit_is_refused(lines, why):
    with pytest.raises(FormatError, match=why):
        difference(*lines)


def test_a_zone_that_loses_its_name_servers_is_refused():
    with pytest.raises(FormatError, match="without an NS record"):
        zone(difference(soa(2), soa(1), NS, soa(2), soa(2)))


@pytest.mark.parametrize(
    "limits", [pytest.param(Limits(records=4), id="records"), pytest.param(Limits(octets=200), id="octets")]
)
@pytest.mark.parametrize("more", [WWW_2, ELSEWHERE, WWW], ids=["new", "left out", "again"])
def test_a_zone_larger_than_allowed_is_refused(limits, more):
    with pytest.raises(LimitError, match="max_"):
        taken(soa(1), NS, WWW, MAIL, more, soa(1), limits=limits)


def test_a_zone_that_grows_too_large_by_differences_is_refused():
    had = zone_of(*HAD, *(f"h{number}.example.org. 60 A 192.0.2.1" for number in range(10)))
    with pytest.raises(LimitError, match="more than 13 records"):
        taken(soa(2), soa(1), soa(2), MAIL, WWW_2, soa(2), had=had, incremental=True, limits=Limits(records=13))


def test_messages_count_as_they_come():
    incoming = Incoming(APEX, None, Limits(octets=1000), incremental=False)
    incoming.weigh(600)
    with pytest.raises(LimitError, match="more than 1000 octets"):
        incoming.weigh(600)


def test_every_step_knows_what_to_do():
    assert set(TABLE) == set(Step)


def test_others_have_their_turn_while_a_large_zone_is_copied():
    had = zone_of(soa(1), NS, *(f"h{number}.example.org. 60 A 192.0.2.1" for number in range(5000)))
    incoming = taken(soa(2), had=had, incremental=True)
    assert len(list(incoming.take([record(soa(1))]))) >= 5
