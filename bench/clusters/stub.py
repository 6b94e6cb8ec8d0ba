"""A small API server in a process of its own: `python -m bench.clusters.stub CERTIFICATE KEY SERVICES`.

It holds what the local member holds, and does on command what a real API server does too slowly, or cannot be told to.
It prints its URL first; then commands come on stdin, a line each, and each is answered by a line when it is done:

    relist                the watches lose their thread, and everything is listed anew
    events FIRST N RATE   the endpoints of 1,000 Services come and go, N changes, RATE in a second
"""

import asyncio
import ssl
import sys

from bench.clusters import content
from bench.clusters.turns import turn
from bench.world import LOCAL, endpoint_slice, node
from tests.support.deadline import until
from tests.support.stub_api.api import StubApi
from tests.support.stub_api.call import Call

KINDS = ("services", "endpointslices")
LONGEST_SECONDS = 60.0
REMEMBERED = 5000
"""Changes until the older ones are forgotten."""


async def main(certificate: str, key: str, services: int) -> None:
    """Serve until stdin ends."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    async with StubApi(tls=tls) as api:
        for thing in content.objects(LOCAL, services):
            api.put(thing)
        api.compact()
        tell(api.url)
        while line := await asyncio.to_thread(sys.stdin.readline):
            match line.split():
                case ["relist"]:
                    await relist(api)
                case ["events", first, count, rate]:
                    await events(api, int(first), int(count), float(rate))
                case other:
                    sys.exit(f"no command {other}")
            tell("done")


async def relist(api: StubApi) -> None:
    """Make both kinds be listed anew: their watches end, and the revision that they had is forgotten."""
    api.requests.clear()
    api.put(node(LOCAL))
    api.compact()
    for kind in KINDS:
        api.disconnect(kind)
    await until(lambda: all(listed(api, kind) for kind in KINDS), LONGEST_SECONDS)


def listed(api: StubApi, kind: str) -> bool:
    """Tell whether a kind was listed since the requests were cleared, and is watched again."""
    calls = [call for call in api.requests if call.name == kind]
    return any(map(whole, calls)) and not whole(calls[-1]) and bool(api.watching(kind))


def whole(call: Call) -> bool:
    """Tell whether a request asks for all there is."""
    return call.says("sendInitialEvents")


async def events(api: StubApi, first: int, count: int, rate: float) -> None:
    """Change endpoints at an even rate."""
    began = asyncio.get_running_loop().time()
    for number in range(count):
        await asyncio.sleep(began + number / rate - asyncio.get_running_loop().time())
        name, ready = turn(number, first)
        api.put(endpoint_slice(name, ready=ready))
        if number % REMEMBERED == 0:
            api.compact()


def tell(line: str) -> None:
    """Say a line to the one who started this."""
    print(line, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
