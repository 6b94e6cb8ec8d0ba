"""One member with one healthy Service, as most tests of a running server want it."""

import pytest

CART = "cart.shop.myfederation"
BOTH = pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])


def corefile(*, port="0", bind="127.0.0.1", local_ttl=5, more=""):
    """Return a Corefile for the members beside it; `more` are directives."""
    return f"""
.:{port} {{
    bind {bind}
    errors
    federation myfederation example.com {{
        manifests members
        local c1
        local_ttl {local_ttl}
    }}
    {more}
}}
"""


def is_local(answer):
    """Say whether the octets of an answer end with the ClusterIP of the local shard."""
    return answer[3] & 0xF == 0 and answer.endswith(b"\x0a\0\0\1")
