"""`fedresolver records`."""

from collections.abc import Iterator

from fedresolver.cli.ask.client import AskError, Client
from fedresolver.status.documents import Zone, Zones
from fedresolver.status.table import table

HEADS = ("NAME", "TTL", "TYPE", "DATA")


def zones(client: Client, asked: str) -> list[Zone]:
    """Return the zone that is asked for, or all of them."""
    wanted = (asked,) if asked else client.get("zones", Zones).zones
    if not wanted:
        raise AskError("the server has no zone whose records are known")
    return [client.get("records", Zone, {"zone": zone}) for zone in wanted]


def lines(found: list[Zone]) -> list[str]:
    """Return the records as a table."""
    records = (record for zone in found for record in zone.records)
    return table(HEADS, ((one.owner, str(one.ttl), one.type, one.data) for one in records))


def master_file(found: list[Zone]) -> Iterator[str]:
    """Yield the records as a zone file each (RFC 1035 5)."""
    for zone in found:
        yield f"; {zone.name} serial {zone.serial}"
        for host in _without_address(zone):
            yield f"; {host} has no address, which many servers refuse: in a federation `ns {host} ADDRESS` adds it"
        yield from (f"{one.owner}\t{one.ttl}\tIN\t{one.type}\t{one.data}" for one in zone.records)


def _without_address(zone: Zone) -> list[str]:
    """Return the name servers that are in the zone and have no address in it."""
    addressed = {one.owner for one in zone.records if one.type in ("A", "AAAA")}
    hosts = (one.data for one in zone.records if one.type == "NS" and one.owner == zone.name)
    return [host for host in hosts if f".{host}".endswith(f".{zone.name}") and host not in addressed]
