"""The cluster's DNS is told of the federation, and nothing else of it is touched."""

import json

import pytest

from deploy.render import FOLDER, only
from tests.deploy.coredns import COREDNS
from tests.support.manuals import ROOT, blocks

SCRIPT = str(FOLDER / "stub" / "coredns.sh")
BEFORE = only(COREDNS, "ConfigMap")["data"]["Corefile"]
PLACE = ("-n", "kube-system")


def corefile(shell):
    return shell("kubectl", *PLACE, "get", "configmap", "coredns", "-o", "jsonpath={.data.Corefile}")[0]


def patch(shell, text):
    shell("kubectl", *PLACE, "patch", "configmap", "coredns", "--patch", json.dumps({"data": {"Corefile": text}}))


def told(text, federation):
    """Return the block of a federation."""
    begin, end = f"# fedresolver: federation {federation}\n", f"# fedresolver: end of {federation}\n"
    assert (text.count(begin), text.count(end)) == (1, 1)
    return text.split(begin)[1].split(end)[0]


def test_the_block_is_the_one_of_the_manual(shell, coredns):
    page = (ROOT / "docs" / "neighbours.md").read_text()
    expected = next(text for text in blocks(page, "text") if text.startswith("myfederation.svc.cluster.local:53"))
    shell(SCRIPT, "myfederation", "example.com", "10.96.0.53")
    assert told(corefile(shell), "myfederation") == expected
    assert corefile(shell).startswith(BEFORE)
    hosts, _ = shell("kubectl", *PLACE, "get", "configmap", "coredns", "-o", "jsonpath={.data.NodeHosts}")
    assert hosts == "192.0.2.1 node-1"


def test_once_more_replaces_it(shell, coredns):
    shell(SCRIPT, "myfederation", "example.com", "10.96.0.53")
    shell(SCRIPT, "other", "example.net", "127.0.0.1:5353", CLUSTER_DOMAIN="cluster.example")
    shell(SCRIPT, "myfederation", "example.org", "10.96.0.54")
    found = corefile(shell)
    assert "forward . 10.96.0.54" in told(found, "myfederation")
    assert "example.com" not in found
    assert told(found, "other").startswith("other.svc.cluster.example:53 other:53 example.net:53 {\n")


def test_without_it_all_is_as_before(shell, coredns):
    shell(SCRIPT, "myfederation", "example.com", "10.96.0.53")
    shell(SCRIPT, "--remove", "myfederation", *PLACE)
    assert corefile(shell) == BEFORE


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([], id="nothing"),
        pytest.param(["myfederation", "example.com"], id="no address"),
        pytest.param(["--remove"], id="no federation"),
        pytest.param(["my.*", "example.com", "10.96.0.53"], id="no name"),
        pytest.param(["myfederation", "example.com {", "10.96.0.53"], id="no domain"),
        pytest.param(["myfederation", "example.com", ""], id="an address that was not found"),
    ],
)
def test_wrong_usage_is_said_and_changes_nothing(shell, coredns, words):
    out, said = shell(SCRIPT, *words, code=2)
    assert out == ""
    assert "deploy/stub/coredns.sh FEDERATION DOMAIN ADDRESS" in said
    assert corefile(shell) == BEFORE


@pytest.mark.parametrize(
    "line",
    ["example.com:53 {", "a.example example.com {", "example.com. {", "dns://example.com b.example:53 {"],
)
def test_what_coredns_would_not_start_with_is_not_written(shell, coredns, line):
    other = f"{BEFORE}{line}\n    whoami\n}}\n"
    patch(shell, other)
    _, said = shell(SCRIPT, "myfederation", "example.com", "10.96.0.53", code=1)
    assert "the Corefile has a block for example.com" in said
    assert corefile(shell) == other


def test_a_zone_that_is_only_alike_is_another(shell, coredns):
    patch(shell, f"{BEFORE}sub.example.com:53 exampleXcom {{\n    whoami\n}}\n# example.com {{\n")
    shell(SCRIPT, "myfederation", "example.com", "10.96.0.53")
    assert "forward . 10.96.0.53" in told(corefile(shell), "myfederation")


def test_nothing_is_taken_out_up_to_an_end_that_is_not_there(shell, coredns):
    broken = f"# fedresolver: federation myfederation\n{BEFORE}"
    patch(shell, broken)
    _, said = shell(SCRIPT, "--remove", "myfederation", code=1)
    assert "one is missing" in said
    assert corefile(shell) == broken


def test_a_cluster_without_such_a_corefile_is_left_alone(shell, coredns):
    shell("kubectl", *PLACE, "create", "configmap", "empty")
    _, said = shell(SCRIPT, "myfederation", "example.com", "10.96.0.53", CONFIGMAP="empty", code=1)
    assert "the ConfigMap empty in kube-system has no Corefile; set CONFIGMAP" in said


def test_a_bind_is_pointed_out(shell, coredns):
    bound = BEFORE.replace("    errors\n", "    errors\n    bind 169.254.20.10\n")
    patch(shell, bound)
    _, said = shell(SCRIPT, "myfederation", "example.com", "10.96.0.53")
    assert "put the same into the block of myfederation" in said


def test_the_patch_of_kube_dns_and_node_local_dns(shell):
    shell("kubectl", *PLACE, "delete", "--ignore-not-found", "configmap", "kube-dns")
    shell("kubectl", *PLACE, "create", "configmap", "kube-dns", '--from-literal=upstreamNameservers=["192.0.2.53"]')
    how = ("--type", "merge", "--patch-file", str(FOLDER / "stub" / "kube-dns.yaml"))
    _, said = shell("kubectl", *PLACE, "patch", "configmap", "kube-dns", *how)
    assert said == ""
    found = json.loads(shell("kubectl", *PLACE, "get", "configmap", "kube-dns", "-o", "json")[0])["data"]
    assert found["upstreamNameservers"] == '["192.0.2.53"]'
    zones = ("myfederation.svc.cluster.local", "myfederation", "example.com")
    assert json.loads(found["stubDomains"]) == {zone: ["10.96.0.53"] for zone in zones}
