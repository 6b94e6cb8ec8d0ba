"""Give zones to secondaries, and tell them when they change."""

from fedresolver.plugins.transfer.setup import setup

__all__ = ["setup"]
