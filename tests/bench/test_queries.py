import dns.edns
import dns.message
import pytest

from bench import queries
from bench.truth import SUFFIX

COUNT = 500


def names(messages):
    return [dns.message.from_wire(message).question[0].name.to_text() for message in messages]


@pytest.mark.parametrize(
    "give",
    [
        pytest.param(queries.absent, id="absent names"),
        pytest.param(queries.cookies, id="client cookies"),
        pytest.param(queries.letter_case(1), id="large and small letters of one name"),
    ],
)
def test_no_two_messages_are_alike(give):
    assert len(set(give(COUNT))) == COUNT


def test_each_local_name_is_asked_once():
    assert names(queries.local(3)(0)) == [f"svc-0000{n}.{SUFFIX}" for n in (1, 2, 3)]


def test_letter_case_changes_letters_only():
    asked = names(queries.letter_case(3)(COUNT))
    assert {name.lower() for name in asked} == set(names(queries.local(3)(0)))


def test_absent_names_are_one_label_below_the_namespace():
    labels = {name.removesuffix(f".{SUFFIX}") for name in names(queries.absent(COUNT))}
    assert all(len(label) == 16 and set(label) <= set("pqrstuvw") for label in labels)


def test_cookies_are_of_eight_octets():
    options = [dns.message.from_wire(message).options for message in queries.cookies(COUNT)]
    assert {(len(option), option[0].otype, len(option[0].to_wire())) for option in options} == {(1, dns.edns.COOKIE, 8)}
