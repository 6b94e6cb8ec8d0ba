"""TSIG keys as the plugins of a server block name them."""

from collections.abc import Sequence

from fedresolver.chain.setup import Setup
from fedresolver.config.errors import StanzaError, shown
from fedresolver.config.lexer import Token
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import Name, from_text
from fedresolver.wire.tsig import Key, Keyring


def key_name(token: Token) -> Name:
    """Return the name of a key, a domain name; StanzaError when it is none."""
    try:
        return from_text(token.text)
    except FormatError as error:
        raise StanzaError(token, f"{shown(token.text)} cannot be the name of a key: {error}") from error


def with_key(words: Sequence[Token], usage: str) -> tuple[Sequence[Token], Token | None]:
    """Return the words of `ADDRESS... [key NAME]` without the key, and its name; StanzaError for any other form."""
    mark = next((number for number, word in enumerate(words) if word.text == "key"), None)
    if mark is None:
        return words, None
    if mark == 0 or mark + 2 != len(words):
        raise StanzaError(words[mark], "`key` is followed by one name, behind the addresses", f"write `{usage}`")
    key_name(words[mark + 1])
    return words[:mark], words[mark + 1]


def key_of(setup: Setup, token: Token) -> Key:
    """Return the key that the server block has under the name `token`; StanzaError when `tsig` defines none."""
    key = setup.shared.part(Keyring).get(key_name(token))
    if key is None:
        wrong = f"there is no TSIG key {shown(token.text)} in this server block"
        raise StanzaError(token, wrong, "define it with `secret` or `secrets` in the block of `tsig`")
    return key
