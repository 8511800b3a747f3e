"""PyVRP in a process of its own: ``run_pyvrp.py MODEL_FOLDER SECONDS SEED OUT``.

As its documentation has it: `pyvrp.read` and `pyvrp.solve` with `MaxRuntime`. Solomon's and Li and
Lim's tables, which it does not read, are built from the same numbers. Imports nothing of Crossdock.
"""

# pyright: basic

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pyvrp
from pyvrp.stop import MaxRuntime

BEGAN_S = time.perf_counter()
ANY = np.iinfo(np.int64).max


def main(folder: Path, seconds: float, seed: int, out: Path) -> None:
    """Read, solve and write the routes."""
    model = json.loads((folder / "model.json").read_text())
    warnings.simplefilter("ignore")
    if model["is_vrplib"]:
        data = pyvrp.read(model["path"], round_func=model["rounding"])
    else:
        data = built(model, folder)
    left_s = max(seconds - (time.perf_counter() - BEGAN_S), 0.05)
    result = pyvrp.solve(data, MaxRuntime(left_s), seed=seed, collect_stats=False, display=False)
    jobs, shipments = model["jobs"], model["shipments"]
    routes = []
    for route in result.best.routes():
        nodes = []
        for visit in list(route)[1:-1]:
            if visit.is_client():
                nodes.append(visit.idx)
            elif visit.is_pickup():
                nodes.append(jobs + visit.idx)
            elif visit.is_delivery():
                nodes.append(jobs + shipments + visit.idx)
            else:
                nodes.append(-1 - visit.idx)
        routes.append([vehicle(model, data, route.vehicle_type()), nodes])
    out.write_text(json.dumps({"routes": routes}))


def vehicle(model, data, index: int) -> int:
    """Our type of one of PyVRP's: it names the vehicles of the file, we the first of them."""
    if len(model["vehicles"]) == 1:
        return 0
    first = int(data.vehicle_type(index).name.split(",")[0]) + 1
    return [each["id"] for each in model["vehicles"]].index(str(first))


def built(model, folder: Path) -> pyvrp.ProblemData:
    """The data of a table with one depot and one kind of vehicle."""
    nodes, jobs, shipments = len(model["service"]), model["jobs"], model["shipments"]
    closes = [ANY if value is None else value for value in model["closes"]]
    kind = model["vehicles"][0]
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(x, y) for x, y in model["xy"]],
        clients=[
            pyvrp.Client(
                location=node,
                delivery=model["delivery"][node],
                service_duration=model["service"][node],
                tw_early=model["opens"][node],
                tw_late=closes[node],
            )
            for node in range(jobs)
        ],
        depots=[pyvrp.Depot(nodes)],
        vehicle_types=[
            pyvrp.VehicleType(
                num_available=kind["count"],
                capacity=kind["capacity"],
                tw_early=kind["opens"],
                tw_late=ANY if kind["closes"] is None else kind["closes"],
            )
        ],
        distance_matrices=[np.load(folder / "distance.npy")],
        duration_matrices=[np.load(folder / "duration.npy")],
        shipments=[
            pyvrp.Shipment(
                pickup_location=node,
                delivery_location=node + shipments,
                pickup_tw_early=model["opens"][node],
                pickup_tw_late=closes[node],
                pickup_service_duration=model["service"][node],
                delivery_tw_early=model["opens"][node + shipments],
                delivery_tw_late=closes[node + shipments],
                delivery_service_duration=model["service"][node + shipments],
                amount=model["carried"][node],
            )
            for node in range(jobs, jobs + shipments)
        ],
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
