"""Tell over HTTP how the federation stands, and why a name has its answer."""

from fedresolver.plugins.status.setup import setup

__all__ = ["setup"]
