"""What the chart installs runs: its Corefile with the rights that it gives, as in a Pod, alone and beside a real CoreDNS."""

import re
import subprocess
from contextlib import contextmanager

import pytest
import yaml

from bench import tools
from deploy.render import FOLDER, corefile, template
from tests.deploy.values import joined
from tests.e2e.objects import service
from tests.e2e.resolver import LOCAL
from tests.e2e.test_access import POD
from tests.support.ask import addresses, ask, question
from tests.support.deadline import eventually
from tests.support.running import command, free_ports, page, process

PORTS = ("dns", "health", "ready", "metrics")
ORDINARY = "nginx.mynamespace.svc.cluster.local."


@pytest.fixture
def ports():
    return dict(zip(("status", "coredns", *PORTS), free_ports(6), strict=True))


@pytest.fixture
def nginx(cluster):
    """A Service that is healthy in the cluster."""
    cluster.apply(service("nginx", "10.96.0.10", "192.0.2.1"))
    cluster.set_ready("nginx", 3)


def rendered(helm, tmp_path, ports, namespace, **values):
    """Return what the chart gives with ports that are free here, and no upstreams."""
    path = tmp_path / "values.yaml"
    chosen = {"ports": {name: ports[name] for name in PORTS}, "bind": ["127.0.0.1"], "upstreams": [], **values}
    path.write_text(yaml.safe_dump(joined(chosen)))
    return template(helm, namespace, path)


@contextmanager
def pod(cluster, text, account, tmp_path, ports):
    """Give a process with a Corefile, ready, that has the token of an account of the cluster where Pods have it."""
    folder = tmp_path / "account"
    folder.mkdir()
    path = "/api/v1/namespaces/{}/serviceaccounts/{}/token".format(*account)
    told = cluster.admin.post(path, {"spec": {"expirationSeconds": 3600}})
    (folder / "token").write_text(told["status"]["token"])
    (folder / "ca.crt").write_bytes(cluster.plane.authority.path.read_bytes())
    text = text.replace("/var/lib/fedresolver", str(tmp_path)).replace(":8053", f":{ports['status']}")
    host, port = cluster.proxy.address
    environ = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": str(port), "NODE_NAME": "node-1"}
    before = ("unshare", "--mount", "--map-root-user", "sh", "-c", POD, str(folder))
    with process(tmp_path, text, before=before, environ=environ) as started:
        eventually(lambda: started.ended() or page(("127.0.0.1", ports["ready"]), "/ready")[0] == 200, 30)
        assert not started.ended(), started.text
        yield started


def refused(ports):
    """Return the metrics of requests that failed."""
    lines = page(("127.0.0.1", ports["metrics"]), "/metrics")[1].splitlines()
    return [line for line in lines if line.startswith("fedresolver_federation_errors_total{") and line[-2:] != " 0"]


def test_it_is_ready_and_answers_with_what_it_is_allowed(cluster, nginx, helm, tmp_path, ports):
    manifest = rendered(helm, tmp_path, ports, "fedresolver")
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=manifest)
    with pod(cluster, corefile(manifest), ("fedresolver", "fedresolver"), tmp_path, ports):
        assert page(("127.0.0.1", ports["health"]), "/health")[0] == 200
        assert addresses(ask(("127.0.0.1", ports["dns"]), question(LOCAL))) == {"10.96.0.10"}
        assert refused(ports) == []
        done = command("clusters", "--server", f"http://127.0.0.1:{ports['status']}")
        assert done.returncode == 0
        name, status, *_ = done.stdout.splitlines()[1].split()
        assert (name, status) == ("gce-us-central1", "Ready")


@contextmanager
def coredns_beside(cluster, shell, tmp_path, ports):
    """Give the address of a real CoreDNS that has the Corefile in its ConfigMap, without what
    the build of the tests leaves out, and reads the cluster.
    """
    (found,) = shell("kubectl", "-n", "kube-system", "get", "cm", "coredns", "-o", "jsonpath={.data.Corefile}")[:1]
    text = re.sub(
        r"^    (health .*?\n    }|ready|prometheus [^\n]*|loop|reload|loadbalance)\n",
        "",
        found,
        flags=re.MULTILINE | re.DOTALL,
    )
    text = text.replace(":53 ", f":{ports['coredns']} ")
    text = text.replace("pods insecure\n", f"pods insecure\n           kubeconfig {tmp_path / 'config'}\n")
    path = tmp_path / "coredns.conf"
    path.write_text(text)
    log = tmp_path / "coredns.log"
    argv = [str(tools.coredns()), "-conf", str(path)]
    with log.open("wb") as out, subprocess.Popen(argv, stdout=out, stderr=out) as child:
        try:
            eventually(lambda: child.poll() is not None or "CoreDNS-" in log.read_text(), 60)
            assert child.poll() is None, log.read_text()
            yield "127.0.0.1", ports["coredns"]
        finally:
            child.kill()


def test_beside_coredns_its_pods_have_both_kinds_of_names(cluster, nginx, shell, coredns, helm, tmp_path, ports):
    values = yaml.safe_load((FOLDER / "values" / "sidecar.yaml").read_text())
    manifest = rendered(helm, tmp_path, ports, "kube-system", serviceAccount=values["serviceAccount"])
    shell("kubectl", "apply", "--server-side", "-f", str(FOLDER / "sidecar" / "objects.yaml"))
    shell(str(FOLDER / "stub" / "coredns.sh"), "myfederation", "example.com", f"127.0.0.1:{ports['dns']}")
    with (
        pod(cluster, corefile(manifest), ("kube-system", "coredns"), tmp_path, ports),
        coredns_beside(cluster, shell, tmp_path, ports) as address,
    ):
        eventually(lambda: addresses(ask(address, question(ORDINARY))) == {"10.96.0.10"}, 30)
        assert addresses(ask(address, question(LOCAL))) == {"10.96.0.10"}
        assert refused(ports) == []
        cluster.set_ready("nginx", 0)
        eventually(lambda: ask(address, question(LOCAL)).rcode() == 3)
