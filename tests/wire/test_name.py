r"""Names: text, octets and label borders."""

import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedresolver.wire.error import FormatError
from fedresolver.wire.name import ROOT, from_labels, from_text, is_below, labels, parents, starts, to_text

LABEL = st.binary(min_size=1, max_size=63)
LABELS = st.lists(LABEL, max_size=6).map(tuple).filter(lambda found: sum(len(one) + 1 for one in found) < 255)


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        pytest.param(".", b"\0", id="the root"),
        pytest.param("example.com.", b"\7example\3com\0", id="with the final dot"),
        pytest.param("example.com", b"\7example\3com\0", id="without the final dot it means the same"),
        pytest.param("EXAMPLE.Com", b"\7example\3com\0", id="letters become small"),
        pytest.param("_http._tcp.x", b"\5_http\4_tcp\1x\0", id="underscores"),
        pytest.param(r"a\.b.c", b"\3a.b\1c\0", id="an escaped dot is part of its label"),
        pytest.param(r"a\046b.c", b"\3a.b\1c\0", id="a dot as a number is part of its label"),
        pytest.param(r"\000\255", b"\2\0\xff\0", id="the least and the greatest octet"),
        pytest.param(r"a\\b", b"\3a\\b\0", id="a backslash"),
        pytest.param(r"\097", b"\1a\0", id="a number of three digits"),
        pytest.param(r"\0971", b"\2a1\0", id="a digit after a number of three digits"),
        pytest.param("ü", b"\2\xc3\xbc\0", id="what is not ASCII stands as UTF-8"),
        pytest.param("a" * 63, b"\x3f" + b"a" * 63 + b"\0", id="the longest label"),
        pytest.param(".".join(["a" * 63] * 3 + ["b" * 61]), None, id="the longest name"),
    ],
)
def test_text_means_these_octets(text, octets):
    found = from_text(text)
    assert len(found) == 255 if octets is None else found == octets


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "label of 0 octets", id="nothing at all"),
        pytest.param("a..b", "label of 0 octets", id="an empty label in the middle"),
        pytest.param(".a", "label of 0 octets", id="an empty label at the front"),
        pytest.param("a" * 64, "label of 64 octets", id="a label of 64 octets"),
        pytest.param("ü" * 32, "label of 64 octets", id="a label of 64 octets in 32 letters"),
        pytest.param(".".join(["a" * 63] * 3 + ["b" * 62]), "name of 256 octets", id="a name of 256 octets"),
        pytest.param(r"\256", "bad escape", id="a number above 255"),
        pytest.param(r"\25", "bad escape", id="a number of two digits"),
        pytest.param("a\\", "bad escape", id="a backslash at the end"),
    ],
)
def test_what_is_no_name_says_why(text, why):
    with pytest.raises(FormatError, match=why):
        from_text(text)


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        pytest.param(ROOT, ".", id="the root"),
        pytest.param(b"\3a.b\1c\0", r"a\.b.c.", id="a dot in a label"),
        pytest.param(b"\3\0 \x7f\0", r"\000\032\127.", id="what cannot be printed"),
        pytest.param(b'\5"();@\0', r"\"\(\)\;\@.", id="what master files give a meaning"),
        pytest.param(b"\2\\$\0", r"\\\$.", id="a backslash and a dollar sign"),
    ],
)
def test_octets_are_written_so_that_they_can_be_read_back(octets, text):
    assert to_text(octets) == text
    assert from_text(text) == octets


@given(LABELS)
def test_any_labels_survive_text(found):
    name = from_labels(found)
    assert labels(name) == tuple(label.lower() for label in found)
    assert from_text(to_text(name)) == name


@given(LABELS)
def test_dnspython_reads_the_same_labels_from_octets_and_from_text(found):
    name = from_labels(found)
    assert dns.name.from_wire(name, 0)[0].labels[:-1] == labels(name)
    assert dns.name.from_text(to_text(name)) == dns.name.from_wire(name, 0)[0]


@pytest.mark.parametrize(
    ("name", "zone", "below"),
    [
        pytest.param("www.example.com", "example.com", True, id="a name below"),
        pytest.param("example.com", "example.com", True, id="the zone itself"),
        pytest.param("example.com", ".", True, id="everything is below the root"),
        pytest.param("com", "example.com", False, id="the parent"),
        pytest.param("notexample.com", "example.com", False, id="letters before the zone's first label"),
        pytest.param(r"a\007example.com", "example.com", False, id="a label that ends in the octets of the zone"),
        pytest.param(r"a\007example\003com", "com", False, id="a label that holds the octets of the zone and no more"),
        pytest.param(r"x.a\007example.com", r"a\007example.com", True, id="below such a label"),
    ],
)
def test_only_label_borders_count(name, zone, below):
    assert is_below(from_text(name), from_text(zone)) is below


def test_parents_and_starts_go_from_the_name_itself_to_the_root():
    name = from_text("a.bc.d")
    assert parents(name) == (name, from_text("bc.d"), from_text("d"), ROOT)
    assert starts(name) == (0, 2, 5, 7)
    assert (parents(ROOT), starts(ROOT)) == ((ROOT,), (0,))
