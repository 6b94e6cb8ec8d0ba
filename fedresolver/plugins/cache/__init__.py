"""Remember what other servers answered."""

from fedresolver.plugins.cache.setup import setup

__all__ = ["setup"]
