"""What a dispatch day draws its requests from: the rows of a static instance with windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from crossdock.model.errors import InvalidValueError
from crossdock.plan.routing.metric import Floats, Ints
from crossdock.plan.routing.problem import Problem

EPOCH_S = 3600
"""Routes are dispatched once an hour."""
MARGIN_S = 3600
"""Between the begin of an epoch and the departure of its routes."""
DRAWN = 100
"""Candidates an epoch; those that nobody could serve in time are dropped."""

NEAREST = 8
"""Customers that are called near."""


@dataclass(frozen=True, eq=False)
class Requests:
    """Requests as columns.

    Attributes
    ----------
    id
        From 1 in order of reveal.
    customer
        Row of `Day`, so from 1.
    """

    id: Ints
    customer: Ints
    opens: Floats
    closes: Floats
    demand: Ints
    service: Floats

    def __len__(self) -> int:
        return len(self.id)

    def where(self, chosen: object) -> Requests:
        """Those that a mask or an index chooses."""
        return Requests(*(getattr(self, each.name)[chosen] for each in fields(self)))

    def followed_by(self, *later: Requests) -> Requests:
        """These and then ``later``."""
        every = (self, *later)
        return Requests(
            *(np.concatenate([getattr(one, each.name) for one in every]) for each in fields(self))
        )


@dataclass(frozen=True, eq=False)
class Day:
    """A static instance by rows; row 0 is the depot.

    Attributes
    ----------
    duration_s
        Seconds between rows; it is also what driving costs.
    xy
        Positions, as far as they are known.
    """

    duration_s: Ints
    opens: Floats
    closes: Floats
    demand: Ints
    service: Floats
    capacity: int
    xy: Floats

    @classmethod
    def of(cls, problem: Problem) -> Day:
        """The day that a problem of one depot, one kind of vehicle and one window a job means.

        Raises
        ------
        InvalidValueError
            It has no jobs, or something that the game does not know.
        """
        _refuse_other(problem)
        rows, vehicle, depot = problem.nodes, problem.vehicles[0], problem.depots[0]
        places = np.concatenate([problem.depot_places[:1], rows.place])
        legs = problem.metric.matrix(places, places)
        nothing = np.zeros(1)
        capacity = vehicle.capacity[0]
        return cls(
            duration_s=legs.duration,
            opens=np.append(max(depot.opens, vehicle.shift_starts), rows.opens),
            closes=np.append(min(depot.closes, vehicle.shift_ends), rows.closes),
            demand=np.append(0, rows.delivery[:, 0]),
            service=np.append(nothing, rows.service),
            capacity=int(rows.delivery.sum()) if capacity is None else capacity,
            xy=problem.metric.points()[places],
        )

    def epochs(self) -> range:
        """Numbers of the epochs: from the earliest opening to the latest."""
        opens = self.opens[1:]
        first, last = (int((each - MARGIN_S) // EPOCH_S) for each in (opens.min(), opens.max()))
        return range(max(first, 0), max(last, 0) + 1)

    def near_s(self) -> Floats:
        """Of each row, the mean leg, there and back, between it and its nearest customers."""
        legs = (self.duration_s + self.duration_s.T) / 2
        between = np.sort(legs[:, 1:], axis=1)[:, 1 : 1 + NEAREST]
        return between.mean(axis=1) if between.size else legs[:, 0]

    def draw(self, random: np.random.Generator, leaves_s: float, first_id: int) -> Requests:
        """New requests, numbered from ``first_id``, of the epoch whose routes leave at a time.

        Customer, window, demand and service are drawn one column after the other and each for
        itself. A direct trip can serve each request that is kept.
        """
        customers = len(self.opens) - 1
        columns = [random.integers(customers, size=DRAWN) + 1 for _ in range(4)]
        customer, window, demand, service = columns
        drawn = Requests(
            id=np.zeros(DRAWN, dtype=np.int64),
            customer=customer,
            opens=self.opens[window],
            closes=self.closes[window],
            demand=self.demand[demand],
            service=self.service[service],
        )
        kept = drawn.where(self.in_time(drawn, leaves_s))
        return Requests(
            np.arange(first_id, first_id + len(kept)),
            *(getattr(kept, each.name) for each in fields(kept)[1:]),
        )

    def in_time(
        self, requests: Requests, leaves_s: float
    ) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Whether a direct trip that leaves at a time would be in time at each, and back."""
        arrives = leaves_s + self.duration_s[0, requests.customer]
        begins = np.maximum(arrives, requests.opens)
        back = begins + requests.service + self.duration_s[requests.customer, 0]
        return (begins <= requests.closes) & (back <= self.closes[0])

    def driving_s(self, requests: Requests, route: Sequence[int]) -> int:
        """Driving of a route of rows of ``requests``, waiting not counted."""
        stops = [0, *requests.customer[list(route)].tolist(), 0]
        return int(self.duration_s[stops[:-1], stops[1:]].sum())

    def fault(self, requests: Requests, route: Sequence[int], leaves_s: float) -> str | None:
        """What is wrong with a route of rows of ``requests`` that leaves at a time, if anything."""
        load = int(requests.demand[list(route)].sum())
        if load > self.capacity:
            return f"a load of {load} is over the capacity of {self.capacity}"
        clock, here = max(float(leaves_s), float(self.opens[0])), 0
        for row in route:
            there = int(requests.customer[row])
            clock = max(clock + float(self.duration_s[here, there]), float(requests.opens[row]))
            if clock > requests.closes[row]:
                return (
                    f"request {requests.id[row]} closes {clock - requests.closes[row]:g} s before"
                )
            clock, here = clock + float(requests.service[row]), there
        late_s = clock + float(self.duration_s[here, 0]) - float(self.closes[0])
        return f"it is back {late_s:g} s after the depot closes" if late_s > 0 else None


def _refuse_other(problem: Problem) -> None:
    rows = problem.nodes
    known = {
        "one depot": len(problem.depots) == 1,
        "one kind of vehicle": len(problem.vehicles) == 1,
        "one capacity": len(problem.dimensions) == 1,
        "one window a job": not rows.several_windows.any(),
        "jobs, and no shipments": len(problem.jobs) > 0 and not problem.shipments,
        "windows that open and close": bool(np.isfinite(rows.closes).all()),
        "whole seconds": problem.metric.duration_units == 1,
    }
    for wanted, given in known.items():
        if not given:
            raise InvalidValueError(
                f"the dispatch game needs {wanted}",
                remedy="give an instance like ORTEC's of EURO Meets NeurIPS 2022",
            )
