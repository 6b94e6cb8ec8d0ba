"""The names of one federation: its zones, and the name of a Service at a level."""

import msgspec

from fedresolver.model.service import ServiceKey, label
from fedresolver.walk.level import Level
from fedresolver.wire.name import ROOT, Name

SVC = label("svc")


class Federation(msgspec.Struct, frozen=True, kw_only=True):
    """The federation `name` with the public domain `domain`, seen from clusters with the domain `cluster_domain`.

    `ttl` is that of public records, `local_ttl` of what depends on the local member, both in seconds.
    """

    name: str
    domain: Name
    cluster_domain: Name
    ttl: int = 180
    local_ttl: int = 5

    @property
    def label(self) -> bytes:
        """The federation's name as a label in wire form."""
        return label(self.name)

    @property
    def inside(self) -> Name:
        """The zone that pods ask in: `F.svc.C.`."""
        return Name(self.label + SVC + self.cluster_domain)

    @property
    def bare(self) -> Name:
        """The zone of the federation's name alone: `F.`."""
        return Name(self.label + ROOT)

    def public_name(self, key: ServiceKey, level: Level, prefix: bytes = b"") -> Name:
        """Return the public name of a Service at a level, with labels in wire form before it."""
        return Name(prefix + key + self.label + SVC + level.labels() + self.domain)
