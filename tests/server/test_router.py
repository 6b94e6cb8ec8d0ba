"""Which server block a question belongs to."""

import pytest

from fedresolver.server.router import Block
from fedresolver.wire.name import to_text
from fedresolver.wire.query import read
from tests.support.ask import raw, wire
from tests.support.listening import router


async def nobody(request):
    raise AssertionError("no question is asked here")


ZONES = (".", "example.org.", "sub.example.org.", "org.")


@pytest.mark.parametrize(
    ("zones", "qname", "zone"),
    [
        pytest.param(ZONES, "www.example.org.", "example.org.", id="the longest zone that the name is in"),
        pytest.param(ZONES, "a.b.sub.example.org.", "sub.example.org.", id="a zone below a zone"),
        pytest.param(ZONES, "example.org.", "example.org.", id="the name of a zone is in it"),
        pytest.param(ZONES, "SUB.Example.ORG.", "sub.example.org.", id="letter case does not matter"),
        pytest.param(ZONES, "notexample.org.", "org.", id="borders of labels count"),
        pytest.param(ZONES, "example.com.", ".", id="the root has all the rest"),
        pytest.param(ZONES, ".", ".", id="the root has itself"),
        pytest.param(("example.org.",), "example.com.", None, id="a name of no zone"),
        pytest.param(("example.org.",), "org.", None, id="a name above the zone"),
        pytest.param(("example.org.",), ".", None, id="the root is in no other zone"),
        pytest.param((".",), "www.example.org.", ".", id="the root alone has everything"),
        pytest.param((), "www.example.org.", None, id="without blocks there is none"),
    ],
)
def test_the_block_of_a_name(zones, qname, zone):
    blocks = {zone: Block(nobody) for zone in zones}
    match = router(blocks).match(read(raw(wire(qname))))
    found = match and (match[0], to_text(match[1]) or ".")
    assert found == (zone and (blocks[zone], zone))
