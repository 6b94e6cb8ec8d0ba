"""The page of the numbers for a scraper. The only module that speaks prometheus_client."""

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from fedresolver.observe.family import Counter, Family, Gauge, Histogram
from fedresolver.observe.metrics import Metrics


def render(metrics: Metrics, accept: str = "") -> tuple[bytes, str]:
    """Return the page for a scraper and its content type: OpenMetrics if `accept` wants it, else plain text."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    registry.register(_Ours(metrics.families()))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Ours(Collector):
    """Families in the form that prometheus_client reads."""

    def __init__(self, families: tuple[Family, ...]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        for family in self._families:
            if isinstance(family, Counter | Gauge):
                yield _numbers(family)
            elif isinstance(family, Histogram):
                yield _buckets(family)


def _numbers(family: Counter | Gauge) -> Metric:
    kind = CounterMetricFamily if isinstance(family, Counter) else GaugeMetricFamily
    theirs = kind(family.name, family.text, labels=family.labels)
    for labels, value in family.values.items():
        theirs.add_metric(labels, value)
    return theirs


def _buckets(family: Histogram) -> Metric:
    """Return the histogram with buckets that include those below them, as the exposition has it."""
    theirs = HistogramMetricFamily(family.name, family.text, labels=family.labels)
    ends = [*(str(float(bound)) for bound in family.bounds), "+Inf"]
    sums = family.sums
    for labels, counts in family.counts.items():
        theirs.add_metric(labels, list(zip(ends, accumulate(counts), strict=True)), sums[labels])
    return theirs
