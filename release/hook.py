"""What hatchling does beside packing: man pages from the manuals, and the bill of materials, into the wheel."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc, type-arg]  # hatchling has no types for it
    """Makes files below `build/release`, each the same for the same sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the files, and tell which go where; an editable install needs none."""
        if self.target_name != "wheel" or version == "editable":
            return
        from release.man import page
        from release.sbom import bill

        name, number = self.metadata.core.name, self.metadata.version
        made = ROOT / "build" / "release"
        made.mkdir(parents=True, exist_ok=True)
        (made / f"{name}.cdx.json").write_text(bill(name, number, ROOT / "requirements.lock"), encoding="utf-8")
        build_data["sbom_files"].append(str((made / f"{name}.cdx.json").relative_to(ROOT)))
        for manual in sorted((ROOT / "fedresolver" / "plugins").glob("*/README.md")):
            title = f"{name}-{manual.parent.name}"
            (made / f"{title}.7").write_text(page(title, 7, number, manual.read_text("utf-8")), encoding="utf-8")
            build_data["shared_data"][str(made / f"{title}.7")] = f"share/man/man7/{title}.7"
