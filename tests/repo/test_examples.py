"""Every Corefile that users read is one that `fedresolver check` finds good."""

import pytest

from fedresolver.cli.check import findings
from tests.support.manuals import ROOT, examples, languages, pages, prose, sections

LANGUAGES = {"console", "corefile", "corefile-with-errors", "sh", "text", "txt", "yaml"}
ENVIRON = {"ZONE": "example.org", "PORT": "1053", "ADDRESS": "192.0.2.1", "METRICS_PORT": "9253"}
ZONE = "@ 300 IN SOA ns hostmaster 1 7200 1800 86400 60\n@ 300 IN NS ns\nns 300 IN A 192.0.2.53\n"
FILES = {
    "db.example.org": ZONE,
    "db.example.net": ZONE,
    "common.conf": "errors",
    "members/.keep": "",
    "sites/a.conf": "example.com {\n}",
    "example.hosts": "192.0.2.1 www.example.org\n",
    "cookie.secrets": "e5e973e5a6b2a43f48e7dc849e37bfcf\n",
    "transfer.key": 'key "transfer.example.org" { algorithm hmac-sha256; secret "bm90IGEgc2VjcmV0LCBhIHNlY3JldCE="; };',
    "weights.txt": "www.example.org\n192.0.2.1 3\n",
    "kubeconfig": """
clusters: [{name: c, cluster: {server: "https://192.0.2.1:6443"}}]
users: [{name: u, user: {token: secret}}]
contexts: [{name: gce-us-east1, context: {cluster: c, user: u}}]
""",
}
"""What the examples name, beside them or in the folder of a system."""
SYSTEM = "/etc/fedresolver"
PAGES = [pytest.param(page.read_text(encoding="utf-8"), id=str(page.relative_to(ROOT))) for page in pages()]
EXAMPLES = [
    pytest.param(text, id=f"{page.id}, block {number}")
    for page in PAGES
    for number, text in enumerate(examples(page.values[0]), 1)
]


@pytest.fixture(scope="module")
def certificates(authority):
    """The certificates that the examples name, by the names that they have there."""
    cert, key = authority.server("example", "192.0.2.1")
    return {"cert.pem": cert, "key.pem": key, "ca.pem": authority.path}


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_is_good(text, tmp_path, certificates):
    for name, path in certificates.items():
        (tmp_path / name).write_bytes(path.read_bytes())
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    corefile = tmp_path / "Corefile"
    corefile.write_text(text.replace(SYSTEM, str(tmp_path)))
    assert findings(str(corefile), ENVIRON) == ([], [])


@pytest.mark.parametrize("text", PAGES)
def test_no_example_is_hidden_from_this_test(text):
    assert set(languages(text)) <= LANGUAGES
    lines = prose(text.replace(sections(text).get("Syntax", "\0"), "")).splitlines()
    assert [line for line in lines if line.startswith("    ") and line.endswith("{")] == []
