"""Sort waves, laid out anew from the network files; and when sorted parcels can leave."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from checker.calendars import DAY, Calendars, instant
from checker.reading import Run

PICKUP_ENDS = dt.time(19, 0)
"""Pick-up is 16-19 local; a wave whose cut-off is earlier cannot sort the day's parcels."""
_MARGIN_DAYS = 30


@dataclass(frozen=True)
class Waves:
    """``facility_id, wave, date, cutoff_at, starts_at, ends_at, ready_at`` by facility, cut-off."""

    table: pl.DataFrame

    @classmethod
    def of(cls, run: Run, calendars: Calendars) -> Waves:
        first = run.first_date - DAY
        last = (run["parcels"]["ship_date"].max() or first) + _MARGIN_DAYS * DAY  # type: ignore[operator]
        rows: list[dict[str, object]] = []
        for wave in run.network("sort_waves").to_dicts():
            facility = run.facilities[wave["facility_id"]]
            date = first
            while date <= last:
                if calendars.runs(facility["calendar_id"], wave["days"], date):
                    rows.append(_laid_out(wave, facility["timezone"], date))
                date += DAY
        return cls(pl.DataFrame(rows, infer_schema_length=None).sort("facility_id", "cutoff_at"))

    @cached_property
    def _soonest(self) -> pl.DataFrame:
        """Soonest ready time of the waves that a facility still makes at each cut-off."""
        return (
            self.table.with_columns(
                ready_at=pl.col("ready_at").cum_min(reverse=True).over("facility_id")
            )
            .select("facility_id", pl.col("cutoff_at").dt.cast_time_unit("us"), "ready_at")
            .sort("cutoff_at")
        )

    def ready_after(self, frame: pl.DataFrame, facility: str, arrives: str) -> pl.DataFrame:
        """``frame`` with ``ready_at``: when parcels that arrive at a facility have been sorted."""
        return (
            frame.sort(arrives)
            .join_asof(
                self._soonest,
                left_on=arrives,
                right_on="cutoff_at",
                by_left=facility,
                by_right="facility_id",
                strategy="forward",
                check_sortedness=False,
            )
            .drop("cutoff_at", strict=False)
        )

    def origin_ready(self, run: Run) -> pl.DataFrame:
        """``parcel_id, origin_ready_at``: sorted where it starts, by the first wave that takes it.

        That is the wave after the pick-up; for what was under way, after it is available.
        """
        parcels = run["parcels"].select("parcel_id", "origin_facility_id", "ship_date")
        own = parcels.join(self._picked_up(run), on=["origin_facility_id", "ship_date"], how="left")
        waiting = run.background("state").select(
            "parcel_id", "origin_facility_id", pl.col("available_at").dt.cast_time_unit("us")
        )
        others = self.ready_after(waiting, "origin_facility_id", "available_at")
        return pl.concat(
            [
                own.select("parcel_id", "origin_ready_at"),
                others.select("parcel_id", origin_ready_at="ready_at"),
            ]
        )

    def _picked_up(self, run: Run) -> pl.DataFrame:
        """``origin_facility_id, ship_date, origin_ready_at``: of the wave after the pick-up."""
        ships = run["parcels"].select("origin_facility_id", "ship_date").unique(maintain_order=True)
        picked = [
            instant(date, PICKUP_ENDS, run.facilities[facility]["timezone"])
            for facility, date in ships.iter_rows()
        ]
        known = ships.with_columns(
            pl.Series("picked_at", picked, dtype=pl.Datetime("us", "UTC")),
        )
        ready = self.ready_after(known, "origin_facility_id", "picked_at")
        return ready.rename({"ready_at": "origin_ready_at"}).drop("picked_at")


def _laid_out(wave: dict[str, object], timezone: str, date: dt.date) -> dict[str, object]:
    starts, ends, cutoff = wave["starts"], wave["ends"], wave["inbound_cutoff"]
    last_date = date if ends > starts else date + DAY  # type: ignore[operator]
    ends_at = instant(last_date, ends, timezone)  # type: ignore[arg-type]
    cutoff_at = instant(last_date, cutoff, timezone)  # type: ignore[arg-type]
    if cutoff_at > ends_at:
        cutoff_at = instant(last_date - DAY, cutoff, timezone)  # type: ignore[arg-type]
    return {
        "facility_id": wave["facility_id"],
        "wave": wave["wave"],
        "date": date,
        "cutoff_at": cutoff_at,
        "starts_at": instant(date, starts, timezone),  # type: ignore[arg-type]
        "ends_at": ends_at,
        "ready_at": ends_at + dt.timedelta(minutes=float(wave["ready_min"] or 0.0)),  # type: ignore[arg-type]
    }
