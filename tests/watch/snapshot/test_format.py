"""What is written is read again; whatever is not whole, not ours or not sound is refused, and never with a traceback."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fedresolver.model.objects import Endpoint, Export, Namespace, Node, Port, Service, Slice
from fedresolver.model.place import Place
from fedresolver.watch.snapshot.format import PORTION, SnapshotError, decode, encode, portions
from tests.support.objects import OBJECTS, TEXTS, services

SMALL = {
    "c1": (Service(namespace="shop", name="cart", labels=(("app", "cart"),)), Node("n1", Place("north", "oslo"))),
    "c2": (),
}
OCTETS = encode("shop", SMALL)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a machine that does other work too
@given(st.dictionaries(TEXTS, st.lists(OBJECTS, max_size=5), max_size=3))
def test_what_is_written_is_read_again(members):
    assert decode(encode("shop", members), "shop") == {member: tuple(things) for member, things in members.items()}


def test_members_of_many_portions_keep_their_objects_in_order():
    members = {"c1": services(PORTION), "c2": services(PORTION // 4, member=2)}
    assert len(list(portions(members))) == 3
    assert decode(encode("shop", members), "shop") == members


def test_a_file_says_in_its_first_line_what_it_is():
    line = OCTETS.split(b"\n")[0].decode()
    assert re.fullmatch(r"fedresolver snapshot, shape \w{16}, federation shop, \d+ octets, blake2b \w{64}", line)


def test_equal_names_and_ports_of_all_members_are_one_object():
    found = decode(encode("shop", {"c1": services(1), "c2": services(1, member=2)}), "shop")
    (service, part), (other, other_part) = found["c1"], found["c2"]
    assert service.name is other.name is part.service is other_part.service
    assert service.namespace is part.namespace is other_part.namespace
    assert service.ports is other.ports is part.ports


def refused(octets, federation="shop"):
    with pytest.raises(SnapshotError) as caught:
        decode(octets, federation)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_with_any_octet_changed_is_refused():
    for position in range(len(OCTETS)):
        for mask in (0x01, 0x20, 0x80, 0xFF):
            refused(OCTETS[:position] + bytes((OCTETS[position] ^ mask,)) + OCTETS[position + 1 :])


def test_a_file_cut_off_anywhere_is_refused():
    for length in range(len(OCTETS)):
        refused(OCTETS[:length])


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        pytest.param(b"", "not a snapshot of fedresolver", id="an empty file"),
        pytest.param(b"\x7fELF" + bytes(5000), "not a snapshot of fedresolver", id="another program's"),
        pytest.param(bytes(len(OCTETS)), "not a snapshot of fedresolver", id="zeros, as a crashed disk leaves them"),
        pytest.param(OCTETS + b"\0", "octets", id="something behind it"),
        pytest.param(OCTETS[:-1], "octets", id="the last octet missing"),
        pytest.param(OCTETS + OCTETS, "octets", id="twice the file"),
        pytest.param(encode("bank", SMALL), "of the federation 'bank'", id="another federation's"),
        pytest.param(
            re.sub(rb"shape \w{16}", b"shape 0123456789abcdef", OCTETS), "another version", id="another version's"
        ),
        pytest.param(OCTETS.replace(b"cart", b"cast", 1), "checksum", id="a letter changed"),
    ],
)
def test_what_is_wrong_is_said(octets, why):
    assert why in refused(octets)


@pytest.mark.parametrize(
    "thing",
    [
        pytest.param(Service(namespace="shop", name="Cart"), id="a name in capitals"),
        pytest.param(Service(namespace="x" * 64, name="cart"), id="a namespace of 64 letters"),
        pytest.param(Service(namespace="shop", name="cart", ingress=(b"123",)), id="an address of three octets"),
        pytest.param(Service(namespace="shop", name="cart", external_name="a b"), id="an external name with a blank"),
        pytest.param(Service(namespace="shop", name="cart", hostnames=("EXAMPLE.com",)), id="a hostname in capitals"),
        pytest.param(Service(namespace="shop", name="cart", ports=(Port("http", "tcp", 0),)), id="port 0"),
        pytest.param(Service(namespace="shop", name="cart", ports=(Port("http", "quic", 1),)), id="no protocol"),
        pytest.param(Service(namespace="shop", name="cart", ports=("http",)), id="a port of another shape"),
        pytest.param(Slice(namespace="shop", name="a", service=""), id="a slice of no Service"),
        pytest.param(Slice(namespace="shop", name="A", service="a"), id="a slice with a name in capitals"),
        pytest.param(Slice(namespace="a", name="a", service="a", endpoints=(Endpoint((b"",)),)), id="an empty address"),
        pytest.param(Slice(namespace="a", name="a", service="a", endpoints=(Endpoint((), "-"),)), id="a bad hostname"),
        pytest.param(Node("", None), id="a Node without a name"),
        pytest.param(Node("n1", Place("north", "Oslo")), id="a place in capitals"),
        pytest.param(Namespace("a.b"), id="a Namespace with a dot"),
        pytest.param(Export("", "a"), id="an export without a namespace"),
        pytest.param(Port("http", "tcp", 80), id="what is no object"),
    ],
)
def test_objects_that_no_member_can_have_are_refused(thing):
    assert "damaged" in refused(encode("shop", {"c1": (thing,)}))


def test_an_object_that_cannot_be_written_costs_no_other():
    good, bad = Namespace("shop"), Service(namespace="shop", name="cart", labels=(("app", "\ud800"),))
    assert decode(encode("shop", {"c1": (good, bad), "c2": (good,)}), "shop") == {"c1": (good,), "c2": (good,)}
