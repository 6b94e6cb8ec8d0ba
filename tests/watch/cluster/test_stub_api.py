"""The stub speaks as kube-apiserver 1.34 does, until it is told to lie."""

import aiohttp
import pytest

from tests.support import manifests
from tests.support.deadline import until
from tests.support.stub_api import nonsense
from tests.support.stub_api.api import WatchList
from tests.support.stub_api.client import SERVICES, Client, asking, names, short

BARE = {"Accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}
BARE_LIST = {"Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}
STREAM = {"watch": "1", "sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "1"}


def test_a_list_comes_in_pages_of_one_revision():
    async def test(client: Client) -> None:
        _, first = await client.get(limit=2)
        client.api.delete("services", "shop", "farm")
        client.api.put(manifests.service("zoo"))
        _, second = await client.get(limit=2, continue_=first["metadata"]["continue"])
        assert (names(first), first["metadata"]["remainingItemCount"]) == (["cart", "desk"], 1)
        assert (names(second), second["metadata"]) == (["farm"], {"resourceVersion": "1003"})
        assert (first["kind"], "kind" in first["items"][0]) == ("ServiceList", False)
        assert names((await client.get())[1]) == ["cart", "desk", "zoo"]

    asking(test)


def test_a_token_expires_and_its_status_has_another_that_goes_on_with_what_there_is_now():
    async def test(client: Client) -> None:
        _, first = await client.get(limit=2)
        client.api.delete("services", "shop", "farm")
        client.api.put(manifests.service("zoo"))
        client.api.compact()
        code, status = await client.get(limit=2, continue_=first["metadata"]["continue"])
        assert (code, status["reason"], status["code"]) == (410, "Expired", 410)
        _, rest = await client.get(limit=2, continue_=status["metadata"]["continue"])
        assert (names(rest), rest["metadata"]["resourceVersion"]) == (["zoo"], "1005")

    asking(test)


def test_metadata_only():
    async def test(client: Client) -> None:
        _, page = await client.get(headers=BARE_LIST)
        assert (page["kind"], set(page["items"][0])) == (
            "PartialObjectMetadataList",
            {"kind", "apiVersion", "metadata"},
        )
        async with client.watch(headers=BARE, resourceVersion=1002) as events:
            thing = (await anext(events))["object"]
        assert (thing["kind"], set(thing)) == ("PartialObjectMetadata", {"kind", "apiVersion", "metadata"})
        assert (await client.get(headers=BARE))[0] == 406

    asking(test)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        pytest.param({"resourceVersion": 1001}, ["ADDED desk 1002", "ADDED farm 1003"], id="events after the revision"),
        pytest.param(
            {"resourceVersion": 1003, "allowWatchBookmarks": "true"}, ["BOOKMARK - 1003"], id="a bookmark where wished"
        ),
        pytest.param({"resourceVersion": 1003}, [], id="no bookmark where not"),
        pytest.param(
            {"resourceVersion": 5000, "allowWatchBookmarks": "true"},
            [],
            id="a revision in the future is silent, without a bookmark even",
        ),
        pytest.param({"resourceVersion": 999}, ["ERROR 410 Expired"], id="a revision that is forgotten"),
        pytest.param(
            {"resourceVersion": 1002, "fieldSelector": "metadata.name=cart"}, [], id="one name, of which nothing is new"
        ),
        pytest.param(
            {}, ["ADDED cart 1001", "ADDED desk 1002", "ADDED farm 1003"], id="without a revision all that there is"
        ),
    ],
)
def test_a_watch_begins(query, told):
    async def test(client: Client) -> None:
        assert await client.told(**query) == told

    asking(test)


def test_a_watch_ends_after_its_time_with_a_bookmark():
    async def test(client: Client) -> None:
        async with client.watch(timeoutSeconds=1, resourceVersion=1003, allowWatchBookmarks="true") as events:
            await until(client.api.watching)
            client.api.bookmark()
            client.api.put(manifests.namespace("shop"))
            assert [short(event) async for event in events] == ["BOOKMARK - 1003", "BOOKMARK - 1004"]

    asking(test)


def test_changes_reach_open_watches_of_their_resource():
    async def test(client: Client) -> None:
        async with client.watch(resourceVersion=1003) as events:
            await until(client.api.watching)
            client.api.put(manifests.endpoints("cart"))
            client.api.put(manifests.service("cart"))
            client.api.put(manifests.service("zoo"))
            client.api.delete("services", "shop", "cart")
            client.api.disconnect()
            told = [short(event) async for event in events]
        assert told == ["MODIFIED cart 1005", "ADDED zoo 1006", "DELETED cart 1007"]
        await until(lambda: not client.api.watching())

    asking(test)


@pytest.mark.parametrize(
    ("watch_list", "told"),
    [
        pytest.param(
            WatchList.STREAMS,
            ["ADDED cart 1001", "ADDED desk 1002", "ADDED farm 1003", "BOOKMARK - 1003 end", "BOOKMARK - 1003"],
            id="the initial events and where they end",
        ),
        pytest.param(WatchList.OLD_ETCD, ["ERROR 500 InternalError"], id="an etcd that is too old"),
        pytest.param(
            WatchList.IGNORED,
            ["ADDED cart 1001", "ADDED desk 1002", "ADDED farm 1003", "BOOKMARK - 1003"],
            id="a server that does not know the parameter never says that they end",
        ),
    ],
)
def test_a_list_is_streamed(watch_list, told):
    async def test(client: Client) -> None:
        client.api.watch_list = watch_list
        assert await client.told(**STREAM) == told

    asking(test)


def test_what_is_refused():
    async def test(client: Client) -> None:
        api = client.api
        api.expired_by_event = False
        api.watch_list = WatchList.INVALID
        assert [
            (await client.get(**query))[0]
            for query in (STREAM, {"watch": 1, "resourceVersion": 999}, {"continue": "x"}, {"limit": "x"})
        ] == [422, 410, 400, 400]
        api.forbidden = {("watch", "services"), ("list", "nodes")}
        assert [
            (await client.get())[0],
            (await client.get(watch=1))[1]["reason"],
            (await client.get("/api/v1/nodes"))[0],
        ] == [200, "Forbidden", 403]
        api.token = "secret"
        assert (await client.get())[1]["reason"] == "Unauthorized"
        assert (await client.get(headers={"Authorization": "Bearer secret"}))[0] == 200

    asking(test)


def test_service_exports_are_there_in_a_version_or_not_at_all():
    async def test(client: Client) -> None:
        group = "/apis/multicluster.x-k8s.io"
        client.api.exports = "v1beta1"
        client.api.put(manifests.export("cart"))
        assert (await client.get(group))[1]["preferredVersion"]["version"] == "v1beta1"
        _, page = await client.get(f"{group}/v1beta1/serviceexports")
        assert (names(page), page["items"][0]["apiVersion"]) == (["cart"], "multicluster.x-k8s.io/v1beta1")
        client.api.exports = None
        for path in (group, f"{group}/v1beta1/serviceexports"):
            assert await client.get(path) == (404, {})

    asking(test)


def test_a_member_rebuilt_from_empty_goes_back():
    async def test(client: Client) -> None:
        async with client.watch(resourceVersion=1003) as events:
            await until(client.api.watching)
            client.api.rebuild(manifests.service("desk"))
            assert [event async for event in events] == []
        _, page = await client.get()
        assert (names(page), page["metadata"]["resourceVersion"]) == (["desk"], "2")
        assert await client.told(resourceVersion=1003) == []

    asking(test)


def test_a_server_that_is_stopped_comes_back_at_the_same_port():
    async def test(client: Client) -> None:
        async with client.watch(resourceVersion=1003) as events:
            await until(client.api.watching)
            await client.api.stop()
            with pytest.raises(aiohttp.ClientError):
                await anext(events)
        with pytest.raises(aiohttp.ClientConnectorError):
            await client.get()
        await client.api.start()
        assert names((await client.get())[1]) == ["cart", "desk", "farm"]
        assert not client.api.watching()

    asking(test)


def test_requests_are_remembered():
    async def test(client: Client) -> None:
        await client.get(limit=2, headers={"Accept-Encoding": "identity"})
        (seen,) = client.api.requests
        assert (seen.method, seen.path, seen.query, seen.name, seen.verb, seen.headers["accept-encoding"]) == (
            "GET",
            SERVICES,
            {"limit": "2"},
            "services",
            "list",
            "identity",
        )

    asking(test)


@pytest.mark.parametrize("line", [pytest.param(line, id=name) for name, line in nonsense.LINES.items()])
def test_nonsense_is_one_line(line):
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
