"""Say how a server block answers over HTTPS."""

from fedresolver.plugins.https.setup import setup

__all__ = ["setup"]
