"""The documentation says what is true: generated pages are current, examples run."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crossdock.platform.planning import PlanRequest, plan_to_folder

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def script(name: str):
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "name",
    [
        "network-format.md",
        "schemas.md",
        "route-documents.md",
        "events.md",
        "cli.md",
        "rule-values.md",
    ],
)
def test_reference_pages_are_what_the_code_says(name: str):
    made = script("build_docs").pages()[name]
    assert (DOCS / name).read_text(encoding="utf-8") == made, (
        "run: .venv/bin/python scripts/build_docs.py"
    )


def test_the_pictures_of_hours_are_what_the_engine_says():
    for name, made in script("make_hos_pictures").pictures().items():
        assert (DOCS / "images" / name).read_text(encoding="utf-8") == made, (
            "run: .venv/bin/python scripts/make_hos_pictures.py"
        )


def code_blocks(page: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(
    ("page", "number"),
    [("docs/library.md", number) for number in range(4)]
    + [("README.md", 0), ("docs/server.md", 0)]
    + [("docs/compliance.md", 0), ("docs/compliance.md", 1), ("docs/eld.md", 0)]
    + [("docs/hos.md", number) for number in range(5)]
    + [("docs/roads.md", 0)]
    + [("docs/routing.md", number) for number in range(3)],
)
def test_python_examples_run(page: str, number: int):
    exec(compile(code_blocks(ROOT / page)[number], page, "exec"), {"__name__": "example"})


def test_the_small_network_of_the_page_is_the_one_in_the_folder():
    page = (DOCS / "own-files.md").read_text(encoding="utf-8")
    files = dict(re.findall(r'```csv title="(\w+\.csv)"\n(.*?)```', page, re.DOTALL))
    folder = DOCS / "examples" / "three-facilities"
    assert files == {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_the_small_network_plans_its_orders(tmp_path: Path):
    examples = DOCS / "examples"
    outcome = plan_to_folder(
        PlanRequest(
            out=tmp_path / "run",
            network_dir=examples / "three-facilities",
            orders_file=examples / "orders.csv",
            workers=1,
            quiet=True,
        )
    )
    assert (outcome.planned, outcome.rejected) == (40, 0)


def test_the_readme_shows_both_commands_and_pictures_that_exist():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in readme
    assert "make test" in readme
    pictures = re.findall(r'(?:src|srcset)="(.*?)"', readme)
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).is_file(), picture
        assert (ROOT / picture).stat().st_size <= 400_000, picture


def test_every_decision_is_in_the_navigation():
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for decision in sorted((DOCS / "decisions").glob("*.md")):
        assert f"decisions/{decision.name}" in navigation


def test_tracked_files_hold_no_path_of_a_machine_and_no_registry():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    forbidden = re.compile(r"(?<![\w.])/(?:work|home|root|Users)/\w|pypi\.org|registry\.npmjs")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in {".png", ".parquet"} or name == "tests/test_docs.py":
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not forbidden.search(text), f"{name}: {forbidden.search(text)}"


def test_the_command_line_starts_fast_enough_to_ask_for_help():
    asked = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "crossdock.platform.cli", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "polars" not in asked.stderr
    assert "numba" not in asked.stderr
