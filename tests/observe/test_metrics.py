import pytest

from fedresolver.observe.metrics import Metrics


@pytest.fixture
def metrics():
    return Metrics()


def test_the_same_name_is_the_same_family(metrics):
    metrics.counter("fedresolver_x_total", "x", ("a",)).add("1")
    assert metrics.counter("fedresolver_x_total", "x", ("a",)).value("1") == 1


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda metrics: metrics.counter("fedresolver_x", "x", ("b",)), id="other labels"),
        pytest.param(lambda metrics: metrics.gauge("fedresolver_x", "x", ("a",)), id="another kind"),
        pytest.param(lambda metrics: metrics.histogram("fedresolver_x", "x", ("a",), (1,)), id="a histogram"),
        pytest.param(lambda metrics: metrics.histogram("fedresolver_y", "x", (), (1,)), id="other buckets"),
    ],
)
def test_a_name_has_one_shape(metrics, other):
    metrics.counter("fedresolver_x", "x", ("a",))
    metrics.histogram("fedresolver_y", "x", (), (1, 2))
    with pytest.raises(ValueError, match="already"):
        other(metrics)


def test_names_are_ours(metrics):
    with pytest.raises(ValueError, match="does not begin with fedresolver_"):
        metrics.counter("coredns_x_total", "x")


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda metrics: metrics.counter("fedresolver_x", "x", ("a",)).add(), id="a counter"),
        pytest.param(lambda metrics: metrics.gauge("fedresolver_x", "x", ("a",)).set(1, "b", "c"), id="a gauge"),
        pytest.param(lambda metrics: metrics.histogram("fedresolver_x", "x").observe(1, "b"), id="a histogram"),
    ],
)
def test_labels_that_are_too_many_or_too_few_are_refused(metrics, use):
    with pytest.raises(ValueError, match="fedresolver_x has the labels"):
        use(metrics)


def test_a_counter_grows(metrics):
    counter = metrics.counter("fedresolver_x_total", "x", ("a",))
    counter.add("1")
    counter.add("1", by=2)
    assert (counter.value("1"), counter.value("2")) == (3, 0)


def test_a_gauge_is_set_and_forgotten(metrics):
    gauge = metrics.gauge("fedresolver_x", "x", ("a",))
    gauge.set(1, "1")
    gauge.set(5, "1")
    gauge.set(2, "2")
    gauge.remove("2")
    gauge.remove("3")
    assert gauge.values == {("1",): 5}
    gauge.clear()
    assert gauge.value("1") is None


@pytest.mark.parametrize(
    ("value", "bucket"),
    [(0, 0), (1, 0), (1.1, 1), (2, 1), (3, 2)],
    ids=["below", "at", "between", "at the last", "above"],
)
def test_a_value_is_in_the_first_bucket_that_reaches_it(metrics, value, bucket):
    histogram = metrics.histogram("fedresolver_x", "x", (), (1, 2))
    histogram.observe(value)
    assert histogram.counts[()] == [int(number == bucket) for number in range(3)]


def test_a_histogram_counts_one_or_many(metrics):
    histogram = metrics.histogram("fedresolver_x", "x", ("a",), (1, 2))
    histogram.observe(1.5, "1")
    histogram.fill(2, 3, 12, "1")
    assert (histogram.counts, histogram.sums, histogram.count("1")) == ({("1",): [0, 1, 3]}, {("1",): 13.5}, 4)


def test_readers_bring_families_up_to_date_until_there_are_others(metrics):
    counter = metrics.counter("fedresolver_x_total", "x", ("a",))
    metrics.read_with([lambda: counter.add("1"), lambda: counter.add("2")])
    metrics.families()
    metrics.read_with([lambda: counter.add("2")])
    metrics.families()
    assert counter.values == {("1",): 1, ("2",): 2}


@pytest.mark.parametrize(("read", "left"), [(True, {("new",): 2}), (False, {("old",): 1, ("new",): 2})])
def test_a_gauge_that_is_read_has_what_the_last_readers_set(metrics, read, left):
    gauge = metrics.gauge("fedresolver_x", "x", ("a",), read=read)
    for value, label in ((1, "old"), (2, "new")):
        metrics.read_with([lambda value=value, label=label: gauge.set(value, label)])
        metrics.families()
    assert gauge.values == left


def test_a_part_is_made_once(metrics):
    class Part:
        def __init__(self, metrics):
            self.counter = metrics.counter("fedresolver_x_total", "x")

    assert metrics.part(Part) is metrics.part(Part)
    assert Metrics().part(Part) is not metrics.part(Part)
