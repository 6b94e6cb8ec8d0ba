"""The order of names in a signed zone, and proofs by their hashes, with the examples of the RFCs."""

import base64
import random

import dns.name
import pytest

from fedresolver.wire.const import Type
from fedresolver.wire.name import ROOT, from_labels, from_text, to_text
from fedresolver.wire.rr import RRset
from fedresolver.zone.contents import Contents
from fedresolver.zone.proofs import MOST_ITERATIONS, WILDCARD, Hashing, hashed, in_order, proofs
from tests.support.zone_text import zone_of

SALT = bytes.fromhex("aabbccdd")
HASHES = {
    "example": "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom",
    "a.example": "35mthgpgcu1qg68fab165klnsnk3dpvl",
    "ai.example": "gjeqe526plbf1g8mklp59enfd789njgi",
    "ns1.example": "2t7b4g4vsa5smi47k61mv5bv1a22bojr",
    "ns2.example": "q04jkcevqvmu85r014c7dkba38o0ji5r",
    "w.example": "k8udemvp1j2f7eg6jebps17vp3n8i58h",
    "*.w.example": "r53bq7cc2uvmubfu5ocmm6pers9tk9en",
    "x.w.example": "b4um86eghhds6nea196smvmlo4ors995",
    "y.w.example": "ji6neoaepv8b5o6k4ev33abha8ht9fgc",
    "x.y.w.example": "2vptu5timamqttgl4luu9kg21e0aor3s",
    "xx.example": "t644ebqk9bibcna874givr6joj62mlhv",
    "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example": "kohar7mbb8dc2ce8a9qvl8hon4k53uhi",
}
"""RFC 5155 appendix A: twelve more rounds."""
DIGITS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghijklmnopqrstuv")
ORDER = r"example a.example yljkjljk.a.example Z.a.example zABC.a.EXAMPLE z.example \001.z.example *.z.example \200.z.example"
"""RFC 4034 6.1."""


def digits(octets):
    return base64.b32encode(octets).translate(DIGITS).decode()


@pytest.mark.parametrize("name", HASHES)
def test_a_name_is_hashed(name):
    assert digits(hashed(from_text(name), Hashing(12, SALT))) == HASHES[name]


def test_names_are_in_the_order_of_the_rfc():
    names = [from_text(name) for name in ORDER.split()]
    assert sorted(random.Random(1).sample(names, len(names)), key=in_order) == names


def test_names_of_any_octets_are_in_the_order_that_dnspython_has():
    drawn = random.Random(4034)
    octets = [0, 1, 2, 42, 97, 255]
    names = {
        from_labels(tuple(bytes(drawn.choices(octets, k=drawn.randint(1, 3))) for _ in range(drawn.randint(1, 4))))
        for _ in range(2000)
    }
    theirs = sorted(names, key=lambda name: dns.name.from_wire(name, 0)[0])
    assert sorted(names, key=in_order) == theirs


class Hashes:
    """A zone whose names have NSEC3 records, but for some (Opt-Out): what a proof is made of, by name."""

    def __init__(self, names, without=(), iterations=0, salt="-"):
        given = from_text("example")
        self._hashing = Hashing(iterations, b"" if salt == "-" else bytes.fromhex(salt))
        text = f"@ NS ns\n@ NSEC3PARAM 1 0 {iterations} {salt}\n"
        text += "@ RRSIG SOA 13 1 300 20300101000000 20200101000000 1 example. AAAA\n"
        self._places = {hashed(from_text(name), self._hashing): name for name in names if name not in without}
        ring = sorted(self._places)
        for here, there in zip(ring, [*ring[1:], ring[0]], strict=True):
            text += f"{digits(here)} NSEC3 1 0 {iterations} {salt} {digits(there)} A\n"
        text += "".join(
            f"{name.removesuffix('.example')} A 192.0.2.1\n" for name in names if name != to_text(given)[:-1]
        )
        self.proofs = proofs(zone_of(text, "example"), lambda: None)

    def named(self, proof):
        """Return whose records a proof is made of."""
        owners = {digits(place): name for place, name in self._places.items()}
        return [owners[to_text(rrset.owner).split(".")[0]] for rrset in proof]

    def covering(self, name):
        """Return whose record is before the hash of a name."""
        place = hashed(from_text(name), self._hashing)
        return self._places[max((one for one in self._places if one <= place), default=max(self._places))]


