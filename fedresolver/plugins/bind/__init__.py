"""Listen on some addresses of the machine instead of all."""

from fedresolver.plugins.bind.setup import setup

__all__ = ["setup"]
