"""Texts that are numbers: metrics, and what the system says of a process."""

import re
from collections.abc import Iterator

from fedresolver.cli.gather.vocabulary import Vocabulary

_TYPE = re.compile(r"# TYPE [a-z_0-9]+ (counter|gauge|histogram|summary|info|unknown)")
_SAMPLE = re.compile(
    r"(?P<name>(?:fedresolver|process|python)_[a-z_0-9]+)(?:\{(?P<labels>.*)\})? (?P<value>[0-9.eE+-]+|NaN|[+-]Inf)"
)
_LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
_LIMIT = re.compile(r"(?:Max|Limit) [a-zA-Z ]+ +(?:\w+ +)*\w+ *")
_MEMORY = re.compile(r"(?:Vm\w+|Rss\w+|Threads|FDSize|(?:non)?voluntary_ctxt_switches):\s+\d+(?: kB)?")


def metrics(text: str, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield the lines of a scrape that are samples of ours, their labels without secrets."""
    for line in text.splitlines():
        sample = _SAMPLE.fullmatch(line)
        if sample is not None:
            labels = ",".join(
                f'{name}="{vocabulary.clean(value)}"' for name, value in _LABEL.findall(sample["labels"] or "")
            )
            yield f"{sample['name']}{{{labels}}} {sample['value']}" if labels else f"{sample['name']} {sample['value']}"
        elif _TYPE.fullmatch(line):
            yield line


def limits(text: str) -> Iterator[str]:
    """Yield the lines of /proc/PID/limits (proc_pid_limits(5))."""
    return (line for line in text.splitlines() if _LIMIT.fullmatch(line))


def memory(text: str) -> Iterator[str]:
    """Yield the lines of /proc/PID/status that are of memory, threads and switches (proc_pid_status(5))."""
    return (line for line in text.splitlines() if _MEMORY.fullmatch(line))
