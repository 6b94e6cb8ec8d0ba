"""TLS to a server as kubeconfigs describe it, with real certificates and a real server."""

import asyncio
import os
import ssl
import subprocess
import sys
import threading
from base64 import b64encode
from contextlib import AsyncExitStack, contextmanager, suppress

import pytest

from fedresolver.watch.access.entry import AccessError
from tests.support.kubeconfig import access, entry, host
from tests.support.plugin import prints
from tests.support.tls_server import ADDRESS, greeted, tls_server


@pytest.fixture(scope="module")
def server(authority):
    return authority.server("server", ADDRESS)


@pytest.fixture(scope="module")
def ann(authority):
    return authority.client("client", "ann")


def data(path):
    return b64encode(path.read_bytes()).decode()


def greet(way, certificate, clients=None):
    """Return whom a server with this certificate takes us for."""

    async def asked():
        async with tls_server(*certificate, clients) as port:
            return await greeted(await way.entry(), port)

    return asyncio.run(asked())


def test_certificates_in_place(authority, server, ann, tmp_path):
    user = {"client-certificate-data": data(ann[0]), "client-key-data": data(ann[1])}
    way = access(tmp_path, {"certificate-authority-data": data(authority.path)}, user)
    assert greet(way, server, authority.path) == "ann"


def test_certificates_in_files_beside_the_kubeconfig(authority, server, ann, tmp_path):
    for name, path in (("ca", authority.path), ("crt", ann[0]), ("key", ann[1])):
        (tmp_path / name).write_bytes(path.read_bytes())
    way = access(tmp_path, {"certificate-authority": "ca"}, {"client-certificate": "crt", "client-key": "./key"})
    assert greet(way, server, authority.path) == "ann"


def test_what_is_in_place_goes_before_files(authority, server, tmp_path):
    way = access(tmp_path, {"certificate-authority-data": data(authority.path), "certificate-authority": "away"})
    assert greet(way, server) == "nobody"


def test_a_certificate_of_a_plugin(authority, server, ann, tmp_path):
    plugin = prints(tmp_path / "plugin", clientCertificateData=ann[0].read_text(), clientKeyData=ann[1].read_text())
    user = {"exec": {"command": str(plugin), "apiVersion": "client.authentication.k8s.io/v1"}}
    way = access(tmp_path, {"certificate-authority": str(authority.path)}, user, host(plugin))
    assert greet(way, server, authority.path) == "ann"
    assert asyncio.run(way.entry()).tls is asyncio.run(way.entry()).tls


def test_a_plugin_that_exchanges_its_certificate(authority, server, ann, tmp_path):
    bob = authority.client("bob", "bob")
    plugin = prints(tmp_path / "plugin", clientCertificateData=ann[0].read_text(), clientKeyData=ann[1].read_text())
    user = {"exec": {"command": str(plugin), "apiVersion": "client.authentication.k8s.io/v1"}}
    way = access(tmp_path, {"certificate-authority": str(authority.path)}, user, host(plugin))
    assert greet(way, server, authority.path) == "ann"
    prints(plugin, clientCertificateData=bob[0].read_text(), clientKeyData=bob[1].read_text())
    assert greet(way, server, authority.path) == "ann"
    way.rejected()
    assert greet(way, server, authority.path) == "bob"


@pytest.mark.parametrize("system", [False, True], ids=["another authority", "the system's trust"])
def test_a_server_of_a_stranger_is_not_believed(system, authority, stranger, tmp_path):
    certificate = stranger.server("server", ADDRESS)
    way = access(tmp_path, {} if system else {"certificate-authority": str(authority.path)})
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        greet(way, certificate)


def test_a_server_at_another_address_is_not_believed(authority, tmp_path):
    way = access(tmp_path, {"certificate-authority": str(authority.path)})
    with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
        greet(way, authority.server("elsewhere", "192.0.2.1"))


