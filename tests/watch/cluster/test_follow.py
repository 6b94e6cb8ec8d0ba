"""A member that is an API server is listed, watched and told, by every way in which such servers can be read."""

from itertools import count
from typing import Any

import msgspec
import pytest

from fedresolver.model.event import Joined, Synced
from fedresolver.model.objects import Export, Namespace, Node, Ref, Service, Slice
from fedresolver.watch.cluster.feed import PAGE
from fedresolver.watch.cluster.kind import EXPORTS, NAMESPACES, NODES, SERVICES, SLICES, one_node
from tests.support import manifests
from tests.support.deadline import until
from tests.support.following import FEDERATION, Following, following
from tests.support.stub_api import lies
from tests.support.stub_api.answer import Answer
from tests.support.stub_api.api import StubApi, WatchList
from tests.support.stub_api.call import Call
from tests.support.stub_api.lie import Handler
from tests.support.stub_api.nonsense import back
from tests.support.stub_api.shown import event
from tests.support.stub_api.status import status

ALL = (SERVICES, SLICES, NODES, NAMESPACES, EXPORTS)


def with_all(api: StubApi) -> None:
    for thing in (manifests.node("n1"), manifests.namespace("shop"), manifests.export("cart")):
        api.put(thing)


def lists(how: WatchList):
    def prepare(api: StubApi) -> None:
        api.watch_list = how
        with_all(api)

    return prepare


@pytest.mark.parametrize("how", list(WatchList), ids=lambda how: how.name.lower().replace("_", " "))
def test_objects_of_every_kind_arrive_and_the_member_is_whole_only_then(how, caplog):
    async def test(followed: Following) -> None:
        trail = followed.trail
        await until(trail.synced)
        before = trail.batches[: next(index for index, batch in enumerate(trail.batches) if Synced("north") in batch)]
        assert len([event for batch in before for event in batch]) == 1 + 7
        assert trail.turns() == [Joined, Synced]
        assert {kind: trail.names(kind) for kind in (Service, Slice, Node, Namespace, Export)} == {
            Service: ["cart", "desk"],
            Slice: ["cart-1", "desk-1"],
            Node: ["n1"],
            Namespace: ["shop"],
            Export: ["cart"],
        }
        await followed.watched(*(kind.name for kind in ALL))
        followed.api.put(manifests.service("farm"))
        followed.api.delete("services", "shop", "cart")
        await followed.shows("desk", "farm")
        assert caplog.records == []
        assert followed.metrics.errors.values == {}

    following(test, lists(how), kinds=ALL)


def test_a_list_has_as_many_pages_as_it_needs():
    def many(api: StubApi) -> None:
        api.watch_list = WatchList.INVALID
        for number in range(2 * PAGE):
            api.put(manifests.service(f"s{number}"))

    async def test(followed: Following) -> None:
        await until(followed.trail.synced)
        assert len(followed.trail.names()) == 2 * PAGE + 2
        assert len(followed.calls("list")) == 3

    following(test, many)


