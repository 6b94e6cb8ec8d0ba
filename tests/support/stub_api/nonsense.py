"""What an API server should never say, by name: bodies of lists, lines of watches, and objects to put."""

from collections.abc import Mapping
from typing import Any

from tests.support.stub_api.shown import event

_LIST = b'{"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":'

LISTS: Mapping[str, bytes] = {
    "nothing at all": b"",
    "no JSON": b"<html>502 Bad Gateway</html>",
    "JSON that ends early": _LIST + b'[{"metadata":',
    "a number": b"5",
    "a list": b"[]",
    "null": b"null",
    "items are a number": _LIST + b"5}",
    "items are an object": _LIST + b'{"a":{}}}',
    "an item is a number": _LIST + b"[5]}",
    "an item without metadata": _LIST + b"[{}]}",
    "an item whose name is no DNS label": _LIST + b'[{"metadata":{"name":"a b","namespace":"shop"}}]}',
    "metadata is a list": b'{"metadata":[],"items":[]}',
    "the revision is a number": b'{"metadata":{"resourceVersion":7},"items":[]}',
    "the revision is a word": b'{"metadata":{"resourceVersion":"seven"},"items":[]}',
    "no revision": b'{"metadata":{},"items":[]}',
    "the token is an object": b'{"metadata":{"resourceVersion":"1","continue":{}},"items":[]}',
    "invalid UTF-8": _LIST + b'[{"metadata":{"name":"\xff\xfe"}}]}',
    "half a surrogate": _LIST + b'[{"metadata":{"name":"\\ud800"}}]}',
    "deeply nested": _LIST + b"[" * 100_000 + b"]" * 100_000 + b"}",
}
"""Bodies for `lies.body`."""

LINES: Mapping[str, bytes] = {
    "no JSON": b"<html>502 Bad Gateway</html>\n",
    "JSON that ends early": b'{"type":"ADDED","object":\n',
    "a number": b"5\n",
    "a list": b"[]\n",
    "no type": b'{"object":{"kind":"Service","apiVersion":"v1","metadata":{"name":"x"}}}\n',
    "no object": b'{"type":"ADDED"}\n',
    "the object is null": b'{"type":"ADDED","object":null}\n',
    "the object is a number": b'{"type":"ADDED","object":5}\n',
    "metadata is a list": b'{"type":"ADDED","object":{"kind":"Service","apiVersion":"v1","metadata":[]}}\n',
    "a bookmark without a revision": b'{"type":"BOOKMARK","object":{"metadata":{}}}\n',
    "an error without a code": b'{"type":"ERROR","object":{}}\n',
    "an error that is no Status": b'{"type":"ERROR","object":5}\n',
    "invalid UTF-8": b'{"type":"ADDED","object":{"kind":"\xff\xfe"}}\n',
    "deeply nested": b'{"type":"ADDED","object":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
    "an unknown type": event("RENAMED", {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "x"}}),
    "an unknown kind": event("ADDED", {"kind": "Sofa", "apiVersion": "v1", "metadata": {"name": "x"}}),
    "no kind": event("ADDED", {"metadata": {"name": "x"}}),
    "no metadata": event("ADDED", {"kind": "Service", "apiVersion": "v1"}),
    "no name": event("ADDED", {"kind": "Service", "apiVersion": "v1", "metadata": {}}),
    "a name that is no DNS label": event("ADDED", {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "a b"}}),
    "octets that are no line": b"\0\1\2\n",
}
"""Lines for `StubApi.say`."""


def back(thing: Mapping[str, Any], revision: int, type: str = "MODIFIED") -> bytes:
    """Return the event of an object at any revision, so also at one that goes back."""
    return event(type, {**thing, "metadata": {**thing["metadata"], "resourceVersion": str(revision)}})


def text_ports(thing: Mapping[str, Any]) -> dict[str, object]:
    """Return a Service whose port numbers are text."""
    ports = [{**port, "port": str(port["port"])} for port in thing["spec"]["ports"]]
    return {**thing, "spec": {**thing["spec"], "ports": ports}}


def huge(thing: Mapping[str, Any], octets: int = 3 << 20) -> dict[str, object]:
    """Return an object with an annotation of `octets`, twice what etcd would take."""
    return {**thing, "metadata": {**thing["metadata"], "annotations": {"example.org/huge": "x" * octets}}}