@pytest.mark.parametrize(("name", "believed"), [("api.example", True), ("other.example", False)])
def test_a_server_has_the_name_that_it_is_to_have(name, believed, authority, tmp_path):
    way = access(tmp_path, {"certificate-authority": str(authority.path), "tls-server-name": name})
    certificate = authority.server("named", "api.example")
    if believed:
        assert greet(way, certificate) == "nobody"
    else:
        with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
            greet(way, certificate)


def test_insecure_believes_everybody(stranger, tmp_path):
    way = access(tmp_path, {"insecure-skip-tls-verify": True})
    assert greet(way, stranger.server("server", "192.0.2.1")) == "nobody"


def test_a_client_without_a_certificate_is_not_let_in(authority, server, tmp_path):
    way = access(tmp_path, {"certificate-authority": str(authority.path)})
    assert greet(way, server, authority.path) == ""


def put(folder, ca, pair):
    """Write the three files that `rotated` describes."""
    for name, source in zip(("ca", "crt", "key"), (ca, *pair), strict=True):
        (folder / name).write_bytes(source.read_bytes())


def rotated(folder):
    """Return a way with all of its certificates in files, that `put` writes."""
    return access(folder, {"certificate-authority": "ca"}, {"client-certificate": "crt", "client-key": "key"})


def test_certificates_are_exchanged_on_the_disk(authority, stranger, server, ann, tmp_path):
    bob = authority.client("bob", "bob")

    async def exchanged():
        async with AsyncExitStack() as stack:
            port = await stack.enter_async_context(tls_server(*server, authority.path))
            way = rotated(tmp_path)
            put(tmp_path, authority.path, ann)
            first, same = await way.entry(), await way.entry()
            names = [await greeted(first, port)]
            put(tmp_path, authority.path, bob)
            names.append(await greeted(await way.entry(), port))
            put(tmp_path, stranger.path, bob)
            with pytest.raises(ssl.SSLCertVerificationError):
                await greeted(await way.entry(), port)
            return first.tls is same.tls, names

    assert asyncio.run(exchanged()) == (True, ["ann", "bob"])


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(
            lambda folder, bob: (folder / "crt").write_bytes(bob[0].read_bytes()), "MISMATCH", id="no new key"
        ),
        pytest.param(lambda folder, bob: (folder / "key").unlink(), "key: No such file", id="no key for a moment"),
        pytest.param(lambda folder, bob: (folder / "ca").write_text(""), "authority cannot be used", id="no authority"),
    ],
)
def test_in_the_middle_of_a_rotation_the_last_certificates_are_good_until_they_are_refused(
    spoil, why, authority, server, ann, tmp_path, caplog
):
    bob = authority.client("bob", "bob")
    put(tmp_path, authority.path, ann)
    way = rotated(tmp_path)
    assert greet(way, server, authority.path) == "ann"
    first = asyncio.run(way.entry()).tls
    spoil(tmp_path, bob)
    assert asyncio.run(way.entry()).tls is asyncio.run(way.entry()).tls is first
    assert len(caplog.messages) == 1
    assert why in caplog.text
    way.rejected()
    for _ in range(2):
        with pytest.raises(AccessError, match=why):
            asyncio.run(way.entry())
    put(tmp_path, authority.path, bob)
    assert greet(way, server, authority.path) == "bob"
    assert len(caplog.messages) == 1


def test_files_that_are_written_as_they_were_change_nothing(authority, ann, tmp_path):
    put(tmp_path, authority.path, ann)
    way = rotated(tmp_path)
    first = asyncio.run(way.entry()).tls
    put(tmp_path, authority.path, ann)
    os.utime(tmp_path / "crt", (1, 1))
    assert asyncio.run(way.entry()).tls is first
    way.rejected()
    assert asyncio.run(way.entry()).tls is first


def test_who_asks_at_once_has_the_same_context(authority, ann, tmp_path):
    put(tmp_path, authority.path, ann)
    way = rotated(tmp_path)

    async def asked():
        return await asyncio.gather(*(way.entry() for _ in range(5)))

    assert len({id(one.tls) for one in asyncio.run(asked())}) == 1


