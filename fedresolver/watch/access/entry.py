"""How a member's API server is reached: its address, TLS, and the credentials of the next request."""

import ssl
from typing import Protocol

from fedresolver.watch.access.redaction import Secret
from fedresolver.watch.access.validity import Validity

Headers = tuple[tuple[str, str], ...]
"""Names and values; a name may stand several times."""


class Entry(Secret, frozen=True):
    """What the next request goes with.

    `server` is the base of all addresses, without a slash at its end. `tls` is None for the system's trust, or without
    TLS; it is the same object for as long as the certificates are. `server_name` is what the certificate must be for,
    `proxy` the URL of a proxy; both may be empty. `validity` is that of the credentials, as far as they say.
    """

    server: str
    headers: Headers = ()
    tls: ssl.SSLContext | None = None
    server_name: str = ""
    proxy: str = ""
    validity: Validity | None = None


class AccessError(Exception):
    """There are no credentials to be had, or no way to be known: one line that says why, without any secret."""


class Access(Protocol):
    """The way to one member."""

    async def entry(self) -> Entry:
        """Return what the next request goes with; AccessError rather than a request that is anonymous."""

    def rejected(self) -> None:
        """Take note that the server did not believe the credentials (401): get new ones for the next request."""
