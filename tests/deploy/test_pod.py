"""What the chart installs runs: its Corefile, with the ServiceAccount that it makes, as in a Pod."""

import pytest
import yaml

from deploy.render import corefile, template
from tests.deploy.values import joined
from tests.e2e.objects import service
from tests.e2e.resolver import LOCAL
from tests.e2e.test_access import POD
from tests.support.ask import addresses, ask, question
from tests.support.deadline import eventually
from tests.support.running import command, free_ports, page, process

PORTS = ("dns", "health", "ready", "metrics")
TOKEN = "/api/v1/namespaces/fedresolver/serviceaccounts/fedresolver/token"


@pytest.fixture
def ports():
    return dict(zip(("status", *PORTS), free_ports(5), strict=True))


@pytest.fixture
def manifest(cluster, helm, tmp_path, ports):
    """What the chart gives, applied."""
    values = tmp_path / "values.yaml"
    chosen = {"ports": {name: ports[name] for name in PORTS}, "bind": ["127.0.0.1"], "upstreams": []}
    values.write_text(yaml.safe_dump(joined(chosen)))
    found = template(helm, "fedresolver", values)
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=found)
    return found


@pytest.fixture
def account(cluster, manifest, tmp_path):
    """The folder of the service account, as the kubelet makes it."""
    folder = tmp_path / "account"
    folder.mkdir()
    told = cluster.admin.post(TOKEN, {"spec": {"expirationSeconds": 3600}})
    (folder / "token").write_text(told["status"]["token"])
    (folder / "ca.crt").write_bytes(cluster.plane.authority.path.read_bytes())
    return folder


@pytest.fixture
def pod(cluster, manifest, account, tmp_path, ports):
    """The process, which is ready."""
    cluster.apply(service("nginx", "10.96.0.10", "192.0.2.1"))
    cluster.set_ready("nginx", 3)
    text = corefile(manifest).replace("/var/lib/fedresolver", str(tmp_path)).replace(":8053", f":{ports['status']}")
    host, port = cluster.proxy.address
    environ = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": str(port), "NODE_NAME": "node-1"}
    before = ("unshare", "--mount", "--map-root-user", "sh", "-c", POD, str(account))
    with process(tmp_path, text, before=before, environ=environ) as started:
        eventually(lambda: started.ended() or page(("127.0.0.1", ports["ready"]), "/ready")[0] == 200, 30)
        assert not started.ended(), started.text
        yield started


def test_it_is_ready_and_answers_with_what_it_is_allowed(pod, ports):
    assert page(("127.0.0.1", ports["health"]), "/health")[0] == 200
    assert addresses(ask(("127.0.0.1", ports["dns"]), question(LOCAL))) == {"10.96.0.10"}
    lines = page(("127.0.0.1", ports["metrics"]), "/metrics")[1].splitlines()
    failed = [line for line in lines if line.startswith("fedresolver_federation_errors_total{") and line[-2:] != " 0"]
    assert failed == []
    done = command("clusters", "--server", f"http://127.0.0.1:{ports['status']}")
    assert done.returncode == 0
    name, status, *_ = done.stdout.splitlines()[1].split()
    assert (name, status) == ("gce-us-central1", "Ready")
    assert "us-central1-b" in done.stdout
