"""`fedresolver migrate`: from the configuration of Federation v1, CoreDNS or kube-dns to ours."""

from fedresolver.cli.migrate.command import compare, migrate

__all__ = ["compare", "migrate"]
