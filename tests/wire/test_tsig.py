"""Signatures: dnspython makes and reads them, so that two who wrote the RFC down apart agree."""

import hmac
import struct
import time

import dns.message
import dns.name
import dns.rcode
import dns.tsig
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedresolver.wire.error import FormatError
from fedresolver.wire.name import from_text
from fedresolver.wire.query import QueryError, read
from fedresolver.wire.tsig import ALGORITHMS, Asked, SignatureError, find, read_record, verify
from tests.support.signed import ALGORITHM, BASE64, NAME, OTHER_SECRET, SECRET, key, ring, signed, theirs, verified

HOUR = 3600


def now():
    return int(time.time())


def made(**options):
    return dns.message.make_query("www.example.org", "A", **options)


def response(query):
    """Return the octets of an answer that is not signed yet."""
    answer = dns.message.make_response(query)
    answer.tsig = None
    return answer.to_wire()


def verdict(octets, keyring=None, at=None):
    """Return `good`, or what is wrong with a query."""
    try:
        verify(octets, read(octets).signature, keyring or ring(key()), at or now())
    except SignatureError as error:
        return error.rcode.name, error.error
    return "good"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_both_sides_agree_about_every_algorithm(algorithm):
    query = made()
    octets = signed(query, theirs(algorithm=algorithm))
    signer = verify(octets, read(octets).signature, ring(key(algorithm=algorithm)), now())
    assert signer.name == from_text(NAME)
    assert verified(signer.sign(response(query), now()), query).had_tsig


def test_md5_is_none_of_the_algorithms():
    assert {name for name in ALGORITHMS if "md5" in name} == set()
    assert verdict(signed(made(), theirs(algorithm="hmac-md5.sig-alg.reg.int"))) == ("NOTAUTH", 17)


@pytest.mark.parametrize(
    ("by", "what"),
    [
        pytest.param(theirs(), "good", id="the key"),
        pytest.param(theirs(name="KEY.example.ORG."), "good", id="its name in other letters"),
        pytest.param(theirs(name="other.example.org."), ("NOTAUTH", 17), id="a key that nobody knows"),
        pytest.param(theirs(algorithm="hmac-sha512"), ("NOTAUTH", 17), id="another algorithm"),
        pytest.param(theirs(secret=OTHER_SECRET), ("NOTAUTH", 16), id="another secret"),
    ],
)
def test_which_signatures_are_believed(by, what):
    assert verdict(signed(made(), by)) == what


@pytest.mark.parametrize(
    ("later", "what"),
    [
        (0, "good"),
        (290, "good"),
        (-290, "good"),
        (310, ("NOTAUTH", 18)),
        (HOUR, ("NOTAUTH", 18)),
        (-HOUR, ("NOTAUTH", 18)),
    ],
)
def test_clocks_may_differ_by_five_minutes(later, what):
    assert verdict(signed(made()), at=now() + later) == what


def test_a_signature_of_each_octet_but_those_of_the_id():
    octets = signed(made(), theirs("k."))
    at = read(octets).signature
    for place in range(2, at):
        changed = octets[:place] + bytes((octets[place] ^ 1,)) + octets[place + 1 :]
        if place not in range(4, 12):  # the counts: it would not even be read
            with pytest.raises(SignatureError, match="BADSIG"):
                verify(changed, at, ring(key("k.")), now())
    assert (
        verdict(b"\xff\xff" + octets[2:], ring(key("k."))) == "good"
    )  # a forwarder has given it another one (RFC 8945 4.2)


def record(owner=b"\3key\7example\3org\0", rclass=255, ttl=0, rdata=None):
    rdata = data() if rdata is None else rdata
    return owner + struct.pack("!2HIH", 250, rclass, ttl, len(rdata)) + rdata


def data(mac=bytes(32), size=None, other=b"", others=None, algorithm=b"\x0bhmac-sha256\0", error=0):
    sizes = (len(mac) if size is None else size, len(other) if others is None else others)
    times = struct.pack("!HIHH", 0, now(), 300, sizes[0])
    return algorithm + times + mac + struct.pack("!3H", 0x1234, error, sizes[1]) + other


QUESTION = b"\3www\7example\3org\0\0\1\0\1"


def message(more):
    return struct.pack("!6H", 0x1234, 0, 1, 0, 0, 1) + QUESTION + more


