"""Records as a zone file."""

import pytest

from fedresolver.cli.ask.records import master_file
from fedresolver.status.documents import Record, Zone


def zone(*records):
    made = (Record(owner=owner, ttl=5, type=kind, data=data) for owner, kind, data in records)
    return Zone(name="example.com.", serial=1, records=tuple(made))


@pytest.mark.parametrize(
    ("records", "told"),
    [
        pytest.param([("example.com.", "NS", "ns.example.com.")], ["ns.example.com."], id="it has none"),
        pytest.param(
            [("example.com.", "NS", "ns.example.com."), ("ns.example.com.", "AAAA", "2001:db8::1")], [], id="it has one"
        ),
        pytest.param([("example.com.", "NS", "ns.example.net.")], [], id="it is elsewhere"),
        pytest.param([("example.com.", "NS", "ns.notexample.com.")], [], id="its name only ends alike"),
        pytest.param([("sub.example.com.", "NS", "ns.sub.example.com.")], [], id="it is that of a delegation"),
    ],
)
def test_a_name_server_without_an_address_is_told(records, told):
    lines = list(master_file([zone(*records)]))
    assert [line.split()[1] for line in lines if "has no address" in line] == told
    assert [line.split("\t")[0] for line in lines if not line.startswith(";")] == [owner for owner, _, _ in records]
