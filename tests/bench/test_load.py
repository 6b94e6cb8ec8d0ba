import pytest

from bench import load
from bench.load import Load
from bench.process import BenchError

REPORT = """\
Statistics:

  Queries sent:         1000
  Queries completed:    998 (99.80%)
  Queries lost:         2 (0.20%)

  Response codes:       NOERROR 990 (99.20%), NXDOMAIN 8 (0.80%)
"""


def test_the_report_of_dnsperf_is_read():
    assert load.parse(REPORT) == Load(answers=998, lost=2, rcodes={"NOERROR": 990, "NXDOMAIN": 8})


@pytest.mark.parametrize("report", ["", REPORT.replace("completed:    998", "completed:    0")])
def test_a_report_without_answers_is_refused(report):
    with pytest.raises(BenchError, match="counted no answers"):
        load.parse(report)


def test_messages_are_written_after_their_length(tmp_path):
    load.write(tmp_path / "queries", [b"abc", b"x" * 300])
    assert (tmp_path / "queries").read_bytes() == b"\0\3abc" + b"\x01\x2c" + b"x" * 300


def test_the_times_of_answers_are_read_and_not_of_those_that_never_came():
    report = "> NOERROR svc-1.test A 0.000150\n> T svc-2.test A\n> NXDOMAIN svc-3.test A 0.007966\n" + REPORT
    assert load.times(report) == [0.00015, 0.007966]
