"""A warm start: where everything is that was under way before the day's first order.

It is told apart (``background_*``), but rides, waits and is delivered with the day's own parcels,
so the physical rules see both. Here: that each such parcel is in one known place to begin with.
"""

from __future__ import annotations

import polars as pl

from checker.calendars import Calendars
from checker.faults import Faults
from checker.reading import BACKGROUND, Run
from checker.waves import Waves

RULE = "background"


def check(run: Run, calendars: Calendars, waves: Waves, faults: Faults) -> None:
    absent = [each for each in BACKGROUND if f"background_{each}" not in run.tables]
    if len(absent) == len(BACKGROUND):
        return  # a cold start
    faults.expect(RULE, not absent, f"no background_{', background_'.join(absent)}")
    _one_place_each(run, faults)
    _comes_by_its_load(run, faults)
    _loads_are_on_the_road(run, faults)


def _one_place_each(run: Run, faults: Faults) -> None:
    parcels, state = run.background("parcels"), run.background("state")
    twice = state.filter(pl.col("parcel_id").is_duplicated())
    faults.add_rows(RULE, twice, "{parcel_id} is in two places at once")
    lost = state.join(parcels, on="parcel_id", how="anti")
    faults.add_rows(RULE, lost, "{parcel_id} is in {origin_facility_id}, but no parcel of the plan")
    nowhere = parcels.join(state, on="parcel_id", how="anti")
    faults.add_rows(RULE, nowhere, "{parcel_id} is nowhere when the run begins")
    joined = parcels.join(state, on="parcel_id", suffix="_state")
    same = ("origin_facility_id", "order_id")
    other = joined.filter(
        pl.any_horizontal(pl.col(each).ne_missing(pl.col(f"{each}_state")) for each in same)
    )
    text = "{parcel_id} of {order_id} starts in {origin_facility_id}, but is in "
    faults.add_rows(RULE, other, text + "{origin_facility_id_state} as {order_id_state}")
    early = state.filter(
        pl.col("available_at").is_null() | (pl.col("available_at") < pl.lit(run.begins_at))
    )
    text = f"{{parcel_id}} is available at {{available_at}}, the run begins at {run.begins_at}"
    faults.add_rows(RULE, early, text)
    shipped = parcels.filter(pl.col("ship_date") >= pl.lit(run.first_date))
    faults.add_rows(RULE, shipped, "{parcel_id} ships on {ship_date}, with the day's own")


def _comes_by_its_load(run: Run, faults: Faults) -> None:
    loads = run.background("loads").select("load_id", "to", "arrives_at")
    coming = run.background("state").filter(pl.col("load_id").is_not_null())
    faults.add_rows(
        RULE,
        coming.join(loads, on="load_id", how="anti"),
        "{parcel_id} comes on {load_id}, which is no load of the background",
    )
    joined = coming.join(loads, on="load_id")
    astray = joined.filter(pl.col("to") != pl.col("origin_facility_id"))
    text = "{parcel_id} comes to {origin_facility_id} on {load_id}, which goes to {to}"
    faults.add_rows(RULE, astray, text)
    early = joined.filter(pl.col("available_at") < pl.col("arrives_at"))
    text = "{parcel_id} is available at {available_at}, before {load_id} is in at {arrives_at}"
    faults.add_rows(RULE, early, text)


def _loads_are_on_the_road(run: Run, faults: Faults) -> None:
    """Between two facilities when the run begins, with no more aboard than they say.

    They may say more: what was aboard of other ship days is not followed.
    """
    loads, begins_at = run.background("loads"), pl.lit(run.begins_at)
    off = loads.filter((pl.col("departs_at") > begins_at) | (pl.col("arrives_at") <= begins_at))
    text = f"{{load_id}}, {{departs_at}} to {{arrives_at}}, is not on the road at {run.begins_at}"
    faults.add_rows(RULE, off, text)
    aboard = (
        run.background("state")
        .join(
            run.background("parcels").select("parcel_id", "volume_m3", "weight_kg"), on="parcel_id"
        )
        .group_by("load_id")
        .agg(
            own_parcels=pl.len(), own_m3=pl.col("volume_m3").sum(), own_kg=pl.col("weight_kg").sum()
        )
    )
    joined = loads.join(aboard, on="load_id", how="left")
    idle = joined.filter(pl.col("own_parcels").is_null())
    faults.add_rows(RULE, idle, "{load_id} brings nothing")
    more = joined.filter(
        (pl.col("own_parcels") > pl.col("parcels"))
        | (pl.col("own_m3") > pl.col("volume_m3") + 1e-6)
        | (pl.col("own_kg") > pl.col("weight_kg") + 1e-6)
    )
    text = "{load_id} says {parcels} parcels, {volume_m3} m3, {weight_kg} kg; {own_parcels} are "
    faults.add_rows(RULE, more, text + "aboard, {own_m3} m3, {own_kg} kg")
