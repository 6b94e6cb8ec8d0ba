"""Allow, block, filter or drop queries by who asks, and for what."""

from fedresolver.plugins.acl.setup import setup

__all__ = ["setup"]