@pytest.mark.parametrize(
    ("tsig", "what"),
    [
        pytest.param(record(), ("NOTAUTH", 16), id="well-formed"),
        pytest.param(record(owner=b"\3key\xc0\x10"), ("NOTAUTH", 16), id="an owner that is compressed"),
        pytest.param(record(owner=b"\xc0\x2d"), ("FORMERR", 0), id="an owner that points to itself"),
        pytest.param(record(owner=b"\xc0\xff"), ("FORMERR", 0), id="an owner that points out of the message"),
        pytest.param(record(rclass=1), ("FORMERR", 0), id="class IN"),
        pytest.param(record(ttl=1), ("FORMERR", 0), id="a TTL"),
        pytest.param(record(rdata=b""), ("FORMERR", 0), id="no data"),
        pytest.param(record(rdata=data()[:-1]), ("FORMERR", 0), id="an octet missing"),
        pytest.param(record(rdata=data() + b"\0"), ("FORMERR", 0), id="an octet too many"),
        pytest.param(record(rdata=data(size=33)), ("FORMERR", 0), id="a MAC shorter than it says"),
        pytest.param(record(rdata=data(size=65535)), ("FORMERR", 0), id="a MAC beyond the message"),
        pytest.param(record(rdata=data(others=6)), ("FORMERR", 0), id="other data that is not there"),
        pytest.param(record(rdata=data(algorithm=b"\xc0\x0c")), ("FORMERR", 0), id="an algorithm that is compressed"),
        pytest.param(record(rdata=data(algorithm=b"\x40" + bytes(9))), ("FORMERR", 0), id="an unknown type of label"),
        pytest.param(record(rdata=data(algorithm=(b"\x3f" + b"a" * 63) * 4 + b"\0")), ("FORMERR", 0), id="257 octets"),
        pytest.param(record(rdata=data(algorithm=b"\0")), ("NOTAUTH", 17), id="the root for an algorithm"),
        pytest.param(record(rdata=data(mac=b"")), ("FORMERR", 0), id="no MAC (CVE-2017-3143)"),
        pytest.param(record(rdata=data(mac=bytes(15))), ("FORMERR", 0), id="less than half a MAC"),
        pytest.param(record(rdata=data(mac=bytes(33))), ("FORMERR", 0), id="more than a MAC (CVE-2017-3142)"),
        pytest.param(record(rdata=data(mac=bytes(16))), ("NOTAUTH", 16), id="half a MAC that is wrong"),
        pytest.param(record(rdata=data(error=65535)), ("NOTAUTH", 16), id="an error in a query (CVE-2020-8617)"),
        pytest.param(
            record(rdata=data(error=16, mac=b"")), ("FORMERR", 0), id="an answer's BADSIG in a query (CVE-2020-8617)"
        ),
        pytest.param(
            record(rdata=data(error=18, other=bytes(6))),
            ("NOTAUTH", 16),
            id="an answer's BADTIME in a query (CVE-2020-8617)",
        ),
    ],
)
def test_a_record_is_checked_before_anything_is_made_of_it(tsig, what):
    assert verdict(message(tsig)) == what


def cut(octets, size):
    """Return a signed message with the first octets of its MAC only."""
    at = read(octets).signature
    found = read_record(octets, at)
    start = octets.index(found.mac, at)
    rest = octets[start - 2 : start] + octets[start + len(found.mac) :]
    body = octets[: start - 2] + size.to_bytes(2) + found.mac[:size] + rest[2:]
    length = at + len(found.owner) + 8
    return (
        body[:length]
        + (int.from_bytes(body[length : length + 2]) - len(found.mac) + size).to_bytes(2)
        + body[length + 2 :]
    )


@pytest.mark.parametrize(
    ("size", "what"), [(32, "good"), (31, ("NOTAUTH", 22)), (16, ("NOTAUTH", 22)), (15, ("FORMERR", 0))]
)
def test_a_signature_must_be_whole(size, what):
    assert verdict(cut(signed(made(), theirs("k.")), size), ring(key("k."))) == what


def refused(octets, at=None, keyring=None):
    """Return the record of the answer to a query that is not believed, and the answer."""
    with pytest.raises(SignatureError) as caught:
        verify(octets, read(octets).signature, keyring or ring(key()), at or now())
    answer = caught.value.signer.sign(response(made()), at or now())
    assert find(answer)
    return read_record(answer, find(answer)), answer


@pytest.mark.parametrize("by", [theirs(name="other."), theirs(secret=OTHER_SECRET)], ids=["BADKEY", "BADSIG"])
def test_what_is_wrong_is_told_without_a_signature(by):
    octets = signed(made(), by)
    found, _ = refused(octets)
    asked = read_record(octets, read(octets).signature)
    assert (found.owner, found.algorithm) == (asked.owner, asked.algorithm)
    assert (found.mac, found.other, found.error in (16, 17)) == (b"", b"", True)


def test_a_wrong_time_is_answered_with_ours_and_signed_at_theirs():
    query = made()
    octets = signed(query)
    asked = read_record(octets, read(octets).signature)
    found, answer = refused(octets, asked.signed + HOUR)
    assert (found.error, found.signed, found.fudge) == (18, asked.signed, asked.fudge)
    assert found.other == (asked.signed + HOUR).to_bytes(6)
    bare = answer[:10] + b"\0\0" + answer[12 : find(answer)]
    names = dns.name.from_text(NAME).to_wire() + b"\0\xff\0\0\0\0" + dns.name.from_text(ALGORITHM).to_wire()
    fields = asked.signed.to_bytes(6) + struct.pack("!3H", 300, 18, 6) + found.other
    digest = b"\0\x20" + asked.mac + bare + names + fields
    assert found.mac == hmac.digest(SECRET, digest, "sha256")


