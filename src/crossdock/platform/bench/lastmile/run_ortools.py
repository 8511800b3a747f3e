"""OR-Tools routing in a process of its own: ``run_ortools.py MODEL_FOLDER SECONDS SEED OUT``.

Guided local search from parallel cheapest insertion, from savings above 1,500 stops; transits as
matrices, which it reads without Python. It takes no seed. Imports nothing of Crossdock.
"""

# pyright: basic, reportMissingImports=false

import json
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

BEGAN_S = time.perf_counter()
SAVINGS_ABOVE = 1_500
First = routing_enums_pb2.FirstSolutionStrategy
Meta = routing_enums_pb2.LocalSearchMetaheuristic


def main(folder: Path, seconds: float, _: int, out: Path) -> None:
    """Read, solve and write the routes."""
    model = json.loads((folder / "model.json").read_text())
    asked = Routing(model, np.load(folder / "distance.npy"), np.load(folder / "duration.npy"))
    left_s = max(seconds - (time.perf_counter() - BEGAN_S), 0.05)
    out.write_text(json.dumps({"routes": asked.solved(left_s)}))


class Routing:
    """The model in the words of OR-Tools."""

    def __init__(self, model, distance, duration) -> None:
        self.model, self.distance, self.duration = model, distance, duration
        self.kinds = [
            index for index, kind in enumerate(model["vehicles"]) for _ in range(kind["count"])
        ]
        told = [model["vehicles"][index] for index in self.kinds]
        self.manager = pywrapcp.RoutingIndexManager(
            len(distance), len(told), [each["start"] for each in told], [e["end"] for e in told]
        )
        self.routing = pywrapcp.RoutingModel(self.manager)
        self.nodes = len(model["service"])
        self.index = [self.manager.NodeToIndex(node) for node in range(self.nodes)]
        self.told = told
        self.costs()
        self.loads()
        self.times()
        self.reach()
        self.choices()
        self.backhauls()

    def costs(self) -> None:
        """A matrix a rate of distance, and fixed costs."""
        by_rate = {
            rate: self.routing.RegisterTransitMatrix((self.distance * rate).tolist())
            for rate in {kind["rate"] for kind in self.told}
        }
        for number, kind in enumerate(self.told):
            self.routing.SetArcCostEvaluatorOfVehicle(by_rate[kind["rate"]], number)
            self.routing.SetFixedCostOfVehicle(kind["fixed_cost"], number)

    def loads(self) -> None:
        """A dimension an amount; deliveries and backhauls of a tour never share the vehicle."""
        model, pad = self.model, [0] * (len(self.distance) - self.nodes)
        everything = int(np.abs(model["delivery"]).sum() + np.abs(model["carried"]).sum()) + 1
        for what in ("delivery", "pickup", "carried"):
            rows = np.array(model[what]).reshape(self.nodes, -1)
            for at in range(rows.shape[1]):
                if not rows[:, at].any():
                    continue
                demand = self.routing.RegisterUnaryTransitVector(rows[:, at].tolist() + pad)
                limits = [kind["capacity"][at] for kind in self.told]
                limits = [everything if limit is None else limit for limit in limits]
                name = f"{what} {at}"
                self.routing.AddDimensionWithVehicleCapacity(demand, 0, limits, True, name)

    def times(self) -> None:
        """Windows, shifts and durations, where there are any."""
        model, kinds = self.model, self.told
        limits = [kind[name] for kind in kinds for name in ("closes", "max_duration")]
        limits += model["closes"]
        self.is_timed = any(limit is not None for limit in limits)
        if not self.is_timed:
            return
        service = np.zeros(len(self.distance), dtype=np.int64)
        service[: self.nodes] = model["service"]
        transit = self.routing.RegisterTransitMatrix((self.duration + service[:, None]).tolist())
        known = [limit for limit in limits if limit is not None]
        horizon = max(known) + int(self.duration.max()) + int(service.max()) + max(model["opens"])
        self.routing.AddDimension(transit, horizon, horizon, False, "time")
        time_of = self.routing.GetDimensionOrDie("time")
        for node, index in enumerate(self.index):
            closes = model["closes"][node]
            closes = horizon if closes is None else closes
            time_of.CumulVar(index).SetRange(model["opens"][node], closes)
        for number, kind in enumerate(kinds):
            closes = horizon if kind["closes"] is None else kind["closes"]
            start, end = self.routing.Start(number), self.routing.End(number)
            time_of.CumulVar(start).SetRange(kind["opens"], closes)
            time_of.CumulVar(end).SetRange(kind["opens"], closes)
            if kind["max_duration"] is not None:
                time_of.SetSpanUpperBoundForVehicle(kind["max_duration"], number)

    def reach(self) -> None:
        """Longest distances."""
        limits = [kind["max_distance"] for kind in self.told]
        if all(limit is None for limit in limits):
            return
        far = int(self.distance.max()) * len(self.distance)
        limits = [far if limit is None else limit for limit in limits]
        transit = self.routing.RegisterTransitMatrix(self.distance.tolist())
        self.routing.AddDimensionWithVehicleCapacity(transit, 0, limits, True, "distance")

    def choices(self) -> None:
        """Prizes, groups, vehicles that may serve a stop, and both ends of shipments."""
        model, jobs, shipments = self.model, self.model["jobs"], self.model["shipments"]
        groups = defaultdict(list)
        for node in range(jobs):
            if model["group"][node] is not None:
                groups[model["group"][node]].append(node)
            elif not model["required"][node]:
                self.routing.AddDisjunction([self.index[node]], model["prize"][node])
        for members in groups.values():
            indices = [self.index[node] for node in members]
            if model["required"][members[0]]:
                self.routing.AddDisjunction(indices)
            else:
                self.routing.AddDisjunction(indices, model["prize"][members[0]])
        for node, allowed in enumerate(model["allowed"]):
            if allowed is not None:
                numbers = [at for at, kind in enumerate(self.kinds) if kind in set(allowed)]
                self.routing.SetAllowedVehiclesForIndex(numbers, self.index[node])
        solver = self.routing.solver()
        for node in range(jobs, jobs + shipments):
            up, down = self.index[node], self.index[node + shipments]
            self.routing.AddPickupAndDelivery(up, down)
            solver.Add(self.routing.VehicleVar(up) == self.routing.VehicleVar(down))
            if self.is_timed:
                time_of = self.routing.GetDimensionOrDie("time")
                solver.Add(time_of.CumulVar(up) <= time_of.CumulVar(down))

    def backhauls(self) -> None:
        """Deliveries first: arcs from a backhaul to a delivery, or from the depot to it, go."""
        model = self.model
        if not any(kind["backhauls_last"] for kind in model["vehicles"]):
            return
        collects = [self.index[node] for node in range(self.nodes) if any(model["pickup"][node])]
        delivers = [self.index[node] for node in range(self.nodes) if any(model["delivery"][node])]
        for index in collects:
            self.routing.NextVar(index).RemoveValues(delivers)
        for number in range(len(self.told)):
            self.routing.NextVar(self.routing.Start(number)).RemoveValues(collects)

    def solved(self, seconds: float) -> list:
        """Routes; none if no plan was found in time."""
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        first = First.SAVINGS if self.nodes > SAVINGS_ABOVE else First.PARALLEL_CHEAPEST_INSERTION
        parameters.first_solution_strategy = first
        parameters.local_search_metaheuristic = Meta.GUIDED_LOCAL_SEARCH
        parameters.time_limit.FromMilliseconds(max(int(seconds * 1000), 1))
        found = self.routing.SolveWithParameters(parameters)
        if found is None:
            return []
        routes = []
        for number, kind in enumerate(self.kinds):
            nodes, index = [], found.Value(self.routing.NextVar(self.routing.Start(number)))
            while not self.routing.IsEnd(index):
                nodes.append(self.manager.IndexToNode(index))
                index = found.Value(self.routing.NextVar(index))
            if nodes:
                routes.append([kind, nodes])
        return routes


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
