"""The house stands: one version, rooms that say what they are, data that travels with the code."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import tomllib
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import pytest

import crossdock

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGES = sorted(
    module.name
    for module in pkgutil.walk_packages(crossdock.__path__, "crossdock.")
    if module.ispkg
)
ROOMS = [name for name in PACKAGES if name.count(".") > 1] + ["crossdock.model"]
SOURCES = sorted(Path(crossdock.__path__[0]).rglob("*.py"))


def test_there_is_one_version():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    assert newest is not None
    assert PROJECT["version"] == version("crossdock") == newest[1]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_wing_and_room_says_what_it_is_for(package: str):
    said = importlib.import_module(package).__doc__
    assert said is not None
    assert len(said.split()) > 2


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_names_its_public_face(room: str):
    module = importlib.import_module(room)
    assert module.__all__
    assert len(module.__all__) == len(set(module.__all__))
    assert all(hasattr(module, name) for name in module.__all__)


def test_nothing_reaches_inside_a_room_of_another():
    """The modules of `crossdock.model` are the vocabulary itself and are open to all."""
    reached = [
        f"{source.relative_to(ROOT)} imports {module}"
        for source in SOURCES
        for module in _imported(source)
        for room in ROOMS
        if module.startswith(f"{room}.") and module not in PACKAGES and room != "crossdock.model"
        if not _module_name(source).startswith(room)
    ]
    assert reached == []


def test_the_licence_is_the_full_apache_text():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert PROJECT["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


@pytest.mark.parametrize(
    ("package", "suffix"),
    [
        ("crossdock.simulate.builtin.data", ".csv"),
        ("crossdock.measure.report.partials", ".j2"),
        ("crossdock.measure.report.assets", ".json"),
        ("crossdock.measure.handout.sheets", ".j2"),
    ],
)
def test_data_travels_with_the_package(package: str, suffix: str):
    parent, _, folder = package.rpartition(".")
    names = [entry.name for entry in (files(parent) / folder).iterdir()]
    assert any(name.endswith(suffix) for name in names)


def test_the_base_install_is_light():
    heavy = {"torch", "ray", "psycopg", "ortools", "mkdocs-material", "pytest"}
    base = {re.split(r"[^\w-]", line)[0] for line in PROJECT["dependencies"]}
    assert base.isdisjoint(heavy)


def test_the_lock_holds_every_base_dependency_and_no_torch():
    lock = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
    assert {re.split(r"[^\w-]", line)[0] for line in PROJECT["dependencies"]} <= locked
    assert "torch" not in locked


def _imported(source: Path) -> list[str]:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    return [
        node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module
    ]


def _module_name(source: Path) -> str:
    return ".".join(source.relative_to(ROOT / "src").with_suffix("").parts)
