"""Tokens of an OpenID Connect provider (`auth-provider: oidc`), refreshed by the official client."""

import base64
import ssl
import warnings
from collections.abc import Callable, Mapping

import msgspec

from fedresolver.watch.cluster.access import AccessError
from fedresolver.watch.cluster.credentials import Identity, bearer
from fedresolver.watch.cluster.material import decoded
from fedresolver.watch.cluster.token import checked

_EARLY = 60.0  # seconds before a token expires at which another is asked for
_AUTHORITY = "idp-certificate-authority-data"
_NEEDED = ("client-id", "idp-issuer-url", "refresh-token")


class _Claims(msgspec.Struct, frozen=True):
    exp: float = 0.0


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str
    refresh_token: str = ""


class Oidc:
    """The tokens of a user; `wall` is in seconds since the epoch."""

    def __init__(self, config: Mapping[str, str], wall: Callable[[], float]) -> None:
        self._config = dict(config)
        self._wall = wall
        self._token = config.get("id-token", "")

    async def identity(self) -> Identity:
        """Return the token, a new one where it has expired."""
        if not self._token or self._wall() >= _expires(self._token) - _EARLY:
            self._token = await self._refresh()
        return bearer(checked(self._token, "auth-provider oidc"))

    def rejected(self) -> None:
        """Ask for a new token for the next request."""
        self._token = ""

    async def _refresh(self) -> str:
        for name in _NEEDED:
            if not self._config.get(name):
                raise AccessError(f"auth-provider oidc: the token has expired, and without `{name}` there is no other")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # here: it costs 50 MiB and a third of a second, which nobody else is to pay
            from kubernetes.aio.config.openid import OpenIDRequestor

            try:
                # The client takes a certificate authority for a context of TLS, and without one verifies nothing.
                requestor = OpenIDRequestor(  # type: ignore[no-untyped-call]
                    self._config["client-id"],
                    self._config.get("client-secret", ""),
                    self._config["idp-issuer-url"],
                    self._trust(),
                )
                said = await requestor.refresh_token(self._config["refresh-token"])  # type: ignore[no-untyped-call]
                tokens = msgspec.convert(said, _Tokens)
            except Exception as error:  # whatever the client lets through
                raise AccessError(f"auth-provider oidc: no new token: {type(error).__name__}") from error
        self._config["refresh-token"] = tokens.refresh_token or self._config["refresh-token"]
        return tokens.id_token

    def _trust(self) -> ssl.SSLContext:
        authority = self._config.get(_AUTHORITY)
        return ssl.create_default_context(cadata=decoded(_AUTHORITY, authority).decode("ascii") if authority else None)


def _expires(token: str) -> float:
    """Return when a JWT expires (RFC 7519 4.1.4), in seconds since the epoch; one that cannot be read has expired."""
    parts = token.split(".")
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        return msgspec.json.decode(payload, type=_Claims).exp or float("inf")
    except (IndexError, ValueError, RecursionError):
        return 0.0
