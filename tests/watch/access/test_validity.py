"""Until when credentials are good: real certificates, tokens, and what is neither."""

import asyncio
import base64
import json
import ssl
import subprocess

import pytest

from fedresolver.watch.access.validity import Validity, of_certificate, of_token, sooner
from tests.support.kubeconfig import entry, host
from tests.support.plugin import prints


def jwt(claims):
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{payload}.c2ln"


def told(certificate):
    """Return the validity that OpenSSL reads, by another way than ours."""
    words = ("openssl", "x509", "-noout", "-startdate", "-enddate", "-in", str(certificate))
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    begin, end = (line.partition("=")[2] for line in done.stdout.splitlines())
    return Validity(ssl.cert_time_to_seconds(end), ssl.cert_time_to_seconds(begin))


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        pytest.param(jwt({"exp": 200, "iat": 100}), Validity(200, 100), id="when it was issued"),
        pytest.param(jwt({"exp": 200, "nbf": 150}), Validity(200, 150), id="from when it is good"),
        pytest.param(jwt({"exp": 200.5}), Validity(200.5), id="the end alone"),
        pytest.param(jwt({"iat": 100}), None, id="no end"),
        pytest.param(jwt({"exp": "tomorrow"}), None, id="no number"),
        pytest.param(jwt([1]), None, id="no claims"),
        pytest.param("a.!.c", None, id="no base64url"),
        pytest.param("a.\u00e9.c", None, id="no ASCII"),
        pytest.param("0123456789abcdef", None, id="an opaque token"),
        pytest.param("a.b", None, id="two parts"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_token(token, expected):
    assert of_token(token) == expected


def test_a_certificate(authority):
    certificate, _ = authority.client("ann", "ann")
    assert of_certificate(certificate.read_bytes()) == told(certificate)


def test_the_first_of_a_chain_with_words_before_it(authority):
    certificate, _ = authority.client("bob", "bob")
    chain = "of Bob, \u00e9\n".encode() + certificate.read_bytes() + authority.path.read_bytes()
    assert of_certificate(chain) == told(certificate)


def test_a_certificate_beyond_2050(tmp_path):
    """Such a time is written in another way (RFC 5280 4.1.2.5)."""
    certificate = tmp_path / "long.crt"
    words = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=x", "-days", "36500")
    out = ("-keyout", str(tmp_path / "key"), "-out", str(certificate))
    subprocess.run(("openssl", "req", "-x509", *words, *out), capture_output=True, check=True)
    assert of_certificate(certificate.read_bytes()) == told(certificate)


def pem(der):
    return ssl.DER_cert_to_PEM_cert(der).encode()


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"-----BEGIN CERTIFICATE-----\n", id="no end"),
        pytest.param(pem(b""), id="empty"),
        pytest.param(pem(b"\x30"), id="a tag alone"),
        pytest.param(pem(b"\x30\x84\xff\xff\xff\xff"), id="longer than it is"),
        pytest.param(pem(b"\x30\x02\x30\x00"), id="nothing in it"),
        pytest.param(b"-----BEGIN CERTIFICATE-----\n@@@\n-----END CERTIFICATE-----\n", id="no base64"),
    ],
)
def test_no_certificate(octets):
    assert of_certificate(octets) is None


def test_a_certificate_that_is_cut_is_none(authority):
    certificate, _ = authority.client("cut", "cut")
    der = ssl.PEM_cert_to_DER_cert(certificate.read_text())
    assert [of_certificate(pem(der[:at])) for at in range(len(der))] == [None] * len(der)


def test_no_octet_that_is_wrong_raises_anything(authority):
    certificate, _ = authority.client("bad", "bad")
    der = ssl.PEM_cert_to_DER_cert(certificate.read_text())
    for at in range(len(der)):
        for flip in (0x01, 0x80, 0xFF):
            of_certificate(pem(der[:at] + bytes((der[at] ^ flip,)) + der[at + 1 :]))


def test_what_ends_first_counts():
    assert sooner(None, Validity(5, 1), Validity(3)) == Validity(3)
    assert sooner(None, None) is None


@pytest.mark.parametrize("kind", ["token", "certificate", "both", "password"])
def test_what_a_kubeconfig_shows(authority, tmp_path, kind):
    certificate, key = authority.client("ann", "ann")
    shown = {"client-certificate": str(certificate), "client-key": str(key)}
    token = {"token": jwt({"exp": 200, "iat": 100})}
    user = {"token": token, "certificate": shown, "both": token | shown, "password": {"username": "a", "password": "b"}}
    expected = {"token": Validity(200, 100), "certificate": told(certificate), "both": Validity(200, 100)}
    found = asyncio.run(entry(tmp_path, {"certificate-authority": str(authority.path)}, user[kind]))
    assert found.validity == expected.get(kind)


def test_what_a_plugin_prints(tmp_path):
    plugin = prints(tmp_path / "plugin", token="abc", expirationTimestamp="1970-01-01T00:10:00Z")
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plugin)}}
    found = asyncio.run(entry(tmp_path, {}, user, host(plugin, wall=60.0)))
    assert found.validity == Validity(600, 60)
