"""A kubeconfig file: one context per member, named after it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True)
class Context:
    """Where a member's API server is, whom it is trusted by, and as whom it is asked.

    `certificate` (with its key) is used instead of the token where it is given. Without an authority the address is one
    of plain HTTP, and nobody is asked as.
    """

    name: str
    url: str
    authority: Path | None = None
    token: str = ""
    certificate: tuple[Path, Path] | None = None

    def user(self) -> dict[str, str]:
        """Return the credentials as a kubeconfig has them."""
        if self.certificate:
            certificate, key = self.certificate
            return {"client-certificate": str(certificate), "client-key": str(key)}
        return {"token": self.token} if self.token else {}

    def cluster(self) -> dict[str, str]:
        """Return the address as a kubeconfig has it."""
        trust = {"certificate-authority": str(self.authority)} if self.authority else {}
        return {"server": self.url, **trust}


def write(path: Path, contexts: Iterable[Context]) -> Path:
    """Write the file at once, as an operator's tools do; return it."""
    found = list(contexts)
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(
        yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": found[0].name if found else "",
                "clusters": [{"name": one.name, "cluster": one.cluster()} for one in found],
                "users": [{"name": one.name, "user": one.user()} for one in found],
                "contexts": [{"name": one.name, "context": {"cluster": one.name, "user": one.name}} for one in found],
            }
        )
    )
    return draft.rename(path)
