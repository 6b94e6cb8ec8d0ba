"""The certificate of a server block that answers over TLS."""

from fedresolver.plugins.tls.setup import setup

__all__ = ["setup"]
