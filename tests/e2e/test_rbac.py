"""What `deploy/rbac.yaml` gives to fedresolver: what it reads, and nothing else."""

import pytest

from tests.e2e.api import ApiError
from tests.e2e.control_plane import LASTING
from tests.support.deadline import eventually

READ = (
    "/api/v1/services",
    "/api/v1/nodes",
    "/apis/discovery.k8s.io/v1/endpointslices",
)
HIDDEN = (
    "/api/v1/namespaces",
    "/apis/multicluster.x-k8s.io/v1alpha1/serviceexports",
    "/api/v1/secrets",
    "/api/v1/configmaps",
    "/api/v1/pods",
    "/api/v1/endpoints",
    "/apis/apps/v1/deployments",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
)
SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "mine"}, "spec": {"ports": [{"port": 80}]}}


@pytest.fixture
def member(federation):
    return federation["gce-us-east1"]


@pytest.fixture
def fedresolver(member):
    """The API as fedresolver is let in."""
    api = member.plane.api(member.token())
    yield api
    api.close()


def status(call, *arguments):
    try:
        call(*arguments)
    except ApiError as error:
        return error.status
    return 200


def watch(api, path):
    with api.watching(path):
        pass


@pytest.mark.parametrize("path", READ)
def test_it_lists_and_watches_what_answers_are_made_of(fedresolver, path):
    assert status(fedresolver.get, path) == 200
    assert status(watch, fedresolver, f"{path}?watch=1") == 200


@pytest.mark.parametrize("path", HIDDEN)
def test_it_lists_nothing_else(fedresolver, path):
    assert status(fedresolver.get, path) == 403


def test_it_changes_nothing(fedresolver):
    path = "/api/v1/namespaces/mynamespace/services"
    assert status(fedresolver.post, path, SERVICE) == 403
    assert status(fedresolver.delete, f"{path}/mine") == 403


def test_its_rights_are_its_own_and_no_stranger_has_them(member):
    for token, expected in ((None, 403), ("guessed", 401)):
        stranger = member.plane.api(token)
        assert status(stranger.get, "/api/v1/services") == expected
        stranger.close()


def test_a_revoked_token_is_refused_and_a_new_one_is_not(member):
    # One that the API server has not seen yet, for it believes the others for another 10 s.
    old = member.plane.api(member.token())
    member.revoke()
    new = member.plane.api(member.token())
    assert [status(one.get, "/api/v1/services") for one in (old, new)] == [401, 200]
    old.close()
    new.close()


def test_a_role_that_is_taken_away_and_given_back(member, fedresolver):
    member.admin.delete("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/fedresolver-remote")
    eventually(lambda: status(fedresolver.get, "/api/v1/services") == 403)
    member.install()
    eventually(lambda: status(fedresolver.get, "/api/v1/services") == 200)


def test_a_lasting_token_and_a_certificate_are_the_same_user(member):
    for api in (member.plane.api(LASTING), member.plane.api(certificate=member.certificate())):
        assert [status(api.get, path) for path in ("/api/v1/services", "/api/v1/secrets")] == [200, 403]
        api.close()
