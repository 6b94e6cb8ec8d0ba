"""Signed queries from the clients of others."""

import subprocess

import pytest

from tests.support.ask import dig
from tests.support.running import command, running
from tests.support.signed import BASE64

COREFILE = f"""
example.org:0 {{
    bind 127.0.0.1
    tsig {{
        secret key.example.org {BASE64}
        secrets k.key
        require AXFR
    }}
    hosts {{
        192.0.2.1 www.example.org
    }}
}}
"""
OTHER = "d3JvbmcgYnV0IG9mIHRoZSByaWdodCBsZW5ndGghISE="
KEYGEN = ("tsig-keygen", "-a", "hmac-sha512", "k.example.org")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("signed")
    (folder / "k.key").write_bytes(subprocess.run(KEYGEN, capture_output=True, check=True).stdout)
    with running(folder, COREFILE) as server:
        yield server, folder


def kdig(address, *words):
    """Return what kdig prints, on both of its outputs."""
    whole = ("kdig", f"@{address[0]}", "-p", str(address[1]), "+time=5", "+retry=0", *words)
    done = subprocess.run(whole, capture_output=True, text=True, timeout=10, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("over", ["+notcp", "+tcp"])
def test_dig_believes_a_signed_answer(server, over):
    server, _ = server
    printed = dig(server.address(), over, "-y", f"hmac-sha256:key.example.org:{BASE64}", "www.example.org")
    assert "status: NOERROR" in printed
    assert "192.0.2.1" in printed
    assert "TSIG PSEUDOSECTION" in printed
    assert "Couldn't verify" not in printed


def test_dig_has_its_key_from_the_same_file(server):
    server, folder = server
    for name, status in (("www.example.org", "NOERROR"), ("absent.example.org", "NXDOMAIN"), ("a.example", "REFUSED")):
        printed = dig(server.address(), "-k", str(folder / "k.key"), name)
        if status == "REFUSED":  # of no server block, so there are no keys
            assert "BADKEY" in printed
        else:
            assert f"status: {status}" in printed
            assert "NOERROR 0" in printed.split("TSIG PSEUDOSECTION")[1]
            assert "Couldn't verify" not in printed


@pytest.mark.parametrize("over", ["+notcp", "+tcp"])
def test_kdig_believes_a_signed_answer(server, over):
    server, _ = server
    printed = kdig(server.address(), over, "-y", f"hmac-sha256:key.example.org:{BASE64}", "www.example.org")
    assert "192.0.2.1" in printed
    assert "TSIG" in printed
    assert "WARNING" not in printed
    assert "ERROR:" not in printed


@pytest.mark.parametrize(
    ("key", "error"),
    [
        (f"hmac-sha256:other.example.org:{BASE64}", "BADKEY"),
        (f"hmac-sha512:key.example.org:{BASE64}", "BADKEY"),
        (f"hmac-sha256:key.example.org:{OTHER}", "BADSIG"),
    ],
)
def test_clients_with_another_key_are_told_so(server, key, error):
    server, _ = server
    printed = dig(server.address(), "-y", key, "www.example.org")
    assert "status: NOTAUTH" in printed
    assert error in printed
    assert "192.0.2.1" not in printed
    assert f"status: {error}" in kdig(server.address(), "-y", key, "www.example.org")


def test_a_zone_must_be_asked_for_with_a_key(server):
    server, _ = server
    assert "Transfer failed" in dig(server.address(), "example.org", "AXFR")


def test_no_secret_is_in_what_check_says(tmp_path):
    corefile = tmp_path / "Corefile"
    corefile.write_text(f". {{\n    tsig {{\n        secret key. hmac-sha256 {BASE64}\n    }}\n}}\n")
    done = command("check", "--conf", str(corefile))
    assert done.returncode == 1
    assert f"{corefile}:3: there is no such algorithm for a key" in done.stderr + done.stdout
    assert BASE64 not in done.stderr + done.stdout
