"""`fedresolver gather`."""

import time
from collections.abc import Callable, Iterator

import msgspec

from fedresolver.cli.ask.client import as_json
from fedresolver.cli.diagnose import printing
from fedresolver.cli.diagnose.command import looked
from fedresolver.cli.diagnose.gathering import Wanted
from fedresolver.cli.gather import archive, parts
from fedresolver.cli.gather.parts import Part, Told
from fedresolver.cli.gather.vocabulary import Vocabulary
from fedresolver.cli.progress import Progress


def gather(wanted: Wanted, log: str | None, output: str | None) -> int:
    """Write the archive, say what is in it; return the exit code."""
    name = time.strftime("fedresolver-%Y%m%d-%H%M%S")
    path = output or f"{name}.tar.gz"
    progress = Progress()
    try:
        count = archive.write(path, gathered(wanted, log, progress.say), name)
    finally:
        progress.end()
    print(f"{path}: {count} files; see for yourself: tar -xzf {path}")
    return 0


def gathered(wanted: Wanted, log: str | None, say: Callable[[str], None]) -> Iterator[Part]:
    """Yield all parts; `log` is the path of a log, None where none is named."""
    told = Told(wanted, say)
    named = (wanted.name, wanted.conf, wanted.resolv_conf)
    vocabulary = Vocabulary((*told.names(), *filter(None, named)))
    yield parts.versions()
    yield from parts.documents(told, vocabulary)
    yield from parts.configuration(wanted, told.server)
    if told.server is not None:
        say("reading the pages of the process")
        yield from parts.process(told.server, vocabulary)
    if log is not None:
        yield parts.log(log, vocabulary)
    findings = msgspec.to_builtins(printing.document(looked(wanted, say)))
    yield "diagnose.json", as_json(parts.cleaned(findings, vocabulary))
    if told.lacking:
        yield "lacking.txt", "".join(f"{vocabulary.clean(line)}\n" for line in told.lacking)
