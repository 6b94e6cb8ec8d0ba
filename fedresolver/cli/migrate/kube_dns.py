"""The ConfigMap of kube-dns, as Federation v1 wrote it: `federations`, `stubDomains`, `upstreamNameservers`."""

import json
from collections.abc import Mapping

from fedresolver.cli.migrate.found import Found, MigrateError

KEYS = frozenset(("federations", "stubDomains", "upstreamNameservers"))


def read(data: Mapping[str, str], where: str, found: Found) -> None:
    """Add what the data of a ConfigMap says; MigrateError when a value is not in its form."""
    for pair in filter(None, (part.strip() for part in data.get("federations", "").split(","))):
        name, sign, domain = pair.partition("=")
        if not (name and sign and domain):
            raise MigrateError(f"{where}: federations: `{pair}` is no NAME=DOMAIN")
        found.federations[name.strip()] = domain.strip().rstrip(".")
    stubs = _json(data, "stubDomains", where, {})
    for domain, addresses in stubs.items() if isinstance(stubs, dict) else [("", None)]:
        texts = _texts(addresses)
        if texts is None:
            right = '{"example.com": ["192.0.2.53"]}'
            raise MigrateError(f"{where}: stubDomains is no map of domains to lists, as {right}")
        found.stubs[domain.rstrip(".")] = texts
    upstreams = _texts(_json(data, "upstreamNameservers", where, []))
    if upstreams is None:
        raise MigrateError(f'{where}: upstreamNameservers is no list, as ["192.0.2.53"]')
    found.upstreams += upstreams


def _json(data: Mapping[str, str], key: str, where: str, usual: object) -> object:
    try:
        return json.loads(data[key]) if data.get(key, "").strip() else usual
    except ValueError as error:
        raise MigrateError(f"{where}: {key} is no JSON: {error}") from error


def _texts(value: object) -> tuple[str, ...] | None:
    """Return a list of texts; None for anything else."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return None
    return tuple(value)
