import platform

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain

from fedresolver import __version__
from fedresolver.observe.exposition import render
from fedresolver.observe.metrics import Metrics

OPENMETRICS = "application/openmetrics-text; version=1.0.0,text/plain;version=0.0.4;q=0.5"


@pytest.fixture
def metrics():
    metrics = Metrics()
    metrics.counter("fedresolver_queries_total", "Queries.", ("zone",)).add('a\\"\n', by=2)
    metrics.gauge("fedresolver_members", "Members.").set(3)
    metrics.histogram("fedresolver_wait_seconds", "Waits.", ("zone",), (0.5, 1)).observe(0.75, "x")
    return metrics


SAMPLES = {
    ("fedresolver_build_info", ("python", platform.python_version()), ("version", __version__)): 1,
    ("fedresolver_queries_total", ("zone", 'a\\"\n')): 2,
    ("fedresolver_members",): 3,
    ("fedresolver_wait_seconds_bucket", ("le", "0.5"), ("zone", "x")): 0,
    ("fedresolver_wait_seconds_bucket", ("le", "1.0"), ("zone", "x")): 1,
    ("fedresolver_wait_seconds_bucket", ("le", "+Inf"), ("zone", "x")): 1,
    ("fedresolver_wait_seconds_count", ("zone", "x")): 1,
    ("fedresolver_wait_seconds_sum", ("zone", "x")): 0.75,
}


@pytest.mark.parametrize(
    ("accept", "content_type", "read"),
    [
        pytest.param("", "text/plain; version=0.0.4; charset=utf-8", plain, id="plain text is the default"),
        pytest.param("*/*", "text/plain; version=0.0.4; charset=utf-8", plain, id="and for whoever takes anything"),
        pytest.param(
            OPENMETRICS,
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
            openmetrics,
            id="OpenMetrics",
        ),
    ],
)
def test_a_scraper_reads_what_was_counted(metrics, accept, content_type, read):
    body, its_type = render(metrics, accept)
    samples = [sample for family in read(body.decode()) for sample in family.samples]
    ours = {(s.name, *sorted(s.labels.items())): s.value for s in samples if s.name.startswith("fedresolver_")}
    assert its_type == content_type
    assert ours == SAMPLES


def test_the_process_is_there_too(metrics):
    names = {family.name for family in plain(render(metrics)[0].decode())}
    assert {"process_resident_memory_bytes", "python_gc_collections", "python_info"} <= names


def test_a_counter_without_labels_begins_with_zero():
    metrics = Metrics()
    metrics.counter("fedresolver_x_total", "x")
    assert b"\nfedresolver_x_total 0.0\n" in render(metrics)[0]
