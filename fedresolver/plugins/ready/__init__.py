"""Serve a page that says whether the process is ready for queries."""

from fedresolver.plugins.ready.setup import setup

__all__ = ["setup"]
