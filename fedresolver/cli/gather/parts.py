"""The parts of an archive: each a name and a text with no secret in it."""

import http.client
import os
import platform
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import msgspec

from fedresolver import __version__
from fedresolver.cli.ask.client import AskError, Client, as_json, opener
from fedresolver.cli.diagnose.gathering import Wanted
from fedresolver.cli.diagnose.surroundings import COREFILE, is_this_machine
from fedresolver.cli.gather import harmless, numbers
from fedresolver.cli.gather.tail import tail
from fedresolver.cli.gather.vocabulary import Vocabulary
from fedresolver.config.errors import ConfigError
from fedresolver.run.files import LARGEST, read_corefile
from fedresolver.status.documents import Clusters, Document, Explanation, Server, Services, Transitions, Zones

Part = tuple[str, str]
"""A file's name in the archive, and its text."""
_MOST = 16 << 20
_SECONDS = 5.0
_PAGES: dict[str, type[Document]] = {
    "server": Server,
    "clusters": Clusters,
    "services": Services,
    "zones": Zones,
    "transitions": Transitions,
}
_PROCESS = ("/metrics", "/health", "/ready")


class Told:
    """What the status pages say; `lacking` is why a page says nothing."""

    def __init__(self, wanted: Wanted, say: Callable[[str], None]) -> None:
        self.documents: dict[str, Document] = {}
        self.lacking: list[str] = []
        client = Client(wanted.server)
        for page, kind in _PAGES.items():
            say(f"asking {page}")
            self._ask(client, page, kind)
        if wanted.name:
            self._ask(client, "explain", Explanation, {"name": wanted.name})

    def _ask(self, client: Client, page: str, kind: type[Document], query: dict[str, str] | None = None) -> None:
        try:
            self.documents[page] = client.get(page, kind, query)
        except AskError as error:
            self.lacking.append(f"status/{page}.json: {error}")

    @property
    def server(self) -> Server | None:
        """The server, where it is on this machine."""
        found = self.documents.get("server")
        return found if isinstance(found, Server) and is_this_machine(found.host) else None

    def names(self) -> Iterator[str]:
        """Yield the names of all that there is: they are no secrets."""
        for document in self.documents.values():
            yield from _names(document)


def _names(document: Document) -> Iterator[str]:
    match document:
        case Server():
            yield from (document.host, document.file, *document.listening)
            yield from (one.to for one in document.upstreams)
            for one in document.federations:
                yield from (one.name, one.inside, one.bare, one.domain, one.local)
                yield from () if one.snapshot is None else (one.snapshot.path,)
        case Clusters():
            for cluster in document.clusters:
                yield from (cluster.name, *cluster.regions, *cluster.zones)
        case Services():
            for service in document.services:
                yield from (service.name, service.namespace)
        case Zones():
            yield from document.zones
        case _:
            return


def versions() -> Part:
    """Return what runs here."""
    ours = {"fedresolver": __version__, "python": sys.version.split()[0], "system": platform.platform()}
    return "versions.json", as_json(ours | {"libraries": dict(_libraries())})


def _libraries() -> Iterator[tuple[str, str]]:
    try:
        needed = requires("fedresolver") or []
    except PackageNotFoundError:
        needed = []
    for line in needed:
        name = line.split("[")[0].split(">")[0].split("<")[0].split(";")[0].split("=")[0].strip()
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def documents(told: Told, vocabulary: Vocabulary) -> Iterator[Part]:
    """Yield the status pages."""
    for page, document in told.documents.items():
        yield f"status/{page}.json", as_json(cleaned(msgspec.to_builtins(document), vocabulary))


def cleaned(value: object, vocabulary: Vocabulary) -> object:
    """Return a document with all of its texts cleaned."""
    if isinstance(value, str):
        return vocabulary.clean(value)
    if isinstance(value, dict):
        return {key: cleaned(inner, vocabulary) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(inner, vocabulary) for inner in value]
    return value


def configuration(wanted: Wanted, server: Server | None) -> Iterator[Part]:
    """Yield the Corefile, all files that it imports, and which of the variables that it names are set."""
    path = wanted.conf or (server.file if server is not None else COREFILE)
    names: dict[str, None] = {}
    for number, file in enumerate(_files(path)):
        text = _text(file, LARGEST)
        names |= dict.fromkeys(harmless.variables(text))
        yield f"corefile/{number}-{os.path.basename(file)}", harmless.corefile(text)
    set_ = (f"{name}: {'set' if name in os.environ else 'not set'} here\n" for name in names)
    yield "corefile/environment.txt", "".join(set_)


def _files(path: str) -> tuple[str, ...]:
    try:
        return read_corefile(path, dict(os.environ)).files
    except (ConfigError, OSError):
        return (path,) if os.path.exists(path) else ()


def process(server: Server, vocabulary: Vocabulary) -> Iterator[Part]:
    """Yield the pages of the server's process, and what the system says of it."""
    for url in (one for one in server.listening if one.startswith("http://")):
        port = url.rpartition(":")[2]
        for page in _PROCESS:
            text = _page(url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:") + page)
            if text is not None and page == "/metrics":
                yield f"process/{port}{page.replace('/', '-')}.txt", _joined(numbers.metrics(text, vocabulary))
            elif text is not None:
                yield f"process/{port}{page.replace('/', '-')}.txt", _joined(map(vocabulary.clean, text.splitlines()))
    yield "process/limits.txt", _joined(numbers.limits(_text(f"/proc/{server.pid}/limits", _MOST)))
    yield "process/memory.txt", _joined(numbers.memory(_text(f"/proc/{server.pid}/status", _MOST)))


def _page(url: str) -> str | None:
    """Return the text of a page, None where there is no such page."""
    try:
        with opener.open(url, timeout=_SECONDS) as answer:
            found: bytes = answer.read(_MOST)
    except urllib.error.HTTPError as error:
        with error:
            if error.code != http.client.SERVICE_UNAVAILABLE:
                return None
            found = error.read(_MOST)
    except (OSError, http.client.HTTPException):
        return None
    return found.decode("utf-8", "replace")


def log(path: str, vocabulary: Vocabulary) -> Part:
    """Return the end of a log."""
    return "log.txt", _joined(map(vocabulary.clean, tail(path)))


def _text(path: str, most: int) -> str:
    try:
        with Path(path).open("rb") as file:
            return file.read(most).decode("utf-8", "replace")
    except OSError:
        return ""


def _joined(lines: Iterator[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
