"""Requests to the API server of a member, as its administrator or as somebody else."""

import http.client
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import yaml

from tests.support.ask import Address

Object = Mapping[str, Any]
_CLUSTER_WIDE = {"ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "Namespace", "Node"}
_SECONDS = 20.0


class ApiError(Exception):
    """A request that the API server refused: `status` as HTTP has it, and what it said."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"{status}: {said}")
        self.status = status


class Api:
    """One connection, opened when it is needed; whoever has no `token` is anonymous."""

    def __init__(self, address: Address, trust: ssl.SSLContext, token: str | None = None) -> None:
        self._address = address
        self._trust = trust
        self._connection = self._new()
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def _new(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(*self._address, timeout=_SECONDS, context=self._trust)

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        self._connection.close()

    def get(self, path: str) -> Any:
        """Return what is at a path; ApiError when it is refused."""
        return self._json("GET", path)

    def post(self, path: str, body: Object) -> Any:
        """Create something and return what was created."""
        return self._json("POST", path, body)

    def put(self, path: str, body: Object) -> Any:
        """Replace something and return what it is now."""
        return self._json("PUT", path, body)

    def delete(self, path: str) -> None:
        """Delete something at once; nothing is done when it is not there."""
        try:
            self._json("DELETE", f"{path}?gracePeriodSeconds=0")
        except ApiError as error:
            if error.status != http.HTTPStatus.NOT_FOUND:
                raise

    def apply(self, *objects: Object) -> int:
        """Make objects what they are here, status included; return the resourceVersion of the last."""
        version = 0
        for one in objects:
            for part in ("", "/status") if "status" in one else ("",):
                # JSON is YAML, and only server-side apply neither asks what is there nor cares.
                path = f"{path_of(one)}{part}?fieldManager=tests&force=true"
                done = self._json("PATCH", path, one, "application/apply-patch+yaml")
                version = int(done["metadata"]["resourceVersion"])
        return version

    @contextmanager
    def watching(self, path: str) -> Iterator[Iterator[Any]]:
        """Give the events of a watch, which has a connection of its own; ApiError when it is refused."""
        other = self._new()
        try:
            other.request("GET", path, headers=self._headers)
            response = other.getresponse()
            if response.status != http.HTTPStatus.OK:
                raise ApiError(response.status, response.read().decode(errors="replace"))
            yield map(json.loads, response)
        finally:
            other.close()

    def _json(self, method: str, path: str, body: Object | None = None, kind: str = "application/json") -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = self._headers | ({"Content-Type": kind} if data else {})
        reused = self._connection.sock is not None
        try:
            return self._exchange(method, path, data, headers)
        except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLError):
            self.close()
            if not reused:
                raise
            return self._exchange(method, path, data, headers)

    def _exchange(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> Any:
        self._connection.request(method, path, data, headers)
        response = self._connection.getresponse()
        said = response.read()
        if response.status >= http.HTTPStatus.BAD_REQUEST:
            raise ApiError(response.status, said.decode(errors="replace"))
        return json.loads(said) if said.startswith(b"{") else said.decode()


def parsed(text: str) -> list[Object]:
    """Return the objects of a text of YAML."""
    return [one for one in yaml.safe_load_all(text) if one]


def path_of(one: Object) -> str:
    """Return where an object is in the API."""
    metadata = one["metadata"]
    namespace = None if one["kind"] in _CLUSTER_WIDE else metadata.get("namespace", "default")
    return f"{collection(one['apiVersion'], one['kind'], namespace)}/{metadata['name']}"


def collection(version: str, kind: str, namespace: str | None = None) -> str:
    """Return where the objects of a kind are, all of them or those of a namespace."""
    group = f"/apis/{version}" if "/" in version else f"/api/{version}"
    inside = f"/namespaces/{namespace}" if namespace else ""
    return f"{group}{inside}/{kind.lower()}s"
