"""The table of answers: bounded, and true to what is used."""

import msgspec
import pytest

from fedresolver.server.table import Table


class Entry(msgspec.Struct, frozen=True):
    size: int = 1


def filled(table, count, size=1):
    for number in range(count):
        table.put(number.to_bytes(4), Entry(size))
    return table


def test_what_was_put_is_found():
    entry = Entry()
    table = Table()
    table.put(b"a", entry)
    assert (table.get(b"a"), table.get(b"b"), len(table)) == (entry, None, 1)


def test_the_latest_under_a_key_counts():
    table = Table(8)
    for _ in range(20):
        latest = Entry()
        table.put(b"a", latest)
    assert (table.get(b"a") is latest, len(table)) == (True, 1)


def test_an_old_entry_never_comes_back_in_place_of_a_later_one():
    table, late = Table(4), Entry(2)
    table.put(b"a", Entry(1))
    filled(table, 3)
    table.put(b"a", late)
    filled(table, 2)
    assert table.get(b"a") in (late, None)


@pytest.mark.parametrize("count", [1, 3, 4, 5, 100, 10_000])
def test_there_are_never_more_than_its_capacity(count):
    assert len(filled(Table(100), count)) <= min(count, 100)


def test_there_are_never_more_octets_than_it_has_room_for():
    table = Table(1000, octets=1000)
    for number in range(500):
        table.put(number.to_bytes(4), Entry(100))
        assert len(table) <= 1000 // 100 + 1


def test_the_latest_half_is_still_there():
    table = filled(Table(100), 10_000)
    assert all(table.get(number.to_bytes(4)) for number in range(10_000 - 50, 10_000))


def test_what_is_used_stays():
    table, used = Table(100), Entry()
    table.put(b"used", used)
    for number in range(10_000):
        table.put(number.to_bytes(4), Entry())
        assert table.get(b"used") is used


def test_a_cleared_table_is_empty():
    table = filled(Table(4), 4)
    table.clear()
    assert (len(table), table.get((3).to_bytes(4))) == (0, None)


def test_the_smallest_capacity_is_one_entry_in_each_generation():
    assert len(filled(Table(1), 100)) <= 2


@pytest.mark.parametrize("later", [0, 3], ids=["young", "old"])
def test_what_is_dropped_is_gone(later):
    table = Table(4)
    table.put(b"a", Entry())
    filled(table, later).drop(b"a")
    table.drop(b"b")
    assert (table.get(b"a"), len(table)) == (None, later)


def test_what_is_dropped_makes_room():
    table, kept = Table(1000, octets=1000), Entry()
    table.put(b"kept", kept)
    for _ in range(200):
        table.put(b"a", Entry(100))
        table.drop(b"a")
    assert table.young == {b"kept": kept}
