"""A certificate whose files change while it is shown."""

import asyncio
import logging
import os
import shutil
from contextlib import asynccontextmanager

import pytest

from fedresolver.config.errors import StanzaError
from fedresolver.plugins.tls.certificate import LOOK_SECONDS, Certificate, Wanted
from fedresolver.plugins.tls.pem import Paths
from tests.support.setup import stanzas

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def pairs(authority):
    return [authority.server(name, HOST) for name in ("first", "second")]


class Sleeper:
    """Sleeps until a test lets a look be made; then that look has been."""

    def __init__(self):
        self._asked = asyncio.Queue()

    async def sleep(self, seconds):
        assert seconds == LOOK_SECONDS
        woken = asyncio.get_running_loop().create_future()
        await self._asked.put(woken)
        await woken

    async def look(self):
        (await self._asked.get()).set_result(None)
        woken = await self._asked.get()
        self._asked.put_nowait(woken)


def put(pair, folder):
    """Put a pair into a folder, as `cert` and `key`."""
    for path, name in zip(pair, ("cert", "key"), strict=True):
        shutil.copy(path, folder / f"{name}.new")
        os.rename(folder / f"{name}.new", folder / name)


def certificate(folder, sleep=asyncio.sleep):
    (stanza,) = stanzas(f"tls {folder}/cert {folder}/key")
    return Certificate(Wanted(Paths(f"{folder}/cert", f"{folder}/key")), stanza, sleep)


@asynccontextmanager
async def shown(folder):
    sleeper = Sleeper()
    one = certificate(folder, sleeper.sleep)
    await one.start()
    try:
        yield one, sleeper.look
    finally:
        await one.stop()


def test_what_has_not_changed_is_the_same_for_all(pairs, tmp_path):
    put(pairs[0], tmp_path)

    async def work():
        async with shown(tmp_path) as (one, look):
            first = one.context("dot")
            await look()
            assert one.context("dot") is first
            assert one.context("h2", "http/1.1") is not first

    asyncio.run(work())


def test_what_has_changed_is_shown(pairs, tmp_path, caplog):
    put(pairs[0], tmp_path)

    async def work():
        async with shown(tmp_path) as (one, look):
            first = one.context("dot")
            put(pairs[1], tmp_path)
            await look()
            assert one.context("dot") is not first

    with caplog.at_level(logging.INFO):
        asyncio.run(work())
    assert [record.message for record in caplog.records] == [
        f"{tmp_path}/cert has changed: new connections are shown what it has now"
    ]


def test_a_secret_of_kubernetes_is_exchanged_by_a_link(pairs, tmp_path):
    for number, pair in enumerate(pairs):
        (tmp_path / f"..{number}").mkdir()
        put(pair, tmp_path / f"..{number}")
    (tmp_path / "..data").symlink_to("..0")
    for name in ("cert", "key"):
        (tmp_path / name).symlink_to(f"..data/{name}")

    async def work():
        async with shown(tmp_path) as (one, look):
            first = one.context("dot")
            (tmp_path / "..data_tmp").symlink_to("..1")
            os.rename(tmp_path / "..data_tmp", tmp_path / "..data")
            await look()
            assert one.context("dot") is not first

    asyncio.run(work())


def test_what_does_not_fit_together_leaves_what_was_there_with_one_error(pairs, tmp_path, caplog):
    put(pairs[0], tmp_path)

    async def work():
        async with shown(tmp_path) as (one, look):
            first = one.context("dot")
            shutil.copy(pairs[1][0], tmp_path / "cert")  # the key comes later
            for _ in range(3):
                await look()
            assert one.context("dot") is first
            assert one.context("h2") is not first
            shutil.copy(pairs[1][1], tmp_path / "key")
            await look()
            assert one.context("dot") is not first

    asyncio.run(work())
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == [
        f"the key in `{tmp_path}/key` is not that of the certificate in `{tmp_path}/cert`; "
        "the certificate that was there before is shown"
    ]


def test_files_that_are_away_for_a_while(pairs, tmp_path, caplog):
    put(pairs[0], tmp_path)

    async def work():
        async with shown(tmp_path) as (one, look):
            first = one.context("dot")
            (tmp_path / "key").rename(tmp_path / "away")
            await look()
            assert one.context("dot") is first
            (tmp_path / "away").rename(tmp_path / "key")
            await look()
            assert one.context("dot") is first

    asyncio.run(work())
    assert len(caplog.records) == 1


def test_what_is_wrong_at_the_start_is_told_with_its_line(tmp_path):
    one = certificate(tmp_path)
    expected = f"Corefile:2: cannot read `{tmp_path}/cert`: No such file or directory"
    for work in (one.check, lambda: asyncio.run(one.start())):
        with pytest.raises(StanzaError) as caught:
            work()
        assert str(caught.value) == expected
