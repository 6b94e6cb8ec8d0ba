"""Let the addresses of an answer take turns."""

from fedresolver.plugins.loadbalance.setup import setup

__all__ = ["setup"]
