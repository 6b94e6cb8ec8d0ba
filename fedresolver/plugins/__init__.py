"""The plugins, a folder each, and the one list that says what runs before what.

A plugin's folder is called like its directive. It reads its stanza (setup.py), handles requests (handler.py), counts
(metrics.py), and has its manual (README.md). One plugin never imports another; what several need belongs below.
"""

from importlib import import_module

from fedresolver.chain.setup import SetUp

AROUND: tuple[str, ...] = (
    "reload",
    "bind",
    "tls",
    "https",
    "ready",
    "health",
    "prometheus",
    "status",
    "errors",
    "log",
    "nsid",
    "bufsize",
    "cookie",
    "tsig",
    "rrl",
    "acl",
    "chaos",
    "transfer",
    "loadbalance",
)
"""The directives that say how, to whom and in what form answers are given."""
ANSWERING: tuple[str, ...] = (
    "cache",
    "hosts",
    "federation",
    "file",
    "secondary",
    "loop",
    "forward",
    "whoami",
)
"""The directives that answer. Between these and those before a chain of CNAMEs is followed from one to the other."""
ORDER = AROUND + ANSWERING
"""Every directive, in the order in which a request meets them, whatever order a Corefile names them in."""


def set_up(name: str) -> SetUp:
    """Return the `setup` of the plugin `name`, one of ORDER; it is imported now, so an unused one costs nothing."""
    if name not in ORDER:
        raise KeyError(name)
    plugin_setup: SetUp = import_module(f"fedresolver.plugins.{name}").setup
    return plugin_setup
