"""A Corefile without secrets: the arguments of directives that never have one, all others are left out.

No environment variable is replaced by its value, and comments are left out.
"""

import re
from collections.abc import Iterable, Iterator

from fedresolver.cli.gather.vocabulary import INSTEAD
from fedresolver.config.errors import ConfigError
from fedresolver.config.lexer import lex
from fedresolver.config.tree import lines

_WORDS = """
acl allow block filter drop net type
bind except
bufsize
cache success denial prefetch serve_stale disable keepttl servfail
errors consolidate stacktrace
federation cluster_domain local kubeconfig in_cluster manifests topology select ttl local_ttl stale_after expire_after
startup_timeout snapshot explain fallthrough ns hostmaster witness probe allow_addresses member namespaces exec
file reload
forward force_tcp prefer_udp expire max_fails max_concurrent tls_servername policy health_check next failover
next_on_nodata failfast_all_unhealthy_upstreams
health lameduck
hosts no_reverse
https path max_streams max_connections
import
loadbalance
loop
nsid
prometheus
ready
require require_opcode rotate secret_file secrets
rrl window responses-per-second nodata-per-second nxdomains-per-second errors-per-second requests-per-second
ipv4-prefix-length ipv6-prefix-length max-table-size slip-ratio report-only
secondary transfer from to max_octets max_records
status names
tls client_auth
whoami
"""
_HARMLESS = frozenset(_WORDS.split())
_KNOWN = frozenset(("chaos", "cookie", "log", "secret", "tsig", "class"))
"""Directives that are named, but whose arguments are left out."""
_PLAIN = re.compile(r"[A-Za-z0-9_.:/*,\-+%()\[\]]{1,255}|\{\$[A-Za-z0-9_]{1,64}\}|\{%[A-Za-z0-9_]{1,64}%\}")
_BRACES = frozenset("{}")
VARIABLE = re.compile(r"\{\$([A-Za-z0-9_]{1,64})\}|\{%([A-Za-z0-9_]{1,64})%\}")


def corefile(text: str) -> str:
    """Return the text of a Corefile without secrets."""
    try:
        tokens = lex(text, "Corefile")
    except ConfigError:
        return f"{INSTEAD} this is not read as a Corefile; see `fedresolver check`\n"
    return "".join(f"{line}\n" for line in _written([token.text for token in line] for line in lines(tokens)))


def variables(text: str) -> tuple[str, ...]:
    """Return the names of the environment variables that a Corefile has values of."""
    return tuple(dict.fromkeys(found[1] or found[2] for found in VARIABLE.finditer(text)))


def _written(lines: Iterable[list[str]]) -> Iterator[str]:
    """Yield lines indented by the blocks that they are in."""
    depth = 0
    for words in lines:
        depth -= words[0] == "}"
        yield "    " * max(0, depth) + " ".join(_kept(words, at_top=depth == 0))
        depth += words[-1] == "{"


def _kept(words: list[str], *, at_top: bool) -> Iterator[str]:
    """Yield the words of a line that are harmless; a line at the top begins a server block."""
    first, *rest = words
    is_head = at_top and words[-1] == "{" and first not in _KNOWN
    if first in _HARMLESS or is_head:
        yield from (word if word in _BRACES or _PLAIN.fullmatch(word) else INSTEAD for word in words)
        return
    yield first if first in _KNOWN or first in _BRACES else INSTEAD
    yield from (word if word in _BRACES else INSTEAD for word in rest)
