"""From the configurations of others to ours, which must be one that builds."""

import pytest

from fedresolver.cli.check import findings
from tests.support.running import command

KUBE_DNS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: kube-dns, namespace: kube-system}
data:
  federations: myfederation=example.com,second=second.example.com
  stubDomains: '{"corp.example.net": ["192.0.2.1", "192.0.2.2"], "myfederation.svc.cluster.local": ["10.0.0.10"]}'
  upstreamNameservers: '["192.0.2.53"]'
"""
COREDNS = """
.:53 {
    errors
    kubernetes east.local 10.0.0.0/8 in-addr.arpa
    federation east.local {
        myfederation example.com
        upstream
    }
    rewrite name a b
    proxy . /etc/resolv.conf
}
corp.example.net:53 {
    forward . 192.0.2.1
}
"""
AS_MAP = """
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: coredns}
  data:
    Corefile: |
""" + "\n".join(f"      {line}" for line in COREDNS.splitlines())
TAIL = """\
    cache 30
    loadbalance
    forward . {upstream}
    reload
    loop
}}
corp.example.net:53 {{
    errors
    cache 30
    forward . {stub}
}}
"""


def federation(name, domain, cluster="cluster.local"):
    return f"""\
    federation {name} {domain} {{
        cluster_domain {cluster}
        in_cluster this-cluster    # call it what the other clusters' operators call it
        kubeconfig /etc/fedresolver/kubeconfig
    }}
"""


def migrated(folder, *texts):
    """Return exit code, output and errors."""
    paths = []
    for number, text in enumerate(texts):
        paths.append(folder / f"f{number}")
        paths[-1].write_text(text)
    done = command("migrate", *map(str, paths))
    return done.returncode, done.stdout, done.stderr.replace(f"{folder}/", "")


def test_a_config_map_of_kube_dns(tmp_path):
    code, out, err = migrated(tmp_path, KUBE_DNS)
    both = federation("myfederation", "example.com") + federation("second", "second.example.com")
    tail = TAIL.format(upstream="192.0.2.53", stub="192.0.2.1 192.0.2.2")
    gone = "# stub domain myfederation.svc.cluster.local was for the federation's names: fedresolver answers them itself now\n"
    assert (code, err) == (0, "")
    assert out.endswith(both + tail + gone)


@pytest.mark.parametrize("text", [COREDNS, AS_MAP], ids=["a Corefile", "a List with a ConfigMap"])
def test_a_federation_block_of_coredns(tmp_path, text):
    code, out, err = migrated(tmp_path, text)
    tail = TAIL.format(upstream="/etc/resolv.conf", stub="192.0.2.1")
    assert (code, err) == (0, "")
    assert out.endswith(federation("myfederation", "example.com", "east.local") + tail)
    assert "`rewrite` is not carried over\n" in out


def test_what_is_left_out_is_told(tmp_path):
    text = """
. {
    log
    health {
        lameduck 5s
    }
    federation cluster.local {
        prod example.com
    }
    forward . tls://192.0.2.1 {
        tls_servername dns.example.net
    }
}
"""
    out = migrated(tmp_path, text)[1]
    assert [line.partition("/f0:")[2] for line in out.splitlines() if "not carried over" in line] == [
        "3: `log` is not carried over",
        "5: `lameduck` of `health` is not carried over",
        "11: `tls_servername` of `forward` is not carried over",
    ]


def test_every_zone_of_a_block_is_a_stub_domain(tmp_path):
    out = migrated(tmp_path, COREDNS.replace("corp.example.net:53", "corp.example.net corp.example.org:53"))[1]
    assert "corp.example.net:53 {\n" in out
    assert "corp.example.org:53 {\n" in out


def test_what_is_made_is_a_corefile_that_builds(tmp_path):
    (tmp_path / "Corefile").write_text(migrated(tmp_path, KUBE_DNS)[1].replace("/etc/fedresolver", str(tmp_path)))
    (tmp_path / "kubeconfig").write_text(
        "clusters: [{name: c, cluster: {server: 'https://192.0.2.1:6443'}}]\n"
        "users: [{name: u, user: {token: secret}}]\n"
        "contexts: [{name: gce-us-east1, context: {cluster: c, user: u}}]\n"
    )
    environ = {"KUBERNETES_SERVICE_HOST": "192.0.2.1", "KUBERNETES_SERVICE_PORT": "443"}
    assert [line for line in findings(str(tmp_path / "Corefile"), environ)[0] if "serviceaccount" not in line] == []


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param(
            "kind: ConfigMap\ndata: {federations: myfederation}", "`myfederation` is no NAME=DOMAIN", id="pair"
        ),
        pytest.param("kind: ConfigMap\ndata: {stubDomains: '{'}", "stubDomains is no JSON", id="JSON"),
        pytest.param("kind: ConfigMap\ndata: {stubDomains: '[]'}", "no map of domains to lists", id="a list"),
        pytest.param("kind: ConfigMap\ndata: {upstreamNameservers: '{}'}", "no list, as", id="a map"),
        pytest.param("kind: ConfigMap\ndata: {federations: ''}", "there is no federation", id="nothing"),
        pytest.param(". {\n federation {\n", "f0:", id="a Corefile that ends too early"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path, text, error):
    code, out, err = migrated(tmp_path, text)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert error in err


def test_a_file_that_is_away():
    done = command("migrate", "/nonexistent")
    assert (done.returncode, done.stderr) == (1, "/nonexistent: No such file or directory\n")


def test_neither_files_nor_an_address_is_wrong_usage():
    assert command("migrate").returncode == 2
