"""Go over to a changed configuration by itself."""

from fedresolver.plugins.reload.setup import setup

__all__ = ["setup"]
