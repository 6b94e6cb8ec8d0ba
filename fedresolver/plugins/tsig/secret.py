"""A key from the words that describe it. No error shows a word that may be the secret."""

import base64
import binascii

from fedresolver.chain.keys import key_name
from fedresolver.config.errors import StanzaError, listed
from fedresolver.config.lexer import Token
from fedresolver.wire.tsig import ALGORITHMS, DEFAULT_ALGORITHM, Key


def key(name: Token, secret: Token, algorithm: Token | None = None) -> Key:
    """Return the key with a secret in base64; StanzaError when there is no such algorithm, or the secret is none."""
    return Key(key_name(name), _algorithm(algorithm), _octets(secret))


def _algorithm(token: Token | None) -> str:
    if token is None:
        return DEFAULT_ALGORITHM
    name = token.text.lower().removesuffix(".")
    if name.startswith("hmac-md5"):
        raise StanzaError(token, "MD5 is broken, and keys for it are not accepted", f"use {DEFAULT_ALGORITHM}")
    if name not in ALGORITHMS:
        raise StanzaError(token, "there is no such algorithm for a key", f"known here: {listed(ALGORITHMS)}")
    return name


def _octets(token: Token) -> bytes:
    try:
        secret = base64.b64decode("".join(token.text.split()), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not secret:
        raise StanzaError(token, "the secret of the key is not in base64", "make one with `tsig-keygen`")
    return secret
