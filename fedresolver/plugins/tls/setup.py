"""Read `tls CERT KEY [CA] { client_auth nocert|request|require|verify_if_given|require_and_verify }`."""

from typing import cast

from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.once import once
from fedresolver.config.read import Stanza, among, arguments, one, options, path
from fedresolver.plugins.tls.certificate import Certificate, Wanted
from fedresolver.plugins.tls.pem import Clients, Paths

USAGE = "tls CERT KEY [CA]"
CLIENT_AUTH = {
    "nocert": Clients.NOT_ASKED,
    "request": Clients.NOT_ASKED,
    "require": Clients.VERIFIED,
    "verify_if_given": Clients.VERIFIED_IF_GIVEN,
    "require_and_verify": Clients.VERIFIED,
}
"""What is demanded of clients by the word for it; a certificate that nobody verifies would prove nothing."""


def parse(stanza: Stanza) -> Wanted:
    """Return what a stanza says; ConfigError with all that is wrong in it."""
    paths = Paths(*map(path, arguments(stanza, 2, 3, USAGE)))
    found = options(stanza, {"client_auth": one(among(*CLIENT_AUTH), "KIND")})
    return Wanted(paths, CLIENT_AUTH[found.get("client_auth", "nocert")])


def setup(setup: Setup) -> Plugin:
    """Return the certificate; the one that runs, where nothing of it has changed."""
    stanza = once(setup.stanzas)
    wanted = parse(stanza)
    certificate = cast("Certificate", setup.keep(("tls", wanted), lambda: Certificate(wanted, stanza)))
    return Plugin(encryption=certificate, units=(certificate,), check=certificate.check)
