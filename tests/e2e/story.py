"""The four member clusters of the story, each a control plane of its own."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.e2e.authority import Authority
from tests.e2e.control_plane import ControlPlane
from tests.e2e.member import Member, Site
from tests.support.loop import looping
from tests.support.proxy import proxying
from tests.tools.assets import assets

SITES = (
    Site("gce-us-central1", "us-central1", ("us-central1-a", "us-central1-b")),
    Site("gce-us-east1", "us-east1", ("us-east1-b",)),
    Site("gce-europe-west1", "europe-west1", ("europe-west1-b",)),
    # One that cannot stream its lists, as API servers before 1.32.
    Site("gce-asia-east1", "asia-east1", ("asia-east1-a",), ("--feature-gates=WatchList=false",)),
)


@contextmanager
def members(folder: Path, sites: tuple[Site, ...] = SITES) -> Iterator[dict[str, Member]]:
    """Give members by name, started side by side and ready; at the end nothing is left of them."""
    programs = assets()
    authority = Authority(folder)
    with looping() as loop, ExitStack() as stack:
        found = {}
        for site in sites:
            plane = ControlPlane(programs, folder / site.name, authority, site.flags)
            stack.callback(plane.close)
            plane.start()
            proxy = stack.enter_context(proxying(loop, plane.address))
            found[site.name] = Member(site, plane, proxy, programs["kubectl"])
        for member in found.values():
            member.plane.wait()
            member.install()
        yield found
