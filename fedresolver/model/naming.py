"""Which shards have which host names for their load balancers."""

from collections.abc import Collection
from typing import NamedTuple

from fedresolver.model.service import ServiceKey


class Of(NamedTuple):
    """Whose shard: the member's and the Service's."""

    member: str
    key: ServiceKey


class Naming:
    """The host names of all shards; `news` tells once which of them came and went."""

    def __init__(self) -> None:
        self._names: dict[Of, tuple[str, ...]] = {}
        self._shards: dict[str, set[Of]] = {}
        self._touched: dict[str, bool] = {}

    @property
    def hostnames(self) -> Collection[str]:
        """Every host name that some shard has."""
        return self._shards.keys()

    def shards(self, hostname: str) -> Collection[Of]:
        """Return the shards that have a host name."""
        return tuple(self._shards.get(hostname, ()))

    def put(self, of: Of, hostnames: tuple[str, ...]) -> None:
        """Take in the host names of a shard, none where it is gone."""
        former = self._names.get(of, ())
        if hostnames == former:
            return
        for hostname in former:
            self._drop(of, hostname)
        for hostname in hostnames:
            self._add(of, hostname)
        if hostnames:
            self._names[of] = hostnames
        else:
            del self._names[of]

    def news(self) -> tuple[dict[str, str], tuple[str, ...]]:
        """Return the host names that came since the last time, each with a member that has it, and those that went."""
        if not self._touched:
            return {}, ()
        touched, self._touched = self._touched, {}
        come = [name for name, had in touched.items() if not had and name in self._shards]
        gone = [name for name, had in touched.items() if had and name not in self._shards]
        return {name: min(self._shards[name]).member for name in come}, tuple(gone)

    def _add(self, of: Of, hostname: str) -> None:
        self._touched.setdefault(hostname, hostname in self._shards)
        self._shards.setdefault(hostname, set()).add(of)

    def _drop(self, of: Of, hostname: str) -> None:
        shards = self._shards.get(hostname)
        if shards is None:  # it stands twice in one shard
            return
        self._touched.setdefault(hostname, True)
        shards.discard(of)
        if not shards:
            del self._shards[hostname]
