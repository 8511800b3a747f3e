"""The routes of one facility-day while they are changed: by hand, or by the solver anew.

Every vehicle is a type of its own, so that a stop stays where it was put, and breaks are placed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from crossdock.model import InvalidValueError
from crossdock.plan.lastmile.day import FacilityDay, compile_day
from crossdock.plan.lastmile.plan import LastMilePlan, assemble
from crossdock.plan.lastmile.problem import LastMileProblem
from crossdock.plan.lastmile.question import BreakTime, routes_of, routing_problem
from crossdock.plan.lastmile.schedule import schedule_day
from crossdock.plan.routing import Problem, Sequences


@dataclass(frozen=True)
class RouteBoard:
    """A facility-day as `crossdock.plan.routing` sees it, and the way back to tables.

    Attributes
    ----------
    problem
        Vehicle types are vehicles by id, each once; jobs are stops, called by the first of their
        parcels. Seconds from local midnight (``origin_s``), dollars.
    """

    asked: LastMileProblem
    day: FacilityDay
    problem: Problem

    @classmethod
    def of(cls, problem: LastMileProblem, breaks: BreakTime = BreakTime.PLACED) -> RouteBoard:
        """The board of ``problem``.

        Raises
        ------
        InvalidValueError
            No vehicle is offered.
        """
        if problem.fleet.is_empty():
            raise InvalidValueError(
                f"no vehicle is offered at {problem.name}", remedy="give a fleet of one or more"
            )
        day = compile_day(problem, apart=True)
        first_rows = day.stops.parcel_rows[day.stops.first_row[:-1]]
        question = routing_problem(
            day,
            breaks,
            stop_ids=problem.parcels["parcel_id"].gather(first_rows).to_list(),
            kind_ids=problem.fleet["vehicle_id"].to_list(),
        )
        return cls(problem, day, question)

    @property
    def origin_s(self) -> int:
        """UTC second of the problem's zero."""
        return self.day.origin_s

    def parcels_of(self, stop: int) -> list[str]:
        """Ids of the parcels of a job, by its index."""
        return self.asked.parcels["parcel_id"].gather(self.day.stops.rows_of(stop)).to_list()

    def sequences(self, routes: pl.DataFrame) -> Sequences:
        """Bare routes of rows of ``ROUTES``: of this facility and date, parcels of others left out.

        Raises
        ------
        InvalidValueError
            A vehicle is not of the fleet.
        """
        stop_of = np.empty(self.asked.parcels.height, dtype=np.int64)
        counts = np.diff(self.day.stops.first_row)
        stop_of[self.day.stops.parcel_rows] = np.repeat(np.arange(len(counts)), counts)
        stops = self.asked.parcels.select("parcel_id", stop=pl.Series(stop_of))
        rows = (
            routes.filter(
                (pl.col("facility_id") == self.asked.facility_id)
                & (pl.col("delivery_date") == self.asked.delivery_date)
            )
            .join(stops, on="parcel_id")
            .sort("route_id", "sequence", "parcel_id")
            .unique(["route_id", "stop"], keep="first", maintain_order=True)
            .group_by("vehicle_id", maintain_order=True)
            .agg("stop")
        )
        kinds = {kind.id: at for at, kind in enumerate(self.problem.vehicles)}
        strangers = sorted(set(rows["vehicle_id"]) - set(kinds))
        if strangers:
            raise InvalidValueError(
                f"vehicle {strangers[0]!r} is not of the fleet of {self.asked.name}",
                remedy="give the fleet with which the routes were planned",
            )
        return [(kinds[vehicle], nodes) for vehicle, nodes in rows.iter_rows()]

    def released(self, sequences: Sequences, *, first_route: int = 1) -> LastMilePlan:
        """The plan of bare routes: timed, priced and held against every limit.

        A route that has no legal timeline gives up stops, which others take or none (``unserved``).
        """
        schedule = schedule_day(self.day, routes_of(sequences))
        return assemble([self.asked], [self.day], [schedule], first_route)
