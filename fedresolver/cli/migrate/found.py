"""What an old configuration says, whoever it was written for."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Found:
    """Federations by name with their domains, stub domains and upstreams with addresses, and what is not carried over.

    `cluster_domain` has no final dot.
    """

    federations: dict[str, str] = field(default_factory=dict)
    stubs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    upstreams: tuple[str, ...] = ()
    cluster_domain: str = "cluster.local"
    notes: list[str] = field(default_factory=list)


class MigrateError(Exception):
    """A file cannot be read as any configuration that is known; the text is one line."""
