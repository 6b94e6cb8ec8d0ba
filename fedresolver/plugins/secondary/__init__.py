"""Copies of zones that others are primary for."""

from fedresolver.plugins.secondary.setup import setup

__all__ = ["setup"]
