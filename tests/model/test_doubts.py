"""The schedule of the tries, over time that the test counts itself."""

from collections import Counter
from itertools import pairwise

import pytest

from fedresolver.model.doubts import RATE, Doubts
from fedresolver.model.event import Doubted
from fedresolver.model.member import Phase
from fedresolver.model.service import service_key

ADDRESS = (b"\xc0\0\2\1",)
OTHER = (b"\xc0\0\2\2",)
HOUR = 3600.0


def key(name):
    return service_key("shop", name)


class World:
    """Members with shards, whose tries end at once: as `dead` says, by member."""

    def __init__(self, **members):
        self.doubts = Doubts()
        self.now = 0.0
        self.dead = set()
        self.witness = True
        self.tries = []
        self.told = []
        for member, number in members.items():
            self.doubts.phase(member, Phase.SYNCED)
            for index in range(number):
                self.learn(member, f"s{index}")

    def learn(self, member, name, addresses=ADDRESS, ports=(80,)):
        return self.doubts.learn(member, key(name), addresses, ports)

    def phase(self, member, phase):
        self.doubts.phase(member, phase)

    def until(self, end):
        """Make every try that is due until `end`; return the members that were tried in that time, in order."""
        begin = len(self.tries)
        while self.now <= end:
            while (door := self.doubts.due(self.now)) is not None:
                self.tries.append((self.now, door.member, door.key))
                accepted = door.member not in self.dead
                told = self.doubts.tried(door, accepted, self.now, witness=self.witness)
                self.told += [told] if told else []
            next_at = self.doubts.next_at()
            assert next_at > self.now
            if next_at > end:
                break
            self.now = next_at
        self.now = end
        return [member for _, member, _ in self.tries[begin:]]

    def times(self, member):
        return [at for at, name, _ in self.tries if name == member]


def test_a_new_shard_is_tried_at_once_and_then_hourly():
    world = World(c1=1)
    world.until(2.5 * HOUR)
    assert world.times("c1") == [0, HOUR, 2 * HOUR]


def test_nothing_is_due_where_there_is_nothing_to_try():
    world = World(c1=0)
    assert world.learn("c1", "udp", ports=()) is None
    assert world.learn("c1", "inside", addresses=()) is None
    assert (world.doubts.due(0), world.doubts.next_at()) == (None, float("inf"))


def test_there_are_at_most_twenty_connections_a_second():
    world = World(c1=100)
    world.until(4.99)
    times = world.times("c1")
    assert len(times) == 100
    assert min(later - at for at, later in pairwise(times)) >= 1 / RATE - 1e-9
    assert times[-1] == pytest.approx(99 / RATE)


def test_the_connections_of_one_try_have_their_slots_before_the_next_try():
    doubts = World(c1=2).doubts
    assert doubts.due(0) is not None
    assert [doubts.reserve(0), doubts.reserve(0)] == [1 / RATE, 2 / RATE]
    assert doubts.due(2.9 / RATE) is None
    assert doubts.due(3.1 / RATE) is not None


def test_a_burst_of_new_shards_is_spread_over_the_hour_that_follows():
    world = World(c1=360)
    world.until(18)
    assert len(world.tries) == 360
    for minutes in range(60):
        assert len(world.until(18 + 60 * (minutes + 1))) == 6
    assert {number for _, number in Counter(name for _, _, name in world.tries).items()} == {2}


def test_a_shard_is_tried_every_five_seconds_while_its_member_is_lost():
    world = World(c1=1)
    world.until(100)
    world.phase("c1", Phase.STALE)
    world.until(111)
    assert world.times("c1") == [0, 100, 105, 110]
    world.phase("c1", Phase.EXPIRED)
    world.until(116)
    assert world.times("c1")[4:] == [115]


@pytest.mark.parametrize("phase", [Phase.PENDING, Phase.STALE, Phase.EXPIRED])
def test_a_shard_that_was_never_tried_is_not_tried_while_its_member_is_lost(phase):
    world = World()
    world.phase("c1", phase)
    world.learn("c1", "cart")
    assert world.until(HOUR) == []
    world.phase("c1", Phase.SYNCED)
    assert world.until(HOUR + 1) == ["c1"]


def test_a_shard_that_never_accepted_is_not_tried_while_its_member_is_lost():
    world = World(c1=1)
    world.dead = {"c1"}
    world.until(1)
    world.phase("c1", Phase.STALE)
    assert world.until(HOUR) == []
    assert world.told == []


