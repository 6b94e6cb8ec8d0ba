"""Find upstreams that send back what they are asked, and take them out."""

from fedresolver.plugins.loop.setup import setup

__all__ = ["setup"]
