"""Paths as arrays, each part with its row of the model's distributions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.predict.eta.learned.history import (
    detour_group,
    early_group,
    failure_group,
    unsorted_group,
)
from crossdock.predict.eta.learned.model import EtaModel
from crossdock.predict.eta.learned.paths import OWN_MODES, Floats, Ints, Paths

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Legs:
    """The ``seq``-th legs of the parcels that have one; ``row`` is their place in `Itinerary`."""

    row: Ints
    departs: Floats
    transit: Floats
    cutoff: Floats
    transit_left: Floats
    unsorted: Ints
    delay: Ints
    road: Ints
    detour: Ints
    detour_never: Ints


@dataclass(frozen=True)
class Itinerary:
    """The planned ways of some parcels; instants are seconds since the epoch."""

    parcel_ids: pl.Series
    legs: list[Legs]
    count: Ints
    due_in: Floats
    own: Flags
    cutoff: Floats
    leaves: Floats
    planned: Floats
    calendar: Ints
    handed: Ints
    day: Ints
    stated: Ints
    midnights: Floats
    unsorted: Ints
    street: Ints
    skipped: Ints
    redo: Ints
    redo_hour: Ints
    early: Ints
    partner: Ints
    partner_hour: Ints
    first_failure: Ints
    whose: list[str]


def lay_out(model: EtaModel, paths: Paths) -> Itinerary:
    """The paths as arrays."""
    parcels = paths.parcels.with_columns(
        own=pl.col("mode").is_in(OWN_MODES), local=pl.col("legs") == 0
    )
    number = parcels.select("parcel_id", "legs").with_row_index("row")
    legs = paths.legs.join(number, on="parcel_id", maintain_order="left").with_columns(
        transit_left=(pl.col("arrives_at") - pl.col("departs_at"))
        .dt.total_seconds()
        .cum_sum(reverse=True)
        .over("parcel_id")
    )
    curves, shares = model.curves, model.shares
    own = parcels["own"].to_numpy()
    whose = np.where(own, "own", "partner").tolist()
    due = np.full(parcels.height, -np.inf)
    last = legs.group_by("row", maintain_order=True).agg(pl.col("arrives_at").last())
    due[last["row"].to_numpy()] = epoch(last["arrives_at"])
    leaves = epoch(parcels["leaves_at"])

    def named(*columns: str) -> list[str]:
        cells = [pl.col(name).cast(pl.String).fill_null("any") for name in columns]
        return parcels.select(pl.concat_str(cells, separator="/")).to_series().to_list()

    hours = named("mode", "hours_out", "facility_id")
    entry = parcels.with_columns(pl.col("entry_level").fill_null("last")).select(
        pl.format("{}/{}", pl.col("carrier_id").fill_null("any"), "entry_level")
    )
    return Itinerary(
        parcel_ids=parcels["parcel_id"],
        legs=[
            _legs(model, legs.filter(pl.col("seq") == seq))
            for seq in range(int(parcels["legs"].max() or 0))  # pyright: ignore[reportArgumentType]
        ],
        count=parcels["legs"].to_numpy().astype(np.int64),
        due_in=due,
        own=own,
        cutoff=epoch(parcels["cutoff_at"]),
        leaves=leaves,
        planned=np.where(own, epoch(parcels["planned_at"]), leaves),
        calendar=parcels["calendar"].to_numpy(),
        handed=parcels["handed"].to_numpy(),
        day=parcels["day"].to_numpy(),
        stated=parcels["stated_days"].to_numpy(),
        midnights=paths.midnights,
        unsorted=shares["unsorted"].rows(
            _texts(parcels, unsorted_group(pl.col("local"), "facility_id"))
        ),
        street=curves["street"].rows(hours),
        skipped=shares["skipped"].rows(hours),
        redo=shares["redo"].rows(whose),
        redo_hour=curves["redo_hour"].rows(named("mode")),
        early=shares["early"].rows(_texts(parcels, early_group())),
        partner=shares["partner"].rows(entry.to_series().to_list()),
        partner_hour=curves["partner_hour"].rows(named("carrier_id")),
        first_failure=shares["first_failure"].rows(_texts(parcels, failure_group())),
        whose=whose,
    )


def epoch(instants: pl.Series) -> Floats:
    """Seconds since the epoch; 0 where null."""
    return instants.dt.epoch("us").fill_null(0).to_numpy().astype(np.float64) / 1e6


def _legs(model: EtaModel, legs: pl.DataFrame) -> Legs:
    curves, shares = model.curves, model.shares
    detour = _texts(legs, detour_group())
    departs, arrives = epoch(legs["departs_at"]), epoch(legs["arrives_at"])
    return Legs(
        row=legs["row"].to_numpy().astype(np.int64),
        departs=departs,
        transit=arrives - departs,
        cutoff=epoch(legs["cutoff_at"]),
        transit_left=legs["transit_left"].to_numpy().astype(np.float64),
        unsorted=shares["unsorted"].rows(_texts(legs, unsorted_group(pl.col("seq") == 0, "from"))),
        delay=curves["delay"].rows(_texts(legs, pl.format("{}/{}", "driver_mode", "weekday"))),
        road=curves["road"].rows(
            _texts(legs, pl.format("{}/{}/{}", "driver_mode", "band", "weekday"))
        ),
        detour=curves["detour"].rows(detour),
        detour_never=shares["detour_never"].rows(detour),
    )


def _texts(frame: pl.DataFrame, name: pl.Expr) -> list[str]:
    return frame.select(name.alias("group")).to_series().to_list()
