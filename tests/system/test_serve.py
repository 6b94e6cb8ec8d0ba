"""The server as its users run it: a process with the world of the demo, on every address, asked by dig."""

import re
import shutil

import pytest

from fedresolver.cli.demo.world import LOCAL, write
from tests.support.ask import dig
from tests.support.deadline import eventually
from tests.support.running import free_ports, process

NAME = "nginx.mynamespace.myfederation"
COREFILE = f"""
. {{
    errors
    federation myfederation example.com {{
        manifests members
        local {LOCAL}
    }}
    loadbalance
}}
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Give the folder of a world and the port of a server that is not changed."""
    folder = tmp_path_factory.mktemp("world")
    write(folder)
    yield from serve(folder)


@pytest.fixture
def changing(tmp_path):
    """Give the folder of a world and the port of its server."""
    write(tmp_path)
    yield from serve(tmp_path)


def serve(folder):
    (port,) = free_ports(1)
    with process(folder, COREFILE, "--port", str(port)):
        eventually(lambda: "10.10.0.80" in dig(("127.0.0.1", port), "+short", NAME))
        yield folder, port


@pytest.mark.parametrize("transport", ["+notcp", "+tcp"])
@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.5", "::1"])
def test_every_address_answers(served, host, transport):
    assert dig((host, served[1]), "+short", transport, NAME) == "10.10.0.80\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(["www.example.org"], "status: REFUSED", id="a name of no zone of ours is refused"),
        pytest.param([f"nobody.{NAME}", "A"], "status: NXDOMAIN", id="an endpoint that is not there"),
        pytest.param([NAME, "AAAA"], "status: NOERROR.*AUTHORITY: 1", id="the family that is not there is no data"),
        pytest.param([f"_http._tcp.{NAME}", "SRV"], r"0 100 80 nginx\.", id="SRV by a named port"),
        pytest.param([NAME], r"EDE: 0 \(Other\): \(local\)", id="why the local shard answered"),
        pytest.param(["+noedns", NAME], "ADDITIONAL: 0", id="no OPT without EDNS"),
        pytest.param(["example.com", "SOA"], r"SOA\s+ns\.example\.com\.", id="the apex has an SOA"),
    ],
)
def test_dig_reads(served, words, expected):
    assert re.search(expected, dig(("127.0.0.1", served[1]), *words), re.DOTALL)


def test_an_edit_moves_the_answer_and_back(changing):
    folder, port = changing
    shard = folder / "members" / LOCAL / "nginx.yaml"
    shard.write_text(shard.read_text().replace("ready: true", "ready: false"))
    eventually(lambda: "203.0.113.50" in dig(("127.0.0.1", port), "+short", NAME))
    shard.write_text(shard.read_text().replace("ready: false", "ready: true"))
    eventually(lambda: dig(("127.0.0.1", port), "+short", NAME) == "10.10.0.80\n")


def test_a_member_that_leaves_takes_its_addresses_along(changing):
    folder, port = changing
    shutil.rmtree(folder / "members" / "gce-us-east1")
    eventually(lambda: "203.0.113.20" not in dig(("127.0.0.1", port), "+short", f"{NAME}.svc.example.com"))
