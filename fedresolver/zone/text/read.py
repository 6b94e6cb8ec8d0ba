"""A zone file to the contents of a zone."""

from collections.abc import Callable
from contextlib import suppress

import msgspec

from fedresolver.config.errors import StanzaError
from fedresolver.wire.name import Name
from fedresolver.zone.contents import Contents
from fedresolver.zone.text.complaints import Complaints, EnoughError
from fedresolver.zone.text.gathered import Gathered
from fedresolver.zone.text.reader import Files, Reader
from fedresolver.zone.text.rules import check

__all__ = ["Files", "Parsed", "read_zone"]


class Parsed(msgspec.Struct, frozen=True):
    """What was read: the zone, `file:line: what` for each oddity, all files that were read, and how many records."""

    contents: Contents
    warnings: tuple[str, ...]
    files: tuple[str, ...]
    records: int


def _quiet(records: int) -> None:
    pass


def read_zone(path: str, apex: Name, files: Files, progress: Callable[[int], None] = _quiet) -> Parsed:
    """Return the zone `apex` from the file at `path`, names in its data as they were written.

    `progress` hears every few lines, mostly within a millisecond, how many records there are so far. Whoever reads in a
    thread beside an event loop lets it give way (`time.sleep(0)`): nothing here does.

    ConfigError holds the errors of all files, each with file and line, at most 50 of them and how many more there are.
    """
    complaints, gathered = Complaints(), Gathered(apex)

    def beat() -> None:
        progress(gathered.records)

    reader = Reader(files, gathered, complaints, beat)
    with suppress(EnoughError):
        try:
            reader.file(path)
            check(gathered, path, complaints, reader.lost, beat)
        except StanzaError as error:
            complaints.error(error, error.wrong)
    complaints.raise_errors()
    contents = gathered.contents(beat)
    return Parsed(contents, complaints.warnings(), tuple(reader.paths), gathered.records)
