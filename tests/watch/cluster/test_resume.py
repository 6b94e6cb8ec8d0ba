"""A member is followed on from where we were, and listed anew where that is lost; no name is missing for a moment."""

from typing import Any

import pytest

from fedresolver.model.objects import Ref, Service
from fedresolver.watch.cluster.kind import SERVICES
from tests.support import manifests
from tests.support.deadline import until
from tests.support.following import QUICK, Following, following, verb_of
from tests.support.stub_api import lies, nonsense
from tests.support.stub_api.answer import Answer
from tests.support.stub_api.api import StubApi, WatchList
from tests.support.stub_api.call import Call
from tests.support.stub_api.lie import Handler
from tests.support.stub_api.shown import event
from tests.support.stub_api.status import status


def paged(api: StubApi) -> None:
    api.watch_list = WatchList.INVALID


def verbs(followed: Following, since: int) -> list[str]:
    """Return what was asked for after the first `since` requests: `check` is a list of one."""
    calls = followed.api.requests[since:]
    return ["check" if call.query.get("limit") == "1" else verb_of(call) for call in calls]


@pytest.mark.parametrize(
    ("end", "asked"),
    [
        pytest.param(lambda api: api.disconnect(), ["watch"], id="an orderly end"),
        pytest.param(lambda api: api.cut(), ["check", "watch"], id="an end in the middle of a line"),
        pytest.param(lambda api: api.reset(), ["check", "watch"], id="RST"),
    ],
)
def test_a_watch_goes_on_from_the_last_revision(end, asked):
    async def test(followed: Following) -> None:
        api = followed.api
        await followed.watched()
        api.put(manifests.service("farm"))
        await followed.shows("cart", "desk", "farm")
        before, revision = len(api.requests), api.revision
        end(api)
        api.put(manifests.service("zoo"))
        api.delete("services", "shop", "cart")
        await followed.shows("desk", "farm", "zoo")
        assert verbs(followed, before) == asked
        assert followed.calls("watch", since=before)[0].query["resourceVersion"] == str(revision)

    following(test, kinds=[SERVICES])


def test_a_bookmark_moves_the_revision_on():
    async def test(followed: Following) -> None:
        api = followed.api
        await followed.watched()
        before = len(api.requests)
        api.put(manifests.endpoints("cart", ready=False))
        api.bookmark()
        api.disconnect()
        renewed = await until(lambda: followed.calls("watch", since=before))
        assert renewed[0].query["resourceVersion"] == str(api.revision)

    following(test, kinds=[SERVICES])


def test_quiet_watches_are_renewed_and_the_member_never_turns_stale():
    worst = 0.0

    async def test(followed: Following) -> None:
        def renewed() -> bool:
            nonlocal worst
            worst = max(worst, followed.fresh())
            return len(followed.calls("watch")) > 3

        await followed.watched()
        await until(renewed)
        assert len(followed.calls("list")) + len(followed.calls("stream")) == 1 + len(
            [call for call in followed.calls("list") if call.query["limit"] == "1"]
        )

    following(test)
    assert worst < QUICK.stale_after


@pytest.mark.parametrize("prepare", [lambda _: None, paged], ids=["streamed", "in pages"])
@pytest.mark.parametrize("by_event", [True, False], ids=["by an ERROR event", "by status"])
def test_after_410_all_is_listed_anew_and_no_name_is_missing_meanwhile(by_event, prepare):
    async def test(followed: Following) -> None:
        api = followed.api
        await followed.watched()
        api.expired_by_event = by_event
        api.lies.tell(lies.silent(), verb="watch", times=1)
        api.disconnect()
        await until(lambda: not api.watching())  # the next one is not answered
        api.delete("services", "shop", "desk")
        api.put(manifests.service("farm"))
        api.compact()
        api.lies.end()
        api.reset()
        await followed.shows("cart", "farm")
        assert followed.trail.removed == [Ref(Service, "shop", "desk")]

    following(test, prepare, kinds=[SERVICES])


