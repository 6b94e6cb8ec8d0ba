"""fedresolver: a federation-aware DNS server for multi-cluster Kubernetes."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("fedresolver")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "unknown"
