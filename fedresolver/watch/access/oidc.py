"""Tokens of an OpenID Connect provider (`auth-provider: oidc`), refreshed by the official client."""

import asyncio
import base64
import ssl
from collections.abc import Mapping
from importlib import import_module
from typing import cast

import aiohttp
import msgspec

from fedresolver.watch.access.credentials import basic, bearer
from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.access.host import Host
from fedresolver.watch.access.material import given
from fedresolver.watch.access.redaction import Secret
from fedresolver.watch.access.renewal import Lease
from fedresolver.watch.access.tls import trusting
from fedresolver.watch.access.token import checked
from fedresolver.watch.kube.intake import WRONG_SHAPE
from fedresolver.watch.worker import beside

_EARLY = 60.0  # seconds before a token expires at which another is asked for
_AUTHORITY = "idp-certificate-authority"
_NEEDED = ("client-id", "idp-issuer-url", "refresh-token")


class _Claims(msgspec.Struct, frozen=True):
    exp: float = 0.0


class _Tokens(Secret, frozen=True):
    id_token: str
    refresh_token: str | None = None


class Oidc:
    """The tokens of a user, by the `config` of the provider; a path in it is relative to `folder`.

    A new refresh token is remembered until the end of the process: it is not written into the kubeconfig.
    """

    def __init__(self, config: Mapping[str, str], folder: str, host: Host) -> None:
        self._config = config
        self._given = config.get("id-token", "")
        self._refresh_token = config.get("refresh-token", "")
        self._authority = given(_AUTHORITY, config.get(f"{_AUTHORITY}-data", ""), config.get(_AUTHORITY, ""), folder)
        self._host = host

    async def lease(self) -> Lease:
        """Return the token that was given, if it has not expired and was not returned before, or else a new one."""
        token, self._given = self._given, ""
        if not token or self._host.wall() >= _end(token) - _EARLY:
            token = await self._refresh()
        end = _end(token)
        return Lease(bearer(checked(token, "auth-provider oidc")), end - _EARLY, end)

    async def _refresh(self) -> str:
        for name in _NEEDED:
            if not self._config.get(name):
                raise AccessError(f"auth-provider oidc: the token has expired, and without `{name}` there is no other")
        trust = await beside(lambda: trusting(self._authority.read()))
        issuer = self._config["idp-issuer-url"]
        if not issuer.startswith("https://"):
            raise AccessError("auth-provider oidc: idp-issuer-url begins with https://")
        client, secret = self._config["client-id"], self._config.get("client-secret", "")
        try:
            async with asyncio.timeout(self._host.patience):
                answer = await _answer(client, secret, issuer, trust, self._refresh_token)
            tokens = msgspec.convert(answer, _Tokens)
        except Exception as error:  # whatever the client lets through; its text may have secrets
            raise AccessError(f"auth-provider oidc: no new token: {type(error).__name__}") from error
        self._refresh_token = tokens.refresh_token or self._refresh_token
        return tokens.id_token


async def _answer(client: str, secret: str, issuer: str, trust: ssl.SSLContext, refresh_token: str) -> object:
    """Return what a provider answers to a refresh token; here the client believes none whom `trust` does not.

    The official client verifies nothing unless it is told whom to trust, and takes proxies from the environment. It is
    imported only now: it costs 50 MiB and a third of a second, which nobody else is to pay.
    """
    await beside(lambda: import_module("kubernetes.aio.config.openid"))
    from kubernetes.aio.config.openid import OpenIDRequestor

    class Requestor(OpenIDRequestor):
        def _client_session(self) -> aiohttp.ClientSession:
            return aiohttp.ClientSession(
                headers=self._default_headers | dict(basic(client, secret).headers),
                connector=aiohttp.TCPConnector(ssl=trust),
                raise_for_status=True,
            )

    requestor = Requestor(client, secret, issuer)  # type: ignore[no-untyped-call]
    return cast("object", await requestor.refresh_token(refresh_token))  # type: ignore[no-untyped-call]


def _end(token: str) -> float:
    """Return when a JWT ends (RFC 7519 4.1.4), in seconds since the epoch; one that cannot be read has ended."""
    parts = token.split(".")
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        return msgspec.json.decode(payload, type=_Claims).exp or float("inf")
    except (IndexError, ValueError, *WRONG_SHAPE):
        return 0.0
