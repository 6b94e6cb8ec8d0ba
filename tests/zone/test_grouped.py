import pytest

from fedresolver.wire.name import from_text
from fedresolver.zone.contents import Contents
from fedresolver.zone.grouped import Grouped
from tests.support.records import lines
from tests.support.versions import APEX, version

WHOLE = version(1, ["a 60 A 192.0.2.1", "a 60 TXT x", "b 60 A 192.0.2.2", "c 60 A 192.0.2.3"])
NAMES = list(WHOLE.rrsets)
PARTS = tuple({name: WHOLE.rrsets[name] for name in part} for part in (NAMES[:1], NAMES[1:3], [], NAMES[3:]))
GROUPED = Grouped(PARTS)


def test_it_is_what_its_parts_are_together():
    assert WHOLE.rrsets == GROUPED
    assert list(GROUPED) == NAMES
    assert len(GROUPED) == len(GROUPED.values()) == 4
    assert list(GROUPED.values()) == list(WHOLE.rrsets.values())
    assert Contents(APEX, GROUPED).serial == 1
    assert lines(Contents(APEX, GROUPED).others()) == lines(WHOLE.others())


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_found(name):
    assert GROUPED[name] is WHOLE.rrsets[name]


def test_other_names_are_not():
    assert from_text("d.z") not in GROUPED
    with pytest.raises(KeyError):
        GROUPED[from_text("d.z")]
