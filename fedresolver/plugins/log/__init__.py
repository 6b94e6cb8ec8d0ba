"""Log queries and their answers."""

from fedresolver.plugins.log.setup import setup

__all__ = ["setup"]
