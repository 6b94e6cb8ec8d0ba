"""What `fedresolver diagnose` finds of real API servers, and that what it says to do mends it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.kubeconfig import write
from tests.support.deadline import eventually
from tests.support.running import command, free_ports

NAME = "nginx.mynamespace.myfederation"
ROLE = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: fedresolver-remote}
rules:
- apiGroups: ['']
  resources: [nodes, services]
  verbs: [list, watch]
"""
"""The rights without those to EndpointSlices."""


@pytest.fixture
def page(resolver):
    """The address of the status page of the resolver, which does not run yet."""
    (port,) = free_ports(1)
    resolver.corefile = resolver.corefile.replace("errors\n", f"errors\n    status 127.0.0.1:{port}\n", 1)
    return f"http://127.0.0.1:{port}"


def checks(page):
    done = command("diagnose", NAME, "--server", page, "-o", "json")
    return {one["name"]: one for one in json.loads(done.stdout)["checks"]}


def states(page, *names):
    found = checks(page)
    return {name: found[name]["state"] for name in names}


def do(mend, member, folder):
    """Do what mends something, as the administrator of a member."""
    (folder / "bin").mkdir()
    (folder / "bin" / "kubectl").symlink_to(member.program)
    (folder / "bin" / "fedresolver").symlink_to(Path(sys.executable).parent / "fedresolver")
    config = write(folder / "administrator", [member.administrator()])
    environ = os.environ | {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "KUBECONFIG": str(config),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(["bash", "-c", mend], cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_all_is_well_with_real_members(resolver, page):
    well = (
        "dial",
        "tls",
        "credentials",
        "members",
        "labels",
        "name",
        "load balancers",
        "clock",
        "snapshot",
        "corefile",
    )
    with resolver.running():
        eventually(lambda: states(page, *well) == dict.fromkeys(well, "OK"), 30)


def test_rights_that_are_missing_are_given_by_what_it_says_to_do(federation, resolver, page, tmp_path):
    member = federation["gce-us-east1"]
    member.kubectl("apply", "-f", "-", stdin=ROLE)
    with resolver.running():
        eventually(lambda: states(page, "rights")["rights"] == "FAIL", 30)
        found = checks(page)["rights"]
        assert "gce-us-east1: list endpointslices" in found["seen"]
        assert found["mend"] == "fedresolver rbac --member remote | kubectl --context gce-us-east1 apply -f -"
        do(found["mend"], member, tmp_path)
        eventually(lambda: "gce-us-east1" not in checks(page)["rights"]["mend"], 30)
        eventually(lambda: states(page, "members") == {"members": "OK"}, 30)


def test_a_member_that_is_cut_off_fails_at_its_stage(federation, resolver, page):
    with resolver.running():
        federation["gce-us-east1"].plane.stop()
        eventually(lambda: states(page, "dial", "tls", "labels") == {"dial": "FAIL", "tls": "OK", "labels": "OK"}, 30)
        assert checks(page)["dial"]["seen"].startswith("gce-us-east1: ")
