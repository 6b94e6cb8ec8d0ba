"""What this machine has: whether it is a pod, its files, its name."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path

from fedresolver.cli.check import findings
from fedresolver.cli.diagnose.resolv_conf import ResolvConf, parse
from fedresolver.cli.diagnose.verdict import Unseen
from fedresolver.cli.diagnose.written import Written
from fedresolver.config.errors import ConfigError
from fedresolver.config.read import Stanza
from fedresolver.plugins.federation.parse import parse as read_federation
from fedresolver.run.files import read_corefile
from fedresolver.status.documents import Federation
from fedresolver.wire.name import to_text

RESOLV_CONF = "/etc/resolv.conf"
COREFILE = "Corefile"
_POD = "KUBERNETES_SERVICE_HOST"
_LARGEST = 1 << 16
_SEE = "--resolv-conf names the file of a pod: kubectl exec POD -- cat /etc/resolv.conf > pod.conf"


def is_this_machine(host: str) -> bool:
    """Say whether a server sees itself on a machine that is called like this one; containers of a pod are."""
    return host != "" and host == socket.gethostname()


def resolv_conf(named: str | None, environ: Mapping[str, str], *, beside: bool) -> ResolvConf | Unseen:
    """Return what a pod's file says: the one that is `named`, or ours if we are in a pod.

    The pod of the server itself often asks the Node's DNS, so as not to ask itself: that says nothing of other pods.
    """
    if named is None and not environ.get(_POD):
        return Unseen(f"this runs in no pod; {_SEE}")
    path = named or RESOLV_CONF
    try:
        with Path(path).open("rb") as file:
            found = parse(file.read(_LARGEST).decode("utf-8", "replace"), path)
    except OSError as error:
        return Unseen(f"{path} cannot be read: {error.strerror}")
    if named is None and beside and not any(one.startswith("svc.") for one in found.search):
        return Unseen(f"the server's own pod does not ask the cluster's DNS; {_SEE}")
    return found


def corefile(named: str | None, told: str, environ: dict[str, str]) -> Written | Unseen:
    """Return what is wrong with a Corefile: the one that is `named`, that a server here has `told` of, or ours."""
    path = named or told or COREFILE
    if named is None and not os.path.exists(path):
        return Unseen(f"there is no {path} here; --conf names one")
    errors, warnings = findings(path, environ)
    return Written(path=path, errors=tuple(errors), warnings=tuple(warnings))


def federations(named: str | None, environ: dict[str, str]) -> tuple[Federation, ...] | None:
    """Return the federations that a Corefile has, without anything that runs; None where it cannot be read."""
    try:
        blocks = read_corefile(named or COREFILE, environ).blocks
        return tuple(
            _federation(stanza, environ) for block in blocks for stanza in block.stanzas if stanza.text == "federation"
        )
    except (OSError, ConfigError):
        return None


def _federation(stanza: Stanza, environ: dict[str, str]) -> Federation:
    settings = read_federation(stanza, environ)
    one = settings.federation
    return Federation(
        name=one.name,
        inside=to_text(one.inside),
        bare=to_text(one.bare),
        domain=to_text(one.domain),
        local=settings.rules.local,
    )
