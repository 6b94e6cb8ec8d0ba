"""Metrics, and what the system says of a process."""

from pathlib import Path

from fedresolver.cli.gather.numbers import limits, memory, metrics
from fedresolver.cli.gather.vocabulary import Vocabulary

SCRAPE = """# HELP fedresolver_requests_total Requests.
# TYPE fedresolver_requests_total counter
fedresolver_requests_total{server="dns://:53",key="hunter2 s3cr3t"} 7.0
fedresolver_panics_total 0
other_total{a="b"} 1
hunter2
"""


def test_samples_are_kept_and_labels_cleaned():
    assert list(metrics(SCRAPE, Vocabulary())) == [
        "# TYPE fedresolver_requests_total counter",
        'fedresolver_requests_total{server="dns://:53",key="*** ***"} 7.0',
        "fedresolver_panics_total 0",
    ]


def test_limits_of_this_process():
    found = list(limits(Path("/proc/self/limits").read_text()))
    assert [line for line in found if line.startswith("Max open files")]
    assert list(limits("PASSWORD=hunter2\n")) == []


def test_memory_of_this_process():
    found = list(memory(Path("/proc/self/status").read_text()))
    assert {"VmRSS", "Threads"} <= {line.partition(":")[0] for line in found}
    assert list(memory("Name:\thunter2\n")) == []
