"""A resolver that validates: unbound, with one trust anchor, which forwards all questions to an authority."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

from tests.support.ask import Address, ask, question
from tests.support.deadline import eventually
from tests.support.running import free_ports

_UNBOUND = Template("""\
server:
    interface: 127.0.0.1@$port
    module-config: "validator iterator"
    trust-anchor: "$anchor"
    do-not-query-localhost: no
    aggressive-nsec: no
    minimal-responses: no
    directory: "$folder"
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
    val-log-level: 2
remote-control:
    control-enable: no
forward-zone:
    name: "."
    forward-addr: $authority
""")


@contextmanager
def validating(folder: Path, anchor: str, authority: Address) -> Iterator[Address]:
    """Run one that trusts the DS record `anchor`; AssertionError with what it printed when it does not answer."""
    (port,) = free_ports(1)
    where = "{}@{}".format(*authority)
    text = _UNBOUND.substitute(port=port, anchor=anchor.strip(), folder=folder, authority=where)
    (folder / "unbound.conf").write_text(text)
    address, log = ("127.0.0.1", port), folder / "log"
    command = ["unbound", "-d", "-c", str(folder / "unbound.conf")]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as child:
        try:
            eventually(lambda: child.poll() is not None or _answers(address), 20)
            assert child.poll() is None, log.read_text()
            yield address
        finally:
            child.terminate()


def _answers(address: Address) -> bool:
    try:
        return ask(address, question("version.server", "TXT")) is not None
    except OSError:
        return False
