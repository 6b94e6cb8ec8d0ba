"""Serve a page that says that the process is alive."""

from fedresolver.plugins.health.setup import setup

__all__ = ["setup"]
