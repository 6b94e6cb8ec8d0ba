"""The upstreams of a server block: those of all its `forward` stanzas."""

from fedresolver.upstream.forwarding.upstream import Upstream


class Roster(list[Upstream]):
    """What `forward` puts its upstreams into, and others of the block find them in."""
