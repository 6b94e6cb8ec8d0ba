import pytest

from bench import figure, report
from bench.cases import Case
from bench.figure import Figure
from bench.queries import walk
from bench.rounds import Measured, sample

CASE = Case(name="walk", queries=walk, limits={"floor": 2.0})


@pytest.mark.parametrize(
    ("values", "part", "expected"),
    [
        pytest.param(range(1, 101), 99, 99, id="the 99th percentile of a hundred is the second largest"),
        pytest.param(range(1, 101), 50, 50, id="the median of a hundred is the fiftieth"),
        pytest.param([3.0], 99, 3.0, id="one value is every percentile"),
        pytest.param([5, 1, 3], 50, 3, id="the order of the values does not matter"),
    ],
)
def test_percentile(values, part, expected):
    assert figure.percentile(list(values), part) == expected


def test_a_ratio_compares_within_each_round():
    assert figure.ratio([2.0, 20.0, 9.0], [1.0, 10.0, 3.0]) == 2.0


def test_cpu_is_the_median_of_each_and_ours_as_a_multiple():
    measured = {"floor": Measured(cpu=[2.0, 3.0, 1.0]), "fedresolver": Measured(cpu=[3.0, 6.0, 2.5])}
    assert figure.cpu(CASE, measured) == [
        Figure("walk", "floor", 2.0, "us"),
        Figure("walk", "fedresolver", 3.0, "us"),
        Figure("walk", "ours / floor", 2.0, "", 2.0),
    ]


def test_memory_that_grows_between_the_rounds_misses_its_target():
    growing = {"fedresolver": Measured(resident=[50.0, 80.0, 100.0, 110.0, 120.0])}
    *_, last = figure.memory(CASE, growing)
    assert (last.value, last.met) == (1.2, False)


@pytest.mark.parametrize(
    ("one", "text"),
    [
        pytest.param(Figure("c", "w", 1.234, "us"), "1.23", id="a figure without a target is only a number"),
        pytest.param(Figure("c", "w", 1.9, "", 2.0), "1.9 (<= 2 met)", id="a met target says so"),
        pytest.param(Figure("c", "w", 2.1, "", 2.0), "2.1 (<= 2 NOT MET)", id="a missed target says so"),
        pytest.param(Figure("c", "w", 1234.5, "us"), "1234", id="a large number has no fraction"),
    ],
)
def test_cell(one, text):
    assert report.cell(one) == text


def test_a_table_has_a_row_for_each_case_and_a_column_for_each_figure():
    figures = [Figure("a", "nsd", 1.0, "us"), Figure("b", "nsd", 2.0, "us"), Figure("b", "ratio", 3.0, "")]
    assert report.table("CPU", figures).splitlines()[2:] == [
        "| case | nsd, us | ratio |",
        "| ---  | ---:    | ---:  |",
        "| a    | 1       |       |",
        "| b    | 2       | 3     |",
    ]


@pytest.mark.parametrize(
    ("length", "count", "expected"),
    [(10, 3, [0, 4, 8]), (3, 25, [0, 1, 2]), (1, 1, [0]), (1000, 1, [0])],
)
def test_a_sample_is_spread_and_never_larger_than_asked(length, count, expected):
    assert sample([bytes([n % 256]) for n in range(length)], count) == [bytes([n]) for n in expected]
