"""A member that does not believe us, or does not let us see: what it says, and what we make of it."""

import pytest

from fedresolver.model.event import Failed, Joined, Synced
from fedresolver.model.objects import Node, Service
from fedresolver.watch.cluster.kind import NODES, SERVICES, SLICES
from tests.support import manifests
from tests.support.deadline import until
from tests.support.following import QUICK, Door, Following, following, following_of, in_loop
from tests.support.stub_api import lies
from tests.support.stub_api.api import StubApi


def lines(caplog) -> list[str]:
    return [record.getMessage().partition(": GET")[0] for record in caplog.records]


def test_after_401_a_new_token_is_used_and_all_is_listed_anew(caplog):
    async def run() -> None:
        async with StubApi() as api:
            api.put(manifests.service("cart"))
            api.token = "first"
            async with following_of(api, door=Door(api.url, "first", "second"), kinds=[SERVICES]) as followed:
                await followed.watched()
                api.token = "second"
                api.disconnect()
                before = len(api.requests)
                await until(lambda: followed.door.rejections)
                await followed.watched()
                assert followed.calls("stream", since=before)
                assert followed.trail.removed == []
                api.put(manifests.service("desk"))
                await followed.shows("cart", "desk")

    in_loop(run())
    assert lines(caplog) == ["member north: unauthorized"]


def test_nothing_is_told_by_a_member_that_does_not_know_us_but_that_it_failed():
    def closed(api: StubApi) -> None:
        api.token = "secret"

    async def test(followed: Following) -> None:
        await until(lambda: followed.errors("unauthorized") > 4)
        assert followed.trail.turns() == [Joined, Failed]
        assert len([event for event in followed.trail.events if isinstance(event, Failed)]) == 1
        assert followed.trail.objects == {}
        assert "401" in str(followed.member.trouble)
        followed.api.token = None
        await followed.synced()
        await until(lambda: followed.member.trouble is None)

    following(test, closed)


def test_403_on_everything_and_then_restored():
    everything = {(verb, kind) for verb in ("list", "watch") for kind in ("services", "endpointslices")}

    async def test(followed: Following) -> None:
        await followed.watched()
        followed.api.forbidden |= everything
        followed.api.reset()
        await until(lambda: followed.fresh() > QUICK.stale_after)
        assert followed.errors("forbidden") > 0
        assert followed.trail.names() == ["cart", "desk"]
        followed.api.forbidden.clear()
        followed.api.put(manifests.service("farm"))
        await followed.shows("cart", "desk", "farm")
        assert followed.trail.removed == []

    following(test)


def test_a_member_whose_watches_are_forbidden_is_listed_again_and_again_and_says_so(caplog):
    worst = 0.0

    def unwatched(api: StubApi) -> None:
        api.forbidden |= {("watch", "services"), ("watch", "endpointslices")}

    async def test(followed: Following) -> None:
        def listed() -> bool:
            nonlocal worst
            worst = max(worst, followed.fresh())
            return len(followed.calls("list")) > 4

        await followed.synced()
        await until(listed)
        followed.api.put(manifests.service("farm"))
        await followed.shows("cart", "desk", "farm")
        assert "forbidden" in str(followed.member.trouble)
        kinds = {one.name: (one.phase, one.forbidden, one.optional) for one in followed.member.reading().kinds}
        assert kinds["services"] == ("watch", True, False)
        assert {one.why.partition(": 403: ")[0] for one in followed.member.reading().kinds if one.why} <= {
            "GET /api/v1/services",
            "GET /apis/discovery.k8s.io/v1/endpointslices",
        }
        followed.api.forbidden.clear()
        await until(lambda: followed.member.trouble is None)

    following(test, unwatched)
    assert worst < QUICK.stale_after
    assert lines(caplog) == ["member north: forbidden"]


def test_a_member_that_never_let_us_see_its_nodes_is_listed_without_them(caplog):
    def hidden(api: StubApi) -> None:
        api.put(manifests.node("n1"))
        api.forbidden |= {("watch", "nodes"), ("list", "nodes")}

    async def test(followed: Following) -> None:
        await followed.watched("services")
        await until(lambda: len(followed.calls("list", "nodes")) > 3)
        assert followed.trail.names(Service) == ["cart", "desk"]
        assert followed.trail.turns()[-1] is Synced
        assert followed.member.trouble is None
        kinds = {one.name: (one.phase, one.forbidden, one.optional) for one in followed.member.reading().kinds}
        assert (kinds["services"], kinds["nodes"]) == (("", False, False), ("list", True, True))
        followed.api.forbidden.clear()
        await followed.shows("n1", kind=Node)

    following(test, hidden, kinds=[SERVICES, NODES])
    assert lines(caplog) == ["member north: forbidden"]


def test_services_are_not_optional():
    def hidden(api: StubApi) -> None:
        api.forbidden |= {("watch", "services"), ("list", "services")}

    async def test(followed: Following) -> None:
        await until(lambda: len(followed.calls("list")) > 3)
        assert followed.trail.turns() == [Joined, Failed]

    following(test, hidden, kinds=[SERVICES, SLICES])


@pytest.mark.parametrize("code", [429, 503])
def test_a_server_that_wants_to_be_left_alone_is(code):
    async def test(followed: Following) -> None:
        await until(lambda: followed.errors("refused") == 1)
        began = followed.around.clock()
        await followed.synced()
        assert followed.around.clock() - began > 0.9

    def busy(api: StubApi) -> None:
        api.lies.tell(lies.refused(code, retry_after="1"), times=1)

    following(test, busy, kinds=[SERVICES])


@pytest.mark.parametrize("when", ["soon", "-5", "1e9", "", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_time_to_come_again_that_is_no_number_of_seconds_is_not_heeded(when):
    def busy(api: StubApi) -> None:
        api.lies.tell(lies.refused(503, retry_after=when), times=1)

    async def test(followed: Following) -> None:
        await followed.synced(5)

    following(test, busy, kinds=[SERVICES])