def test_the_common_name_of_a_server_is_not_believed(authority, tmp_path):
    """As Go does: it is a name for people."""
    certificate = authority.client("api.example", "api.example")
    way = access(tmp_path, {"certificate-authority": str(authority.path), "tls-server-name": "api.example"})
    context = asyncio.run(way.entry()).tls
    assert not context.hostname_checks_common_name
    with pytest.raises(ssl.SSLCertVerificationError):
        greet(way, certificate)


@pytest.mark.parametrize("field", ["tokenFile", "client-certificate", "certificate-authority"])
def test_files_are_read_beside_the_event_loop(field, tmp_path):
    user = {
        "tokenFile": {"tokenFile": "file"},
        "client-certificate": {"client-certificate": "file", "client-key": "file"},
    }
    (tmp_path / "file").write_text("abc")
    way = access(tmp_path, {field: "file"} if field not in user else None, user.get(field))
    with opening(tmp_path / "file") as threads, suppress(AccessError):
        asyncio.run(way.entry())
    assert threads
    assert threading.get_ident() not in threads


@contextmanager
def opening(path):
    """Give the threads that open a file, as long as it lasts."""
    threads, watching = [], True

    def hook(event, details):
        if watching and event == "open" and details[0] == str(path):
            threads.append(threading.get_ident())

    sys.addaudithook(hook)  # for ever: there is no way to take one away
    yield threads
    watching = False


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "hello"], ids=["empty", "a line", "a comment", "a word"])
def test_an_authority_that_is_none_is_not_the_system(text, tmp_path):
    (tmp_path / "ca").write_text(text)
    with pytest.raises(AccessError, match=r"the certificate authority cannot be used: \w+; PEM is expected"):
        asyncio.run(entry(tmp_path, {"certificate-authority": "ca"}))


def test_an_authority_may_have_remarks_in_any_language(authority, server, tmp_path):
    (tmp_path / "ca").write_bytes("# Főtanúsítvány\n".encode() + authority.path.read_bytes())
    assert greet(access(tmp_path, {"certificate-authority": "ca"}), server) == "nobody"


def test_a_key_of_another_certificate(ann, stranger, tmp_path):
    user = {"client-certificate": str(ann[0]), "client-key": str(stranger.client("other", "ann")[1])}
    with pytest.raises(AccessError, match="KEY_VALUES_MISMATCH"):
        asyncio.run(entry(tmp_path, user=user))


def test_a_key_with_a_password_is_an_error_and_not_a_question(ann, tmp_path):
    locked = tmp_path / "locked"
    openssl = ("openssl", "ec", "-aes256", "-passout", "pass:SeCrEt", "-in", str(ann[1]), "-out", str(locked))
    subprocess.run(openssl, check=True, capture_output=True)
    user = {"client-certificate": str(ann[0]), "client-key": "locked"}
    with pytest.raises(AccessError, match="without a password"):
        asyncio.run(entry(tmp_path, user=user))


def test_a_key_never_comes_to_a_disk(authority, server, ann, tmp_path):
    user = {"client-certificate-data": data(ann[0]), "client-key-data": data(ann[1])}
    way = access(tmp_path, {"certificate-authority-data": data(authority.path)}, user)
    opened = set(os.listdir("/proc/self/fd"))
    with opened_to_write() as paths:
        assert asyncio.run(way.entry()).tls is not None
    assert paths == []
    assert set(os.listdir("/proc/self/fd")) == opened, "nothing stays open"
    assert greet(way, server, authority.path) == "ann"


@contextmanager
def opened_to_write():
    """Give the paths of all files that are opened to be written, as long as it lasts."""
    paths, watching = [], True

    def hook(event, details):
        if watching and event == "open" and isinstance(details[0], str) and details[2] & (os.O_WRONLY | os.O_RDWR):
            paths.append(details[0])

    sys.addaudithook(hook)  # for ever: there is no way to take one away
    yield paths
    watching = False
