"""One member as a whole: what is known from an earlier time, another way to it, sinks that fail, an end without rests."""

import asyncio
import ssl

from fedresolver.model.event import Joined, Restored, Synced
from fedresolver.model.objects import Ref, Service
from fedresolver.model.rules import Rules
from fedresolver.model.store import Store
from fedresolver.watch.cluster.kind import SERVICES
from tests.e2e.authority import Authority
from tests.support import manifests
from tests.support.deadline import until
from tests.support.following import Door, Following, Trail, following, following_of, in_loop
from tests.support.stub_api import lies
from tests.support.stub_api.api import StubApi

KNOWN = [Service(namespace="shop", name="cart"), Service(namespace="shop", name="old")]


def test_what_was_known_is_told_as_old_and_what_vanished_is_removed_at_the_end_of_the_list_only():
    async def test(followed: Following) -> None:
        trail = followed.trail
        assert trail.names() == ["cart", "old"]
        await followed.synced()
        assert trail.turns() == [Joined, Restored, Synced]
        assert trail.names() == ["cart", "desk"]
        assert trail.removed == [Ref(Service, "shop", "old")]
        flat = [str(event) for event in trail.events]
        new, gone = (next(i for i, event in enumerate(flat) if text in event) for text in ("name='desk'", "Removed("))
        assert new < gone

    following(test, kinds=[SERVICES], known=KNOWN)


def test_what_was_known_stands_while_the_member_cannot_be_read():
    def closed(api: StubApi) -> None:
        api.lies.tell(lies.refused(500))

    async def test(followed: Following) -> None:
        await until(lambda: followed.errors("refused") > 3)
        assert followed.trail.turns() == [Joined, Restored]
        assert followed.trail.names() == ["cart", "old"]
        assert followed.member.known

    following(test, closed, kinds=[SERVICES], known=KNOWN)


def test_a_sink_that_comes_late_is_told_all():
    async def test(followed: Following) -> None:
        late = Trail()
        late(followed.member.replay())
        assert late.turns() == [Joined]
        await followed.watched()
        late(followed.member.replay())
        assert late.turns() == [Joined, Synced]
        assert late.objects == followed.trail.objects

    following(test)


def test_a_store_has_what_the_member_has():
    async def test(followed: Following) -> None:
        store = Store("myfederation", Rules(), lambda _: None)
        store.feed(followed.member.replay())
        followed.trail.others.append(store.feed)
        await until(lambda: len(store.keys) == 2)
        followed.api.delete("services", "shop", "cart")
        await until(lambda: len(store.keys) == 1)

    following(test)


def test_another_way_to_the_member_loses_nothing_and_lists_anew(caplog):
    async def run() -> None:
        async with StubApi() as old, StubApi() as new:
            for api in (old, new):
                api.put(manifests.service("cart"))
            old.put(manifests.service("old"))
            async with following_of(old, [SERVICES]) as followed:
                await followed.watched()
                await followed.member.go_over_to(Door(new.url))
                assert followed.trail.names() == ["cart", "old"]
                await followed.shows("cart")
                assert followed.trail.removed == [Ref(Service, "shop", "old")]
                await until(new.watching)
                new.put(manifests.service("desk"))
                await followed.shows("cart", "desk")
                assert old.watching() == []

    in_loop(run())
    assert caplog.records == []


def test_a_sink_that_fails_is_not_taken_for_the_network(caplog):
    async def test(followed: Following) -> None:
        await followed.watched()
        followed.trail.failure = TimeoutError("of a sink")
        followed.api.put(manifests.service("farm"))
        await until(lambda: followed.errors("internal"))
        assert followed.metrics.errors.values.keys() == {("myfederation", "north", "internal")}

    following(test, kinds=[SERVICES])
    assert [record.exc_info[0] for record in caplog.records] == [TimeoutError]


def test_a_ping_is_made_once_at_a_time_and_ends_with_the_member():
    async def test(followed: Following) -> None:
        await followed.watched()
        followed.api.lies.tell(lies.silent())
        for _ in range(5):
            followed.member.ping()
        await until(lambda: [call for call in followed.api.requests if call.path == "/version"])
        await asyncio.sleep(0)
        assert len([call for call in followed.api.requests if call.path == "/version"]) == 1

    following(test, kinds=[SERVICES])


def test_a_ping_shows_that_the_server_is_there():
    async def test(followed: Following) -> None:
        followed.api.lies.tell(lies.refused(500))
        before = followed.member.contact
        followed.member.ping()
        await until(lambda: followed.member.contact > before)

    following(test, kinds=[SERVICES])


def test_a_member_ends_at_any_moment_without_rests():
    async def run() -> None:
        for steps in range(0, 40, 3):
            async with StubApi() as api:
                api.put(manifests.service("cart"))
                async with following_of(api) as followed:
                    followed.member.ping()
                    for _ in range(steps):
                        await asyncio.sleep(0)

    in_loop(run())


def test_a_member_is_followed_over_tls_and_one_that_is_a_stranger_is_not(tmp_path):
    authority = Authority(tmp_path)
    server, trusting = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    server.load_cert_chain(*authority.server("north", "127.0.0.1"))
    trusting.load_verify_locations(authority.path)

    async def run() -> None:
        async with StubApi(tls=server) as api:
            api.put(manifests.service("cart"))
            strange = ssl.create_default_context()
            async with (
                following_of(api, door=Door(api.url, tls=trusting)) as followed,
                following_of(api, door=Door(api.url, tls=strange)) as stranger,
            ):
                await followed.watched()
                api.put(manifests.service("desk"))
                await followed.shows("cart", "desk")
                api.reset()
                api.put(manifests.service("farm"))
                await followed.shows("cart", "desk", "farm")
                await until(lambda: stranger.errors("tls") > 2)
                assert stranger.trail.objects == {}
                assert "certificate verify failed" in str(stranger.member.trouble)

    in_loop(run())
