"""Asking the status pages: a document, or one line that says why there is none and what to do."""

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from fedresolver.status.documents import VERSION, Document, Problem

DEFAULT = "http://127.0.0.1:8053"
SECONDS = 30.0
_MOST = 256 << 20
"""Octets of an answer that is read."""

D = TypeVar("D", bound=Document)


class AskError(Exception):
    """There is no answer; the text is one line for the operator. `code` is that of the command's exit."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


class Client:
    """The status pages at `url`; an answer may take `seconds`."""

    def __init__(self, url: str = DEFAULT, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._url = (url if "://" in url else f"http://{url}").rstrip("/")

    def get(self, page: str, kind: type[D], query: Mapping[str, str] | None = None) -> D:
        """Return the document that a page answers with; AskError when there is none."""
        octets = self._octets(page, {name: value for name, value in (query or {}).items() if value})
        try:
            return msgspec.json.decode(octets, type=kind)
        except msgspec.DecodeError as error:
            raise AskError(f"{self._url} answers with something else than {kind.__name__.lower()}: {error}") from error

    def _octets(self, page: str, query: Mapping[str, str]) -> bytes:
        url = f"{self._url}/{VERSION}/{page}"
        if query:
            url += "?" + urllib.parse.urlencode(query)
        try:
            with opener.open(url, timeout=self._seconds) as answer:
                octets: bytes = answer.read(_MOST)
                return octets
        except urllib.error.HTTPError as error:
            with error:
                raise self._refused(error) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise AskError(f"cannot ask {self._url}: {_said(error)}; {_RIGHT}") from error

    def _refused(self, error: urllib.error.HTTPError) -> AskError:
        """Return what the server says of a question that it does not answer."""
        try:
            problem = msgspec.json.decode(error.read(65_536), type=Problem)
        except msgspec.DecodeError:
            what = f"{self._url} answers {error.code} {error.reason}"
            if error.code == http.client.NOT_FOUND:
                return AskError(f"{what}: it is no status page of this version of fedresolver ({VERSION}); {_RIGHT}")
            return AskError(f"{what}; {_RIGHT}")
        return AskError(problem.error, 2 if error.code == http.client.BAD_REQUEST else 1)


_RIGHT = "is the server running, with `status` in its Corefile? `--server URL` names another"
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Asks by no proxy, whatever the environment says: the pages are on the loopback."""


def _said(error: Exception) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    return str(reason) or type(reason).__name__


def as_builtins(document: Document) -> object:
    """Return a document as dictionaries, lists, texts and numbers."""
    found: object = msgspec.to_builtins(document)
    return found


def as_json(document: object) -> str:
    """Return a document as people and programs read it."""
    return json.dumps(msgspec.to_builtins(document), indent=2)
