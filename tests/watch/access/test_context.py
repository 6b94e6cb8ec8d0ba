"""How a cluster is reached as a user, in the order of kubectl; and that no secret is told."""

import asyncio
import os
from base64 import b64encode

import pytest

from fedresolver.watch.access.credentials import Identity, bearer
from fedresolver.watch.access.entry import AccessError, Entry
from fedresolver.watch.access.exec_plugin import ExecCredential, Printed
from fedresolver.watch.access.kubeconfig import read
from fedresolver.watch.access.material import Material
from fedresolver.watch.access.renewal import Lease
from fedresolver.watch.access.stanzas import Cluster, Exec, User, Variable
from tests.support.kubeconfig import SERVER, access, entry, host, written
from tests.support.plugin import prints, runs

BASIC = "Basic " + b64encode(b"ann:pass").decode()
SECRET = "SeCrEt"


def headers(folder, user):
    return dict(asyncio.run(entry(folder, user=user)).headers)


@pytest.mark.parametrize(
    ("user", "shown"),
    [
        pytest.param(None, {}, id="nothing of a user without credentials"),
        pytest.param({}, {}, id="nothing of a user who is empty"),
        pytest.param({"token": "abc"}, {"Authorization": "Bearer abc"}, id="a token"),
        pytest.param({"tokenFile": "token"}, {"Authorization": "Bearer in-file"}, id="a token in a file beside it"),
        pytest.param(
            {"token": "abc", "tokenFile": "token"}, {"Authorization": "Bearer in-file"}, id="the file before the token"
        ),
        pytest.param(
            {"token": "abc", "tokenFile": "away"},
            {"Authorization": "Bearer abc"},
            id="the token while no file is there",
        ),
        pytest.param({"username": "ann", "password": "pass"}, {"Authorization": BASIC}, id="a password"),
        pytest.param(
            {"token": None, "username": "ann", "password": "pass"}, {"Authorization": BASIC}, id="null is none"
        ),
        pytest.param(
            {"token": "abc", "exec": {"command": "never", "apiVersion": "client.authentication.k8s.io/v1"}},
            {"Authorization": "Bearer abc"},
            id="the token before a plugin",
        ),
        pytest.param(
            {"token": "abc", "auth-provider": {"name": "oidc"}},
            {"Authorization": "Bearer abc"},
            id="the token before a provider",
        ),
        pytest.param(
            {"username": "ann", "password": "pass", "auth-provider": {"name": "oidc"}},
            {"Authorization": BASIC},
            id="the password before a provider",
        ),
        pytest.param(
            {"username": "ann", "password": "pass", "as": "bob"},
            {"Authorization": BASIC, "Impersonate-User": "bob"},
            id="somebody else",
        ),
        pytest.param(
            {
                "token": "abc",
                "as": "bob",
                "as-uid": "7",
                "as-groups": ["dev"],
                "as-user-extra": {"example.com/why%": ["x"]},
            },
            {
                "Authorization": "Bearer abc",
                "Impersonate-User": "bob",
                "Impersonate-Uid": "7",
                "Impersonate-Group": "dev",
                "Impersonate-Extra-example.com%2Fwhy%25": "x",
            },
            id="all of somebody else",
        ),
    ],
)
def test_a_request_shows(user, shown, tmp_path):
    (tmp_path / "token").write_text("in-file\n")
    assert headers(tmp_path, user) == shown


def test_a_token_in_a_file_is_exchanged(tmp_path):
    token = tmp_path / "token"
    token.write_text("first")
    way = access(tmp_path, user={"tokenFile": "token"})

    def shown():
        return dict(asyncio.run(way.entry()).headers)["Authorization"]

    assert shown() == "Bearer first"
    token.write_text("second")
    assert shown() == "Bearer second"
    token.unlink()
    assert shown() == "Bearer second", "the last one is shown while there is none"
    way.rejected()
    with pytest.raises(AccessError, match="No such file"):
        shown()


def test_a_token_that_was_refused_is_read_again_though_its_file_seems_the_same(tmp_path):
    token = tmp_path / "token"
    token.write_text("first")
    way = access(tmp_path, user={"tokenFile": "token"})
    asyncio.run(way.entry())
    was = token.stat()
    with token.open("r+") as file:
        file.write("later")
    os.utime(token, ns=(was.st_atime_ns, was.st_mtime_ns))
    way.rejected()
    assert dict(asyncio.run(way.entry()).headers)["Authorization"] == "Bearer later"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        pytest.param(".", "Is a directory", id="a folder"),
        pytest.param("a\0b", r"a\\x00b': a path has no null character", id="a null character"),
    ],
)
@pytest.mark.parametrize("field", ["tokenFile", "client-certificate", "certificate-authority"])
def test_a_path_leads_to_no_file_and_nothing_stays_open(field, name, why, tmp_path):
    user = {"tokenFile": {"tokenFile": name}, "client-certificate": {"client-certificate": name, "client-key": name}}
    cluster = {field: name} if field not in user else None
    way = access(tmp_path, cluster, user.get(field))
    opened = os.listdir("/proc/self/fd")
    with pytest.raises(AccessError, match=why):
        asyncio.run(way.entry())
    assert os.listdir("/proc/self/fd") == opened


