"""Which server it was that answered."""

from fedresolver.plugins.nsid.setup import setup

__all__ = ["setup"]
