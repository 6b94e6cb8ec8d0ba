"""Folders and files of manifests, as they are on the disk. Everything here waits for the disk: call it in a worker."""

import os
import re
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import msgspec

from fedresolver.watch.kube.flaw import quoted
from fedresolver.watch.manifests.reading import MAX_OCTETS, SUFFIXES, Reading, read, unreadable
from fedresolver.watch.octets import octets
from fedresolver.watch.stamp import Stamp, stamp_of

_MEMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}")


class Listing(msgspec.Struct, frozen=True, gc=False):
    """The members that have a folder, in order of their names, and what is wrong with the others.

    `links` are the folders elsewhere that members are symlinks to.
    """

    members: tuple[str, ...]
    links: tuple[str, ...]
    flaws: tuple[str, ...]


def check(folder: str) -> None:
    """Raise OSError with one clear line when `folder` is no folder that can be listed."""
    with _clear(folder):
        os.scandir(folder).close()


@contextmanager
def _clear(folder: str) -> Iterator[None]:
    """Turn an OSError into one whose text says what is missing and what would be right."""
    try:
        yield
    except OSError as error:
        why = f"{folder}: {error.strerror or error}; `manifests` wants a folder that holds one folder per member"
        raise OSError(why) from error


def members(folder: str, known: Collection[str] = ()) -> Listing:
    """Return the members in `folder`; OSError when it cannot be listed.

    Hidden names are none. What is known as a member stays one while anything has its name, be it no folder any more.
    """
    found, links, flaws = [], [], []
    with _clear(folder), os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.startswith("."):
                continue
            if not (entry.is_dir() or entry.name in known):
                flaws += _stray(folder, entry.name)
            elif _MEMBER.fullmatch(entry.name):
                found.append(entry.name)
                links += [os.path.realpath(entry.path)] if entry.is_symlink() else []
            else:
                flaws.append(
                    f"{folder}: {quoted(entry.name)} is no member's name; it has letters, digits, '.', '_', '-'"
                )
    return Listing(tuple(found), tuple(links), tuple(flaws))


def _stray(folder: str, name: str) -> list[str]:
    """Return the flaw of a manifest that stands beside the members' folders: easily done, and easily overlooked."""
    if not name.endswith(SUFFIXES):
        return []
    return [f"{folder}: {quoted(name)} belongs to no member; put it into {folder}/MEMBER/"]


class MemberFiles:
    """The manifests in the folder of one member: YAML and JSON files, through symlinks, without hidden names."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.closed = False

    def stand(self) -> bool:
        """Say whether anything has the folder's name, be it unreadable."""
        return os.path.lexists(self._folder)

    def stamps(self) -> dict[str, Stamp | None]:
        """Return the stamp of each file; None where it cannot be had. OSError when the folder cannot be listed."""
        found: dict[str, Stamp | None] = {}
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or not entry.name.endswith(SUFFIXES):
                    continue
                try:
                    status = entry.stat()
                except FileNotFoundError:  # a symlink to nothing, or gone while we looked
                    continue
                except OSError:
                    found[entry.name] = None
                    continue
                if stat.S_ISREG(status.st_mode):
                    found[entry.name] = stamp_of(status)
        return found

    def read(self, name: str) -> Reading:
        """Return what the file says, or why it cannot be read; InterruptedError when nobody wants to know any more."""
        if self.closed:
            raise InterruptedError
        path = os.path.join(self._folder, name)
        shown = path if path.isprintable() else repr(path)[1:-1]
        try:
            found = octets(path, MAX_OCTETS + 1)
        except OSError as error:
            return unreadable(shown, f"cannot be read: {error.strerror}")
        return read(found, shown)
