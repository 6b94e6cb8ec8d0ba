"""Who we are to an API server: the kinds of credentials, each of which can be asked for the next request."""

from base64 import b64encode
from typing import Protocol

from fedresolver.watch.access.entry import AccessError, Headers
from fedresolver.watch.access.redaction import Secret
from fedresolver.watch.access.token import FileToken
from fedresolver.watch.access.validity import Validity, of_token


class Identity(Secret, frozen=True):
    """What a request shows of us: headers, or a certificate with its key in PEM, or both.

    `validity` is that of the headers, as far as it is known.
    """

    headers: Headers = ()
    certificate: bytes = b""
    key: bytes = b""
    validity: Validity | None = None


class Credentials(Protocol):
    """A kind of credentials."""

    async def identity(self) -> Identity:
        """Return what the next request shows; AccessError when that cannot be had."""

    def rejected(self) -> None:
        """Get other credentials for the next request, if there may be others."""


class Fixed:
    """Credentials that do not change: a token, a password, or nothing but a certificate."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def identity(self) -> Identity:
        """Return them."""
        return self._identity

    def rejected(self) -> None:
        """Have no others."""


class TokenFile:
    """A token that is exchanged in its file; `otherwise` is the token for as long as the file has none."""

    def __init__(self, path: str, otherwise: str = "") -> None:
        self._token = FileToken(path)
        self._otherwise = otherwise

    async def identity(self) -> Identity:
        """Return the token as it stands in the file now."""
        try:
            return bearer(await self._token.read())
        except AccessError:
            if not self._otherwise:
                raise
            return bearer(self._otherwise)

    def rejected(self) -> None:
        """Read the file again."""
        self._token.forget()


def bearer(token: str) -> Identity:
    """Return the identity of who bears a token (RFC 6750 2.1)."""
    return Identity((("Authorization", f"Bearer {token}"),), validity=of_token(token))


def basic(username: str, password: str) -> Identity:
    """Return the identity of who knows a password (RFC 7617)."""
    return Identity((("Authorization", f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"),))
