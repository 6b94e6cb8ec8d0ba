"""Asking with dig, an independent reader of what we send."""

import asyncio
import re
import shutil
from asyncio.subprocess import DEVNULL, PIPE

from fedresolver.cli.demo.answer import NO_ANSWER, Answer, Record

_RCODE = re.compile(r"status: (\w+)")
_EDE = re.compile(r"^; EDE: \d+ \([^)]*\): \((.*)\)$", re.MULTILINE)
_FIELDS = 5


def dig_path() -> str | None:
    """Return where dig is; None where it is not installed."""
    return shutil.which("dig")


class Dig:
    """Asks the server on 127.0.0.1 and `port` with the dig at `path`, waiting at most two seconds."""

    def __init__(self, path: str, port: int) -> None:
        # -r: a ~/.digrc must not change what is printed.
        options = "+nocmd +nostats +noquestion +noauthority +noadditional +norecurse +time=2 +tries=1"
        self._command = (path, "-r", "@127.0.0.1", "-p", str(port), *options.split())

    async def __call__(self, qname: str) -> Answer:
        """Return the answer to `qname` A, NO_ANSWER when none came."""
        process = await asyncio.create_subprocess_exec(*self._command, qname, "A", stdout=PIPE, stderr=DEVNULL)
        output, _ = await process.communicate()
        return read(output.decode())


def read(output: str) -> Answer:
    """Return the answer that dig has printed."""
    rcode = _RCODE.search(output)
    if rcode is None:
        return NO_ANSWER
    ede = _EDE.search(output)
    fields = [line.split(None, _FIELDS - 1) for line in output.splitlines() if line and line[0] != ";"]
    records = tuple(Record(owner, int(ttl), rtype, data) for owner, ttl, _, rtype, data in fields)
    return Answer(rcode[1], records, ede[1] if ede else "")
