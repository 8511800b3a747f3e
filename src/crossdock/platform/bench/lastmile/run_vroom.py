"""VROOM in a process of its own: ``run_vroom.py MODEL_FOLDER SECONDS SEED OUT``.

Highest exploration level, two threads; it takes no seed. Imports nothing of Crossdock.
"""

# pyright: basic, reportMissingImports=false

import datetime as dt
import json
import sys
import time
from pathlib import Path

import numpy as np
import vroom

BEGAN_S = time.perf_counter()
EXPLORATION, THREADS = 5, 2
MOST_COST = 2e9


def main(folder: Path, seconds: float, _: int, out: Path) -> None:
    """Read, solve and write the routes."""
    model = json.loads((folder / "model.json").read_text())
    problem = vroom.Input()
    scale = matrices(problem, model, folder)
    kinds = vehicles(problem, model, scale)
    stops(problem, model)
    left_s = max(seconds - (time.perf_counter() - BEGAN_S), 0.05)
    found = problem.solve(EXPLORATION, THREADS, timeout=dt.timedelta(seconds=left_s)).to_dict()
    routes = [
        [kinds[route["vehicle"]], [step["id"] for step in route["steps"] if "id" in step]]
        for route in found["routes"]
    ]
    out.write_text(json.dumps({"routes": routes}))


def matrices(problem, model, folder: Path) -> float:
    """A profile a rate of distance: VROOM has one matrix of costs each.

    Returns what costs are divided by: it wants the sum of the largest of each row in 32 bits.
    """
    distance = np.load(folder / "distance.npy")
    duration = np.load(folder / "duration.npy").astype(np.uint32)
    kinds = model["vehicles"]
    most = sum(kind["count"] * kind["fixed_cost"] for kind in kinds)
    most += int(distance.max(axis=1).sum()) * max(kind["rate"] for kind in kinds)
    scale = max(1.0, most / MOST_COST)
    for rate in {kind["rate"] for kind in kinds}:
        problem.set_durations_matrix(str(rate), duration)
        problem.set_costs_matrix(str(rate), np.rint(distance * (rate / scale)).astype(np.uint32))
        if any(kind["max_distance"] is not None for kind in kinds):
            problem.set_distances_matrix(str(rate), distance.astype(np.uint32))
    return scale


def vehicles(problem, model, scale: float) -> dict[int, int]:
    """Add every vehicle; returns the type of each by its number."""
    kinds: dict[int, int] = {}
    everything = sum(map(sum, model["delivery"])) + sum(sum(map(abs, a)) for a in model["carried"])
    for index, kind in enumerate(model["vehicles"]):
        capacity = [everything + 1 if limit is None else limit for limit in kind["capacity"]]
        more = {}
        if kind["closes"] is not None:
            more["time_window"] = vroom.TimeWindow(kind["opens"], kind["closes"])
        if kind["max_distance"] is not None:
            more["max_distance"] = kind["max_distance"]
        for _ in range(kind["count"]):
            number = len(kinds) + 1
            kinds[number] = index
            problem.add_vehicle(
                vroom.Vehicle(
                    number,
                    start=kind["start"],
                    end=kind["end"],
                    profile=str(kind["rate"]),
                    capacity=capacity,
                    skills={at for at, each in enumerate(classes(model)) if index in each},
                    costs=vroom.VehicleCosts(fixed=round(kind["fixed_cost"] / scale)),
                    **more,
                )
            )
    return kinds


def stops(problem, model) -> None:
    """Add jobs and shipments, numbered as the rows."""
    jobs, shipments = model["jobs"], model["shipments"]
    skills = {tuple(each): {at} for at, each in enumerate(classes(model))}

    def common(node: int) -> dict:
        told = {"location": node, "default_service": model["service"][node]}
        if model["closes"][node] is not None:
            told["time_windows"] = [vroom.TimeWindow(model["opens"][node], model["closes"][node])]
        return told

    def needs(node: int) -> set[int]:
        allowed = model["allowed"][node]
        return set() if allowed is None else skills[tuple(allowed)]

    problem.add_job(
        [
            vroom.Job(
                node,
                **common(node),
                delivery=model["delivery"][node],
                pickup=model["pickup"][node],
                skills=needs(node),
            )
            for node in range(jobs)
        ]
    )
    for node in range(jobs, jobs + shipments):
        problem.add_shipment(
            vroom.ShipmentStep(node, **common(node)),
            vroom.ShipmentStep(node + shipments, **common(node + shipments)),
            amount=vroom.Amount(model["carried"][node]),
            skills=needs(node),
        )


def classes(model) -> list[tuple[int, ...]]:
    """The different sets of vehicle types that stops allow; each is a skill."""
    return sorted({tuple(each) for each in model["allowed"] if each is not None})


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
