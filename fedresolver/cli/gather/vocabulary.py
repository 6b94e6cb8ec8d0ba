"""Texts without secrets: of what is written anywhere only those words are kept that are known.

Known are the words that stand in the program itself, those of the system's errors, the names of members, Services and
zones, numbers, times and addresses. A token, a password or a key is none of these.
"""

import errno
import os
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from ipaddress import ip_address

INSTEAD = "***"
_LEAST = 3
"""Letters of a word that may be a part of something longer."""
_MOST_PARTS = 24
_EDGES = "\"'`()[]{}<>,;:.!?="
_WORD = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
"""Words that are joined are one word: else a pass phrase would be some words that are known."""
_PART = re.compile(rf"{_WORD.pattern}|[^A-Za-z0-9]+")
_JOINT = re.compile("[-_]")
_ALONE = re.compile(r"-?[A-Za-z]{1,2}|-?\d{1,3}(?:\.\d{1,9})?(?:e-?\d{1,2})?")
_NUMBER = re.compile(r"v?\d{1,5}|\d{1,5}(?:ms|s|m|h|d|k|M|MiB|KiB)|\d{1,2}T\d{1,2}|\d{1,9}Z")
_MARKS = re.compile(r"[-._:/,|~%()\[\]{}\"'<>;!#*`]*")
"""What may stand between the parts of a word; `@`, `=`, `?` and `&` stand before passwords."""
_OPENSSL = """
certificate verify failed self signed in chain unable to get local issuer hostname mismatch is not valid for expired yet
handshake failure wrong version number unknown ca alert unexpected eof while reading record layer sslv3 tlsv1 protocol
"""


class Vocabulary:
    """The words that are known; `names` are those of what there is."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._known = _of_program() | {word.lower() for name in names for word in _WORD.findall(name)}

    def clean(self, text: str) -> str:
        """Return a text with `***` for each word that is not known."""
        return " ".join(self._cleaned(word) for word in text.split(" "))

    def _cleaned(self, word: str) -> str:
        core = word.strip(_EDGES).removesuffix("'s")
        if not core or self._is_known(core):
            return word if word.isprintable() else repr(word)[1:-1]
        before, _, after = word.partition(core)
        return f"{before}{INSTEAD}{after}"

    def _is_known(self, core: str) -> bool:
        if _ALONE.fullmatch(core) or core.lower() in self._known or _is_address(core):
            return True
        parts = _PART.findall(core)
        return core.isascii() and len(parts) <= _MOST_PARTS and all(map(self._is_part, parts))

    def _is_part(self, part: str) -> bool:
        if not part[0].isalnum():
            return bool(_MARKS.fullmatch(part))
        return part.lower() in self._known or all(map(_NUMBER.fullmatch, _JOINT.split(part)))


def _is_address(core: str) -> bool:
    try:
        ip_address(core.partition("%")[0])
    except ValueError:
        return False
    return True


@cache
def _of_program() -> frozenset[str]:
    """Return the words of our own source, and those of the errors of the system and of OpenSSL, in small letters."""
    errors = " ".join(os.strerror(number) for number in errno.errorcode)
    texts = (_OPENSSL, errors, *_sources(files("fedresolver")))
    return frozenset(word.lower() for text in texts for word in _WORD.findall(text) if len(word) >= _LEAST)


def _sources(folder: Traversable) -> Iterable[str]:
    for one in folder.iterdir():
        if one.is_dir():
            yield from _sources(one)
        elif one.name.endswith(".py"):
            yield one.read_text(encoding="utf-8")
