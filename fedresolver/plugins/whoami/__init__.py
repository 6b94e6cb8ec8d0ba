"""Tell clients their own address and port."""

from fedresolver.plugins.whoami.setup import setup

__all__ = ["setup"]
