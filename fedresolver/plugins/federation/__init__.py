"""Answer the names of federated Services: the local ClusterIP, or the walk to the nearest healthy shards."""

from fedresolver.plugins.federation.setup import setup

__all__ = ["setup"]