def test_all_of_a_cluster_is_used(tmp_path):
    found = asyncio.run(
        entry(tmp_path, {"server": f"{SERVER}/k8s/", "tls-server-name": "api.example", "proxy-url": "http://p:3128"})
    )
    assert (found.server, found.server_name, found.proxy) == (f"{SERVER}/k8s", "api.example", "http://p:3128")
    assert found.tls.check_hostname


def test_without_tls_there_are_no_credentials(tmp_path):
    found = asyncio.run(entry(tmp_path, {"server": "http://127.0.0.1:8001"}))
    assert (found.server, found.headers, found.tls) == ("http://127.0.0.1:8001", (), None)


def test_the_scheme_of_a_server_is_read_in_any_case(tmp_path):
    assert asyncio.run(entry(tmp_path, {"server": "HTTPS://192.0.2.1"})).tls is not None


def test_a_context_without_a_user_is_nobody(tmp_path):
    config = read(str(written(tmp_path, context={"cluster": "k1"})))
    assert asyncio.run(config.access("c1", host()).entry()).headers == ()


def test_who_has_a_certificate_is_asked_for_no_plugin(tmp_path):
    plugin = prints(tmp_path / "plugin", token="abc")
    user = {
        "client-certificate": "c",
        "client-key": "k",
        "exec": {"command": str(plugin), "apiVersion": "client.authentication.k8s.io/v1"},
    }
    with pytest.raises(AccessError, match="No such file"):
        asyncio.run(entry(tmp_path, user=user, of=host(plugin)))
    assert runs(plugin) == 0


@pytest.mark.parametrize(
    ("cluster", "user", "context", "why"),
    [
        pytest.param(None, None, {"cluster": "k2"}, "there is no cluster 'k2'", id="a cluster that is not there"),
        pytest.param(None, None, {"user": "u1"}, "there is no cluster ''", id="no cluster"),
        pytest.param(
            None, None, {"cluster": "k1", "user": "u2"}, "there is no user 'u2'", id="a user that is not there"
        ),
        pytest.param(
            None, None, {"cluster": 1}, "context: cluster: expected str, got int", id="a context of another shape"
        ),
        pytest.param(["k"], None, None, "cluster k1: expected object, got array", id="a cluster of another shape"),
        pytest.param(None, {"token": 1}, None, "user u1: token: expected str, got int", id="a token that is a number"),
        pytest.param({"server": ""}, None, None, "server is not a URL", id="no server"),
        pytest.param({"server": "192.0.2.1:6443"}, None, None, "server is not a URL", id="a server without a scheme"),
        pytest.param({"server": "https://[::1"}, None, None, "server is not a URL", id="brackets that do not close"),
        pytest.param({"server": "https://h:x"}, None, None, "server is not a URL", id="a port that is no number"),
        pytest.param({"server": "https://a:b@h"}, None, None, "belong to the user", id="a password in the server"),
        pytest.param({"server": "https://h/?a=b"}, None, None, "more than https://", id="a query in the server"),
        pytest.param({"server": "http://h"}, {"token": "abc"}, None, "use https://", id="a token without TLS"),
        pytest.param(
            {"proxy-url": "socks5://h"}, None, None, "proxy-url is not a URL", id="a proxy that we do not speak to"
        ),
        pytest.param({"tls-server-name": "a..b"}, None, None, "no name of a host", id="a name that is none"),
        pytest.param({"certificate-authority-data": "?"}, None, None, "is not base64", id="no base64"),
        pytest.param(
            {"insecure-skip-tls-verify": True, "certificate-authority": "ca"},
            None,
            None,
            "exclude",
            id="verified and not",
        ),
        pytest.param(None, {"client-certificate": "c"}, None, "go together", id="a certificate without its key"),
        pytest.param(None, {"client-key": "c"}, None, "go together", id="a key without its certificate"),
        *(
            pytest.param(None, user, None, "user u1 has no credentials that are known", id=why)
            for user, why in (
                ({"token": ""}, "a token that is empty"),
                ({"token": None}, "a token that is null"),
                ({"tokn": "abc"}, "a field that is misspelt"),
                ({"exec": None, "client-key": ""}, "fields of which none has a value"),
                ({"as": "bob"}, "somebody else, and nobody himself"),
            )
        ),
        pytest.param(
            {"server": "http://h"}, {"tokn": "abc"}, None, "no credentials that are known", id="misspelt, without TLS"
        ),
        pytest.param(None, {"token": "a b"}, None, "there is no token in it", id="a token with a space"),
        pytest.param(None, {"token": "a", "username": "b"}, None, "only one", id="a token and a password"),
        pytest.param(None, {"tokenFile": "a", "username": "b"}, None, "only one", id="a token file and a password"),
        pytest.param(None, {"password": "b"}, None, "without a username", id="a password of nobody"),
        pytest.param(None, {"token": "a", "as-groups": ["a"]}, None, "need `as`", id="groups of nobody"),
        pytest.param(
            None,
            {"token": "a", "as": "a\r\nb: c"},
            None,
            "cannot be printed",
            id="somebody else with a line of his own",
        ),
        pytest.param(None, {"auth-provider": {"name": "gcp"}}, None, "gcp is gone", id="a provider that is gone"),
        pytest.param(
            None,
            {"auth-provider": {"name": "oidc"}, "exec": {"command": "p"}},
            None,
            "only one",
            id="a provider and a plugin",
        ),
        pytest.param(None, {"exec": {}}, None, "missing required field command", id="a plugin without a command"),
        pytest.param(
            None,
            {"exec": {"command": "p", "apiVersion": "client.authentication.k8s.io/v1alpha1"}},
            None,
            "apiVersion is one of",
            id="a plugin of an old version",
        ),
        pytest.param(
            None,
            {"exec": {"command": "p", "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Always"}},
            None,
            "wants a terminal",
            id="a plugin that asks people",
        ),
    ],
)
def test_a_context_cannot_be_used_with(cluster, user, context, why, tmp_path):
    path = written(tmp_path, cluster, user, context)
    with pytest.raises(AccessError) as caught:
        read(str(path)).access("c1", host())
    assert str(caught.value).startswith(f"{path}: context c1: ")
    assert why in str(caught.value)
    assert read(str(path)).warning("c1", host()) == str(caught.value)


