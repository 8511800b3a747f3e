"""Compile the kernels of route searches ahead of their first use: it takes a minute or two.

A search with a time limit should not spend it on compiling. Caches of numba do not notice that a
kernel which another one calls has changed, nor a constant of another module: when any source with
kernels has, or any of a package of kernels, all are thrown away.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "src" / "crossdock"
EXAMPLES = ROOT / "docs" / "examples"
PACKAGES = ("ruin", "strings")
STAMP = ROOT / ".venv" / ".kernels"


def main() -> None:
    """Throw away and compile, unless nothing has changed."""
    kernels = [path for path in sorted(SOURCES.rglob("*.py")) if _counts(path)]
    seen = hashlib.sha256(b"".join(path.read_bytes() for path in kernels)).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == seen:
        return
    for pattern in ("*.nbi", "*.nbc"):
        for cache in SOURCES.rglob(pattern):
            cache.unlink(missing_ok=True)
    print("compiling the kernels of route searches", flush=True)
    with ProcessPoolExecutor(2) as workers:
        for done in [workers.submit(_solve_a_plain_problem), workers.submit(_plan_a_day_and_again)]:
            done.result()
    STAMP.write_text(seen)


def _counts(source: Path) -> bool:
    """Whether compiled code may depend on a source."""
    return source.parent.name in PACKAGES or "crossdock.model.compiled import" in source.read_text()


def _solve_a_plain_problem() -> None:
    """With enough stops for strings."""
    _solve(120, capacity=10)


def _plan_a_day_and_again() -> None:
    """The worked day of the docs, which has breaks, pins and a change."""
    from crossdock.platform.cli import main as crossdock  # noqa: PLC0415

    problem, events = EXAMPLES / "route_problem.json", EXAMPLES / "route_events.json"
    with TemporaryDirectory() as place:
        plan, again = Path(place) / "plan.json", Path(place) / "again.json"
        for command in (
            ["plan", str(problem), "--iterations", "2", "--out", str(plan)],
            ["replan", str(problem), str(plan), "--events", str(events), "--iterations", "2",
             "--out", str(again)],
        ):  # fmt: skip
            if code := crossdock(["route", *command, "--quiet"]):
                raise SystemExit(code)
    _plan_more_than_fits()


def _plan_more_than_fits() -> None:
    """What is left out makes room for what is more urgent."""
    _solve(8, capacity=3, vehicles=1, priorities=3)


def _solve(stops: int, *, capacity: int, vehicles: int | None = None, priorities: int = 1) -> None:
    import numpy as np  # noqa: PLC0415 most often there is nothing to do

    from crossdock.plan.routing import (  # noqa: PLC0415
        Budget,
        Depot,
        Job,
        PlanarMetric,
        Problem,
        VehicleType,
        solve,
    )

    points = np.array([[at % 11, at // 11] for at in range(stops + 1)], dtype=np.float64)
    van = VehicleType("van", vehicles, (capacity,), start_depot="D", end_depot="D")
    jobs = tuple(Job(str(at), at, (1,), priority=at % priorities) for at in range(1, stops + 1))
    solve(Problem(PlanarMetric(points), (Depot("D", 0),), (van,), jobs), Budget(iterations=1))


if __name__ == "__main__":
    main()