def test_a_continue_token_that_expires_costs_a_new_list():
    def two_pages(api: StubApi) -> None:
        paged(api)
        for number in range(600):
            api.put(manifests.service(f"s{number}"))

        def forgotten(page: object) -> object:
            api.put(manifests.service("s0"))
            api.compact()
            return page

        api.lies.tell(lies.edited(forgotten), resource="services", verb="list", times=1)

    async def test(followed: Following) -> None:
        await until(followed.trail.synced)
        assert len(followed.trail.names()) == 602
        assert followed.errors("gone") == 1
        assert followed.trail.removed == []

    following(test, two_pages)


@pytest.mark.parametrize("prepare", [lambda _: None, paged], ids=["streamed", "in pages"])
def test_a_member_that_was_rebuilt_from_empty_is_found_although_its_watch_is_silent(prepare):
    async def test(followed: Following) -> None:
        await followed.watched()
        followed.api.rebuild(manifests.service("farm"))
        await until(lambda: followed.trail.names() == ["farm"], QUICK.stale_after + 1)
        await followed.watched("services")
        followed.api.put(manifests.service("zoo"))
        await followed.shows("farm", "zoo")

    following(test, prepare)


def test_an_event_that_goes_back_is_not_believed_and_all_is_listed_anew():
    async def test(followed: Following) -> None:
        api = followed.api
        await followed.watched()
        before = len(api.requests)
        api.say(nonsense.back(manifests.service("wrong"), 7), "services")
        await until(lambda: verbs(followed, before)[:2] == ["stream", "watch"])
        await followed.watched("services")
        assert "wrong" not in str(followed.trail.events)

    following(test, kinds=[SERVICES])


@pytest.mark.parametrize("revision", [2**64, 2**128 - 1], ids=["64 bits", "128 bits"])
def test_a_revision_may_be_as_large_as_the_api_allows(revision):
    async def test(followed: Following) -> None:
        await followed.watched()
        followed.api.say(nonsense.back(manifests.service("farm"), revision), "services")
        followed.api.disconnect()
        await until(lambda: followed.calls("watch")[-1].query["resourceVersion"] == str(revision))
        assert followed.errors("damaged") == 0

    following(test, kinds=[SERVICES])


def test_the_deletion_of_what_cannot_be_read_removes_it_if_only_its_name_can():
    async def test(followed: Following) -> None:
        api = followed.api
        await followed.watched()
        cart = manifests.service("cart")
        api.say(nonsense.back(nonsense.text_ports(cart), api.revision + 1, "DELETED"), "services")
        await followed.shows("desk")
        api.say(b'{"type":"DELETED","object":{"metadata":{"resourceVersion":"5000"}}}\n', "services")
        await followed.shows("cart", "desk")  # all was listed anew

    following(test, kinds=[SERVICES])


def test_a_server_that_stops_and_starts_again_is_followed_on():
    async def test(followed: Following) -> None:
        api = followed.api
        await followed.watched()
        await api.stop()
        await until(lambda: followed.errors("dial") > 0)
        await api.start()
        api.put(manifests.service("farm"))
        await followed.shows("cart", "desk", "farm")
        assert followed.trail.removed == []

    following(test)


def test_after_an_outage_that_is_too_long_all_is_listed_anew():
    async def test(followed: Following) -> None:
        api = followed.api
        await followed.watched()
        await api.stop()
        await until(lambda: followed.fresh() > 1.1 * QUICK.stale_after)
        before = len(api.requests)
        await api.start()
        await followed.synced()
        assert {"stream", "list"} & {*verbs(followed, before)}
        assert followed.trail.removed == []

    following(test, kinds=[SERVICES])


