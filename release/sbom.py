"""The bill of materials (CycloneDX 1.6) of what the lock file names: the same for the same file."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def bill(name: str, version: str, lock: Path) -> str:
    """Return the bill of materials of a release, as JSON."""
    text = lock.read_text(encoding="utf-8")
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{name}@{version} {text}')}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": f"pkg:pypi/{name}@{version}",
                "name": name,
                "version": version,
                "purl": f"pkg:pypi/{name}@{version}",
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": list(_components(text)),
    }
    return json.dumps(document, indent=2) + "\n"


def _components(text: str) -> Iterator[dict[str, object]]:
    """Yield each pinned package; the hashes are those of the files that the lock file allows for it."""
    pins = list(_PINNED.finditer(text))
    for pin, following in zip(pins, [*pins[1:], None], strict=True):
        block = text[pin.end() : following.start() if following else len(text)]
        name, version = pin[1].lower(), pin[2]
        yield {
            "type": "library",
            "bom-ref": f"pkg:pypi/{name}@{version}",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name}@{version}",
            "externalReferences": [
                {
                    "type": "distribution",
                    "url": f"https://pypi.org/project/{name}/{version}/",
                    "hashes": [{"alg": "SHA-256", "content": digest} for digest in sorted(_HASH.findall(block))],
                }
            ],
        }
