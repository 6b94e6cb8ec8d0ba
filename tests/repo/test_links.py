"""What pages point to is there."""

import re
from pathlib import Path

import pytest

from tests.support.manuals import ROOT, pages

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PATH = re.compile(r"`((?:[\w-]+/)+(?:[\w-]+\.(?:py|html|json|md|yaml))?)`")
PAGES = sorted({*pages(), *ROOT.glob("*.md"), *ROOT.glob("zonefiles/*.md")})
ROOTS = (ROOT, ROOT / "fedresolver", ROOT / "bench")
"""Where the paths in running text begin."""


def missing(page: Path, text: str) -> list[str]:
    """Return the links and paths of a page that lead nowhere."""
    links = [link.partition("#")[0] for link in _LINK.findall(text) if "://" not in link]
    lost = [link for link in links if not (page.parent / link).exists()]
    return lost + [path for path in _PATH.findall(text) if not any((root / path).exists() for root in ROOTS)]


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES])
def test_every_link_and_path_leads_somewhere(page):
    assert missing(page, page.read_text(encoding="utf-8")) == []


def test_one_that_leads_nowhere_is_found():
    text = "[a](docs/no.md) [b](https://example.org/) [c](docs/tune.md#x) `server/no.py` `server/udp.py` `no/` `docs/`"
    assert missing(ROOT / "README.md", text) == ["docs/no.md", "server/no.py", "no/"]
