"""What has changed between two versions of a zone, as it is applied by who has the first."""

import dns.rdata
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedresolver.wire.const import Type
from fedresolver.wire.name import from_text
from fedresolver.wire.rr import RRset
from fedresolver.zone.contents import contents
from fedresolver.zone.difference import PORTION, difference, in_portions, size
from tests.support.records import lines
from tests.support.versions import APEX, soa, version


def described(step):
    """Return a step as `- owner ttl TYPE data` and `+ ...` in order."""
    return sorted([*(f"- {line}" for line in lines(step.removed)), *(f"+ {line}" for line in lines(step.added))])


A, B = "a 60 A 192.0.2.1", "b 60 A 192.0.2.1"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([A], [A], [], id="nothing but the serial"),
        pytest.param([A], [A, B], ["+ b.z. 60 A 192.0.2.1"], id="a name comes"),
        pytest.param([A, B], [A], ["- b.z. 60 A 192.0.2.1"], id="a name goes"),
        pytest.param([A], [A, "a 60 AAAA ::1"], ["+ a.z. 60 AAAA ::1"], id="a type comes"),
        pytest.param([A], [A, "a 60 A 192.0.2.2"], ["+ a.z. 60 A 192.0.2.2"], id="one more record of a set"),
        pytest.param([A, "a 60 A 192.0.2.2"], [A], ["- a.z. 60 A 192.0.2.2"], id="one record less of a set"),
        pytest.param(
            [A],
            ["a 61 A 192.0.2.1"],
            ["+ a.z. 61 A 192.0.2.1", "- a.z. 60 A 192.0.2.1"],
            id="another TTL is another record",
        ),
        pytest.param(
            [A, "a 60 A 192.0.2.2"],
            ["a 60 A 192.0.2.2", A],
            [],
            id="records in another order are the same",
        ),
    ],
)
def test_what_goes_and_what_comes(before, after, expected):
    step = difference(version(1, before), version(2, after))
    assert described(step) == expected
    assert (step.before, step.after) == (soa(1), soa(2))


def test_the_ttl_of_signatures_is_that_of_each_one():
    """RFC 4034 3: the set has one that is no record's."""
    data = [f"A 13 2 {ttl} 20300101000000 20200101000000 1 z. AAAA" for ttl in (60, 300)]
    sets = [RRset(from_text("a.z"), Type.RRSIG, ttl, tuple(map(signature, data))) for ttl in (60, 300)]
    first, second = (contents(APEX, (soa(1), one)) for one in sets)
    assert described(difference(first, second)) == []
    fewer = contents(APEX, (soa(1), RRset(from_text("a.z"), Type.RRSIG, 60, sets[0].rdatas[:1])))
    (went,) = difference(second, fewer).removed
    assert went.rdatas == sets[0].rdatas[1:]


def signature(data):
    return dns.rdata.from_text("IN", "RRSIG", data).to_wire()


def record(number):
    return st.tuples(
        st.sampled_from([APEX, from_text("a.z"), from_text("b.a.z"), from_text("*.z")]),
        st.sampled_from([Type.A, Type.TXT, Type.NS]),
        st.sampled_from([5, 60]),
        st.sets(st.binary(min_size=number, max_size=number), min_size=1, max_size=4),
    ).map(lambda found: RRset(found[0], found[1], found[2], tuple(sorted(found[3]))))


ZONES = st.lists(record(1), max_size=12, unique_by=lambda rrset: (rrset.owner, rrset.rtype))


def records(found):
    return {
        (rrset.owner, rrset.rtype, rrset.ttl, rdata)
        for types in found.rrsets.values()
        for rrset in types.values()
        for rdata in rrset.rdatas
    }


def of(rrsets):
    return {(rrset.owner, rrset.rtype, rrset.ttl, rdata) for rrset in rrsets for rdata in rrset.rdatas}


@given(ZONES, ZONES)
def test_who_has_the_first_version_gets_the_second(first, second):
    before, after = contents(APEX, (soa(1), *first)), contents(APEX, (soa(2), *second))
    step = difference(before, after)
    gone, come = of(step.removed), of(step.added)
    assert gone <= records(before)
    assert not come & records(before)
    assert (records(before) - of((step.before,)) - gone) | come | of((step.after,)) == records(after)


def test_others_have_a_turn_after_each_portion():
    before = version(1, [])
    after = version(2, [f"n{number} 60 A 192.0.2.1" for number in range(3 * PORTION)])
    assert len(list(in_portions(before, after))) == 3


def test_how_long_records_are():
    (rrset,) = version(1, ["a 60 TXT x y"]).rrsets[from_text("a.z")].values()
    assert size(rrset) == 2 * (len(from_text("a.z")) + 10 + 2)