def test_a_black_hole_makes_the_member_stale_and_no_dead_connection_is_used_after_it():
    async def test(followed: Following) -> None:
        api = followed.api
        await followed.watched()
        api.mute()
        api.lies.tell(lies.silent())
        await until(lambda: followed.fresh() > QUICK.stale_after)
        api.lies.end()
        api.put(manifests.service("farm"))
        await followed.shows("cart", "desk", "farm")

    following(test)


def test_watches_that_end_at_once_are_opened_ever_more_seldom_and_not_believed():
    async def test(followed: Following) -> None:
        api = followed.api
        api.lies.tell(lies.truncated(0), verb="watch")
        await until(lambda: len(followed.calls("stream")) + len(followed.calls("list")) > 3)
        began = len(api.requests)
        api.put(manifests.service("farm"))
        await followed.shows("cart", "desk", "farm")
        assert len(api.requests) - began < 40

    following(test, paged, kinds=[SERVICES], chance=0.5)


def test_a_watch_that_is_closed_at_once_for_ever_costs_few_requests():
    async def test(followed: Following) -> None:
        await followed.watched()
        followed.api.lies.tell(lies.body(b""), verb="watch")
        followed.api.disconnect()
        before, end = len(followed.api.requests), followed.member.heard + 3
        await until(lambda: followed.around.clock() > end)
        assert 4 < len(followed.api.requests) - before < 40

    following(test, kinds=[SERVICES], chance=0.5)


@pytest.mark.parametrize("prepare", [lambda _: None, paged], ids=["streamed", "in pages"])
@pytest.mark.parametrize(
    "line",
    [
        pytest.param(nonsense.back(manifests.service("cart"), 7), id="goes back"),
        pytest.param(event("ERROR", status(410, "too old resource version")), id="410"),
    ],
)
def test_a_watch_that_has_all_listed_anew_at_once_for_ever_costs_few_requests(line, prepare):
    def lie(handler: Handler) -> Handler:
        async def handle(call: Call) -> Answer:
            watches = call.verb == "watch" and not call.says("sendInitialEvents")
            return await (lies.body(line)(handler) if watches else handler)(call)

        return handle

    async def test(followed: Following) -> None:
        end = followed.around.clock() + 2
        await until(lambda: followed.around.clock() > end)
        assert 4 < len(followed.calls()) < 40
        before = len(followed.api.requests)
        followed.api.lies.end()
        await followed.watched()
        followed.api.put(manifests.service("farm"))
        await followed.shows("cart", "desk", "farm")
        assert len(followed.api.requests) - before < 6

    following(test, lambda api: (prepare(api), api.lies.tell(lie)), kinds=[SERVICES], chance=0.5)


def test_a_list_is_as_old_as_its_first_page():
    """A server that goes on from its present state, page by page, may have changed what was on an earlier one."""

    def two_pages(api: StubApi) -> None:
        paged(api)
        for number in range(600):
            api.put(manifests.service(f"s{number}"))

        def later(page: dict[str, Any]) -> object:
            if "continue" not in page["metadata"]:
                api.delete("services", "shop", "cart")
                page["metadata"]["resourceVersion"] = str(api.revision)
            return page

        api.lies.tell(lies.edited(later), resource="services", verb="list", times=2)

    async def test(followed: Following) -> None:
        await until(lambda: followed.trail.removed == [Ref(Service, "shop", "cart")])
        assert len(followed.trail.names()) == 601

    following(test, two_pages, kinds=[SERVICES])


@pytest.mark.parametrize("code", [429, 500, 503, 504])
def test_a_watch_that_is_refused_by_an_event_goes_on_from_the_last_revision(code):
    async def test(followed: Following) -> None:
        api = followed.api
        await followed.watched()
        before = len(api.requests)
        api.say(event("ERROR", status(code, "not now")), "services")
        await until(lambda: followed.errors("refused") == 1)
        api.put(manifests.service("farm"))
        await followed.watched()
        await followed.shows("cart", "desk", "farm")
        assert "stream" not in verbs(followed, before)

    following(test, kinds=[SERVICES])
