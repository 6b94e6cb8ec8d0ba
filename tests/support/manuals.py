"""The Markdown of the repository: sections, and blocks of Corefile."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLUGINS = ROOT / "fedresolver" / "plugins"
_FENCE = re.compile(r"^(```|~~~) ?([^\n]*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)


def manual(plugin: str) -> str:
    """Return the manual of a plugin."""
    return (PLUGINS / plugin / "README.md").read_text(encoding="utf-8")


def pages() -> list[Path]:
    """Return every page that users read."""
    folders = (ROOT / name for name in ("docs", "bench", "fedresolver", "deploy"))
    return sorted((ROOT / "README.md", *(page for folder in folders for page in folder.glob("**/*.md"))))


def examples(text: str) -> list[str]:
    """Return the blocks of Corefile in a page."""
    return blocks(text, "corefile")


def blocks(text: str, *kinds: str) -> list[str]:
    """Return the blocks between fences in a page that are of one of these languages."""
    return [found[3] for found in _FENCE.finditer(text) if found[2] in kinds]


def fenced(text: str) -> list[tuple[str, str]]:
    """Return language and text of each block between fences in a page."""
    return [(found[2], found[3]) for found in _FENCE.finditer(text)]


def languages(text: str) -> list[str]:
    """Return the language of each block between fences in a page, empty where it has none."""
    return [found[2] for found in _FENCE.finditer(text)]


def prose(text: str) -> str:
    """Return a page without its blocks between fences."""
    return _FENCE.sub("", text)


def sections(text: str) -> dict[str, str]:
    """Return the text of each section of a page, by title, in order."""
    _, *parts = _SECTION.split(text)
    return dict(zip(parts[::2], parts[1::2], strict=True))