_PLACES = [
    pytest.param({"certificate-authority-data": SECRET}, {}, id="an authority"),
    pytest.param({"server": f"https://a:{SECRET}@h"}, {}, id="a server"),
    pytest.param({"proxy-url": f"socks5://a:{SECRET}@h"}, {}, id="a proxy"),
    pytest.param({}, {"token": f"{SECRET} {SECRET}"}, id="a token that is none"),
    pytest.param({}, {"token": [SECRET]}, id="a token of another shape"),
    pytest.param({}, {"token": SECRET, "username": "a", "password": SECRET}, id="a token beside a password"),
    pytest.param({}, {"password": SECRET}, id="a password"),
    pytest.param({}, {"client-key-data": SECRET + "?", "client-certificate": "c"}, id="a key that is no base64"),
    pytest.param(
        {},
        {"client-key-data": b64encode(SECRET.encode()).decode(), "client-certificate-data": "YQ=="},
        id="a key that is no PEM",
    ),
    pytest.param(
        {}, {"auth-provider": {"name": "oidc", "config": {"client-secret": SECRET, "id-token": SECRET}}}, id="OIDC"
    ),
    pytest.param(
        {},
        {"exec": {"command": "p", "args": [SECRET], "env": [{"name": "A", "value": SECRET}], "apiVersion": "v0"}},
        id="what a plugin is given",
    ),
    pytest.param({}, {"tokn": SECRET}, id="a field that is misspelt"),
    pytest.param({}, {SECRET: ""}, id="a token that stands for its field"),
    pytest.param({}, {"as": "a", "as-user-extra": {"a": SECRET}}, id="an extra of another shape"),
    pytest.param({}, {"token": SECRET}, id="a token that is well"),
    pytest.param({}, {"username": "a", "password": SECRET}, id="a password that is well"),
]


@pytest.mark.parametrize(("cluster", "user"), _PLACES)
def test_no_secret_is_told(cluster, user, tmp_path):
    planted = (SECRET, b64encode(SECRET.encode()).decode(), b64encode(f"a:{SECRET}".encode()).decode())
    told = []
    try:
        config = read(str(written(tmp_path, cluster, user)))
        told += [repr(config), config.fingerprint("c1"), config.warning("c1", host())]
        way = config.access("c1", host())
        told += [repr(way), repr(vars(way)), repr(asyncio.run(way.entry()))]
    except AccessError as error:
        causes = [error]
        while causes[-1].__cause__:
            causes.append(causes[-1].__cause__)
        told += [f"{cause!r} {cause}" for cause in causes]
    assert told
    assert not [text for text in told for secret in planted if secret in text]


@pytest.mark.parametrize(
    "thing",
    [
        Entry(SERVER, bearer(SECRET).headers, proxy=f"http://a:{SECRET}@h"),
        bearer(SECRET),
        Identity((), b"", SECRET.encode()),
        Lease(bearer(SECRET), 0.0, 0.0),
        Material(SECRET.encode()),
        Printed(token=SECRET),
        ExecCredential("", Printed(client_key_data=SECRET)),
        Cluster(proxy_url=SECRET),
        User(token=SECRET),
        Exec("", env=(Variable("", SECRET),)),
        host(SECRET=SECRET),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_no_secret_is_shown(thing):
    assert SECRET not in f"{thing!r} {thing}"
