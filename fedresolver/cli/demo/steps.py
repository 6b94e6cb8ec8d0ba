"""The guided fail-over: what each step changes in which file, and which answer it must lead to."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fedresolver.cli.demo.world import SERVICE, ZONE_FILE


class Change(Protocol):
    """Something that a control plane would change in the files of a member."""

    @property
    def path(self) -> str:
        """What is changed, below the folder of the demo."""

    def __str__(self) -> str: ...

    def apply(self, folder: Path) -> None:
        """Change it in `folder`."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A file in which every `old` becomes `new`, at once."""

    path: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.old} -> {self.new}"

    def apply(self, folder: Path) -> None:
        """Put a file with the new text in the place of the old one; ValueError when `old` is not in it."""
        file = folder / self.path
        text = file.read_text()
        if self.old not in text:
            raise ValueError(f"{file} has no {self.old!r}")
        new = file.with_suffix(".new")
        new.write_text(text.replace(self.old, self.new))
        new.replace(file)


@dataclass(frozen=True, slots=True)
class Delete:
    """A file, or a folder with all that is in it, that goes away."""

    path: str

    def __str__(self) -> str:
        return "deleted"

    def apply(self, folder: Path) -> None:
        """Remove it; OSError when it is not there."""
        gone = folder / self.path
        if gone.is_dir():
            shutil.rmtree(gone)
        else:
            gone.unlink()


@dataclass(frozen=True, slots=True)
class Told:
    """The answer that is expected: the records as `Answer.lines` writes them, and the text of the EDE."""

    lines: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what happens in the world, what that changes, the answer after it, and the rule behind that.

    `asked` is the name whose answer it is.
    """

    title: str
    story: str
    change: Change | None
    told: Told
    because: str
    asked: str = SERVICE


OWN = "nginx.acme.com"
"""The name that the zone file has for the Service."""

_TOPOLOGY_ZONE = "5s CNAME S.svc.us-central1-a.us-central1.example.com."
_REGION = "180s CNAME S.svc.us-central1.example.com."
_GLOBAL = "180s CNAME S.svc.example.com."

STEPS = (
    Step(
        title="Everything is well",
        story="Every member has a healthy shard of nginx. Nothing is changed yet.",
        change=None,
        told=Told(("5s A 10.10.0.80",), "local"),
        because="The local shard is healthy: its ClusterIP is the answer, as for any Service.",
    ),
    Step(
        title="The local shard goes down",
        story="The Pods of gce-us-central1 fail their readiness probes, and its EndpointSlice says so.",
        change=Edit("members/gce-us-central1/nginx.yaml", "ready: true", "ready: false"),
        told=Told(
            (_TOPOLOGY_ZONE, "180s A 203.0.113.50"),
            "zone us-central1-a: local 0 of 3 ready",
        ),
        because="gce-us-central1-blue is in the same topology zone: its load balancer is the nearest healthy one.",
    ),
    Step(
        title="The topology zone has no shard any more",
        story="Somebody deletes the Service in gce-us-central1-blue.",
        change=Delete("members/gce-us-central1-blue/nginx.yaml"),
        told=Told(
            (_TOPOLOGY_ZONE, _REGION, "180s A 203.0.113.60"),
            "region us-central1: local 0 of 3 ready, zone us-central1-a no shard",
        ),
        because="The name of the topology zone becomes a CNAME to that of the region, where gce-us-central1-f is left.",
    ),
    Step(
        title="The region cannot be reached any more",
        story="gce-us-central1-f loses its load balancer. Its Pods are well, but nobody outside can reach them.",
        change=Edit("members/gce-us-central1-f/nginx.yaml", "[{ip: 203.0.113.60}]", "[]"),
        told=Told(
            (
                _TOPOLOGY_ZONE,
                _REGION,
                _GLOBAL,
                "180s A 203.0.113.20",
                "180s A 203.0.113.30",
                "180s A 203.0.113.40",
            ),
            "global: local 0 of 3 ready, zone us-central1-a no shard, region us-central1 no load balancer",
        ),
        because="The walk ends at the global name: the load balancers of every healthy shard of the federation.",
    ),
    Step(
        title="A whole member goes away",
        story="gce-us-east1 leaves the federation.",
        change=Delete("members/gce-us-east1"),
        told=Told(
            (_TOPOLOGY_ZONE, _REGION, _GLOBAL, "180s A 203.0.113.30", "180s A 203.0.113.40"),
            "global: local 0 of 3 ready, zone us-central1-a no shard, region us-central1 no load balancer",
        ),
        because="Its address leaves the answer at once; the other members are not touched by that.",
    ),
    Step(
        title="The local shard comes back",
        story="The Pods of gce-us-central1 are ready again.",
        change=Edit("members/gce-us-central1/nginx.yaml", "ready: false", "ready: true"),
        told=Told(("5s A 10.10.0.80",), "local"),
        because="Local first, again: the CNAME that led away from here had a TTL of 5 seconds.",
    ),
    Step(
        title="A name of our own",
        story=f"Customers know eu.{OWN}. The zone file {ZONE_FILE} makes it a CNAME to the name of a region.",
        change=None,
        told=Told(
            (f"eu.{OWN}. 300s CNAME S.svc.europe-west1.example.com.", "180s A 203.0.113.30"),
            "",
        ),
        because="The zone file and the federation answer together: the whole chain is in one response.",
        asked=f"eu.{OWN}",
    ),
)
