"""Looking at a page: what axe finds wrong with it, pictures of it, what it saves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

_AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Any) -> list[str]:
    """What axe finds wrong with a page."""
    if not _AXE.is_file():
        pytest.skip("axe-core is not installed")
    # As an extension does: not by a script of the page, which its policy forbids.
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


def keep_picture(page: Any, name: str) -> None:
    """Keep a picture where ``CROSSDOCK_PICTURES`` names a folder."""
    if folder := os.environ.get("CROSSDOCK_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=False)


def saved(page: Any, button: str) -> str:
    """What a button has the browser save."""
    with page.expect_download() as waited:
        page.click(button)
    return Path(waited.value.path()).read_text(encoding="utf-8")
