"""Signed messages, made and read by dnspython, and the keys for them."""

import dns.message
import dns.name
import dns.tsig

from fedresolver.wire.name import from_text
from fedresolver.wire.tsig import Key, Keyring

NAME, ALGORITHM = "key.example.org.", "hmac-sha256"
SECRET, OTHER_SECRET = b"a secret of 32 octets, as it is!", b"another one, also of 32 octets!!"
BASE64 = "YSBzZWNyZXQgb2YgMzIgb2N0ZXRzLCBhcyBpdCBpcyE="
"""SECRET in base64."""


def key(name: str = NAME, algorithm: str = ALGORITHM, secret: bytes = SECRET) -> Key:
    """Return a key as we have it."""
    return Key(from_text(name), algorithm, secret)


def ring(*keys: Key) -> Keyring:
    """Return a keyring."""
    made = Keyring()
    for one in keys:
        made.add(one)
    return made


def theirs(name: str = NAME, algorithm: str = ALGORITHM, secret: bytes = SECRET) -> dns.tsig.Key:
    """Return a key as dnspython has it."""
    return dns.tsig.Key(dns.name.from_text(name), secret, algorithm)


def signed(query: dns.message.Message, by: dns.tsig.Key | None = None) -> bytes:
    """Return the octets of a query, signed now."""
    query.use_tsig(by or theirs())
    return query.to_wire()


def verified(octets: bytes, query: dns.message.Message, **how: object) -> dns.message.Message:
    """Return the answer to a query that was signed; one of dnspython's errors when its signature is not good."""
    return dns.message.from_wire(octets, keyring=query.keyring, request_mac=query.mac, **how)
