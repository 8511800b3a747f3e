"""Who is measured: our own command, and peers in the Python that has them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from crossdock.model import UsageError
from crossdock.plan.routing import Problem
from crossdock.platform.bench.lastmile.verdict import Sequences
from crossdock.platform.bench.lastmile.whole import features, write_whole
from crossdock.platform.routing import Instance

OURS = "crossdock"
_HERE = Path(__file__).parent
_INCOMPLETE = 4
_MOST_MATRIX_PLACES = 12_000
_ASK_S = 120.0
_ASK = "import {module}; from importlib.metadata import version; print(version({package!r}))"


@dataclass(frozen=True)
class Peer:
    """A solver of others.

    Attributes
    ----------
    program
        Our file that runs it.
    can
        `features` that it is given; what is not among them is not supported.
    """

    name: str
    package: str
    module: str
    program: str
    can: frozenset[str]


_COMMON = frozenset({"time windows", "shipments", "vehicles of stops", "longest distance"})
PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "pyvrp", "pyvrp", "pyvrp", "run_pyvrp.py",
            _COMMON | {
                "pickups", "backhauls last", "reloads", "release times", "prizes", "groups",
                "longest duration",
            },
        ),
        Peer("vroom", "pyvroom", "vroom", "run_vroom.py", _COMMON | {"pickups"}),
        Peer(
            "ortools", "ortools", "ortools.constraint_solver.pywrapcp", "run_ortools.py",
            _COMMON | {"pickups", "backhauls last", "prizes", "groups", "longest duration"},
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Solver:
    """One that can be run here.

    Attributes
    ----------
    peer
        None for our own.
    python
        Interpreter that has it.
    """

    name: str
    version: str
    peer: Peer | None
    python: str


@dataclass(frozen=True)
class Missing:
    """A peer that cannot be run here."""

    name: str
    remedy: str


def ours() -> Solver:
    """Our own command, as people run it."""
    return Solver(OURS, version("crossdock"), None, sys.executable)


def find_peers(names: Sequence[str], peer_python: str | None) -> tuple[list[Solver], list[Missing]]:
    """Those of ``names`` that are installed, in ``peer_python`` or beside us, and the others.

    Raises
    ------
    UsageError
        A name is not known, or there is no such interpreter.
    """
    unknown = [name for name in names if name not in PEERS]
    if unknown:
        raise UsageError(
            f"--peers has {unknown[0]!r}, which is not known",
            remedy=f"give some of: {','.join(PEERS)}",
        )
    pythons = [sys.executable] if peer_python is None else [peer_python, sys.executable]
    solvers: list[Solver] = []
    missing: list[Missing] = []
    for name in dict.fromkeys(names):
        peer = PEERS[name]
        found = next(((each, told) for each in pythons if (told := _version(each, peer))), None)
        if found is None:
            remedy = "pip install 'crossdock[peers]', or name a Python that has it by --peer-python"
            missing.append(Missing(name, remedy))
        else:
            solvers.append(Solver(name, found[1], peer, found[0]))
    return solvers, missing


def not_supported(solver: Solver, problem: Problem) -> str:
    """What ``solver`` cannot be told of ``problem``; empty if it can be told all."""
    if solver.peer is None:
        return ""
    beyond = sorted(features(problem) - solver.peer.can)
    places = problem.metric.places
    if places > _MOST_MATRIX_PLACES:
        beyond.append(f"{places:,} places, as it needs all distances between them")
    return ", ".join(beyond)


def prepare(
    solver: Solver, instance: Instance, path: Path, seconds: float, seed: int, folder: Path
) -> list[str]:
    """The command that solves ``path``; what a peer reads is written into ``folder``."""
    if solver.peer is None:
        options = ["--time", str(seconds), "--seed", str(seed), "--out", str(folder / "out.json")]
        program = ["-m", "crossdock.platform.cli", "--quiet", "route", "solve"]
        return [solver.python, "-P", *program, str(path), *options]
    reads_file = solver.name == "pyvrp" and instance.kind != "PDPTW"
    write_whole(instance, path, folder, matrices=not reads_file or path.suffix == ".txt")
    program = [str(_HERE / solver.peer.program), str(folder), str(seconds), str(seed)]
    return [solver.python, "-P", *program, str(folder / "out.json")]


def answer(solver: Solver, problem: Problem, folder: Path) -> Sequences | None:
    """The routes that a solver wrote; None if it wrote none."""
    out = folder / "out.json"
    if not out.is_file():
        return None
    told = json.loads(out.read_text(encoding="utf-8"))
    if solver.peer is None:
        return _ours(problem, told)
    return [(kind, nodes) for kind, nodes in told["routes"]]


def may_have_answered(solver: Solver, code: int | None) -> bool:
    """Whether ``code`` says that the answer is whole."""
    return code == 0 or (solver.peer is None and code == _INCOMPLETE)


def _ours(problem: Problem, told: dict[str, Any]) -> Sequences:
    """Bare routes of `crossdock.platform.routing.solution_document`."""
    kinds = {kind.id: at for at, kind in enumerate(problem.vehicles)}
    nodes = {depot.id: -1 - at for at, depot in enumerate(problem.depots)}
    nodes |= {name: at for at, name in enumerate(problem.nodes.ids)}
    return [
        (
            0 if route["vehicle_type"] is None else kinds[str(route["vehicle_type"])],
            [nodes[str(visit)] for visit in route["visits"]],
        )
        for route in told["routes"]
    ]


def _version(python: str, peer: Peer) -> str:
    """Version of ``peer`` in ``python``; empty if it has none that can be imported."""
    asked = _ASK.format(module=peer.module, package=peer.package)
    try:
        told = subprocess.run(
            [python, "-P", "-c", asked], capture_output=True, text=True, timeout=_ASK_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(
            f"{python} cannot be run as a Python: {error}",
            remedy="give the path of an interpreter, as VENV/bin/python",
        ) from error
    return told.stdout.strip() if told.returncode == 0 else ""
