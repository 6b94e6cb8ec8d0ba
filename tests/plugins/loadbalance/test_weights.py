import asyncio
from ipaddress import ip_address

import pytest

from fedresolver.plugins.loadbalance.weights import WeightFile, read
from fedresolver.wire.name import from_text

WWW = from_text("www.example.org")


def packed(text):
    return ip_address(text).packed


def test_the_file():
    text = "# weights\n\nwww.example.org\n192.0.2.1 3\n  2001:db8::1   255\nWWW.example.net.\n192.0.2.1 1\n"
    assert read(text, "w") == {
        (WWW, packed("192.0.2.1")): 3,
        (WWW, packed("2001:db8::1")): 255,
        (from_text("www.example.net"), packed("192.0.2.1")): 1,
    }


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("a\n192.0.2.1", "w:2: `192.0.2.1` has no weight; write ADDRESS WEIGHT", id="no weight"),
        pytest.param(
            "192.0.2.1 3", "w:1: this weight belongs to no name; write the name on a line before it", id="no name"
        ),
        pytest.param("a\n192.0.2.1 0", "w:2: write ADDRESS WEIGHT, with a weight from 1 to 255", id="a weight of 0"),
        pytest.param("a\n192.0.2.1 256", "w:2: write ADDRESS WEIGHT, with a weight from 1 to 255", id="above 255"),
        pytest.param("a\n192.0.2.1 1 1", "w:2: write ADDRESS WEIGHT, with a weight from 1 to 255", id="three words"),
        pytest.param("a\nb.c 1", "w:2: 'b.c' does not appear to be an IPv4 or IPv6 address", id="no address"),
        pytest.param(
            "a..b",
            "w:1: `a..b` is no domain name: label of 0 octets; a label has 1 to 63 (RFC 1035 2.3.4)",
            id="no name",
        ),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ValueError, match=r"^w:") as caught:
        read(text, "w")
    assert str(caught.value) == error


def test_an_address_that_is_not_there_weighs_one(tmp_path):
    assert WeightFile(str(tmp_path / "w"), 0).weight(WWW, packed("192.0.2.1")) == 1


def test_a_change_of_the_file_is_seen_and_a_damaged_one_keeps_the_weights(tmp_path, caplog):
    path = tmp_path / "w"
    path.write_text("www.example.org\n192.0.2.1 3\n")

    async def body():
        rounds = asyncio.Semaphore(0)
        waiting = asyncio.Queue()

        async def sleep(seconds):
            waiting.put_nowait(seconds)
            await rounds.acquire()

        async def look():
            rounds.release()
            assert await waiting.get() == 30.0
            return file.weight(WWW, packed("192.0.2.1"))

        file = WeightFile(str(path), 30.0, sleep)
        file.load()
        found = [file.weight(WWW, packed("192.0.2.1"))]
        await file.start()
        assert await waiting.get() == 30.0
        path.write_text("www.example.org\n192.0.2.1 5\n")
        found.append(await look())
        path.write_text("www.example.org\n192.0.2.1 none\n")
        found.append(await look())
        found.append(await look())
        path.write_text("www.example.org\n192.0.2.1 7\n")
        found.append(await look())
        await file.stop()
        return found

    assert asyncio.run(body()) == [3, 5, 5, 5, 7]
    wrong = f"the weights stay as they are: {path}:2: write ADDRESS WEIGHT, with a weight from 1 to 255"
    assert [record.getMessage() for record in caplog.records] == [wrong]


def test_without_an_interval_nothing_runs(tmp_path):
    async def body():
        file = WeightFile(str(tmp_path / "w"), 0)
        await file.start()
        count = len(asyncio.all_tasks())
        await file.stop()
        return count

    assert asyncio.run(body()) == 1
