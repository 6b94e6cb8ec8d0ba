"""A small Kubernetes API server in this process, which is true to the real one until it is told to lie.

It serves lists and watches over all namespaces as kube-apiserver 1.34 does, on the loopback, in the loop of the test:

    async with StubApi() as api:
        api.put(manifests.service("cart"))
        ...  # a reflector of api.url
        api.lies.tell(lies.status(503), resource="services")
"""

import ssl
from collections.abc import Mapping
from contextlib import aclosing
from enum import Enum, auto
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.support.stub_api.answer import Answer, Body, json_answer, reset, send, whole
from tests.support.stub_api.call import Call, understood
from tests.support.stub_api.lie import Lies
from tests.support.stub_api.pages import page
from tests.support.stub_api.resource import GROUP, Resource, group, resources
from tests.support.stub_api.status import NO_MATCH, NO_STREAM, RefusedError, refusal
from tests.support.stub_api.store import Change, Store
from tests.support.stub_api.watch import Watch

_PATIENCE = 1.0  # seconds that a closed connection has to end


class WatchList(Enum):
    """What the server makes of `sendInitialEvents`."""

    STREAMS = auto()
    OLD_ETCD = auto()
    """An ERROR event with code 500: the server knows it, its etcd 3.4 cannot do it."""
    INVALID = auto()
    """HTTP 422: the feature is off."""
    IGNORED = auto()
    """The parameter is unknown: the events come, and no bookmark ends them."""


class StubApi:
    """An API server at `url`. Its attributes may be changed at any time:

    `token` must be the client's bearer token, unless None; `forbidden` holds pairs of a verb and a resource;
    `exports` is the version in which ServiceExports are served, None for not at all; `expired_by_event` is whether a
    watch learns of a compaction by an ERROR event, or else by HTTP 410; `lies` are what it lies.
    `requests` are those that it got, `watches` the watches that are open.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.token: str | None = None
        self.forbidden: set[tuple[str, str]] = set()
        self.exports: str | None = "v1alpha1"
        self.watch_list = WatchList.STREAMS
        self.expired_by_event = True
        self.lies = Lies()
        self.requests: list[Call] = []
        self.watches: list[Watch] = []
        self._store = Store()
        self._tls = tls
        self._port = 0
        self._runner: web.ServerRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """Return where the server is, also while it is stopped."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    @property
    def revision(self) -> int:
        """Return the revision of the last change."""
        return self._store.revision

    async def start(self) -> None:
        """Listen, after a stop on the same port."""
        server = web.Server(self._serve, handler_cancellation=True)
        self._runner = web.ServerRunner(server, shutdown_timeout=_PATIENCE)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, ssl_context=self._tls).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Refuse connections, and reset those that there are; the objects stay."""
        if self._runner is not None:
            self.reset()
            await self._runner.cleanup()
            self._runner = None

    def put(self, thing: Mapping[str, object]) -> int:
        """Add or change an object; return its revision."""
        return self._changed(self._store.put(self._resource(thing["kind"]), thing))

    def delete(self, resource: str, namespace: str, name: str) -> int:
        """Remove an object, whose `namespace` is empty where it has none; return the revision of its removal."""
        return self._changed(self._store.delete(resource, (namespace, name)))

    def compact(self) -> None:
        """Forget the changes up to now, so that older revisions are answered 410."""
        self._store.compact()

    def rebuild(self, *things: Mapping[str, object]) -> None:
        """Begin again with these objects at a low revision, as a member does whose etcd was lost."""
        self._store = Store(1)
        self.disconnect()
        for thing in things:
            self._store.put(self._resource(thing["kind"]), thing)

    def watching(self, resource: str | None = None) -> list[Watch]:
        """Return the open watches of a resource, or all."""
        return [watch for watch in self.watches if resource in {None, watch.resource.name}]

    def bookmark(self, resource: str | None = None) -> None:
        """Tell the watches the present revision."""
        for watch in self.watching(resource):
            watch.mark(self._store.revision)

    def say(self, line: bytes, resource: str | None = None) -> None:
        """Send the watches a line, or any octets; `shown.event` makes one."""
        for watch in self.watching(resource):
            watch.say(line)

    def disconnect(self, resource: str | None = None) -> None:
        """End the watches orderly."""
        for watch in self.watching(resource):
            watch.end()

    def cut(self, resource: str | None = None) -> None:
        """End the watches in the middle of a line."""
        for watch in self.watching(resource):
            watch.cut()

    def mute(self, resource: str | None = None) -> None:
        """Say nothing more to the watches that are open, which do not end either; `reset` ends them."""
        for watch in self.watching(resource):
            watch.mute()

    def reset(self) -> None:
        """End all connections with RST."""
        assert self._runner is not None
        assert self._runner.server is not None
        for connection in self._runner.server.connections:
            reset(connection.transport)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        call = understood(request.method, request.path, request.query, request.headers, resources(self.exports))
        self.requests.append(call)
        return await send(request, await self.lies.around(self._answer, call)(call))

    async def _answer(self, call: Call) -> Answer:
        try:
            self._authorize(call)
            if call.resource is None:
                return self._discovery(call)
            return self._watch(call) if call.verb == "watch" else page(call, self._store)
        except RefusedError as error:
            return error.answer

    def _authorize(self, call: Call) -> None:
        if self.token is not None and call.headers.get("authorization") != f"Bearer {self.token}":
            raise RefusedError(refusal(401, "Unauthorized"))
        if (call.verb, call.name) in self.forbidden:
            message = (
                f'{call.name} is forbidden: User "stub" cannot {call.verb} resource "{call.name}" at the cluster scope'
            )
            raise RefusedError(refusal(403, message))

    def _discovery(self, call: Call) -> Answer:
        if self.exports is not None and call.path == f"/apis/{GROUP}":
            return json_answer(group(self.exports))
        return Answer(whole(b"404 page not found\n"), 404, {"Content-Type": "text/plain; charset=utf-8"}, length=19)

    def _watch(self, call: Call) -> Answer:
        initial = call.says("sendInitialEvents") and self.watch_list is not WatchList.IGNORED
        if initial and self.watch_list is WatchList.INVALID:
            raise RefusedError(refusal(422, NO_STREAM))
        if initial and call.query.get("resourceVersionMatch") != "NotOlderThan":
            raise RefusedError(refusal(422, NO_MATCH))
        since = call.number("resourceVersion")
        if 0 < since < self._store.oldest and not self.expired_by_event:
            raise RefusedError(refusal(410, f"too old resource version: {since} ({self._store.oldest})"))
        return Answer(self._lines(Watch(call), initial=initial))

    async def _lines(self, watch: Watch, *, initial: bool) -> Body:
        if initial and self.watch_list is WatchList.OLD_ETCD:
            watch.fail(500, "Internal error occurred: etcd does not support requesting watch progress")
        else:
            watch.begin(self._store, marked=initial)
        self.watches.append(watch)
        try:
            async with aclosing(watch.body(lambda: self._store.revision)) as body:
                async for line in body:
                    yield line
        finally:
            self.watches.remove(watch)

    def _resource(self, kind: object) -> Resource:
        return next(each for each in resources(self.exports or "v1alpha1") if each.kind == kind)

    def _changed(self, change: Change) -> int:
        for watch in self.watching(change.resource):
            watch.tell(change)
        return change.revision
