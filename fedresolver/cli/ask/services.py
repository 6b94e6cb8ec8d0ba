"""`fedresolver services`."""

from collections.abc import Iterator

from fedresolver.cli.ask.client import Client
from fedresolver.status.documents import Service, Services
from fedresolver.status.table import table

HEADS = ("NAMESPACE", "NAME", "FEDERATION", "HEALTHY", "ANSWERED", "SHARDS")


def every(client: Client) -> Services:
    """Return all Services, however many pages they take."""
    return Services(services=tuple(_pages(client)))


def _pages(client: Client) -> Iterator[Service]:
    after = ""
    while True:
        page = client.get("services", Services, {"after": after})
        yield from page.services
        if not page.next or page.next == after:
            return
        after = page.next


def lines(found: Services, *, wide: bool) -> list[str]:
    """Return the Services as a table."""
    if not found.services:
        return ["there are no federated Services"]
    return table(HEADS, (_row(one, wide=wide) for one in found.services))


def names(found: Services) -> list[str]:
    """Return the names alone."""
    return [f"service/{one.namespace}/{one.name}" for one in found.services]


def _row(one: Service, *, wide: bool) -> tuple[str, ...]:
    shards = (f"{shard.member} ({shard.state})" if wide or not shard.healthy else shard.member for shard in one.shards)
    healthy = f"{one.healthy}/{len(one.shards)}"
    return one.namespace, one.name, one.federation, healthy, one.answered, ", ".join(shards)
