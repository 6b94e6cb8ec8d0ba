"""Answer names and addresses from a hosts file."""

from fedresolver.plugins.hosts.setup import setup

__all__ = ["setup"]
