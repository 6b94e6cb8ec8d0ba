"""TLS to upstreams, with real certificates."""

import asyncio
import ssl
import subprocess
from contextlib import asynccontextmanager

import pytest

from fedresolver.upstream.exchange.stream import StreamPool
from fedresolver.upstream.failure import Cause, UpstreamError
from fedresolver.upstream.target import Target
from fedresolver.upstream.tls import CertificateError, context
from tests.support.ask import raw, wire
from tests.support.clock import LeapLoop, leap
from tests.support.encrypted import serving
from tests.support.upstream import ADDRESS, echo, reply, upstream

SECONDS = 20.0
EXPIRE = 10.0
WWW = raw(wire("www.example.org"), id=0x7150)


@pytest.fixture(scope="module")
def server(authority):
    return authority.server("server", ADDRESS)


@pytest.fixture(scope="module")
def ours(authority):
    return tuple(map(str, authority.client("client", "resolver")))


def run(work):
    with asyncio.Runner(loop_factory=LeapLoop) as runner:
        return runner.run(work)


@asynccontextmanager
async def pool(port, ours, name=""):
    made = StreamPool(Target(ADDRESS, port, tls=True, server_name=name), ours, asyncio.get_running_loop().time, EXPIRE)
    try:
        yield made
    finally:
        await made.close()


def asked(theirs, ours, name="", script=echo, number=1):
    """Return the replies to so many questions at once, and how many connections it took."""

    async def work():
        async with upstream(script, theirs) as there, pool(there.port, ours, name) as streams:
            return await asyncio.gather(*(streams.ask(WWW, SECONDS) for _ in range(number))), there.accepted

    return run(work())


def test_many_questions_on_one_connection(authority, server):
    assert asked(serving(server), context(ca=str(authority.path)), number=50) == ([reply(WWW)] * 50, 1)


def test_a_large_answer(authority, server):
    more = bytes(65535 - len(WWW))

    async def script(conversation):
        conversation.send(reply(await conversation.query(), more))
        await conversation.closed()

    assert asked(serving(server), context(ca=str(authority.path)), script=script) == ([reply(WWW, more)], 1)


def test_an_upstream_with_a_name(authority):
    theirs = serving(authority.server("named", "dns.example"))
    assert asked(theirs, context(ca=str(authority.path)), "dns.example") == ([reply(WWW)], 1)


@pytest.mark.parametrize(
    ("address", "name", "why"),
    [
        (ADDRESS, "dns.example", "Hostname mismatch"),
        ("dns.example", "other.example", "Hostname mismatch"),
        ("dns.example", "", "IP address mismatch"),
        ("192.0.2.1", "", "IP address mismatch"),
    ],
)
def test_an_upstream_of_another_name_is_not_believed(address, name, why, authority):
    theirs = serving(authority.server("other", address))
    with pytest.raises(
        UpstreamError, match=f"^tls://127.0.0.1:[0-9]+: its certificate is not believed: {why}"
    ) as error:
        asked(theirs, context(ca=str(authority.path)), name)
    assert error.value.cause is Cause.TLS


@pytest.mark.parametrize("system", [False, True], ids=["another authority", "the system's trust"])
def test_an_upstream_of_a_stranger_is_not_believed(system, authority, stranger):
    theirs = serving(stranger.server("server", ADDRESS))
    with pytest.raises(UpstreamError, match="unable to get local issuer") as error:
        asked(theirs, context() if system else context(ca=str(authority.path)))
    assert error.value.cause is Cause.TLS


def test_a_certificate_of_ours_is_shown(authority, server, ours):
    theirs = serving(server, authority.path)
    assert asked(theirs, context(*ours, str(authority.path))) == ([reply(WWW)], 1)


def test_without_a_certificate_we_are_not_let_in(authority, server):
    with pytest.raises(UpstreamError) as error:
        asked(serving(server, authority.path), context(ca=str(authority.path)))
    assert error.value.cause in (Cause.TLS, Cause.CLOSED)  # with or without an alert, as asyncio's servers close


def test_old_tls_is_not_spoken(authority, server):
    theirs = serving(server)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        theirs.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(UpstreamError) as error:
        asked(theirs, context(ca=str(authority.path)))
    assert error.value.cause in (Cause.TLS, Cause.CLOSED)


def test_an_upstream_that_speaks_no_tls(authority):
    async def script(conversation):
        conversation.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await conversation.silence()

    with pytest.raises(UpstreamError, match="WRONG_VERSION_NUMBER") as error:
        asked(None, context(ca=str(authority.path)), script=script)
    assert error.value.cause is Cause.TLS


def test_an_upstream_that_closes_before_it_has_shaken_hands_is_not_tried_again(authority):
    accepted = []

    async def script(conversation):
        accepted.append(conversation.number)
        conversation.close()

    with pytest.raises(UpstreamError) as error:
        asked(None, context(ca=str(authority.path)), script=script)
    assert (error.value.cause, accepted) == (Cause.CLOSED, [1])


