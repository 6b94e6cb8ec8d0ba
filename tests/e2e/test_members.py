import json
from itertools import takewhile

import pytest

from tests.e2e.api import ApiError
from tests.e2e.objects import service

SERVICES = "/api/v1/services"


@pytest.fixture
def member(federation):
    return federation["gce-us-east1"]


def names(answer):
    return {one["metadata"]["name"] for one in answer["items"]}


def test_four_members_say_where_they_are(federation):
    labels = {
        name: member.admin.get("/api/v1/nodes")["items"][0]["metadata"]["labels"] for name, member in federation.items()
    }
    assert {name: label["topology.kubernetes.io/region"] for name, label in labels.items()} == {
        "gce-us-central1": "us-central1",
        "gce-us-east1": "us-east1",
        "gce-europe-west1": "europe-west1",
        "gce-asia-east1": "asia-east1",
    }


def test_a_service_has_its_status_and_endpoints(member):
    member.apply(service("nginx", "10.96.0.10", "192.0.2.1", "192.0.2.2"))
    member.set_ready("nginx", 2)
    found = json.loads(member.kubectl("get", "service", "nginx", "-n", "mynamespace", "-o", "json"))
    assert found["status"]["loadBalancer"]["ingress"] == [
        {"ip": "192.0.2.1", "ipMode": "VIP"},
        {"ip": "192.0.2.2", "ipMode": "VIP"},
    ]
    (one,) = member.admin.get("/apis/discovery.k8s.io/v1/namespaces/mynamespace/endpointslices")["items"]
    assert [endpoint["conditions"]["ready"] for endpoint in one["endpoints"]] == [True, True, False]


def test_a_test_finds_nothing_of_the_one_before(member):
    assert names(member.admin.get(SERVICES)) <= {"kubernetes"}


def test_a_namespace_is_gone_with_what_was_in_it(member):
    member.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "other"}},
        service("nginx", "10.96.0.10", namespace="other"),
    )
    member.delete_namespace("other")
    assert names(member.admin.get(SERVICES)) <= {"kubernetes"}
    with pytest.raises(ApiError, match="404"):
        member.admin.get("/api/v1/namespaces/other")


def test_a_restart_keeps_the_data(member):
    version = member.apply(service("nginx", "10.96.0.10"))
    member.plane.restart()
    found = member.admin.get("/api/v1/namespaces/mynamespace/services/nginx")
    assert int(found["metadata"]["resourceVersion"]) == version


def test_a_revision_that_was_compacted_is_gone(member):
    before = member.apply(service("nginx", "10.96.0.10"))
    member.apply(service("nginx", "10.96.0.10", "192.0.2.1"))
    member.plane.expire()
    with member.admin.watching(f"{SERVICES}?watch=1&resourceVersion={before}") as events:
        first = next(events)
    assert (first["type"], first["object"]["code"]) == ("ERROR", 410)


STREAM = f"{SERVICES}?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan"


def test_a_list_is_streamed_up_to_a_bookmark(member):
    member.apply(service("nginx", "10.96.0.10"))
    with member.admin.watching(STREAM) as events:
        found = {one["object"]["metadata"]["name"] for one in takewhile(lambda one: one["type"] == "ADDED", events)}
    assert found - {"kubernetes"} == {"nginx"}


def test_one_member_does_not_stream_lists(federation):
    with pytest.raises(ApiError, match="422"), federation["gce-asia-east1"].admin.watching(STREAM):
        pass


def test_a_member_rebuilt_from_empty_has_a_lower_revision(member):
    before = member.apply(*(service(f"nginx-{number}", f"10.96.0.{number}") for number in range(10, 110)))
    member.rebuild()
    assert int(member.admin.get(SERVICES)["metadata"]["resourceVersion"]) < before
    assert names(member.admin.get(SERVICES)) <= {"kubernetes"}
