"""The files that the build left, read once, each as it is and compressed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).resolve().parent / "static"

_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_ENCODINGS: Mapping[str, str] = {"br": ".br", "gzip": ".gz"}
"""The smallest first."""


@dataclass(frozen=True)
class BuiltFile:
    """One file of the pages.

    Attributes
    ----------
    encoded
        Its bytes by content encoding; ``identity`` is the file as it is.
    """

    media_type: str
    etag: str
    encoded: Mapping[str, bytes]

    def best_for(self, accepted: str) -> str:
        """The encoding to send to a client with this ``Accept-Encoding``."""
        offered = {name for name, weight in map(_weighed, accepted.split(",")) if weight > 0}
        return next((name for name in _ENCODINGS if name in self.encoded and name in offered),
                    "identity")  # fmt: skip


def read_built(folder: Path = STATIC) -> dict[str, BuiltFile]:
    """Every built file by its path from the root of the pages; empty where nothing is built."""
    if not (folder / "index.html").is_file():
        return {}
    return {
        path.relative_to(folder).as_posix(): _read(path)
        for path in sorted(folder.rglob("*"))
        if path.suffix in _TYPES
    }


def _read(path: Path) -> BuiltFile:
    content = path.read_bytes()
    encoded = {"identity": content}
    for name, suffix in _ENCODINGS.items():
        beside = path.with_name(path.name + suffix)
        if beside.is_file():
            encoded[name] = beside.read_bytes()
    mark = hashlib.blake2b(content, digest_size=12).hexdigest()
    return BuiltFile(_TYPES[path.suffix], mark, encoded)


def _weighed(offer: str) -> tuple[str, float]:
    name, _, weight = offer.partition(";")
    try:
        return name.strip().lower(), float(weight.strip().removeprefix("q=")) if weight else 1.0
    except ValueError:
        return name.strip().lower(), 0.0
