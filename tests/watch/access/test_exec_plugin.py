"""Credential plugins, run as the processes that they are."""

import asyncio
import json
import stat

import pytest

from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.access.host import Host
from tests.support.kubeconfig import SERVER, access, entry, host
from tests.support.plugin import prints, runs, script

VERSION = "client.authentication.k8s.io/v1"
HOUR = 3600.0


def user(command, **more):
    return {"exec": {"command": str(command), "apiVersion": VERSION} | more}


def shown(way):
    return dict(asyncio.run(way.entry()).headers)["Authorization"]


def failure(folder, stanza, of):
    with pytest.raises(AccessError) as caught:
        asyncio.run(entry(folder, user=stanza, of=of))
    return str(caught.value)


class Clock:
    """A wall clock that a test moves; it begins at the epoch."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_a_token_is_shown_until_it_is_refused(tmp_path):
    plugin = prints(tmp_path / "plugin", token="abc")
    way = access(tmp_path, user=user(plugin), of=host(plugin))
    assert [shown(way), shown(way)] == ["Bearer abc"] * 2
    assert runs(plugin) == 1
    way.rejected()
    assert shown(way) == "Bearer abc"
    assert runs(plugin) == 2


@pytest.mark.parametrize(
    ("expires", "fresh_until", "renewed_at"),
    [
        pytest.param("1970-01-01T10:00:00Z", 10 * HOUR - 301, 10 * HOUR - 299, id="five minutes before its end"),
        pytest.param("1970-01-01T00:10:00Z", 539, 541, id="a tenth before its end where that is less"),
        pytest.param("1970-01-01T12:00:00.5+02:00", 10 * HOUR - 301, 10 * HOUR - 299, id="wherever the time zone is"),
        pytest.param("1970-01-01T10:00:00.123456789Z", 10 * HOUR - 301, 10 * HOUR - 299, id="to the nanosecond"),
    ],
)
def test_a_token_is_renewed(expires, fresh_until, renewed_at, tmp_path):
    plugin, clock = prints(tmp_path / "plugin", token="abc", expirationTimestamp=expires), Clock()
    way = access(tmp_path, user=user(plugin), of=Host((str(plugin),), {}, clock))
    shown(way)
    clock.now = fresh_until
    shown(way)
    assert runs(plugin) == 1
    clock.now = renewed_at
    shown(way)
    assert runs(plugin) == 2


def test_who_asks_at_once_has_it_run_once(tmp_path):
    plugin = prints(tmp_path / "plugin", token="abc")
    way = access(tmp_path, user=user(plugin), of=host(plugin))

    async def asked():
        return await asyncio.gather(*(way.entry() for _ in range(5)))

    assert len(asyncio.run(asked())) == 5
    assert runs(plugin) == 1


def test_who_asks_at_once_fails_at_once_and_the_next_tries_again(tmp_path):
    plugin = script(tmp_path / "plugin", "sys.exit(1)")
    way = access(tmp_path, user=user(plugin), of=host(plugin))

    async def asked():
        found = await asyncio.gather(*(way.entry() for _ in range(5)), return_exceptions=True)
        once = runs(plugin)
        return [str(one) for one in found], once

    failures, once = asyncio.run(asked())
    assert failures == [f"{plugin}: it ended with code 1"] * 5
    assert once == 1
    with pytest.raises(AccessError):
        asyncio.run(way.entry())
    assert runs(plugin) == 2


@pytest.mark.parametrize(
    ("body", "why"),
    [
        pytest.param("sys.exit(3)", "it ended with code 3", id="it fails in silence"),
        pytest.param(
            "print('log in first\\nmore', file=sys.stderr); sys.exit(1)",
            "it ended with code 1: 'log in first'",
            id="it fails",
        ),
        pytest.param("os.kill(os.getpid(), 15)", "it ended with code -15", id="it is killed"),
        pytest.param("pass", "it printed no ExecCredential", id="it prints nothing"),
        pytest.param("print('hello')", "it printed no ExecCredential", id="it prints what is no JSON"),
        pytest.param("print('[' * 100000)", "it printed no ExecCredential", id="it prints what has no end"),
        pytest.param("os.write(1, b'\\xff')", "it printed no ExecCredential", id="it prints what is no text"),
        pytest.param("print('x' * (2 << 20))", "it printed more than 1 MiB", id="it prints too much"),
        pytest.param(
            "while True: os.write(1, b'x' * 65536)", "it printed more than 1 MiB", id="it prints without an end"
        ),
        pytest.param(
            "print(json.dumps({'apiVersion': 'client.authentication.k8s.io/v1beta1', 'status': {'token': 'a'}}))",
            f"it printed another apiVersion than the kubeconfig has, which is {VERSION}",
            id="it prints another version",
        ),
        pytest.param(f"print(json.dumps({{'apiVersion': '{VERSION}'}}))", "it printed no status", id="no status"),
    ],
)
def test_a_plugin_fails(body, why, tmp_path):
    plugin = script(tmp_path / "plugin", body)
    assert failure(tmp_path, user(plugin), host(plugin)) == f"{plugin}: {why}"


@pytest.mark.parametrize(
    ("status", "why"),
    [
        pytest.param({}, "it printed neither a token nor a certificate", id="nothing"),
        pytest.param({"token": "SeCrEt\n"}, "what it printed: there is no token in it", id="a token of two lines"),
        pytest.param({"clientCertificateData": "a"}, "a certificate without its key", id="no key"),
        pytest.param({"token": "SeCrEt", "clientKeyData": "a"}, "a key without its certificate", id="no certificate"),
        pytest.param({"token": "SeCrEt", "expirationTimestamp": "soon"}, "is no time", id="a word for a time"),
        pytest.param(
            {"token": "SeCrEt", "expirationTimestamp": "2026-01-01T00:00:00"}, "is no time", id="a time of anywhere"
        ),
    ],
)
def test_a_plugin_prints_what_cannot_be_used(status, why, tmp_path):
    plugin = prints(tmp_path / "plugin", **status)
    text = failure(tmp_path, user(plugin), host(plugin))
    assert why in text
    assert "SeCrEt" not in text


SECRET = "SeCrEt-SeCrEt"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        pytest.param(f"login as {SECRET} failed", "login as ... failed", id="of a variable"),
        pytest.param("x" * 195 + SECRET, "x" * 195 + "...", id="that is cut"),
        pytest.param("of two lines: -----BEGIN KEY-----", "of two lines: ...", id="of a variable of two lines"),
        pytest.param("--password=hunter22 is wrong", "... is wrong", id="of an argument"),
        pytest.param("password hunter22 is wrong", "password ... is wrong", id="of what an argument sets"),
        pytest.param("no proxy at http://ann:pr0xy-pass@p:3128", "no proxy at ...", id="of the proxy"),
        pytest.param("cannot log in as pr0xy-pass", "cannot log in as ...", id="of the proxy, alone"),
        pytest.param("A=1 is on", "A=1 is on", id="too short to be one"),
    ],
)
def test_no_secret_is_told_though_the_plugin_says_it(said, shown, tmp_path):
    plugin = script(tmp_path / "plugin", f"print({said!r}, file=sys.stderr); sys.exit(1)")
    variables = {"PASSWORD": SECRET, "KEY": "-----BEGIN KEY-----\nAAAA", "A": "1", "EMPTY": ""}
    env = [{"name": name, "value": value} for name, value in variables.items()]
    stanza = user(plugin, env=env, args=["--password=hunter22"], provideClusterInfo=True)
    cluster = {"proxy-url": "http://ann:pr0xy-pass@p:3128"}
    with pytest.raises(AccessError) as caught:
        asyncio.run(entry(tmp_path, cluster, stanza, host(plugin)))
    assert str(caught.value) == f"{plugin}: it ended with code 1: {shown!r}"


def test_null_is_nothing(tmp_path):
    told = {"apiVersion": VERSION, "status": {"token": "abc", "clientKeyData": None, "expirationTimestamp": None}}
    plugin = script(tmp_path / "plugin", f"print(json.dumps({told!r}))")
    assert shown(access(tmp_path, user=user(plugin), of=host(plugin))) == "Bearer abc"


def test_a_plugin_that_is_not_allowed_is_not_run(tmp_path):
    plugin = prints(tmp_path / "plugin", token="abc")
    why = f"credential plugin {plugin} is not allowed; write `exec {plugin}` to allow it"
    assert failure(tmp_path, user(plugin), host()).endswith(f": context c1: {why}")
    assert runs(plugin) == 0


def test_one_name_of_a_program_allows_no_other(tmp_path):
    """As with busybox, where all programs are one."""
    plugin = prints(tmp_path / "plugin", token="abc")
    (tmp_path / "other").symlink_to(plugin)
    assert "is not allowed" in failure(tmp_path, user(plugin), host(tmp_path / "other"))
    assert shown(access(tmp_path, user=user(tmp_path / "other"), of=host(tmp_path / "other"))) == "Bearer abc"


@pytest.mark.parametrize("command", ["plugin", "./bin/plugin", "bin/../bin/plugin"])
def test_a_plugin_is_found_on_the_path_or_beside_the_file(command, tmp_path):
    (tmp_path / "bin").mkdir()
    plugin = prints(tmp_path / "bin" / "plugin", token="abc")
    assert shown(access(tmp_path, user=user(command), of=host(plugin, PATH=f"/nowhere:{tmp_path}/bin"))) == "Bearer abc"


def test_a_plugin_that_is_not_on_the_path(tmp_path):
    why = ": context c1: credential plugin {} is not on the PATH"
    assert failure(tmp_path, user("plugin"), host(PATH=str(tmp_path))).endswith(why.format("plugin"))
    assert failure(tmp_path, user("sh"), host()).endswith(why.format("sh"))


def test_a_plugin_that_is_not_there(tmp_path):
    plugin = tmp_path / "plugin"
    assert failure(tmp_path, user(plugin), host(plugin)) == f"{plugin}: No such file or directory"


def test_a_plugin_that_is_not_there_says_how_to_install_it(tmp_path):
    hint = "Get it:\n  brew install plugin\n" + "x" * 400
    shown = "'Get it: brew install plugin " + "x" * 49 + "...'"
    plugin = tmp_path / "plugin"
    missing = failure(tmp_path, user(plugin, installHint=hint), host(plugin))
    assert missing == f"{plugin}: No such file or directory; its hint: {shown}"
    not_on_path = failure(tmp_path, user("plugin", installHint=hint), host(PATH=str(tmp_path)))
    assert not_on_path.endswith(f"credential plugin plugin is not on the PATH; its hint: {shown}")


def test_a_plugin_that_is_no_program(tmp_path):
    plugin = prints(tmp_path / "plugin", token="abc")
    plugin.chmod(stat.S_IRUSR)
    assert failure(tmp_path, user(plugin), host(plugin)) == f"{plugin}: Permission denied"


def test_an_argument_that_cannot_be_one(tmp_path):
    plugin = prints(tmp_path / "plugin", token="abc")
    assert "null" in failure(tmp_path, user(plugin, args=["a\0b"]), host(plugin))


def told(folder, cluster=None, of=None, **more):
    """Return the variables and arguments that a plugin has seen."""
    seen = folder / "seen"
    plugin = prints(folder / "plugin", token="abc")
    dump = f"json.dump([dict(os.environ), sys.argv[1:], os.read(0, 9).decode()], open({str(seen)!r}, 'w'))"
    plugin.write_text(f"{plugin.read_text()}{dump}\n")
    asyncio.run(entry(folder, cluster, user(plugin, **more), of or host(plugin, PATH="/bin", HOME="/h", OURS="secret")))
    return json.loads(seen.read_text())


def test_a_plugin_is_told_little_of_us(tmp_path):
    environ, arguments, stdin = told(
        tmp_path, env=[{"name": "A", "value": "b"}, {"name": "HOME", "value": "/x"}], args=["x"]
    )
    assert (arguments, stdin) == (["x"], "")
    assert environ.pop("LC_CTYPE", "C.UTF-8") == "C.UTF-8", "Python's own"
    info = {"apiVersion": VERSION, "kind": "ExecCredential", "spec": {"interactive": False}}
    assert json.loads(environ.pop("KUBERNETES_EXEC_INFO")) == info
    assert environ == {"PATH": "/bin", "HOME": "/x", "A": "b"}


def test_a_plugin_is_told_of_its_cluster_if_it_wants_to(tmp_path):
    (tmp_path / "ca").write_text("authority")
    cluster = {
        "certificate-authority": "ca",
        "tls-server-name": "api.example",
        "proxy-url": "http://p:3128",
        "extensions": [{"name": "client.authentication.k8s.io/exec", "extension": {"audience": "a", "more": None}}],
    }
    plugin = prints(tmp_path / "plugin", token="abc")
    seen = tmp_path / "seen"
    dump = f"open({str(seen)!r}, 'w').write(os.environ['KUBERNETES_EXEC_INFO'])"
    plugin.write_text(f"{plugin.read_text()}{dump}\n")
    with pytest.raises(AccessError, match="certificate authority cannot be used"):
        asyncio.run(entry(tmp_path, cluster, user(plugin, provideClusterInfo=True), host(plugin)))
    assert json.loads(seen.read_text())["spec"]["cluster"] == {
        "server": SERVER,
        "certificate-authority-data": "YXV0aG9yaXR5",
        "tls-server-name": "api.example",
        "proxy-url": "http://p:3128",
        "config": {"audience": "a", "more": None},
    }


def test_a_plugin_is_told_that_its_cluster_is_not_verified(tmp_path):
    environ, _, _ = told(tmp_path, {"insecure-skip-tls-verify": True}, provideClusterInfo=True)
    cluster = json.loads(environ["KUBERNETES_EXEC_INFO"])["spec"]["cluster"]
    assert cluster == {"server": SERVER, "insecure-skip-tls-verify": True}
