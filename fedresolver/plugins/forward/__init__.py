"""Ask other servers about the names of a zone."""

from fedresolver.plugins.forward.setup import setup

__all__ = ["setup"]
