"""Answer from zone files."""

from fedresolver.plugins.file.setup import setup

__all__ = ["setup"]
