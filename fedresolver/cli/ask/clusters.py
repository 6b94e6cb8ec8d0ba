"""`fedresolver clusters`."""

from msgspec.structs import replace

from fedresolver.status.documents import Cluster, Clusters
from fedresolver.status.table import ago, table

HEADS = ("NAME", "STATUS", "VERSION", "AGE", "REGION", "ZONES", "SHARDS")
WIDE = (*HEADS, "FEDERATION", "SOURCE", "HEARD", "FAILS", "WHY", "NEXT")


def lines(found: Clusters, *, wide: bool) -> list[str]:
    """Return the member clusters as a table."""
    if not found.clusters:
        return ["there are no member clusters"]
    return table(WIDE if wide else HEADS, (_row(one, wide=wide) for one in found.clusters))


def names(found: Clusters) -> list[str]:
    """Return the names alone, as `-o name` of kubectl has them."""
    return [f"cluster/{one.name}" for one in found.clusters]


def all_ready(found: Clusters) -> bool:
    """Say whether every member is read."""
    return all(one.status == "Ready" for one in found.clusters)


def awaited(found: Clusters) -> str:
    """Return who is not ready, in a few words."""
    return "waiting for " + ", ".join(f"{one.name} ({one.status})" for one in found.clusters if one.status != "Ready")


def still(one: Cluster) -> Cluster:
    """Return of a member what does not change by itself: without its ages, and the clock of its API server."""
    return replace(one, age=0.0, heard=None, skew=None)


def _row(one: Cluster, *, wide: bool) -> tuple[str, ...]:
    narrow = (
        f"{one.name} (local)" if one.local and wide else one.name,
        one.status,
        one.version,
        ago(one.age),
        ",".join(one.regions),
        ",".join(one.zones),
        str(one.shards),
    )
    more = (one.federation, one.source, ago(one.heard), one.phase, one.why, one.next)
    return (*narrow, *more) if wide else narrow