NAMES = ["example", "a.example", "ns.example", "w.example", "x.w.example"]


@pytest.mark.parametrize(("iterations", "salt"), [(0, "-"), (12, "aabbccdd"), (MOST_ITERATIONS, "01")])
def test_names_that_are_not_there_are_proven_by_hashes(iterations, salt):
    """RFC 5155 7.2.1 to 7.2.6."""
    zone = Hashes(NAMES, iterations=iterations, salt=salt)
    w, name = from_text("w.example"), from_text("q.nope.w.example")
    assert zone.named(zone.proofs.no_data(w)) == ["w.example"]
    closer = zone.covering("nope.w.example")
    assert zone.named(zone.proofs.absent(name, w)) == ["w.example", closer, zone.covering("*.w.example")]
    assert zone.named(zone.proofs.expanded(name, w)) == [closer]


def test_a_delegation_without_a_hash_is_proven_by_what_is_above_it():
    """Opt-Out: RFC 5155 7.2.4 and 7.2.7."""
    zone = Hashes(
        [*NAMES, "kid.w.example", "ent.example", "kid.ent.example"], ("kid.w.example", "ent.example", "kid.ent.example")
    )
    assert zone.named(zone.proofs.no_data(from_text("kid.w.example"))) == ["w.example", zone.covering("kid.w.example")]
    deep = zone.proofs.no_data(from_text("kid.ent.example"))
    assert zone.named(deep) == ["example", zone.covering("ent.example")]
    absent = zone.proofs.absent(from_text("x.ent.example"), from_text("ent.example"))
    assert zone.named(absent) == ["example", zone.covering("ent.example"), zone.covering("*.example")]


def test_too_many_rounds_are_not_worked_out():
    zone = Hashes(NAMES, iterations=MOST_ITERATIONS + 1)
    assert zone.proofs.no_data(from_text("a.example")) == ()


def test_records_of_another_chain_are_no_proofs():
    """While the salt changes a zone has two chains (RFC 5155 4): NSEC3PARAM says which is whole."""
    place = "0" * 32
    text = f"""\
@ NS ns
@ NSEC3PARAM 1 0 0 -
@ RRSIG SOA 13 1 300 20300101000000 20200101000000 1 example. AAAA
{place} NSEC3 1 0 0 aa {place} A
short NSEC3 1 0 0 - {place} A
zz{place[2:]} NSEC3 1 0 0 - {place} A
"""
    assert proofs(zone_of(text, "example"), lambda: None).no_data(from_text("example")) == ()


@pytest.mark.parametrize("parameters", ["", "02", "0101000000", "0100000001"])
def test_parameters_of_no_chain_are_passed_over(parameters):
    """Flags that are not 0 mean that the chain is not used (RFC 5155 4.1.2), other data is no parameters."""
    whole = zone_of("@ NS ns\n@ RRSIG SOA 13 0 300 20300101000000 20200101000000 1 . AAAA\n@ NSEC a. NS\n", ".")
    odd = RRset(ROOT, Type.NSEC3PARAM, 300, (bytes.fromhex(parameters),))
    apex = {**whole.rrsets[ROOT], odd.rtype: odd}
    (proof,) = proofs(Contents(ROOT, {ROOT: apex}), lambda: None).no_data(ROOT)
    assert proof.rtype == Type.NSEC


def test_the_root_is_no_hash():
    text = f"""\
@ NS ns
@ NSEC3PARAM 1 0 0 -
@ RRSIG SOA 13 0 300 20300101000000 20200101000000 1 . AAAA
@ NSEC3 1 0 0 - {"0" * 32} A
"""
    assert proofs(zone_of(text, "."), lambda: None).no_data(ROOT) == ()


def test_a_wildcard_is_a_label():
    assert WILDCARD + from_text("example") == from_text("*.example")
