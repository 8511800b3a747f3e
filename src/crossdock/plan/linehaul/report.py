"""The plan seen by lane, and what it exceeds at docks and sorters."""

from __future__ import annotations

import polars as pl

from crossdock.plan.linehaul.network import NO_LIMIT
from crossdock.plan.linehaul.pack import Packed
from crossdock.plan.linehaul.prepare import Prepared


def lane_summary(prepared: Prepared, packed: Packed) -> pl.DataFrame:
    """Movements, units, parcels, fill and cost of each lane driven, by lane."""
    space = prepared.network.rungs.with_row_index("rung").select(
        pl.col("rung").cast(pl.Int64), "unit_m3", "unit_kg"
    )
    ends = ["from_facility_id", "to_facility_id"]
    loads = (
        packed.movements.join(
            packed.movement_rungs, on="movement_id", how="left", maintain_order="left"
        )
        .join(space, on="rung", how="left", maintain_order="left")
        .with_columns(
            room_m3=pl.col("unit_m3") * pl.col("units"), room_kg=pl.col("unit_kg") * pl.col("units")
        )
    )
    return (
        loads.group_by(ends, maintain_order=True)
        .agg(
            movements=pl.len().cast(pl.Int64),
            units=pl.col("units").sum(),
            parcels=pl.col("parcels").sum(),
            volume_m3=pl.col("volume_m3").sum(),
            weight_kg=pl.col("weight_kg").sum(),
            cube_share=pl.col("volume_m3").sum() / pl.col("room_m3").sum(),
            weight_share=pl.col("weight_kg").sum() / pl.col("room_kg").sum(),
            cost_usd=pl.col("planned_cost_usd").sum(),
        )
        .join(prepared.network.lanes, on=ends, how="left", maintain_order="left")
        .with_columns(usd_parcel=pl.col("cost_usd") / pl.col("parcels"))
        .sort(ends)
    )


def fleet_notes(prepared: Prepared, packed: Packed) -> list[str]:
    """A sentence each for waves whose doors or sort capacity the plan exceeds."""
    waves = prepared.network.waves.select("wave_index", "facility_id", "wave", "date").with_columns(
        doors=pl.Series(prepared.network.wave_doors),
        capacity=pl.Series(prepared.network.wave_capacity),
        inducted=pl.Series(prepared.model.wave_sorted),
    )
    notes: list[str] = []
    for limit, used, thing in (
        ("doors", _leaving(packed), "vehicles leave"),
        ("capacity", _landing(prepared, packed), "pieces are sorted"),
    ):
        over = (
            waves.join(used, on="wave_index", how="left", maintain_order="left")
            .with_columns(
                used=pl.col("used").fill_null(0)
                + (pl.col("inducted") if limit == "capacity" else pl.lit(0))
            )
            .filter((pl.col(limit) < NO_LIMIT) & (pl.col("used") > pl.col(limit)))
        )
        notes += [
            f"At {row['facility_id']} {row['wave']} of {row['date']} {row['used']} {thing}, "
            f"{row[limit]} are possible."
            for row in over.iter_rows(named=True)
        ]
    return notes


def _leaving(packed: Packed) -> pl.DataFrame:
    """Vehicles by the wave they leave; the pooled positions of a departure are one."""
    return (
        packed.movements.join(packed.movement_rungs, on="movement_id", how="left")
        .group_by("from_wave_index", "arc")
        .agg(
            used=pl.when(pl.col("speed").first() == "pooled").then(1).otherwise(pl.len()),
        )
        .group_by(wave_index="from_wave_index")
        .agg(pl.col("used").sum().cast(pl.Int64))
    )


def _landing(prepared: Prepared, packed: Packed) -> pl.DataFrame:
    """Pieces by the wave in which line-haul lands them."""
    timetable, waves = prepared.network.timetable, prepared.network.waves
    lands = pl.DataFrame(
        {
            "arc": range(timetable.arc_ladder.size),
            "wave_index": waves["wave_index"].gather(timetable.arc_to_wave.clip(0)),
        },
        schema={"arc": pl.Int64, "wave_index": pl.Int64},
    )
    return (
        packed.parcel_movements.join(packed.movement_rungs, on="movement_id")
        .join(prepared.demand.parcels.select("parcel_id", "pieces"), on="parcel_id")
        .join(lands, on="arc")
        .group_by("wave_index")
        .agg(used=pl.col("pieces").sum())
    )
