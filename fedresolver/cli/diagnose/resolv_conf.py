"""How a pod makes a name of what is asked, and whom it asks: its resolv.conf(5)."""

import re
from ipaddress import ip_address

import msgspec

from fedresolver.cli.diagnose.subject import Subject
from fedresolver.cli.diagnose.verdict import Unseen, Verdict, fail, fine

NDOTS = 1
"""What resolv.conf(5) has without the option."""
_DOTS = 2
"""Of SERVICE.NAMESPACE.FEDERATION."""
_MOST_NAMESERVERS = 3
_DNS_PORT = 53
_WITH_PORT = re.compile(r"\[(?P<host>[^\]]*)\]:(?P<port>\d{1,5})")
_COMMENT = re.compile("[;#].*")
_POLICY = "in the pod's spec: dnsPolicy: ClusterFirst (with hostNetwork: ClusterFirstWithHostNet)"


class ResolvConf(msgspec.Struct, frozen=True, kw_only=True):
    """What the file at `path` says: addresses and ports of name servers, the search list, and `ndots`.

    `odd` are name servers that are no addresses.
    """

    path: str
    nameservers: tuple[tuple[str, int], ...] = ()
    search: tuple[str, ...] = ()
    ndots: int = NDOTS
    odd: tuple[str, ...] = ()


def parse(text: str, path: str) -> ResolvConf:
    """Return what the text of a file says; of several search lists the last one counts.

    A name server may have a port, as `[192.0.2.1]:5353` (OpenBSD's resolv.conf(5)).
    """
    nameservers: list[tuple[str, int]] = []
    odd: list[str] = []
    search: tuple[str, ...] = ()
    ndots = NDOTS
    for line in text.splitlines():
        keyword, *words = _COMMENT.sub("", line).split() or [""]
        if keyword == "nameserver" and words:
            found = _nameserver(words[0])
            nameservers += [found] if found else []
            odd += [] if found else [words[0]]
        elif keyword in ("search", "domain"):
            search = tuple(word.lower().removesuffix(".") for word in words)
        elif keyword == "options":
            numbers = (word.removeprefix("ndots:") for word in words if word.startswith("ndots:"))
            ndots = next((int(number) for number in numbers if number.isascii() and number.isdigit()), ndots)
    return ResolvConf(
        path=path, nameservers=tuple(nameservers[:_MOST_NAMESERVERS]), search=search, ndots=ndots, odd=tuple(odd)
    )


def _nameserver(word: str) -> tuple[str, int] | None:
    found = _WITH_PORT.fullmatch(word)
    host, port = (found["host"], int(found["port"])) if found else (word, _DNS_PORT)
    try:
        return str(ip_address(host)), port
    except ValueError:
        return None


def nameserver(conf: ResolvConf) -> Verdict:
    """Say whether somebody is named who can be asked."""
    if conf.odd:
        return fail(f"{conf.path}: nameserver {conf.odd[0]} is no IP address", f"{conf.path}: nameserver 10.96.0.10")
    if not conf.nameservers:
        return fail(f"{conf.path} names no nameserver", _POLICY)
    return fine(f"{conf.path}: nameserver {', '.join(host for host, _ in conf.nameservers)}")


def search(conf: ResolvConf, subject: Subject | Unseen) -> Verdict:
    """Say whether `S.N.F` becomes `S.N.F.svc.C`, the name that the cluster's DNS hands on."""
    if isinstance(subject, Subject):
        wanted = f"svc.{subject.domain}"
        there = wanted in conf.search
    else:
        wanted, there = "svc.cluster.local", any(one.startswith("svc.") for one in conf.search)
    if there:
        return fine(f"{conf.path}: search {' '.join(conf.search)}")
    return fail(f"{conf.path}: search {' '.join(conf.search) or '(nothing)'}: {wanted} is not in it", _POLICY)


def ndots(conf: ResolvConf) -> Verdict:
    """Say whether a name with two dots is looked for in the search list first."""
    if conf.ndots > _DOTS:
        return fine(f"{conf.path}: options ndots:{conf.ndots}")
    return fail(
        f"{conf.path}: ndots:{conf.ndots}: SERVICE.NAMESPACE.FEDERATION has {_DOTS} dots, and is asked for as it is",
        'in the pod\'s spec: dnsConfig: {options: [{name: ndots, value: "5"}]}',
    )
