"""Servers that are their own upstreams, asked by dig."""

import pytest

from tests.support.ask import dig
from tests.support.deadline import eventually
from tests.support.manifests import put, shard
from tests.support.running import free_ports, page, process, running

CART = "cart.shop.myfederation"
OUT = "upstream 127.0.0.1:{} loops"


@pytest.fixture
def own(tmp_path):
    """Give a process that forwards to itself: its address and those of its pages, once it knows."""
    port, ready, metrics = free_ports(3)
    put(tmp_path / "members", "c1", "cart.yaml", *shard("cart", cluster_ips=["10.0.0.1"]))
    corefile = f"""
.:{port} {{
    bind 127.0.0.1
    errors
    ready 127.0.0.1:{ready}
    prometheus 127.0.0.1:{metrics}
    hosts names {{
        192.0.2.1 known.example.org
        fallthrough
    }}
    federation myfederation example.com {{
        manifests members
        local c1
        topology c1 north oslo
    }}
    loop
    forward . 127.0.0.1:{port}
}}
"""
    with process(tmp_path, corefile) as served:
        eventually(lambda: OUT.format(port) in served.text)
        yield served, ("127.0.0.1", port), ("127.0.0.1", ready), ("127.0.0.1", metrics)


def test_a_server_that_is_its_own_upstream_says_so_and_answers_all_else(own):
    served, address, ready, metrics = own
    port = address[1]
    assert page(ready, "/ready") == (200, f"OK\nupstream 127.0.0.1:{port} loops and is left out\n")
    number = f'fedresolver_loop_upstreams{{server="dns://:{port}",upstream="127.0.0.1:{port}"}} 1'
    assert number in page(metrics, "/metrics")[1]
    for _ in range(2):
        assert "status: SERVFAIL" in dig(address, "www.example.net")
        assert dig(address, "+short", "known.example.org") == "192.0.2.1\n"
        assert dig(address, "+short", CART) == "10.0.0.1\n"
    assert not served.ended()
    assert served.text.count("loops") == 1


FRONT = """
.:{front} {{
    bind 127.0.0.1
    ready 127.0.0.1:0
    loop
    forward . 127.0.0.1:{back}
}}
"""
ROUND = """
.:{back} {{
    bind 127.0.0.1
    forward . 127.0.0.1:{front}
}}
"""
STRAIGHT = """
.:{back} {{
    bind 127.0.0.1
    hosts names {{
        192.0.2.1 www.example.net
    }}
}}
"""


def test_an_upstream_that_stops_looping_is_asked_again(tmp_path):
    front, back = free_ports(2)

    def text(corefile):
        return corefile.format(front=front, back=back)

    (tmp_path / "front").mkdir()
    (tmp_path / "back").mkdir()
    with running(tmp_path / "back", text(ROUND)) as behind, running(tmp_path / "front", text(FRONT)) as server:
        address = server.address(port=front)
        eventually(lambda: server.log.having(OUT.format(back)))
        assert "status: SERVFAIL" in dig(address, "www.example.net")
        server.reload()
        eventually(lambda: len(server.log.having(OUT.format(back))) == 2)
        assert server.page("/ready")[1].startswith("OK\nupstream")
        behind.reload(text(STRAIGHT))
        eventually(lambda: server.log.having("does not loop any more"), seconds=20)
        assert dig(address, "+short", "www.example.net") == "192.0.2.1\n"
        assert server.page("/ready") == (200, "OK")
