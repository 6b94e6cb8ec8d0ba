"""A member that lies, beside members that are real: nobody else is hurt by it."""

from collections.abc import Iterator

import pytest

from tests.e2e.kubeconfig import Context
from tests.e2e.resolver import Resolver, Story, populate, story
from tests.support import manifests
from tests.support.deadline import eventually
from tests.support.loop import Loop, looping
from tests.support.stub_api import lies, nonsense
from tests.support.stub_api.api import StubApi

LIAR = "liar"
OTHERS = "gce-us-east1"
RESTRICTED = f"probe off\n        member {LIAR} {{\n            namespaces its-own\n        }}"
LIES = {
    "500s": lies.refused(500),
    "a redirect": lies.redirected("http://127.0.0.1:1/"),
    "truncated bodies": lies.truncated(20),
    "wrong types": lies.body(b'{"metadata": {"resourceVersion": "1"}, "items": 5}'),
    "an endless continue": lies.endless_continue(),
    "an endless body": lies.endless_body(),
    "an endless line": lies.endless_line(),
    "a crowd of a million": lies.crowded(),
    "silence": lies.silent(),
}


@pytest.fixture
def liar() -> Iterator[tuple[Loop, StubApi]]:
    """A member that says that it has `nginx`, too, and is not believed, for the namespace is not its own."""
    with looping() as loop:
        api = StubApi()
        loop.run(api.start())
        for thing in (
            manifests.node("n1", "us-east1", "us-east1-b"),
            manifests.service("nginx", "mynamespace", load_balancers=["192.0.2.66"]),
            manifests.endpoints("nginx", "mynamespace"),
            manifests.service("own", "its-own", load_balancers=["127.0.0.1", "192.0.2.66"]),
            manifests.endpoints("own", "its-own"),
        ):
            loop.call(api.put, thing)
        try:
            yield loop, api
        finally:
            loop.run(api.stop())


@pytest.fixture
def told(federation, liar, tmp_path) -> Iterator[Story]:
    populate(federation)
    resolver = Resolver(tmp_path, RESTRICTED)
    resolver.told([*(member.context() for member in federation.values()), Context(LIAR, liar[1].url)])
    with resolver.running(), story(federation, resolver) as found:
        eventually(lambda: resolver.phase(LIAR) == "synced")
        yield found


def test_a_member_speaks_for_its_own_namespaces_and_for_load_balancers_only(told):
    assert told.resolver.answer("own.its-own.myfederation.svc.example.com.") == {"192.0.2.66"}
    assert told.resolver.metric("left_out_total", member=LIAR, why="namespace") == 1
    assert told.resolver.metric("left_out_total", member=LIAR, why="address") == 1
    told.follows(OTHERS)


def test_whatever_a_member_answers_the_others_are_followed_and_answered(told, liar):
    loop, api = liar
    for name, lie in LIES.items():
        errors = told.resolver.metric("errors_total", member=LIAR)
        loop.call(api.lies.tell, lie)
        loop.call(api.reset)
        eventually(lambda errors=errors: told.resolver.metric("errors_total", member=LIAR) > errors, 20)
        told.follows(OTHERS)
        assert told.resolver.answer("own.its-own.myfederation.svc.example.com.") == {"192.0.2.66"}, name
        loop.call(api.lies.end)
    told.phase(LIAR, "synced")


def test_whatever_a_member_says_in_a_watch_the_others_are_followed_and_answered(told, liar):
    loop, api = liar
    for octets in nonsense.LINES.values():
        eventually(lambda: loop.call(lambda: bool(api.watching("services"))), 20)
        loop.call(api.say, octets)
    told.follows(OTHERS)
    told.phase(LIAR, "synced")
