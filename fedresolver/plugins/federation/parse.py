"""From the text of a `federation` stanza to its settings."""

import os
from collections.abc import Mapping
from itertools import chain
from typing import Any

from fedresolver.config.read import (
    Stanza,
    StanzaError,
    Token,
    among,
    arguments,
    cidr,
    dns_label,
    duration,
    fallthrough,
    host_port,
    ip_address,
    one,
    options,
    path,
    some,
    zone,
)
from fedresolver.model.place import Place
from fedresolver.model.rules import Rules, Select
from fedresolver.model.selector import Selector
from fedresolver.model.selector import parse as parse_selector
from fedresolver.plugins.federation.settings import Explain, Kubeconfig, NameServer, Settings
from fedresolver.walk.federation import Federation
from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.access.kubeconfig import read as read_kubeconfig
from fedresolver.wire.name import Name, from_labels, from_text, labels

USAGE = "federation NAME DOMAIN { ... }"
_DAY = 86_400
_SOURCES = "name a source of members: `kubeconfig PATH`, `in_cluster NAME` or `manifests DIR`"


def parse(stanza: Stanza, environ: Mapping[str, str]) -> Settings:
    """Return the settings of one federation; ConfigError with all that is wrong in its block."""
    found: dict[str, Any] = options(stanza, _READERS, repeatable=_REPEATABLE)
    return _settings(stanza, found, environ, _kubeconfigs(stanza, found))


def sketch(stanza: Stanza, environ: Mapping[str, str]) -> Settings:
    """Return what `parse` does on a machine where the files that the block names are not there."""
    found: dict[str, Any] = options(stanza, _READERS | _ABSENT, repeatable=_REPEATABLE)
    return _settings(stanza, found, environ, tuple(kubeconfig for _, kubeconfig in found.get("kubeconfig", ())))


def _settings(
    stanza: Stanza, found: Mapping[str, Any], environ: Mapping[str, str], kubeconfigs: tuple[Kubeconfig, ...]
) -> Settings:
    name_token, domain_token = arguments(stanza, 2, 2, USAGE)
    name, domain = dns_label(name_token), _name(domain_token)
    if domain == b"\0":
        raise StanzaError(domain_token, "the root cannot be the public domain", "name one, such as `example.com`")
    if not found.keys() & {"manifests", "kubeconfig", "in_cluster"}:
        raise StanzaError(stanza, f"federation {name} has no members", _SOURCES)
    settings = Settings(
        federation=Federation(
            name=name,
            domain=domain,
            cluster_domain=found.get("cluster_domain", from_text("cluster.local")),
            **{key: found[key] for key in ("ttl", "local_ttl") if key in found},
        ),
        rules=_rules(stanza, found, environ),
        manifests=tuple(dict.fromkeys(found.get("manifests", ()))),
        kubeconfigs=kubeconfigs,
        in_cluster=found.get("in_cluster", ""),
        exec_paths=_exec_paths(found),
        name_servers=found.get("ns") or (NameServer(_below("ns", domain)),),
        hostmaster=found.get("hostmaster") or _below("hostmaster", domain),
        **{key: found[key] for key in _AS_READ if key in found},
        witnesses=tuple(dict.fromkeys(chain.from_iterable(found.get("witness", ())))),
        explain=Explain(found.get("explain", "on")),
        fallthrough=_fallthrough(found),
    )
    if settings.expire_after < settings.stale_after:
        written = {option.text: option for option in stanza.body or ()}
        raise StanzaError(
            written.get("expire_after") or written["stale_after"],
            f"expire_after ({settings.expire_after:g} s) is below stale_after ({settings.stale_after:g} s)",
            "a member is stale before it expires",
        )
    return settings


def _rules(stanza: Stanza, found: Mapping[str, Any], environ: Mapping[str, str]) -> Rules:
    select, selector = found.get("select", (Select.ALL, None))
    return Rules(
        local=found.get("local") or found.get("in_cluster", ""),
        node=environ.get("NODE_NAME", ""),
        places=_once(stanza, "topology", found.get("topology", ())),
        select=select,
        selector=selector,
        speaks_for=_once(stanza, "member", found.get("member", ())),
        allowed=tuple(network for networks in found.get("allow_addresses", ()) for network in networks),
    )


