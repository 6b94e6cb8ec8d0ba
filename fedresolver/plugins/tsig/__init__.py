"""Signed queries and their signed answers."""

from fedresolver.plugins.tsig.setup import setup

__all__ = ["setup"]