def test_a_stream_of_messages_is_signed_one_after_the_other():
    query = made()
    octets = signed(query)
    signer = verify(octets, read(octets).signature, ring(key()), now())
    context = None
    for _ in range(4):
        answer = verified(signer.sign(response(query), now()), query, multi=True, tsig_ctx=context)
        context = answer.tsig_ctx
        assert answer.had_tsig


def test_the_room_is_what_a_signature_takes():
    for algorithm in ALGORITHMS:
        octets = signed(made(), theirs(algorithm=algorithm))
        signer = verify(octets, read(octets).signature, ring(key(algorithm=algorithm)), now())
        bare = response(made())
        assert len(signer.sign(bare, now())) == len(bare) + signer.room - 6  # other data of a wrong time


# The other side of it: what we ask, and the answers to that.


def asked(by=None):
    query = made(id=0x1234)
    return query, Asked(query.to_wire(), by or key(), now())


def answers(ours, count, unsigned=()):
    """Return the messages of an answer as dnspython signs them, some of them not at all."""
    query = dns.message.from_wire(ours.message, keyring=theirs())
    context, found = None, []
    for number in range(count):
        answer = dns.message.make_response(query)
        if number in unsigned:
            answer.tsig = None
            octets = answer.to_wire()
            context.update(octets)
        else:
            octets = answer.to_wire(multi=True, tsig_ctx=context)
            context = answer.tsig_ctx
        found.append(octets)
    return found


def taken(ours, messages, at=None):
    """Return `good`, or the error of an answer that is not believed."""
    try:
        for octets in messages:
            ours.verify(octets, find(octets), at or now())
        ours.end()
    except SignatureError as error:
        return str(error)
    return "good"


def test_what_we_sign_is_good():
    _, ours = asked()
    assert dns.message.from_wire(ours.message, keyring=theirs()).had_tsig
    assert verdict(ours.message) == "good"


@pytest.mark.parametrize(
    ("count", "unsigned", "what"),
    [
        pytest.param(1, (), "good", id="one message"),
        pytest.param(5, (), "good", id="five"),
        pytest.param(101, range(1, 100), "good", id="99 that are not signed, between two that are"),
        pytest.param(102, range(1, 101), "more than 99 messages without a signature", id="100 that are not signed"),
        pytest.param(3, (2,), "the end of the answer is not signed", id="the last is not signed"),
    ],
)
def test_which_answers_are_believed(count, unsigned, what):
    _, ours = asked()
    assert taken(ours, answers(ours, count, unsigned)) == what


def test_an_answer_without_any_signature_is_not_believed():
    query, ours = asked()
    assert taken(ours, [response(query)]) == "the answer is not signed"
    assert taken(asked()[1], []) == "the end of the answer is not signed"


def test_a_message_that_was_changed_on_its_way_is_not_believed():
    for place in range(3):
        _, ours = asked()
        messages = answers(ours, 3, (1,))
        messages[place] = messages[place].replace(b"\3www", b"\3wwx")
        assert taken(ours, messages) == "BADSIG: the signature of the answer is wrong"


def test_an_answer_of_another_time_is_not_believed():
    _, ours = asked()
    assert taken(ours, answers(ours, 1), now() + HOUR) == "BADTIME: the answer was signed at another time"


def test_an_answer_that_is_signed_with_another_key_is_not_believed():
    _, ours = asked(key("other."))
    assert taken(ours, answers(asked()[1], 1)) == "BADKEY: the answer is signed with another key"


@pytest.mark.parametrize(
    ("keyring", "at", "what"),
    [
        (ring(), 0, "BADKEY"),
        (ring(key(secret=OTHER_SECRET)), 0, "BADSIG"),
        (ring(key()), HOUR, "BADTIME"),
    ],
)
def test_what_the_other_side_does_not_accept_is_told(keyring, at, what):
    _, ours = asked()
    _, answer = refused(ours.message, now() + at, keyring)
    assert taken(ours, [answer]) == f"{what}: the other side does not accept our signature"


def test_no_secret_is_shown():
    assert repr(key()) == "Key('key.example.org.', 'hmac-sha256')"
    assert BASE64 not in repr(ring(key())) + str(key())


GOOD = signed(made(use_edns=0, options=[dns.edns.GenericOption(10, bytes(8))]))
START = read(GOOD).signature


@given(st.integers(START, len(GOOD) - 1), st.binary(min_size=1, max_size=12), st.integers(0, 12))
def test_no_record_is_more_than_an_error(place, octets, gone):
    changed = GOOD[:place] + octets + GOOD[place + gone :]
    try:
        at = read(changed).signature
    except QueryError:
        return
    if at:
        assert verdict(changed) in ("good", ("FORMERR", 0), ("NOTAUTH", 16), ("NOTAUTH", 17), ("NOTAUTH", 18))
        assert taken(asked()[1], [changed]) != "good"


@given(st.binary(max_size=200))
def test_where_a_record_begins_is_found_or_not(octets):
    message = struct.pack("!6H", 1, 0, 1, 1, 0, 1) + octets
    try:
        at = find(message)
    except FormatError:
        return
    assert at == 0 or message[at:].find(b"\0\xfa") >= 0
