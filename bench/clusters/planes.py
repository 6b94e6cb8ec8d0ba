"""Real control planes, an etcd and a kube-apiserver for each member, with data that is made once and kept."""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.clusters import content, fill
from bench.process import BenchError, Cores
from bench.progress import say
from bench.tools import cache
from bench.world import MEMBERS, Member
from tests.e2e import kubeconfig
from tests.e2e.api import parsed
from tests.e2e.authority import Authority
from tests.e2e.control_plane import LASTING, ControlPlane
from tests.e2e.kubeconfig import Context
from tests.e2e.member import RBAC
from tests.e2e.objects import namespace
from tests.tools.assets import MODULE, assets
from tests.tools.golang import BuildError

FLAGS = (f"--service-cluster-ip-range={content.CLUSTER_IPS}",)
OBJECTS = 2 * content.SERVICES * len(MEMBERS)


@dataclass(frozen=True, slots=True)
class Planes:
    """The control planes by member, all of them ready; `authority` signs what they serve with."""

    authority: Authority
    by_member: dict[Member, ControlPlane]

    def write_kubeconfig(self, path: Path, members: Sequence[Member] = MEMBERS) -> None:
        """Write a kubeconfig with a context for each of the members, as fedresolver and its rights."""
        urls = ((member.name, self.by_member[member].address) for member in members)
        contexts = (Context(name, f"https://{ip}:{port}", self.authority.path, LASTING) for name, (ip, port) in urls)
        kubeconfig.write(path, contexts)

    def stop(self) -> None:
        """End all control planes in order, those that run."""
        for plane in self.by_member.values():
            plane.stop()


@contextlib.contextmanager
def planes(folder: Path, cores: Cores) -> Iterator[Planes]:
    """Give four control planes with their content; BenchError when they do not come up. At the end nothing is left.

    They use both cores, since an API server that waits for its core is what would be measured.
    """
    try:
        programs = assets()
    except BuildError as error:
        raise BenchError(str(error)) from error
    authority = Authority(folder)
    with contextlib.ExitStack() as stack:
        by_member: dict[Member, ControlPlane] = {}
        for member in MEMBERS:
            by_member[member] = ControlPlane(programs, folder / member.name, authority, FLAGS)
            stack.callback(by_member[member].close)
        found = Planes(authority, by_member)
        kept = cache() / f"etcd-{digest()}"
        if not kept.exists():
            make(found, cores, kept)
        for member, plane in by_member.items():
            shutil.copytree(kept / member.name, plane.folder / "etcd", dirs_exist_ok=True)
        say(f"clusters: starting {len(MEMBERS)} control planes with {OBJECTS} objects")
        start(found, cores)
        yield found


def make(found: Planes, cores: Cores, kept: Path) -> None:
    """Write the content of all members once, and keep what their etcds have."""
    say(f"clusters: writing {OBJECTS} objects through the API servers into {kept} (once; some minutes)")
    start(found, cores)
    for plane in found.by_member.values():
        plane.admin.apply(namespace(), *parsed(RBAC.read_text()))
    with both(cores):
        fill.fill(found.by_member, content.SERVICES)
    for plane in found.by_member.values():
        plane.etcd.compact()
    found.stop()
    draft = kept.with_name(f"{kept.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    for member, plane in found.by_member.items():
        shutil.copytree(plane.folder / "etcd", draft / member.name)
        plane.etcd.forget()
    draft.rename(kept)


def start(found: Planes, cores: Cores) -> None:
    """Start the control planes and wait until all are ready."""
    with both(cores):
        for plane in found.by_member.values():
            plane.start()
    try:
        for plane in found.by_member.values():
            plane.wait()
    except AssertionError as error:
        raise BenchError(f"a control plane does not come up: {error}") from error


@contextlib.contextmanager
def both(cores: Cores) -> Iterator[None]:
    """Let what is started in the block use both cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cores.load, cores.server})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def digest() -> str:
    """Return what the kept data follows from: the objects, the rights, and the versions of the programs."""
    found = hashlib.sha256(RBAC.read_bytes() + (MODULE.folder / "go.mod").read_bytes())
    for member in MEMBERS:
        found.update(msgspec.json.encode(list(content.objects(member, content.SERVICES))))
    return found.hexdigest()[:12]
