"""Log why queries failed."""

from fedresolver.plugins.errors.setup import setup

__all__ = ["setup"]
