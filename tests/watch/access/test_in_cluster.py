"""The way of a Pod to the API server of its cluster."""

import asyncio

import pytest

from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.access.in_cluster import InCluster
from fedresolver.watch.access.validity import Validity
from fedresolver.watch.cluster.roster import InClusterRoster
from tests.e2e.authority import Authority
from tests.support.tls_server import ADDRESS, greeted, tls_server


def pod(folder, host=ADDRESS, port="443"):
    """Return the way of a Pod whose service account is in `folder`, with the certificate of its API server."""
    authority = Authority(folder)
    (folder / "ca.crt").write_bytes(authority.path.read_bytes())
    (folder / "token").write_text("first\n")
    environ = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
    return InCluster(environ, str(folder)), authority.server("server", ADDRESS)


def shown(way):
    return dict(asyncio.run(way.entry()).headers)["Authorization"]


@pytest.mark.parametrize(
    ("host", "server"),
    [
        pytest.param("192.0.2.1", "https://192.0.2.1:443", id="IPv4"),
        pytest.param("2001:db8::1", "https://[2001:db8::1]:443", id="IPv6"),
    ],
)
def test_the_server_is_that_of_the_environment(host, server, tmp_path):
    way, _ = pod(tmp_path, host)
    assert asyncio.run(way.entry()).server == server


def test_the_authority_of_the_service_account_is_believed(tmp_path):
    way, certificate = pod(tmp_path)

    async def asked():
        async with tls_server(*certificate) as port:
            return await greeted(await way.entry(), port)

    assert asyncio.run(asked()) == "nobody"


def test_the_token_says_when_it_ends(tmp_path):
    way, _ = pod(tmp_path)
    assert asyncio.run(way.entry()).validity is None
    (tmp_path / "token").write_text("e30.eyJleHAiOjIwMCwiaWF0IjoxMDB9.c2ln")  # {"exp":200,"iat":100}
    assert asyncio.run(way.entry()).validity == Validity(200, 100)


def test_the_token_is_exchanged(tmp_path):
    way, _ = pod(tmp_path)
    assert shown(way) == "Bearer first"
    (tmp_path / "new").write_text("second")
    (tmp_path / "new").replace(tmp_path / "token")
    assert shown(way) == "Bearer second"
    way.rejected()
    assert shown(way) == "Bearer second"


@pytest.mark.parametrize("name", ["token", "ca.crt"])
def test_a_service_account_that_is_not_whole(name, tmp_path):
    way, _ = pod(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(AccessError, match=f"{name}: No such file"):
        asyncio.run(way.entry())


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"KUBERNETES_SERVICE_HOST": "192.0.2.1"}, id="no port"),
        pytest.param({"KUBERNETES_SERVICE_HOST": "", "KUBERNETES_SERVICE_PORT": "443"}, id="an empty host"),
    ],
)
def test_outside_of_a_pod_there_is_no_way(environ):
    with pytest.raises(AccessError, match="this is no Pod; name a kubeconfig instead"):
        InClusterRoster("here", environ).ways()


def test_the_member_around_us_is_the_only_one_and_stays(tmp_path):
    roster = InClusterRoster("here", {"KUBERNETES_SERVICE_HOST": "192.0.2.1", "KUBERNETES_SERVICE_PORT": "443"})
    assert list(roster.ways()) == ["here"]
    assert roster.stamp() is None
