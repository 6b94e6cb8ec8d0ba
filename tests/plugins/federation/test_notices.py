"""What an operator reads about a federation: once each, and not endless."""

from fedresolver.model.event import Put
from fedresolver.model.objects import Node
from fedresolver.model.place import Place
from fedresolver.plugins.federation.notices import MOST_DOUBTS
from tests.support.federation import federations
from tests.support.world import events

COREFILE = "federation shop example.com {\nmanifests .\n}\n"


def test_a_member_that_is_always_elsewhere_is_doubted_once_for_each_place_and_not_for_ever(caplog):
    with federations(COREFILE, events("c1 in north/oslo")) as running:
        for number in (1, 2, 2, 1, *range(3, MOST_DOUBTS + 9)):
            running.tell([Put("c1", Node("n1", Place(f"r{number}", f"r{number}")))])
    doubts = [record.getMessage() for record in caplog.records if "called like a region" in record.getMessage()]
    assert doubts[:2] == [
        f"topology zone r{number} is called like a region: its short name means the region" for number in (1, 2)
    ]
    assert len(doubts) == len(set(doubts)) == MOST_DOUBTS
