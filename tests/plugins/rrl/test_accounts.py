import pytest

from fedresolver.plugins.rrl.accounts import Accounts


class Clock:
    """Time that a test writes."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def paid(accounts, count, rate=5.0, key=b"a"):
    """Return how many of `count` answers an account could pay."""
    return sum(accounts.charge(key, rate) == 0 for _ in range(count))


@pytest.mark.parametrize("rate", [1, 3, 5, 7, 1000])
def test_a_second_of_answers_is_there_at_once_and_no_more(clock, rate):
    assert paid(Accounts(10, 15, clock), rate + 10, rate) == rate


def test_it_earns_by_and_by(clock):
    accounts = Accounts(10, 15, clock)
    found = [paid(accounts, 5)]
    for seconds in (0.25, 0.25, 0.5, 1.0, 3600.0):
        clock.now += seconds
        found.append(paid(accounts, int(seconds * 5) or 1 if seconds < 1 else 5))
    assert found == [5, 1, 1, 2, 5, 5]


def test_what_it_holds_is_what_one_second_earns(clock):
    accounts = Accounts(10, 15, clock)
    assert paid(accounts, 1) == 1
    clock.now += 3600
    assert paid(accounts, 10) == 5


def test_a_debt_is_bounded_by_the_window(clock):
    accounts = Accounts(10, 15, clock)
    paid(accounts, 100_000)
    clock.now += 15.1  # the window's debt is paid, but not the answer of now
    assert paid(accounts, 1) == 0
    clock.now += 0.5
    assert paid(accounts, 1) == 1


def test_who_asks_on_too_much_gets_nothing(clock):
    accounts = Accounts(10, 15, clock)
    found = []
    for _ in range(100):
        found.append(paid(accounts, 20))
        clock.now += 1
    assert (found[0], sum(found[1:])) == (5, 0)


def test_who_asks_a_little_too_much_is_held_to_the_limit(clock):
    accounts = Accounts(10, 15, clock)
    found = []
    for _ in range(10):
        found.append(paid(accounts, 5))
        clock.now += 1
    assert found == [5] * 10


def test_what_is_held_back_is_numbered(clock):
    accounts = Accounts(10, 15, clock)
    assert [accounts.charge(b"a", 2) for _ in range(6)] == [0, 0, 1, 2, 3, 4]
    clock.now += 10
    assert [accounts.charge(b"a", 2) for _ in range(3)] == [0, 0, 5]


def test_each_key_has_an_account(clock):
    accounts = Accounts(10, 15, clock)
    assert [paid(accounts, 10, key=key) for key in (b"a", b"b", b"a")] == [5, 5, 0]


def test_a_rate_below_one_allows_one(clock):
    accounts = Accounts(10, 15, clock)
    found = [paid(accounts, 2, rate=0.5)]
    clock.now += 6
    found.append(paid(accounts, 2, rate=0.5))
    assert found == [1, 1]


def test_accounts_are_bounded_and_one_in_use_outlives_a_flood(clock):
    accounts = Accounts(100, 15, clock)
    paid(accounts, 6)
    for number in range(10_000):
        accounts.charge(number.to_bytes(4), 5)
        assert len(accounts) <= 100
        if number % 40 == 0:
            assert accounts.charge(b"a", 5) > 0