def test_a_handshake_that_never_ends_costs_the_time_out_and_leaves_nothing(authority):
    greeted, ended = asyncio.Event(), asyncio.Event()

    async def script(conversation):
        while await conversation.octets():
            greeted.set()
        ended.set()

    async def work():
        async with upstream(script) as there, pool(there.port, context(ca=str(authority.path))) as streams:
            asking = asyncio.create_task(streams.ask(WWW, SECONDS))
            await greeted.wait()
            await leap(SECONDS)
            with pytest.raises(UpstreamError) as error:
                await asking
            await ended.wait()
            return error.value.cause, streams.connections

    assert run(work()) == (Cause.TIMEOUT, 0)


def test_who_has_more_time_than_the_one_that_began_to_connect_tries_anew(authority, server):
    """The first connection never shakes hands; the second one is passed on, late, to an upstream that does."""
    greeted = [asyncio.Event(), asyncio.Event()]
    passed_on = asyncio.Event()

    async def work():
        async with upstream(echo, serving(server)) as there:

            async def script(conversation):
                greeted[conversation.number - 1].set()
                if conversation.number == 1:
                    await conversation.silence()
                await passed_on.wait()
                await conversation.pass_on(there.port)

            async with upstream(script) as front, pool(front.port, context(ca=str(authority.path))) as streams:
                tasks = [asyncio.create_task(streams.ask(WWW, n * SECONDS)) for n in (1, 2, 4)]
                for event in greeted:
                    await event.wait()
                    await leap(SECONDS)
                passed_on.set()
                return [getattr(one, "cause", one) for one in await asyncio.gather(*tasks, return_exceptions=True)]

    assert run(work()) == [Cause.TIMEOUT, Cause.TIMEOUT, reply(WWW)]


@pytest.mark.parametrize("turns", range(0, 40, 4))
def test_close_in_the_middle_of_the_handshake(turns, authority, server):
    async def work():
        async with (
            upstream(echo, serving(server)) as there,
            pool(there.port, context(ca=str(authority.path))) as streams,
        ):
            asking = asyncio.create_task(streams.ask(WWW, SECONDS))
            for _ in range(turns):
                await asyncio.sleep(0)
            await streams.close()
            return await asyncio.gather(asking, return_exceptions=True)

    (found,) = run(work())
    assert found == reply(WWW) or found.cause is Cause.CLOSED


def test_an_idle_connection_ends_with_a_goodbye_and_without_waiting_for_one(authority, server):
    closed = asyncio.Event()

    async def script(conversation):
        if conversation.number > 1:
            return await echo(conversation)
        conversation.send(reply(await conversation.query()))
        await conversation.closed()
        return closed.set()

    async def work():
        ours = context(ca=str(authority.path))
        async with upstream(script, serving(server)) as there, pool(there.port, ours) as streams:
            await streams.ask(WWW, SECONDS)
            await leap(EXPIRE)
            await closed.wait()
            return await streams.ask(WWW, SECONDS), there.accepted

    assert run(work()) == (reply(WWW), 2)


def test_the_four_forms(authority, server, ours):
    cert, key = ours
    for made in (context(ca=str(authority.path)), context(cert, key, str(authority.path))):
        assert asked(serving(server), made) == ([reply(WWW)], 1)
    for made in (context(), context(cert, key)):
        assert made.get_ca_certs() == ssl.create_default_context().get_ca_certs()


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"ca": "/away/ca.crt"}, "cannot read `/away/ca.crt`: No such file or directory"),
        ({"cert": "/", "key": "ca.key"}, "cannot read `/`: Is a directory"),
        ({"cert": "crt", "key": "/away/key"}, "cannot read `/away/key`: No such file or directory"),
        ({"cert": "crt", "key": "other"}, "cannot be used as a certificate and its key: KEY_VALUES_MISMATCH; PEM"),
        ({"cert": "crt", "key": "locked"}, "cannot be used as a certificate and its key: .*without a password"),
        ({"cert": "empty", "key": "key"}, "cannot be used as a certificate and its key: .*PEM is expected"),
        ({"ca": "empty"}, "empty` cannot be used as a certificate authority: .*PEM is expected"),
        ({"cert": "crt", "key": "key", "ca": "empty"}, "empty` cannot be used as a certificate authority"),
        ({"ca": "huge"}, "huge` is longer than 1 MiB"),
    ],
)
def test_what_is_wrong_is_told_with_the_file(files, why, stranger, ours, tmp_path):
    known = {"crt": ours[0], "key": ours[1], "other": str(stranger.client("other", "other")[1])}
    for name, octets in (("empty", b""), ("huge", bytes((1 << 20) + 1))):
        (tmp_path / name).write_bytes(octets)
        known[name] = str(tmp_path / name)
    known["locked"] = str(tmp_path / "locked")
    openssl = ("openssl", "ec", "-aes256", "-passout", "pass:SeCrEt", "-in", ours[1], "-out", known["locked"])
    subprocess.run(openssl, check=True, capture_output=True)
    with pytest.raises(CertificateError, match=rf"(?s){why}"):
        context(**{name: known.get(file, file) for name, file in files.items()})


def test_the_error_by_itself():
    with pytest.raises(CertificateError, match="cannot read `/away`: No such file or directory"):
        context(ca="/away")


def test_an_authority_may_have_remarks_in_any_language(authority, server, tmp_path):
    (tmp_path / "ca").write_bytes("# Főtanúsítvány\n".encode() + authority.path.read_bytes())
    assert asked(serving(server), context(ca=str(tmp_path / "ca"))) == ([reply(WWW)], 1)
