"""A wheel carries the pages of the server; whoever makes one builds them first."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PagesHook(BuildHookInterface):
    """Builds the pages for a wheel, which fails without them; an editable install has none."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before the files of the wheel are gathered."""
        if version == "editable":
            return
        root = Path(self.root)
        if not (root / "web" / "package.json").is_file():
            raise FileNotFoundError("web/ is missing: the pages cannot be built")
        built = runpy.run_path(str(root / "scripts" / "build_web.py"))
        built["build_pages"]()
        if not (built["PAGES"] / "index.html").is_file():
            raise FileNotFoundError("the pages are missing after they were built")
