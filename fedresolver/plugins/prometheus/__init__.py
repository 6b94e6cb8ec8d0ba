"""Count queries and answers, and serve all metrics of the process."""

from fedresolver.plugins.prometheus.setup import setup

__all__ = ["setup"]
