"""Which instances a folder holds, and the best known cost of each."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from crossdock.model import InputUnusableError
from crossdock.plan.routing import Problem
from crossdock.platform.bench.lastmile.verdict import judge

_SUFFIXES = {".vrp", ".txt"}
_ROUTE = re.compile(r"^\s*route\b[^:]*:(.*)$", re.IGNORECASE | re.MULTILINE)
DISTANCE, VEHICLES_FIRST = "distance", "vehicles first"


@dataclass(frozen=True)
class Found:
    """A file that may be an instance.

    Attributes
    ----------
    set
        The folder or zip file that it is from, as shown.
    """

    set: str
    path: Path

    @property
    def name(self) -> str:
        """As ``--only`` is held against."""
        return f"{self.set}/{self.path.name}"


@dataclass(frozen=True)
class BestKnown:
    """What others found.

    Attributes
    ----------
    objective
        ``vehicles first`` where the cost is the distance of the fewest vehicles, which need not be
        the least distance.
    """

    cost: float
    objective: str = DISTANCE


def find_instances(folder: Path, only: str | None, scratch: Path) -> list[Found]:
    """Files under ``folder`` and in its zip files that may be instances, in order of their names.

    Parameters
    ----------
    folder
        Or one zip file.
    only
        Pattern for the file's name, or for it with its set before; None for all.
    scratch
        Empty folder where zip files are unpacked.

    Raises
    ------
    InputUnusableError
        There is no such folder, a zip file is damaged, or nothing fits.
    """
    if not folder.exists():
        raise InputUnusableError(
            f"there is no folder {folder}", remedy="give a folder of instances, or a zip file"
        )
    found = list(_under(folder, scratch))
    if not found:
        remedy = "give a folder with .vrp or .txt files, or zip files of them"
        raise InputUnusableError(f"no instance is in {folder}", remedy=remedy)
    if only is not None:
        found = [
            each for each in found if fnmatch(each.path.name, only) or fnmatch(each.name, only)
        ]
        if not found:
            raise InputUnusableError(
                f"no instance in {folder} fits --only {only!r}",
                remedy="give a pattern for the file's name, as 'X-n1*', or 'SET/*'",
            )
    return sorted(found, key=lambda each: (each.set, each.path.name))


def best_known(found: Found, problem: Problem) -> BestKnown | None:
    """The cost of the routes in the ``.sol`` file beside an instance, or told by ``bks.csv``.

    A ``.sol`` file states its cost in units of its own, so that of its routes is computed as any
    solver's is. ``bks.csv`` is beside the instance or above it; of two entries the least distance
    counts, as that is what is planned for.
    """
    beside = found.path.with_suffix(".sol")
    if beside.is_file():
        verdict = judge(problem, _routes(problem, beside))
        if not verdict.wrong:
            return BestKnown(verdict.cost)
    for folder in (found.path.parent, found.path.parent.parent):
        entries = _table(folder / "bks.csv").get(found.path.stem.lower(), [])
        entries = [each for told_set, each in entries if told_set in ("", found.path.parent.name)]
        if entries:
            return min(entries, key=lambda each: (each.objective != DISTANCE, each.cost))
    return None


def _routes(problem: Problem, path: Path) -> list[tuple[int, list[int]]]:
    """Bare routes of a ``.sol`` file: route k is of vehicle k, nodes are counted from 0.

    The vehicles of a type are taken to follow each other in the file; where they do not, the routes
    are found at fault and not used.
    """
    first = [int(kind.id) if kind.id.isdigit() else 1 for kind in problem.vehicles]
    nodes = {depot.place: -1 - at for at, depot in enumerate(problem.depots)}
    nodes |= {int(place): at for at, place in enumerate(problem.nodes.place)}
    found: list[tuple[int, list[int]]] = []
    for number, told in enumerate(_ROUTE.findall(path.read_text(encoding="utf-8")), start=1):
        kind = max((at for at in range(len(first)) if first[at] <= number), default=0)
        visits = [int(word) for word in told.split() if word.isdigit()]
        found.append((kind, [nodes[visit] for visit in visits if visit in nodes]))
    return found


def _under(folder: Path, scratch: Path) -> Iterator[Found]:
    if folder.is_file():
        yield from _packed(folder, scratch)
        return
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".zip":
            yield from _packed(path, scratch)
        elif path.suffix in _SUFFIXES:
            below = path.parent.relative_to(folder).as_posix()
            yield Found(folder.resolve().name if below == "." else below, path)


def _packed(path: Path, scratch: Path) -> Iterator[Found]:
    place = scratch / str(len(list(scratch.iterdir())))
    try:
        with zipfile.ZipFile(path) as packed:
            if not any(Path(name).suffix in _SUFFIXES for name in packed.namelist()):
                return
            packed.extractall(place)
    except (zipfile.BadZipFile, OSError) as error:
        raise InputUnusableError(
            f"{path.name} cannot be unpacked: {error}", remedy="give a folder or a zip file"
        ) from error
    for inner in sorted(place.rglob("*")):
        if inner.suffix in _SUFFIXES:
            below = inner.parent.relative_to(place).as_posix()
            yield Found(path.stem if below == "." else f"{path.stem}/{below}", inner)


@cache
def _table(path: Path) -> dict[str, list[tuple[str, BestKnown]]]:
    """Set and best known by instance of a ``bks.csv``."""
    found: dict[str, list[tuple[str, BestKnown]]] = {}
    if not path.is_file():
        return found
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            cost = row.get("bks_cost") or row.get("cost")
            if not cost or not row.get("instance"):
                continue
            is_distance = not (row.get("objective") or "").startswith("vehicles")
            each = BestKnown(float(cost), DISTANCE if is_distance else VEHICLES_FIRST)
            found.setdefault(row["instance"].lower(), []).append((row.get("set") or "", each))
    return found