def test_pages_of_large_objects_have_fewer_of_them():
    def large(api: StubApi) -> None:
        api.watch_list = WatchList.INVALID
        for number in range(60):
            api.put(manifests.service(f"s{number}") | {"ballast": "x" * (1 << 20)})

    async def test(followed: Following) -> None:
        await until(followed.trail.synced)
        limits = [call.query["limit"] for call in followed.calls("list") if call.name == "services"]
        assert limits[:2] == [str(PAGE), str(PAGE // 10)]
        assert set(limits[2:]) == {str(PAGE // 100)}

    following(test, large)


def limits(followed: Following) -> list[int]:
    """Return how many Services each list was to have in its first page."""
    return [int(call.query["limit"]) for call in followed.calls("list") if "continue" not in call.query]


def test_pages_that_were_too_large_for_a_while_grow_again():
    def large(api: StubApi) -> None:
        api.watch_list = WatchList.INVALID
        api.lies.tell(lies.endless_body(), resource="services", verb="list", times=3)

    async def test(followed: Following) -> None:
        def relisted() -> bool:
            followed.api.say(event("ERROR", status(410, "too old resource version")), "services")
            return 4 in limits(followed)

        await until(relisted)
        assert limits(followed)[:4] == [PAGE, PAGE // 10, PAGE // 100, 1]
        assert [limit for limit in limits(followed)[4:] if limit > 1][:2] == [2, 4]  # a revision is asked for with 1

    following(test, large, kinds=[SERVICES])


def test_a_list_of_too_many_pages_has_fewer_of_them_the_next_time():
    tokens = count()

    def one_more(page: dict[str, Any]) -> object:
        return page | {"metadata": page["metadata"] | {"continue": str(next(tokens))}}

    def lie(handler: Handler) -> Handler:
        async def handle(call: Call) -> Answer:
            query = {name: value for name, value in call.query.items() if name != "continue"}
            return await lies.edited(one_more)(handler)(msgspec.structs.replace(call, query=query))

        return handle

    def many(api: StubApi) -> None:
        api.watch_list = WatchList.INVALID
        api.lies.tell(lie, resource="services", verb="list")
        api.lies.tell(lies.endless_body(), resource="services", verb="list", times=3)

    async def test(followed: Following) -> None:
        await until(lambda: followed.errors("too_large") > 3, 20)
        followed.api.lies.end()
        await followed.watched()
        assert limits(followed)[:5] == [PAGE, PAGE // 10, PAGE // 100, 1, 2]

    following(test, many, kinds=[SERVICES])


def test_a_server_that_cannot_stream_is_asked_for_that_only_once():
    async def test(followed: Following) -> None:
        await followed.watched()
        followed.api.rebuild(manifests.service("farm"))
        await followed.shows("farm")
        assert len(followed.calls("stream")) == 1

    following(test, lists(WatchList.OLD_ETCD))


def test_objects_of_one_name_in_two_namespaces_are_two():
    def two(api: StubApi) -> None:
        api.put(manifests.service("cart", "garden"))

    async def test(followed: Following) -> None:
        await followed.watched()
        followed.api.delete("services", "shop", "cart")
        await until(lambda: followed.trail.removed == [Ref(Service, "shop", "cart")])
        assert ("north", Ref(Service, "garden", "cart")) in followed.trail.objects

    following(test, two)


def test_of_nodes_only_the_metadata_is_asked_for_and_only_of_the_one_that_is_wanted():
    def nodes(api: StubApi) -> None:
        for name in ("n1", "n2"):
            api.put(manifests.node(name))

    async def test(followed: Following) -> None:
        await followed.watched("nodes")
        followed.api.put(manifests.node("n3"))
        followed.api.put(manifests.node("n2", topology_zone="bergen"))
        await until(lambda: "bergen" in str(followed.trail.events))
        assert followed.trail.names(Node) == ["n2"]
        calls = followed.calls(resource="nodes")
        assert {call.query["fieldSelector"] for call in calls} == {"metadata.name=n2"}
        assert all("as=PartialObjectMetadata" in call.headers["accept"] for call in calls)

    following(test, nodes, kinds=[one_node("n2")])


@pytest.mark.parametrize("how", [WatchList.STREAMS, WatchList.INVALID], ids=["streamed", "in pages"])
def test_exports_that_a_member_does_not_know_are_none_until_it_does(how, caplog):
    def without(api: StubApi) -> None:
        api.watch_list = how
        api.exports = None

    async def test(followed: Following) -> None:
        await until(followed.trail.synced)
        assert followed.trail.names(Export) == []
        followed.api.exports = "v1beta1"
        followed.api.put(manifests.export("cart"))
        await followed.shows("cart", kind=Export)
        assert caplog.records == []

    following(test, without, kinds=(SERVICES, EXPORTS))


def test_exports_that_are_served_in_another_version_are_not_missed_for_a_moment():
    async def test(followed: Following) -> None:
        await followed.watched("serviceexports")
        followed.api.exports = "v1beta1"
        followed.api.disconnect("serviceexports")
        await until(lambda: any("v1beta1" in watch.resource.path for watch in followed.api.watching("serviceexports")))
        assert followed.trail.names(Export) == ["cart"]
        assert followed.trail.removed == []

    following(test, with_all, kinds=[EXPORTS])


def test_exports_of_a_kind_that_is_removed_are_gone():
    async def test(followed: Following) -> None:
        await followed.watched("serviceexports")
        followed.api.exports = None
        followed.api.disconnect("serviceexports")
        await followed.shows(kind=Export)

    following(test, with_all, kinds=[EXPORTS])


def test_objects_are_counted_and_how_long_a_change_of_endpoints_took():
    def changed(when: str) -> dict[str, object]:
        made = manifests.endpoints("cart", addresses=[when[-3:-1] + ".1.1.1"])
        made["metadata"]["annotations"] = {"endpoints.kubernetes.io/last-change-trigger-time": when}
        return made

    async def test(followed: Following) -> None:
        await followed.watched()
        metrics, both = followed.metrics, (FEDERATION, "north")
        followed.member.refresh_metrics()
        assert metrics.objects.value(*both, "services") == metrics.objects.value(*both, "endpointslices") == 2
        assert 0 <= metrics.age.value(*both) < 1.5
        assert metrics.lists.value(*both, "services") == 1
        before = metrics.events.value(*both)
        for when in ("2026-01-01T00:00:10Z", "2999-01-01T00:00:20Z", "2026-13-01T00:00:30Z", "0001-01-01T00:00:40Z"):
            followed.api.put(changed(when))
        await until(lambda: metrics.events.value(*both) == before + 4)
        assert metrics.programming.count(FEDERATION) == 3

    following(test)


def test_what_is_deleted_while_the_initial_state_is_told_is_not_there():
    cart, desk = manifests.service("cart"), manifests.service("desk")

    def prepare(api: StubApi) -> None:
        api.delete("services", "shop", "desk")
        end = {"resourceVersion": str(api.revision), "annotations": {"k8s.io/initial-events-end": "true"}}
        told = [back(cart, 1, "ADDED"), back(desk, 2, "ADDED"), back(desk, api.revision, "DELETED")]
        api.lies.tell(lies.body(b"".join((*told, event("BOOKMARK", {"metadata": end})))), verb="watch", times=1)

    async def test(followed: Following) -> None:
        await followed.watched()
        assert followed.trail.names() == ["cart"]
        assert followed.trail.removed == [Ref(Service, "shop", "desk")]

    following(test, prepare, kinds=[SERVICES])
