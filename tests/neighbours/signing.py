"""Zones signed by BIND's tools, in each of the ways that proofs of absence are made."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

ALGORITHM = "ECDSAP256SHA256"


@dataclass(frozen=True, slots=True)
class Denial:
    """How a zone proves what it does not have, and what `dnssec-signzone` is told for it."""

    name: str
    flags: tuple[str, ...] = ()

    @property
    def opts_out(self) -> bool:
        """Whether names may be there of which nothing is proven, so that what is not is no more than believed."""
        return "-A" in self.flags


DENIALS = (
    Denial("NSEC"),
    Denial("NSEC3", ("-3", "-")),
    Denial("NSEC3 with salt and iterations", ("-3", "aabbccdd", "-H", "7")),
    Denial("NSEC3 with Opt-Out", ("-3", "-", "-A")),
)


def keys(folder: Path, apex: str) -> str:
    """Make the keys of a zone; return the DS record of the one that its parent knows."""
    _run(folder, "dnssec-keygen", "-q", "-a", ALGORITHM, apex)
    name = _run(folder, "dnssec-keygen", "-q", "-a", ALGORITHM, "-f", "KSK", apex).strip()
    return _run(folder, "dnssec-dsfromkey", "-2", f"{name}.key")


def signed(folder: Path, apex: str, text: str, denial: Denial) -> str:
    """Return a zone with signatures by the keys in `folder`, valid from now on."""
    (folder / f"{apex}.zone").write_text(text)
    where = ("-o", apex, "-f", "signed", f"{apex}.zone")
    _run(folder, "dnssec-signzone", "-q", "-S", "-O", "full", *denial.flags, *where)
    return (folder / "signed").read_text()


def _run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
