"""What a server says of itself."""

from fedresolver.plugins.chaos.setup import setup

__all__ = ["setup"]
