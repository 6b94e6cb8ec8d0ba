"""Limit how many alike answers a network gets in a second."""

from fedresolver.plugins.rrl.setup import setup

__all__ = ["setup"]
