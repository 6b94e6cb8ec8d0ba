"""One request, as the stub understands it."""

from collections.abc import Mapping, Sequence

import msgspec

from tests.support.stub_api.resource import Resource
from tests.support.stub_api.status import RefusedError, refusal

_TRUE = {"1", "true"}


class Call(msgspec.Struct, frozen=True):
    """A request; `resource` is None where the path is not that of a list. Names of `headers` are in small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    resource: Resource | None

    @property
    def name(self) -> str:
        """Return the resource's name, empty where there is none."""
        return self.resource.name if self.resource else ""

    @property
    def verb(self) -> str:
        """Return the verb as in RBAC rules."""
        if self.resource is None:
            return "get"
        return "watch" if self.says("watch") else "list"

    def says(self, parameter: str) -> bool:
        """Return whether a parameter is set to true."""
        return self.query.get(parameter) in _TRUE

    def number(self, parameter: str) -> int:
        """Return a number, 0 where there is none; RefusedError with 400 for what is not a number."""
        text = self.query.get(parameter) or "0"
        if not text.isascii() or not text.isdigit():
            raise RefusedError(refusal(400, f'{parameter}: Invalid value: "{text}"'))
        return int(text)

    @property
    def selected(self) -> str | None:
        """Return the one name that is asked for, if it is one; RefusedError for selectors that are not known here."""
        selector = self.query.get("fieldSelector")
        if not selector:
            return None
        field, _, name = selector.partition("=")
        if field != "metadata.name":
            raise RefusedError(refusal(400, f"field label not supported: {field}"))
        return name

    @property
    def shape(self) -> str:
        """Return the kind that Accept wants objects converted to; empty for the objects as they are."""
        first = self.headers.get("accept", "").partition(",")[0]
        named = [part.strip() for part in first.split(";")]
        return next((part.removeprefix("as=") for part in named if part.startswith("as=")), "")


def understood(
    method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], known: Sequence[Resource]
) -> Call:
    """Return the call that a request to a server with these resources is."""
    resource = next((each for each in known if each.path == path), None)
    return Call(method, path, dict(query), {name.lower(): value for name, value in headers.items()}, resource)
