"""Certificates, keys and authorities as they are in files: what is taken, and what is said of the others."""

import subprocess

import pytest

from fedresolver.plugins.tls.pem import LARGEST, Clients, Paths, PemError, context, read

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def pair(authority):
    return authority.server("server", HOST)


@pytest.fixture
def paths(pair, tmp_path):
    """Copies of a pair, which a test may spoil."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(pair[0].read_bytes())
    key.write_bytes(pair[1].read_bytes())
    return Paths(str(cert), str(key))


def used(paths, clients=Clients.NOT_ASKED):
    return context(read(paths), paths, clients, ("dot",))


def test_a_pair_is_taken(paths):
    used(paths)


def test_a_pair_may_be_in_one_file(paths, tmp_path):
    both = tmp_path / "both.pem"
    both.write_text("".join((tmp_path / name).read_text() for name in ("key.pem", "cert.pem")))
    used(Paths(str(both), str(both)))


def test_rsa_is_taken(tmp_path):
    cert, key = str(tmp_path / "c"), str(tmp_path / "k")
    made = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=t", "-keyout", key, "-out", cert)
    subprocess.run(made, check=True, capture_output=True)
    used(Paths(cert, key))


def test_people_may_write_between_certificates(paths, authority, tmp_path):
    ca = tmp_path / "ca.pem"
    ca.write_text("Größe der Welt\n" + authority.path.read_text())
    used(Paths(paths.cert, paths.key, str(ca)), Clients.VERIFIED)


def test_the_system_has_authorities_too(paths):
    used(paths, Clients.VERIFIED_IF_GIVEN)


def away(folder, authority):
    (folder / "cert.pem").unlink()


def folder_instead(folder, authority):
    (folder / "key.pem").unlink()
    (folder / "key.pem").mkdir()


def swapped(folder, authority):
    (folder / "cert.pem").rename(folder / "x")
    (folder / "key.pem").rename(folder / "cert.pem")
    (folder / "x").rename(folder / "key.pem")


def keyless(folder, authority):
    (folder / "key.pem").write_bytes((folder / "cert.pem").read_bytes())


def of_another(folder, authority):
    (folder / "key.pem").write_bytes(authority.server("other", HOST)[1].read_bytes())


def empty(folder, authority):
    (folder / "cert.pem").write_bytes(b"")


def binary(folder, authority):
    words = ("openssl", "x509", "-in", str(folder / "cert.pem"), "-outform", "DER", "-out", str(folder / "der"))
    subprocess.run(words, check=True, capture_output=True)
    (folder / "der").rename(folder / "cert.pem")


def damaged(folder, authority):
    text = (folder / "cert.pem").read_text()
    (folder / "cert.pem").write_text(text[:100] + "AAAA" + text[104:])


def cut(folder, authority):
    octets = (folder / "key.pem").read_bytes()
    (folder / "key.pem").write_bytes(octets[: len(octets) // 2])


def locked(folder, authority):
    words = ("openssl", "pkey", "-in", str(folder / "key.pem"), "-aes256", "-passout", "pass:secret")
    subprocess.run((*words, "-out", str(folder / "locked")), check=True, capture_output=True)
    (folder / "locked").rename(folder / "key.pem")


def endless(folder, authority):
    (folder / "cert.pem").write_bytes(bytes(LARGEST + 1))


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (away, "cannot read `CERT`: No such file or directory"),
        (folder_instead, "cannot read `KEY`: Is a directory"),
        (swapped, "`CERT` has no certificate in PEM; it should have the line `-----BEGIN CERTIFICATE-----`"),
        (keyless, "`KEY` has no private key in PEM; it should have the line `-----BEGIN PRIVATE KEY-----`"),
        (of_another, "the key in `KEY` is not that of the certificate in `CERT`; name a pair"),
        (empty, "`CERT` has no certificate in PEM; "),
        (binary, "`CERT` has no certificate in PEM; "),
        (damaged, "`CERT` and `KEY` cannot be used as a certificate and its key: "),
        (cut, "`CERT` and `KEY` cannot be used as a certificate and its key: "),
        (locked, "the key in `KEY` has a password; "),
        (endless, "`CERT` is longer than 1 MiB"),
    ],
)
def test_what_cannot_be_used(paths, tmp_path, authority, spoil, error):
    spoil(tmp_path, authority)
    with pytest.raises(PemError) as caught:
        used(paths)
    assert str(caught.value).startswith(error.replace("CERT`", f"{paths.cert}`").replace("KEY`", f"{paths.key}`"))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("nothing", "has no certificate in PEM; "),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "cannot be used as a certificate authority: ",
        ),
    ],
)
def test_what_is_no_authority(paths, tmp_path, text, error):
    ca = tmp_path / "ca.pem"
    ca.write_text(text)
    with pytest.raises(PemError, match=f"^`{ca}` {error}"):
        used(Paths(paths.cert, paths.key, str(ca)), Clients.VERIFIED)
