"""Entries to records: directives, and the owner, TTL, class and type of each record (RFC 1035 5.1, RFC 2308 4)."""

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from fedresolver.config import errors
from fedresolver.config.errors import At, StanzaError, listed
from fedresolver.wire.const import Type
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import Name
from fedresolver.zone.text import generate
from fedresolver.zone.text.complaints import Complaints
from fedresolver.zone.text.data import rdata
from fedresolver.zone.text.gathered import Gathered
from fedresolver.zone.text.lexer import BEAT, Entry, entries
from fedresolver.zone.text.mnemonic import is_class, near, type_number, unknown
from fedresolver.zone.text.names import Names
from fedresolver.zone.text.word import MAX_TTL, is_ttl, seconds, shown, value

MAX_DEPTH = 8
"""How deep files may include one another."""
MAX_FILES = 1000
MAX_OCTETS = 1 << 28
"""How many octets all files have together."""

_LOST = Name(b"")
_NEEDED = (Type.SOA, Type.NS)
_DOLLAR = ord("$")
_MINIMUM = slice(-4, None)


class Files(Protocol):
    """The file system, as far as zone files see it."""

    def read(self, path: str) -> bytes:
        """Return the octets of a file; OSError when it cannot be read or is too large."""


@dataclass(slots=True)
class _Position:
    """Where the reading of one file is: `$INCLUDE` gives the included file one of its own (RFC 1035 5.1).

    `owner` is that of the last record, None before the first, _LOST when it could not be read.
    """

    file: str
    names: Names
    owner: Name | None
    parents: tuple[str, ...]