def _exec_paths(found: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(one for paths in found.get("exec", ()) for one in paths)


def _kubeconfigs(stanza: Stanza, found: Mapping[str, Any]) -> tuple[Kubeconfig, ...]:
    """Return the kubeconfigs, once it is known that they are there and that no two members have one name."""
    first: dict[str, str] = {found["in_cluster"]: "in_cluster"} if "in_cluster" in found else {}
    kubeconfigs: tuple[tuple[Stanza, Kubeconfig], ...] = found.get("kubeconfig", ())
    for at, kubeconfig in kubeconfigs:
        known = _contexts(at, kubeconfig)
        for member in kubeconfig.contexts or known:
            if member in first:
                raise StanzaError(at, f"member {member} is there twice", f"{first[member]} has it already")
            first[member] = kubeconfig.path
    return tuple(kubeconfig for _, kubeconfig in kubeconfigs)


def _contexts(at: Stanza, kubeconfig: Kubeconfig) -> tuple[str, ...]:
    """Return the contexts of the file, among which must be those that are named."""
    try:
        known = read_kubeconfig(kubeconfig.path).contexts
    except AccessError as error:
        raise StanzaError(at, str(error), "name the file that `kubectl --kubeconfig` takes") from error
    for context in kubeconfig.contexts:
        if context not in known:
            right = f"it has {', '.join(known)}" if known else "it has none"
            raise StanzaError(at, f"{kubeconfig.path} has no context {context}", right)
    return known


def _once(stanza: Stanza, what: str, pairs: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    for number, (member, _) in enumerate(pairs):
        if member in dict(pairs[:number]):
            raise StanzaError(stanza, f"`{what} {member}` is there twice", "join them")
    return dict(pairs)


def _fallthrough(found: Mapping[str, Any]) -> tuple[Name, ...] | None:
    if "fallthrough" not in found:
        return None
    return tuple(map(from_text, found["fallthrough"]))


def _name(token: Token) -> Name:
    return from_text(zone(token))


def _ttl(token: Token) -> int:
    seconds = duration(token)
    if seconds > _DAY:
        raise StanzaError(token, f"a TTL of {seconds:.10g} s is above one day", f"write at most {_DAY}")
    return int(seconds)


def _below(label: str, domain: Name) -> Name:
    return from_labels((label.encode(), *labels(domain)))


def _member(token: Token) -> str:
    """Return the name of a member: a context's may be nearly anything, as `arn:aws:eks:us-east-1:1:cluster/a`."""
    if not token.text or not token.text.isprintable():
        raise StanzaError(
            token, f"{token.text!r} cannot be the name of a member", "write a context's or a folder's name"
        )
    return token.text


def _manifests(stanza: Stanza) -> str:
    (folder,) = arguments(stanza, 1, 1, "manifests DIR")
    found = path(folder)
    if not os.path.isdir(found):
        raise StanzaError(folder, f"there is no folder {found}", "it holds a folder of YAML or JSON files per member")
    return found


def _kubeconfig(stanza: Stanza) -> tuple[Stanza, Kubeconfig]:
    file, *contexts = arguments(stanza, 1, None, "kubeconfig PATH [CONTEXT...]")
    return stanza, Kubeconfig(path(file), tuple(_member(context) for context in contexts))


def _program(token: Token) -> str:
    found = path(token)
    if not os.path.isfile(found) or not os.access(found, os.X_OK):
        raise StanzaError(token, f"{found} is not a program that can be run", "name a credential plugin by its path")
    return found


def _topology(stanza: Stanza) -> tuple[str, tuple[Place, ...]]:
    member, region, *zones = arguments(stanza, 2, None, "topology MEMBER REGION TOPOLOGY_ZONE...")
    places = tuple(Place(dns_label(region), dns_label(one)) for one in zones)
    return _member(member), places or (Place(dns_label(region)),)


def _select(stanza: Stanza) -> tuple[Select, Selector | None]:
    which, *rest = arguments(stanza, 1, None, "select all|exported|labels SELECTOR")
    select = Select(among(*(known.value for known in Select))(which))
    if select is not Select.LABELS:
        arguments(stanza, 1, 1, f"select {select.value}")
        return select, None
    if not rest:
        raise StanzaError(which, "`select labels` has no selector", "write one, such as `select labels tier=front`")
    try:
        return select, parse_selector(" ".join(token.text for token in rest))
    except ValueError as error:
        raise StanzaError(rest[0], f"bad label selector: {error}", "as in `kubectl get -l`") from error


def _ns(stanza: Stanza) -> NameServer:
    name, *addresses = arguments(stanza, 1, None, "ns NAME [ADDRESS...]")
    return NameServer(_name(name), tuple(ip_address(address).packed for address in addresses))


def _of_member(stanza: Stanza) -> tuple[str, tuple[str, ...]]:
    (member,) = arguments(stanza, 1, 1, "member NAME { namespaces GLOB... }")
    found = options(stanza, {"namespaces": some(lambda token: token.text, "GLOB")})
    if "namespaces" not in found:
        raise StanzaError(
            stanza, f"`member {member.text}` restricts nothing", "write `namespaces GLOB...` in its block"
        )
    return _member(member), found["namespaces"]


def _witness(token: Token) -> tuple[str, int]:
    host, port = host_port(token)
    if not host or not port:
        raise StanzaError(token, f"the witness `{token.text}` cannot be reached", "write HOST:PORT or [IPV6]:PORT")
    return host, port


_READERS = {
    "allow_addresses": some(cidr, "CIDR"),
    "cluster_domain": one(_name, "DOMAIN"),
    "exec": some(_program, "PATH"),
    "expire_after": one(duration, "DURATION"),
    "explain": one(among(*(known.value for known in Explain)), "off|on|all"),
    "fallthrough": fallthrough,
    "hostmaster": one(_name, "NAME"),
    "in_cluster": one(_member, "MEMBER"),
    "kubeconfig": _kubeconfig,
    "local": one(_member, "MEMBER"),
    "local_ttl": one(_ttl, "SECONDS"),
    "manifests": _manifests,
    "member": _of_member,
    "ns": _ns,
    "probe": one(lambda token: among("off", "on")(token) == "on", "off|on"),
    "select": _select,
    "snapshot": one(path, "PATH"),
    "stale_after": one(duration, "DURATION"),
    "startup_timeout": one(duration, "DURATION"),
    "topology": _topology,
    "ttl": one(_ttl, "SECONDS"),
    "witness": some(_witness, "HOST:PORT"),
}
_ABSENT = {
    "exec": some(path, "PATH"),
    "manifests": one(path, "DIR"),
}
"""Readers in place of those that look whether a file is there."""
_REPEATABLE = frozenset(("allow_addresses", "exec", "kubeconfig", "manifests", "member", "ns", "topology", "witness"))
_AS_READ = ("stale_after", "expire_after", "startup_timeout", "snapshot", "probe")
