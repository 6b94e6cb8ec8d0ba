"""Tokens of an OpenID Connect provider, which is a real one over TLS."""

import asyncio
import base64
import json
import socket
import ssl
from base64 import b64encode
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.access.host import Host
from tests.e2e.authority import Authority
from tests.support.kubeconfig import access, host

SECRET = "SeCrEt"
NOW = 1_000_000.0


@pytest.fixture(scope="module")
def certificate(authority):
    return authority.server("provider", "127.0.0.1")


def jwt(expires=None, name="ann"):
    """Return a token that expires in so many seconds."""
    claims = {"name": name} | ({} if expires is None else {"exp": NOW + expires})
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


class Provider:
    """Gives the answers that it has, in turn; `asked` are the refresh tokens that it has seen, and by whom."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []
        self.issuer = ""

    @asynccontextmanager
    async def running(self, certificate):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._configuration)
        app.router.add_post("/token", self._token)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        self.issuer = f"https://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _configuration(self, _):
        return web.json_response({"token_endpoint": f"{self.issuer}/token"})

    async def _token(self, request):
        form = await request.post()
        self.asked.append((form["refresh_token"], request.headers["Authorization"]))
        answer = self.answers.pop(0)
        return answer if isinstance(answer, web.Response) else web.json_response(answer)


def asked(folder, provider, certificate, work, of=None, **config):
    """Run `work` with the way of somebody whose tokens the provider gives."""

    async def run():
        async with provider.running(certificate):
            told = {
                "client-id": "us",
                "client-secret": SECRET,
                "idp-issuer-url": provider.issuer,
                "refresh-token": "r1",
            }
            told |= {name.replace("_", "-"): value for name, value in config.items()}
            told = {name: value for name, value in told.items() if value}
            user = {"auth-provider": {"name": "oidc", "config": told}}
            return await work(access(folder, user=user, of=of or host(wall=NOW)))

    return asyncio.run(run())


async def shown(way):
    return dict((await way.entry()).headers)["Authorization"]


def trusted(authority):
    return b64encode(authority.path.read_bytes()).decode()


@pytest.mark.parametrize(
    "expires",
    [pytest.param(61, id="a token with more than a minute"), pytest.param(None, id="a token that says no end")],
)
def test_is_shown_as_it_is_given(expires, authority, certificate, tmp_path):
    provider = Provider()
    assert asked(tmp_path, provider, certificate, shown, id_token=jwt(expires)) == f"Bearer {jwt(expires)}"
    assert provider.asked == []


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(jwt(59), id="a token with less than a minute"),
        pytest.param("", id="no token"),
        pytest.param("abc", id="a token that is no JWT"),
        pytest.param("a.b.c", id="a JWT that cannot be read"),
    ],
)
def test_is_refreshed(token, authority, certificate, tmp_path):
    provider = Provider({"id_token": jwt(3600, "bob")})
    data = trusted(authority)
    found = asked(tmp_path, provider, certificate, shown, id_token=token, idp_certificate_authority_data=data)
    assert found == f"Bearer {jwt(3600, 'bob')}"
    assert provider.asked == [("r1", f"Basic {b64encode(f'us:{SECRET}'.encode()).decode()}")]


def test_a_provider_is_believed_by_an_authority_in_a_file(authority, certificate, tmp_path):
    (tmp_path / "idp.crt").write_bytes(authority.path.read_bytes())
    provider = Provider({"id_token": jwt(3600)})
    asked(tmp_path, provider, certificate, shown, idp_certificate_authority="idp.crt")
    assert len(provider.asked) == 1


def test_a_refused_token_is_refreshed_with_the_newest_refresh_token(authority, certificate, tmp_path):
    first = {"id_token": jwt(3600, "a"), "refresh_token": "r2"}
    provider = Provider(first, {"id_token": jwt(3600, "b"), "refresh_token": None})

    async def work(way):
        found = [await shown(way), await shown(way)]
        for _ in range(2):
            way.rejected()
            found.append(await shown(way))
        return found

    given, data = jwt(3600, "given"), trusted(authority)
    found = asked(tmp_path, provider, certificate, work, id_token=given, idp_certificate_authority_data=data)
    assert found == [f"Bearer {token}" for token in (given, given, jwt(3600, "a"), jwt(3600, "b"))]
    assert [token for token, _ in provider.asked] == ["r1", "r2"]


def test_who_asks_at_once_has_it_refreshed_once(authority, certificate, tmp_path):
    provider = Provider({"id_token": jwt(3600)})

    async def work(way):
        return await asyncio.gather(*(shown(way) for _ in range(5)))

    found = asked(tmp_path, provider, certificate, work, idp_certificate_authority_data=trusted(authority))
    assert found == [f"Bearer {jwt(3600)}"] * 5


def test_is_shown_until_its_end_while_the_provider_fails(authority, certificate, tmp_path):
    clock = [NOW]
    provider = Provider(web.Response(status=500))

    async def work(way):
        first = await shown(way)
        clock[0] = NOW + 3599
        return first, await shown(way)

    of = Host((), {}, lambda: clock[0])
    data = trusted(authority)
    token = jwt(3600)
    found = asked(tmp_path, provider, certificate, work, of, id_token=token, idp_certificate_authority_data=data)
    assert found == (f"Bearer {token}",) * 2
    assert len(provider.asked) == 1


def failure(folder, provider, certificate, of=None, **config):
    with pytest.raises(AccessError) as caught:
        asked(folder, provider, certificate, shown, of, **config)
    assert SECRET not in f"{caught.value}{caught.value.__cause__}"
    return str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(web.Response(status=400, text=SECRET), id="it refuses"),
        pytest.param(web.Response(text=SECRET), id="it says what is no JSON"),
        pytest.param({"access_token": SECRET}, id="it gives no id_token"),
        pytest.param({"id_token": [SECRET]}, id="it gives an id_token that is none"),
    ],
)
def test_a_provider_gives_nothing(answer, authority, certificate, tmp_path):
    data = trusted(authority)
    why = failure(tmp_path, Provider(answer), certificate, idp_certificate_authority_data=data)
    assert "auth-provider oidc: no new token: " in why


@pytest.mark.parametrize("name", ["client-id", "idp-issuer-url", "refresh-token"])
def test_something_is_missing(name, certificate, tmp_path):
    why = failure(tmp_path, Provider(), certificate, **{name: ""})
    assert why == f"auth-provider oidc: the token has expired, and without `{name}` there is no other"


def test_a_token_that_cannot_stand_in_a_header(authority, certificate, tmp_path):
    data = trusted(authority)
    why = failure(tmp_path, Provider({"id_token": f"{SECRET}\n"}), certificate, idp_certificate_authority_data=data)
    assert why == "auth-provider oidc: there is no token in it"


def test_a_provider_without_tls_is_told_nothing(certificate, tmp_path):
    why = failure(tmp_path, Provider(), certificate, idp_issuer_url="http://127.0.0.1:1")
    assert why == "auth-provider oidc: idp-issuer-url begins with https://"


@pytest.mark.parametrize("system", [False, True], ids=["another authority", "the system's trust"])
def test_a_provider_that_is_not_trusted_is_told_nothing(system, certificate, tmp_path):
    """The official client by itself would verify nothing where no authority is named."""
    config = {} if system else {"idp_certificate_authority_data": trusted(Authority(tmp_path))}
    provider = Provider({"id_token": jwt(3600)})
    assert failure(tmp_path, provider, certificate, **config).endswith("no new token: ClientConnectorCertificateError")
    assert provider.asked == []


def test_no_proxy_of_the_environment_is_asked(authority, certificate, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    provider = Provider({"id_token": jwt(3600)})
    asked(tmp_path, provider, certificate, shown, idp_certificate_authority_data=trusted(authority))
    assert len(provider.asked) == 1


def test_a_provider_that_is_silent_is_not_waited_for(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        issuer = f"https://127.0.0.1:{silent.getsockname()[1]}"
        config = {"client-id": "us", "refresh-token": "r1", "idp-issuer-url": issuer}
        of = host(wall=NOW, patience=0.2)
        way = access(tmp_path, user={"auth-provider": {"name": "oidc", "config": config}}, of=of)
        with pytest.raises(AccessError, match="no new token: TimeoutError"):
            asyncio.run(way.entry())
