"""How large answers over UDP may be."""

from fedresolver.plugins.bufsize.setup import setup

__all__ = ["setup"]
