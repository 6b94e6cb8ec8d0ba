"""The weight file: which address of a name comes first how often.

# a comment
www.example.org
192.0.2.1 3
192.0.2.2 1
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import TypeAlias

from fedresolver.watch.rounds import Rounds
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import Name, from_text

MAX_WEIGHT = 255
_LONGEST = 16 * 1024 * 1024
Table: TypeAlias = Mapping[tuple[Name, bytes], int]

log = logging.getLogger("fedresolver.loadbalance")


def read(text: str, file: str) -> Table:
    """Return the weights by name and packed address; ValueError names file and line of what is wrong."""
    owner: Name | None = None
    table: dict[tuple[Name, bytes], int] = {}
    for line, words in _lines(text):
        try:
            if len(words) == 1:
                owner = _owner(words[0])
            else:
                table.update(_weight(owner, words))
        except ValueError as error:
            raise ValueError(f"{file}:{line}: {error}") from error
    return table


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    for line, content in enumerate(text.splitlines(), 1):
        words = content.split()
        if words and not words[0].startswith("#"):
            yield line, words


def _owner(word: str) -> Name:
    try:
        ip_address(word)
    except ValueError:
        try:
            return from_text(word)
        except FormatError as error:
            raise ValueError(f"`{word}` is no domain name: {error}") from error
    raise ValueError(f"`{word}` has no weight; write ADDRESS WEIGHT")


def _weight(owner: Name | None, words: list[str]) -> dict[tuple[Name, bytes], int]:
    if owner is None:
        raise ValueError("this weight belongs to no name; write the name on a line before it")
    address, weight, *rest = words
    if rest or not weight.isascii() or not weight.isdigit() or not 1 <= int(weight[:4]) <= MAX_WEIGHT:
        raise ValueError(f"write ADDRESS WEIGHT, with a weight from 1 to {MAX_WEIGHT}")
    return {(owner, ip_address(address).packed): int(weight)}


class WeightFile:
    """The weights in a file, looked at again every `interval` seconds; never, if that is 0.

    A file that cannot be read keeps its last good content, and says so once per content.
    """

    def __init__(self, path: str, interval: float, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._path = path
        self._table: Table = {}
        self._seen = ""
        self._rounds = Rounds("loadbalance", interval, self._load_again, sleep)

    def weight(self, owner: Name, address: bytes) -> int:
        """Return the weight of an address of `owner`, 1 when the file names none."""
        return self._table.get((owner, address), 1)

    def load(self) -> None:
        """Read the file; ValueError when it is wrong, and the weights stay."""
        try:
            with Path(self._path).open(encoding="utf-8") as file:
                text = file.read(_LONGEST + 1)
        except OSError as error:
            raise ValueError(f"{self._path}: {error.strerror}") from error
        if len(text) > _LONGEST:
            raise ValueError(f"{self._path} has more than {_LONGEST} characters")
        self._table = read(text, self._path)

    async def start(self) -> None:
        """Begin to look at the file."""
        self._rounds.start()

    async def stop(self) -> None:
        """End."""
        await self._rounds.stop()

    async def _load_again(self) -> None:
        try:
            self.load()
        except ValueError as error:
            if str(error) != self._seen:
                log.error("the weights stay as they are: %s", error)
            self._seen = str(error)
        else:
            self._seen = ""