def lost(witness=True):
    """Return a world in which the shard of a lost member has ceased to accept."""
    world = World(c1=1)
    world.until(10)
    world.phase("c1", Phase.STALE)
    world.dead, world.witness = {"c1"}, witness
    world.until(10)
    return world


def test_doubt_begins_with_the_first_try_and_ends_with_the_first_that_is_accepted():
    world = lost()
    assert world.told == [Doubted("c1", key("s0"), True)]
    world.until(60)
    assert len(world.told) == 1
    world.dead = set()
    world.until(65)
    assert world.told[1:] == [Doubted("c1", key("s0"), False)]


def test_doubt_waits_for_a_witness():
    world = lost(witness=False)
    world.until(1000)
    assert world.told == []
    world.witness = True
    world.until(1005)
    assert world.told == [Doubted("c1", key("s0"), True)]


def test_a_member_that_is_synced_again_is_trusted_and_its_doubtful_shards_are_tried_at_once():
    world = World(c1=50)
    world.until(10)
    world.phase("c1", Phase.STALE)
    world.dead = {"c1"}
    world.until(10.2)
    doubted = {each.key for each in world.told}
    assert 0 < len(doubted) < 10
    world.phase("c1", Phase.SYNCED)
    begin = len(world.tries)
    world.until(11)
    assert {name for _, _, name in world.tries[begin:]} == doubted
    world.phase("c1", Phase.STALE)
    world.until(60)
    assert not doubted & {each.key for each in world.told[len(doubted) :]}, "they refused while it was synced"


@pytest.mark.parametrize(
    ("addresses", "ports"), [pytest.param(OTHER, (80,), id="address"), pytest.param(ADDRESS, (81,), id="port")]
)
def test_another_address_or_port_is_not_doubted(addresses, ports):
    world = lost()
    assert world.learn("c1", "s0", addresses, ports) == Doubted("c1", key("s0"), False)
    world.until(HOUR)
    assert len(world.told) == 1


def test_the_same_address_again_changes_nothing():
    world = World(c1=1)
    world.until(1)
    assert world.learn("c1", "s0") is None
    assert world.until(HOUR - 1) == []


def test_what_is_forgotten_is_not_tried_and_not_doubted():
    world = lost()
    assert world.doubts.forget("c1", key("s0")) == Doubted("c1", key("s0"), False)
    assert world.doubts.forget("c1", key("s0")) is None
    assert world.until(HOUR) == []


def test_a_member_that_left_is_not_tried():
    world = World(c1=2)
    world.doubts.leave("c1")
    assert world.until(HOUR) == []


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(lambda world: world.learn("c1", "s0", OTHER), id="changed"),
        pytest.param(lambda world: world.doubts.forget("c1", key("s0")), id="forgotten"),
        pytest.param(lambda world: world.doubts.leave("c1"), id="left"),
    ],
)
def test_a_try_says_nothing_of_a_shard_that_was_meanwhile(meanwhile):
    world = World(c1=1)
    world.until(1)
    world.phase("c1", Phase.STALE)
    door = world.doubts.due(10)
    meanwhile(world)
    assert world.doubts.tried(door, False, 12, witness=True) is None


def test_a_try_that_could_not_be_made_shows_nothing_and_is_made_again():
    world = World(c1=1)
    world.until(1)
    world.phase("c1", Phase.STALE)
    door = world.doubts.due(10)
    assert world.doubts.tried(door, None, 10, witness=True) is None
    assert world.doubts.next_at() == 15


def test_a_try_that_is_going_on_is_not_begun_again():
    world = World(c1=1)
    assert world.doubts.due(0) is not None
    assert (world.doubts.due(HOUR), world.doubts.next_at()) == (None, float("inf"))


def test_a_lost_member_of_thousands_does_not_keep_the_others_from_being_tried():
    world = World(huge=1000, small=1)
    world.until(100)
    world.phase("huge", Phase.STALE)
    world.phase("small", Phase.STALE)
    world.doubts.phase("new", Phase.SYNCED)
    for index in range(5):
        world.learn("new", f"s{index}")
    counts = Counter(world.until(112))
    assert counts["small"] == 3
    assert counts["new"] == 5
    assert counts.total() >= 10 * RATE


def test_a_member_that_changes_all_the_time_does_not_keep_the_others_from_their_hourly_try():
    world = World(calm=1, busy=50)
    world.until(100)
    world.tries.clear()
    for second in range(101, 3700):
        for index in range(50):
            world.learn("busy", f"s{index}", addresses=(second.to_bytes(4),))
        world.until(float(second))
    assert world.times("calm") == [pytest.approx(HOUR, abs=1)]
