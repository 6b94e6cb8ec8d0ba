"""Cookies, with which clients prove that they are where they say."""

from fedresolver.plugins.cookie.setup import setup

__all__ = ["setup"]
