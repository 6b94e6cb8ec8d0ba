"""The status pages and the commands that ask them: a real server, as its operator asks it."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import pytest
import yaml

from tests.support.deadline import eventually
from tests.support.running import Watching, command, running
from tests.support.setup import Surroundings, plugin

COREFILE = """
.:0 {
    bind 127.0.0.1
    status 127.0.0.1:0
    federation myfederation example.com {
        manifests members
        local c1
        ns ns.example.com 192.0.2.53
    }
    file acme.zone acme.com
}
"""
NODE = """
apiVersion: v1
kind: Node
metadata: {{name: n, labels: {{topology.kubernetes.io/region: {0}, topology.kubernetes.io/zone: {1}}}}}
"""
SHARD = """---
apiVersion: v1
kind: Service
metadata: {{name: nginx, namespace: mynamespace}}
spec: {{type: LoadBalancer, clusterIP: {0}, ports: [{{name: http, port: 80}}]}}
status: {{loadBalancer: {{ingress: [{{ip: {1}}}]}}}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: nginx-1, namespace: mynamespace, labels: {{kubernetes.io/service-name: nginx}}}}
addressType: IPv4
endpoints: [{{addresses: [10.244.0.1], conditions: {{ready: {2}}}}}]
"""
MORE = """
apiVersion: v1
kind: Service
metadata: {name: teller, namespace: bank}
spec: {clusterIP: 10.0.0.3}
"""
ZONE = """
$ORIGIN acme.com.
$TTL 300
@ SOA ns hostmaster 7 7200 1800 86400 60
@ NS ns
ns A 192.0.2.1
eu CNAME nginx.mynamespace.myfederation.svc.south.example.com.
"""


@contextmanager
def serving(folder, corefile=COREFILE):
    for name, place, shard in (
        ("c1", ("north", "oslo"), ("10.0.0.1", "192.0.2.11", "false")),
        ("c2", ("south", "rome"), ("10.0.0.2", "192.0.2.12", "true")),
    ):
        (folder / "members" / name).mkdir(parents=True)
        (folder / "members" / name / "all.yaml").write_text(NODE.format(*place) + SHARD.format(*shard))
    (folder / "acme.zone").write_text(ZONE)
    with running(folder, corefile) as server:
        host, port = server.server.listeners.http["127.0.0.1", 0].address
        server.url = f"http://{host}:{port}"
        eventually(lambda: ask(server, "server")["ready"])
        yield server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("status")) as server:
        yield server


def ask(server, page):
    with urllib.request.urlopen(f"{server.url}/v1/{page}", timeout=10) as answer:
        return json.load(answer)


def told(server, *words):
    """Return exit code, output and errors of a command that asks the server."""
    done = command(*words, "--server", server.url)
    return done.returncode, done.stdout, done.stderr


def test_the_clusters_as_a_table(server):
    code, out, err = told(server, "clusters")
    lines = [line.split() for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert lines[0] == ["NAME", "STATUS", "VERSION", "AGE", "REGION", "ZONES", "SHARDS"]
    assert [line[:3] + line[4:] for line in lines[1:]] == [
        ["c1", "Ready", "-", "north", "oslo", "1"],
        ["c2", "Ready", "-", "south", "rome", "1"],
    ]


@pytest.mark.parametrize(
    ("form", "read"),
    [("json", json.loads), ("yaml", yaml.safe_load)],
)
def test_the_clusters_for_programs(server, form, read):
    found = read(told(server, "clusters", "-o", form)[1])["clusters"]
    assert [(one["name"], one["status"], one["shards"], one["local"]) for one in found] == [
        ("c1", "Ready", 1, True),
        ("c2", "Ready", 1, False),
    ]


def test_names_alone(server):
    assert told(server, "clusters", "-o", "name")[1] == "cluster/c1\ncluster/c2\n"
    assert told(server, "services", "-o", "name")[1] == "service/mynamespace/nginx\n"


def test_waiting_for_clusters_that_are_ready_ends_at_once(server):
    assert told(server, "clusters", "--wait", "--timeout", "5", "-o", "name")[0] == 0


@pytest.mark.parametrize(
    ("words", "first", "second"),
    [
        pytest.param(("clusters", "-o", "name"), ["cluster/c1", "cluster/c2"], "cluster/c2", id="a name"),
        pytest.param(("clusters",), ["NAME", "c1", "c2"], "c2", id="no row whose age alone has changed"),
        pytest.param(("services",), ["NAMESPACE", "mynamespace"], "bank", id="a row"),
        pytest.param(("services", "-o", "yaml"), None, "---", id="a document of its own"),
    ],
)
def test_what_is_watched_is_printed_when_it_changes(tmp_path, words, first, second):
    with serving(tmp_path) as server, Watching(*words, "--watch", "--server", server.url) as watching:
        if first is None:
            watching.until("next: ")
        else:
            assert [watching.word() for _ in first] == first
        (tmp_path / "members" / "c2" / "more.yaml").write_text(MORE)
        assert watching.word() == second


def test_the_services(server):
    code, out, _ = told(server, "services")
    head, line = out.splitlines()
    assert (code, head.split()) == (0, ["NAMESPACE", "NAME", "FEDERATION", "HEALTHY", "ANSWERED", "SHARDS"])
    assert line.split()[:5] == ["mynamespace", "nginx", "myfederation", "1/2", "global"]


@pytest.mark.parametrize(("zone", "serial"), [("acme.com", 7), ("example.com", None)])
def test_records_as_a_zone_file_are_what_bind_reads(server, tmp_path, zone, serial):
    code, out, _ = told(server, "records", zone, "-o", "zone")
    (tmp_path / "zone").write_text(out)
    checked = subprocess.run(
        ["named-checkzone", zone, str(tmp_path / "zone")], capture_output=True, text=True, check=False
    )
    assert (code, checked.returncode) == (0, 0), checked.stdout
    assert serial is None or f"loaded serial {serial}" in checked.stdout


def test_records_of_all_zones(server):
    out = told(server, "records")[1]
    owners = {line.split()[0] for line in out.splitlines()[1:]}
    assert {"acme.com.", "eu.acme.com.", "example.com.", "nginx.mynamespace.myfederation.svc.example.com."} <= owners


def test_an_explanation(server):
    code, out, _ = told(server, "explain", "nginx.mynamespace.myfederation")
    assert code == 0
    assert "  local does not answer: 0 of 1 ready\n" in out
    assert "  global answers\n" in out
    assert "answer: NOERROR, global\n" in out
    assert " A 192.0.2.12\n" in out


def test_an_explanation_from_another_member(server):
    out = told(server, "explain", "nginx.mynamespace.myfederation", "--from", "c2")[1]
    assert "answer: NOERROR, local\n" in out
    assert " A 10.0.0.2\n" in out


def test_an_explanation_of_what_would_be(server):
    out = told(server, "explain", "nginx.mynamespace.myfederation", "--what-if", "ready=mynamespace/nginx@c1:1")[1]
    assert " A 10.0.0.1\n" in out


def test_an_explanation_of_a_name_in_a_zone_file(server):
    out = told(server, "explain", "eu.acme.com")[1]
    assert "answered by file" in out
    assert " A 192.0.2.12\n" in out


def test_an_answer_without_records_is_no(server):
    code, out, _ = told(server, "explain", "nosuch.acme.com")
    assert (code, "answer: NXDOMAIN" in out) == (1, True)


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        pytest.param(
            ("explain", "x.y.myfederation", "--from", "c9"),
            1,
            "there is no member c9; there are: c1, c2",
            id="a member that is not there",
        ),
        pytest.param(("explain", "a..b"), 2, "name: label of 0 octets", id="what is no name"),
        pytest.param(("explain", "x.y.myfederation", "B"), 2, "type: it is no type of record", id="what is no type"),
        pytest.param(("records", "example.org"), 1, "there are: acme.com., example.com.", id="a zone of others"),
        pytest.param(
            ("explain", "foo.bar"),
            1,
            "foo.bar. is in no zone that is served here; there are: myfederation.svc.cluster.local., myfederation., acme.com., ",
            id="a name of others",
        ),
        pytest.param(("simulate", "--down", "c9"), 1, "there is no member c9", id="nothing that could be down"),
        pytest.param(
            ("simulate", "--down", "region:sout"),
            1,
            "there is no region sout; there are: north, south",
            id="no region that could be down",
        ),
        pytest.param(
            ("explain", "x.y.myfederation", "--what-if", "down=c9"),
            1,
            "there is no member c9",
            id="nobody to be supposed",
        ),
        pytest.param(("explain", "x.y.myfederation", "--at", "noon"), 2, "at: it is no time", id="what is no time"),
    ],
)
def test_what_is_wrong_is_one_line(server, words, code, error):
    found = told(server, *words)
    assert (found[0], found[1], found[2].count("\n")) == (code, "", 1)
    assert error in found[2]


def test_a_simulation(server):
    code, out, _ = told(server, "simulate", "--down", "region:south")
    assert (code, out) == (0, "0 of 6 names have another answer\n")  # the last shard is never taken


TWICE = """
(federation) {
    federation myfederation example.com {
        manifests members
        local c1
    }
}
.:0 {
    bind 127.0.0.1
    status 127.0.0.1:0
    import federation
}
example.com:0 {
    bind 127.0.0.2
    import federation
}
.:0 {
    bind 127.0.0.3
    federation mybank example.net {
        manifests members
    }
}
"""


def test_a_federation_of_two_server_blocks_is_told_of_once(tmp_path):
    with serving(tmp_path, TWICE) as server:
        members = [(one["federation"], one["name"]) for one in ask(server, "clusters")["clusters"]]
        services = [one["federation"] for one in ask(server, "services")["services"]]
        compared = ask(server, "simulate?suppose=down=c1")["compared"]
        changes = [one["federation"] for one in ask(server, "transitions")["transitions"]]
        first = ask(server, "services?limit=1")
        after = ask(server, f"services?limit=1&after={first['next']}")
        public = ask(server, "explain?name=nginx.mynamespace.myfederation")
    assert members == [(name, member) for name in ("myfederation", "mybank") for member in ("c1", "c2")]
    assert services == ["mybank", "myfederation"]
    assert compared == 12
    assert changes.count("myfederation") == changes.count("mybank") == 4
    assert [one["federation"] for page in (first, after) for one in page["services"]] == ["mybank", "myfederation"]
    assert public["level"] == "global"


def test_a_server_that_is_away():
    done = command("clusters", "--server", "http://127.0.0.1:1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "fedresolver: cannot ask http://127.0.0.1:1: Connection refused; is the server running, with `status` in its "
        "Corefile? `--server URL` names another\n"
    )


def test_the_pages_are_in_json_and_kept_by_nobody(server):
    with urllib.request.urlopen(f"{server.url}/v1/zones", timeout=10) as answer:
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"
        assert json.load(answer) == {"zones": ["acme.com.", "example.com."]}


def test_pages_of_services_go_on_where_they_ended(server):
    first = ask(server, "services?limit=1")
    assert [one["name"] for one in first["services"]] == ["nginx"]
    assert ask(server, f"services?after={first['next']}") == {"services": [], "next": ""}


@pytest.mark.parametrize(("part", "found"), [("ngin", 1), ("myname", 1), ("nosuch", 0)])
def test_services_with_something_in_their_name(server, part, found):
    assert len(ask(server, f"services?having={part}")["services"]) == found


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("status", False),
        ("status 127.0.0.1:9000", False),
        ("status localhost:9000", False),
        ("status :9000", True),
        ("status 192.0.2.1:9000", True),
    ],
)
def test_a_page_for_everybody_is_warned_of(text, warned):
    assert bool(plugin(text, Surroundings()).warnings) is warned


def test_it_is_served_under_its_own_names_only():
    names = {name for route in plugin("status 192.0.2.1:80 {\n names Fed.example\n }").routes for name in route.names}
    assert names == {"localhost", "127.0.0.1", "::1", "192.0.2.1", "fed.example"}


def completed(server, *words):
    """Return what bash is offered for the last of the words."""
    environ = {
        "_FEDRESOLVER_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(("fedresolver", *words)),
        "COMP_CWORD": str(len(words)),
        "FEDRESOLVER_SERVER": server.url,
    }
    program = "from fedresolver.cli.main import main; main(prog_name='fedresolver')"
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | environ, capture_output=True, text=True, check=False
    )
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(("explain", "ngi"), ["nginx.mynamespace.myfederation"], id="a Service's name"),
        pytest.param(("explain", "x", "--from", "c"), ["c1", "c2"], id="a member"),
        pytest.param(("records", "acme"), ["acme.com."], id="a zone"),
        pytest.param(("expl",), ["explain"], id="a command"),
    ],
)
def test_a_shell_completes(server, words, expected):
    assert completed(server, *words) == expected


def test_a_shell_completes_nothing_where_the_server_is_away(server):
    server = type("Away", (), {"url": "http://127.0.0.1:1"})
    assert completed(server, "explain", "ngi") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell(shell):
    done = command("completion", shell)
    assert (done.returncode, "_FEDRESOLVER_COMPLETE" in done.stdout) == (0, True)


def test_what_has_changed(server):
    found = ask(server, "transitions")
    told = {(one["member"], one["before"], one["after"]) for one in found["transitions"]}
    assert {("c1", "not listed", "synced"), ("c2", "not listed", "synced")} <= told
    assert found["begins"] <= found["transitions"][0]["at"]


def front(server, accept):
    request = urllib.request.Request(server.url + "/", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers, answer.read().decode()


def test_a_terminal_gets_text(server):
    headers, text = front(server, "*/*")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert text.splitlines()[0].split()[:3] == ["NAME", "STATUS", "REGION"]
    assert "not listed" in text


def test_a_browser_gets_a_page_that_asks_nobody_else(server):
    headers, html = front(server, "text/html,application/xhtml+xml")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'sha256-")
    assert len(html) < 100_000
    assert re.findall(r"(?:src|href)=\"(?!#|data:)", html) == []
    assert "http" not in html


def test_events_are_told_as_they_happen(server):
    with urllib.request.urlopen(f"{server.url}/v1/events", timeout=10) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        names = []
        while "event: clusters" not in names:
            names.append(answer.readline().decode().strip())
    assert {name for name in names if name.startswith("event:")} == {"event: transition", "event: clusters"}


def test_two_servers_are_compared(server):
    host, port = server.address()
    ours = f"{host}:{port}"
    same = told(server, "migrate", "--compare", ours, "--with", ours)
    away = told(server, "migrate", "--compare", "127.0.0.1:1", "--with", ours)
    assert same[:2] == (0, "all answers are alike\n")
    assert away[0] == 1
    assert away[1].count("the old server does not answer") == 2


def test_the_journal_as_a_table(server):
    code, out, _ = told(server, "journal")
    lines = [line.split() for line in out.splitlines()]
    assert (code, lines[0]) == (0, ["WHEN", "FEDERATION", "MEMBER", "SERVICE", "BEFORE", "AFTER", "EVIDENCE"])
    assert ["myfederation", "c1", "-", "not", "listed", "synced", "current"] in [line[2:] for line in lines[1:]]


def test_the_journal_has_a_limit(server):
    assert len(json.loads(told(server, "journal", "--limit", "1", "-o", "json")[1])["transitions"]) == 1
    assert told(server, "journal", "--limit", "0")[0] == 2
