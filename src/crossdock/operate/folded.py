"""All that is folded from the log at once: what is stored beside it, and rebuilt from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from crossdock.operate import exceptions, tracking
from crossdock.operate.exceptions import ExceptionState, Rules, empty_exceptions
from crossdock.operate.load_calls import LoadCalls
from crossdock.operate.readings import read_events
from crossdock.operate.tracking import PlanView, TrackingState, empty_tracking


@dataclass(frozen=True)
class Folded:
    """The states after some events of one tenant."""

    tracking: TrackingState = field(default_factory=empty_tracking)
    exceptions: ExceptionState = field(default_factory=empty_exceptions)
    load_calls: LoadCalls = field(default_factory=LoadCalls)

    def after(self, events: pl.DataFrame) -> Folded:
        """These states after ``events`` (columns `EVENTS`), in any order, any batch."""
        if events.is_empty():
            return self
        read = read_events(events)
        return Folded(
            tracking.fold_read(self.tracking, read),
            exceptions.fold_read(self.exceptions, read),
            self.load_calls.after(events),
        )

    def of_parcels(self, parcel_ids: pl.Series) -> Folded:
        """The states of these parcels alone, with all that is known of what may carry them."""
        return Folded(
            self.tracking.of_parcels(parcel_ids),
            self.exceptions.of_parcels(parcel_ids),
            self.load_calls,
        )

    def tables(
        self,
        plan: PlanView,
        at: dt.datetime,
        *,
        rules: Rules | None = None,
        etas: pl.DataFrame | None = None,
    ) -> dict[str, pl.DataFrame]:
        """Every view at ``at``, each sorted; equal for equal sets of events.

        ``exceptions`` holds the closed ones too, and the incident of each open one.
        """
        statuses = tracking.parcel_statuses(self.tracking)
        history = exceptions.exception_history(
            self.exceptions, self.tracking, plan, at, rules=rules, etas=etas
        )
        opened = history.filter(pl.col("closed_at").is_null())
        members = exceptions.with_incidents(opened, plan, self.tracking, at, rules=rules)
        return {
            "parcel_statuses": statuses,
            "vehicle_states": tracking.vehicle_states(self.tracking),
            "driver_states": tracking.driver_states(self.tracking, at),
            "load_progress": tracking.load_progress(self.tracking),
            "route_progress": tracking.route_progress(self.tracking),
            "facility_queues": tracking.facility_queues(self.tracking, plan, statuses),
            "exceptions": history.join(
                members.select("exception_id", "incident_id"),
                on="exception_id",
                how="left",
                maintain_order="left",
            ),
            "incidents": exceptions.incidents(opened, plan, self.tracking, at, rules=rules),
        }

    def to_frames(self) -> dict[str, pl.DataFrame]:
        """The states as tables, to be stored and read again."""
        return {
            **self.tracking.to_frames(),
            **self.exceptions.to_frames(),
            **self.load_calls.to_frames(),
        }

    @classmethod
    def from_frames(cls, frames: Mapping[str, pl.DataFrame]) -> Folded:
        """The states that `to_frames` stored."""
        return cls(
            TrackingState.from_frames(frames),
            ExceptionState.from_frames(frames),
            LoadCalls.from_frames(frames),
        )


def fold_all(batches: Iterable[pl.DataFrame]) -> Folded:
    """The states after every batch: what a rebuild makes of a log."""
    folded = Folded()
    for events in batches:
        folded = folded.after(events)
    return folded
