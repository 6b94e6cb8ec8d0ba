"""Write the content of a member through its API server, with many requests at a time."""

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import aiohttp

from bench.clusters.content import objects
from bench.process import BenchError
from bench.progress import say
from bench.world import Manifest, Member
from tests.e2e.api import path_of
from tests.e2e.control_plane import ADMIN, ControlPlane

CONNECTIONS = 12
STEP = 2500
"""Objects from one line of progress to the next."""

TIMEOUT = aiohttp.ClientTimeout(total=60)


@dataclass(frozen=True, slots=True)
class Target:
    """An API server that is written to."""

    url: str
    session: aiohttp.ClientSession

    async def create(self, thing: Manifest) -> None:
        """Create an object, and give it the status that it is to have; BenchError when it is refused."""
        path = path_of(thing)
        made = await self.send("POST", path.rpartition("/")[0], thing)
        if status := thing.get("status"):
            await self.send("PUT", f"{path}/status", made | {"status": status})

    async def send(self, method: str, path: str, thing: Manifest) -> Manifest:
        """Send an object and return what became of it; BenchError when it is refused."""
        async with self.session.request(method, self.url + path, json=thing) as answer:
            if answer.status >= 400:
                raise BenchError(f"{method} {path}: {answer.status}: {(await answer.text())[:200]}")
            made: Manifest = await answer.json()
            return made


def fill(planes: dict[Member, ControlPlane], services: int) -> None:
    """Create the content of all members side by side; BenchError when an API server refuses it."""
    asyncio.run(_fill(planes, services))


async def _fill(planes: dict[Member, ControlPlane], services: int) -> None:
    await asyncio.gather(*(_fill_one(plane, _told(member, services)) for member, plane in planes.items()))


def _told(member: Member, services: int) -> Iterator[Manifest]:
    """Give all that a member holds, and say from time to time how far it is."""
    for number, thing in enumerate(objects(member, services)):
        if number % STEP == 0:
            say(f"clusters: {member.name}: {number} of {2 * services} objects")
        yield thing


async def _fill_one(plane: ControlPlane, things: Iterator[Manifest]) -> None:
    trust = ssl.create_default_context(cafile=str(plane.authority.path))
    headers = {"Authorization": f"Bearer {ADMIN}"}
    connector = aiohttp.TCPConnector(ssl=trust, limit=CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector, headers=headers, timeout=TIMEOUT) as session:
        target = Target(f"https://{plane.address[0]}:{plane.address[1]}", session)
        await asyncio.gather(*(_create_all(target, things) for _ in range(CONNECTIONS)))


async def _create_all(target: Target, things: Iterator[Manifest]) -> None:
    """Create what is left of the things; others take theirs from the same iterator."""
    for thing in things:
        await target.create(thing)