class Reader:
    """Reads a file with all that it includes into `gathered`; `beat` is called every few records or lines.

    `paths` are the files, in order, and `lost` the types of which some record could not be read.
    """

    def __init__(self, files: Files, gathered: Gathered, complaints: Complaints, beat: Callable[[], None]) -> None:
        self.paths: dict[str, None] = {}
        self.lost: set[int] = set()
        self._files = files
        self._gathered = gathered
        self._complaints = complaints
        self._beat = beat
        self._read = 0
        self._octets = 0
        self._default: int | None = None
        self._last: int | None = None
        self._told_default = False
        self._directives = {
            b"$TTL": self._ttl,
            b"$ORIGIN": self._origin,
            b"$INCLUDE": self._include,
            b"$GENERATE": self._generate,
        }

    def file(self, path: str) -> None:
        """Read the file of the zone; StanzaError when there is no going on."""
        try:
            octets = self._load(path)
        except OSError as error:
            raise StanzaError(At(path, 1), f"the file cannot be read: {error.strerror or error}") from error
        self._entries(octets, _Position(path, Names(self._gathered.apex), None, (posixpath.normpath(path),)))

    def _load(self, path: str) -> bytes:
        self.paths[path] = None
        octets = self._files.read(path)
        self._read += 1
        self._octets += len(octets)
        return octets

    def _entries(self, octets: bytes, place: _Position) -> None:
        def fault(line: int, what: str) -> None:
            self.lost.update(_NEEDED)
            self._complaints.error(At(place.file, line), what)

        for entry in entries(octets, fault, self._beat):
            at = At(place.file, entry.line)
            try:
                self._entry(at, entry, place)
            except FormatError as error:
                self._complaints.error(at, str(error))

    def _entry(self, at: At, entry: Entry, place: _Position) -> None:
        words = entry.words
        if entry.indented:
            if place.owner is None:
                hint = "; a directive begins at the start of its line" if words[0][0] == _DOLLAR else "; write one"
                raise FormatError(f"the line begins with white space, and there is no owner before{hint}")
            self._record(at, words, place)
        elif words[0][0] == _DOLLAR:
            self._directive(at, words, place)
        else:
            place.owner = _LOST
            place.owner = Name(place.names.wire(words[0]).lower())
            self._record(at, words[1:], place)

    def _record(self, at: At, words: Sequence[bytes], place: _Position) -> None:
        """Take in the record of the owner of `place` that `words` say without it."""
        ttl, is_in = None, False
        for position, word in enumerate(words, 1):
            if (rtype := type_number(word)) is not None:
                self._take(at, rtype, ttl, words[position:], place)
                return
            if ttl is None and is_ttl(word):
                ttl = self._limited(at, word)
            elif not is_class(word):
                raise FormatError(unknown(word))
            elif is_in:
                raise FormatError(f"the class {shown(word)} stands here twice; remove one")
            else:
                is_in = True
        raise FormatError("a record without a type; write OWNER [TTL] [IN] TYPE DATA")

    def _take(self, at: At, rtype: int, ttl: int | None, words: Sequence[bytes], place: _Position) -> None:
        try:
            octets = rdata(rtype, words, place.names)
            settled = self._settled(at, ttl, rtype, octets)
            if place.owner and (warning := self._gathered.add(at, place.owner, rtype, settled, octets)):
                self._complaints.warning(at, warning)
        except FormatError:
            self.lost.add(rtype)
            raise

    def _limited(self, at: At, word: bytes) -> int:
        ttl = seconds(word)
        if ttl <= MAX_TTL:
            return ttl
        self._complaints.warning(at, f"the TTL {shown(word)} counts as 0; the longest is {MAX_TTL} (RFC 2181 8)")
        return 0

    def _settled(self, at: At, ttl: int | None, rtype: int, octets: bytes) -> int:
        """Return the TTL of a record: its own, else that of `$TTL`, else the last one, else the SOA's minimum."""
        if ttl is None and self._default is not None:
            return self._default
        if ttl is None:
            ttl = self._guessed(at, rtype, octets)
        self._last = ttl
        return ttl

    def _guessed(self, at: At, rtype: int, octets: bytes) -> int:
        if self._last is None and rtype != Type.SOA:
            self._last = 0  # told once
            raise FormatError("no TTL, neither here nor before; write `$TTL 3600` at the beginning of the file")
        found = min(MAX_TTL, int.from_bytes(octets[_MINIMUM])) if self._last is None else self._last
        if not self._told_default:
            self._told_default = True
            source = "the minimum of the SOA" if self._last is None else "that of the record before"
            self._complaints.warning(at, f"no TTL here, and no `$TTL` before: {source} is taken, {found}")
        return found

    def _directive(self, at: At, words: Sequence[bytes], place: _Position) -> None:
        directive = self._directives.get(words[0].upper())
        if directive is None:
            known = [name.decode() for name in self._directives]
            right = near(words[0], known) or f"known here: {listed(known)}"
            raise FormatError(f"unknown directive {shown(words[0])}; {right} (a name that begins so is written `\\$`)")
        directive(at, words[1:], place)

    def _ttl(self, at: At, words: Sequence[bytes], place: _Position) -> None:
        _expect(words, 1, 1, "$TTL SECONDS")
        self._default = 0  # if this one is bad, nobody lacks it
        self._default = self._limited(at, words[0])

    def _origin(self, at: At, words: Sequence[bytes], place: _Position) -> None:
        _expect(words, 1, 1, "$ORIGIN NAME")
        place.names = Names(place.names.wire(words[0]))

    def _include(self, at: At, words: Sequence[bytes], place: _Position) -> None:
        _expect(words, 1, 2, "$INCLUDE FILE [ORIGIN]")
        written = value(words[0]).decode("utf-8", "surrogateescape")
        path = posixpath.join(posixpath.dirname(place.file), written)
        normal = posixpath.normpath(path)
        names = Names(place.names.wire(words[1])) if len(words) > 1 else place.names
        if normal in place.parents:
            raise FormatError(f"{shown(words[0])} includes itself; remove this line")
        if len(place.parents) > MAX_DEPTH:
            raise FormatError(f"{shown(words[0])} is included {MAX_DEPTH + 1} deep; at most {MAX_DEPTH} are read")
        if self._read >= MAX_FILES or self._octets > MAX_OCTETS:
            raise StanzaError(at, f"a zone has at most {MAX_FILES} files and {MAX_OCTETS} octets")
        try:
            octets = self._load(path)
        except OSError as error:
            self.lost.update(_NEEDED)
            right = "the path is relative to the file with this line"
            raise FormatError(f"{errors.shown(path)} cannot be read: {error.strerror or error}; {right}") from error
        self._entries(octets, _Position(path, names, place.owner, (*place.parents, normal)))

    def _generate(self, at: At, words: Sequence[bytes], place: _Position) -> None:
        _expect(words, 3, None, generate.USAGE)
        template = generate.template(words[1:])
        for count, number in enumerate(generate.numbers(words[0])):
            if not count % BEAT:
                self._beat()
            owner, *rest = generate.words(template, number)
            made = _Position(place.file, place.names, Name(place.names.wire(owner).lower()), place.parents)
            self._record(at, rest, made)


def _expect(words: Sequence[bytes], least: int, most: int | None, usage: str) -> None:
    if len(words) < least or (most is not None and len(words) > most):
        raise FormatError(f"{len(words)} word{'' if len(words) == 1 else 's'} after the directive; write `{usage}`")
