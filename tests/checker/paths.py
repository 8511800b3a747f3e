"""Each order is one parcel, and each parcel one path: legs that join, in time, to one hand over."""

from __future__ import annotations

import polars as pl

from checker.calendars import Calendars
from checker.faults import Faults
from checker.reading import Run
from checker.waves import Waves


def check(run: Run, calendars: Calendars, waves: Waves, faults: Faults) -> None:
    _orders_are_parcels(run, faults)
    _rows_add_up(run, faults)
    _measures(run, faults)
    _one_hand_over(run, faults)
    legs = run["legs"].sort("parcel_id", "seq")
    _legs_are_their_loads(run, legs, faults)
    _legs_join(run, legs, faults)
    _waves_are_kept(run, waves, faults)
    _legs_connect(run, legs, waves, faults)


def check_rows_in(run: Run, rows_in: int, faults: Faults) -> None:
    """With the orders file itself: no row is lost."""
    rejected = run.rejects["row"].n_unique()
    planned = run["parcels"].height
    faults.expect(
        "rows in",
        planned + rejected == rows_in,
        f"{planned} planned + {rejected} rejected are not the {rows_in} rows of the file",
    )


def _orders_are_parcels(run: Run, faults: Faults) -> None:
    for column in ("parcel_id", "order_id"):
        repeated = run.whole("parcels").filter(pl.col(column).is_duplicated())
        faults.add_rows("one parcel an order", repeated, "{parcel_id} repeats (order {order_id})")
    sides = (
        (run["parcels"], run["orders"]),
        (run.background("parcels"), run.background("orders")),
    )
    for parcels, orders in sides:
        lost = orders.join(parcels, on="order_id", how="anti")
        faults.add_rows("one parcel an order", lost, "order {order_id} has no parcel")
        invented = parcels.join(orders, on="order_id", how="anti")
        faults.add_rows("one parcel an order", invented, "{parcel_id} has no accepted order")


def _rows_add_up(run: Run, faults: Faults) -> None:
    counts = run.manifest["counts"]
    planned, rejected = run["parcels"].height, run.rejects["row"].n_unique()
    faults.expect(
        "rows in",
        planned + rejected == counts["orders_in"],
        f"{planned} planned + {rejected} rejected are not {counts['orders_in']} orders in",
    )
    both = run["orders"].filter(pl.col("row").cast(pl.String).is_in(run.rejects["row"].implode()))
    faults.add_rows("rows in", both, "row {row} is both planned and rejected")


def _measures(run: Run, faults: Faults) -> None:
    pieces = pl.col("pieces").fill_null(1)
    litres = pl.col("length_cm") * pl.col("width_cm") * pl.col("height_cm") / 1e6
    given = run.whole("orders").select(
        "order_id", "service", "zip5", own_m3=litres * pieces, own_kg=pl.col("weight_kg") * pieces
    )
    joined = run.whole("parcels").join(given, on="order_id", suffix="_ordered")
    wrong = joined.filter(
        ((pl.col("volume_m3") - pl.col("own_m3")).abs() > 1e-9)
        | ((pl.col("weight_kg") - pl.col("own_kg")).abs() > 1e-6)
        | (pl.col("service") != pl.col("service_ordered"))
        | (pl.col("zip5") != pl.col("zip5_ordered"))
    )
    faults.add_rows("parcel as ordered", wrong, "{parcel_id} is not what order {order_id} says")


def _one_hand_over(run: Run, faults: Faults) -> None:
    """Own and crowd parcels are on one route, 3PL and USPS ones in one handoff, or short."""
    given = pl.concat(
        [
            run["routes"].select("parcel_id", "facility_id", "carrier_id", how=pl.lit("route")),
            run["handoffs"].select("parcel_id", "facility_id", "carrier_id", how=pl.lit("handoff")),
            pl.DataFrame(
                {"parcel_id": sorted(run.shortfalls)}, schema={"parcel_id": pl.String}
            ).select(
                "parcel_id",
                facility_id=pl.lit(None, pl.String),
                carrier_id=pl.lit(None, pl.String),
                how=pl.lit("capacity_shortfall"),
            ),
        ]
    )
    parcels = run.whole("parcels")
    strangers = given.join(parcels, on="parcel_id", how="anti")
    faults.add_rows("one way to the door", strangers, "{parcel_id} has a {how} but is no parcel")
    joined = parcels.join(given, on="parcel_id", how="left")
    times = joined.group_by("parcel_id", maintain_order=True).agg(
        count=pl.col("how").count(), ways=pl.col("how").drop_nulls().str.join(" + ")
    )
    wrong = times.filter(pl.col("count") != 1)
    faults.add_rows("one way to the door", wrong, "{parcel_id} has {count} ways: {ways}")
    by_mode = pl.col("delivery_mode").replace_strict(
        {"own": "route", "crowd": "route", "3pl": "handoff", "usps": "handoff"}, default="?"
    )
    carried = joined.filter(pl.col("how").is_in(["route", "handoff"]))
    mixed = carried.filter(by_mode != pl.col("how"))
    faults.add_rows("one way to the door", mixed, "{parcel_id} ({delivery_mode}) is on a {how}")
    place = carried.filter(pl.col("facility_id") != pl.col("destination_facility_id"))
    text = "{parcel_id} leaves from {facility_id}, not from {destination_facility_id}"
    faults.add_rows("one way to the door", place, text)
    carrier = carried.filter(pl.col("carrier_id") != pl.col("delivery_carrier_id"))
    text = "{parcel_id} is carried by {carrier_id}, its row says {delivery_carrier_id}"
    faults.add_rows("one way to the door", carrier, text)


def _legs_are_their_loads(run: Run, legs: pl.DataFrame, faults: Faults) -> None:
    same = ("from", "to", "departs_at", "arrives_at")
    joined = legs.join(run["loads"].select("load_id", "kind", *same), on="load_id", how="left")
    lost = joined.filter(pl.col("kind").is_null())
    faults.add_rows("legs are their loads", lost, "{parcel_id} leg {seq}: no load {load_id}")
    differs = pl.any_horizontal(pl.col(each) != pl.col(f"{each}_right") for each in same)
    faults.add_rows(
        "legs are their loads",
        joined.filter(differs),
        "{parcel_id} leg {seq} differs from {load_id} in places or times",
    )
    ghost = joined.filter(pl.col("kind").is_in(["empty", "bobtail"]))
    faults.add_rows("legs are their loads", ghost, "{parcel_id} rides the {kind} load {load_id}")


def _legs_join(run: Run, legs: pl.DataFrame, faults: Faults) -> None:
    strangers = legs.join(run.whole("parcels"), on="parcel_id", how="anti")
    faults.add_rows("legs join", strangers, "leg {seq} of {parcel_id}, which is no parcel")
    number = pl.int_range(1, pl.len() + 1).over("parcel_id")
    gaps = legs.filter(pl.col("seq") != number)
    faults.add_rows("legs join", gaps, "{parcel_id}: leg number {seq} is out of sequence")
    torn = legs.with_columns(came_to=pl.col("to").shift(1).over("parcel_id")).filter(
        pl.col("came_to") != pl.col("from")
    )
    text = "{parcel_id} leg {seq} leaves {from}, the one before ended in {came_to}"
    faults.add_rows("legs join", torn, text)
    ends = legs.group_by("parcel_id", maintain_order=True).agg(
        first=pl.col("from").first(), last=pl.col("to").last()
    )
    short = pl.col("parcel_id").is_in(list(run.shortfalls))
    where = run.whole("parcels").join(ends, on="parcel_id", how="left")
    start = where.filter(pl.col("first") != pl.col("origin_facility_id"))
    text = "{parcel_id} starts in {first}, not in its origin {origin_facility_id}"
    faults.add_rows("legs join", start, text)
    stays = pl.col("origin_facility_id") == pl.col("destination_facility_id")
    end = where.filter(
        ~short & ~stays & pl.col("last").ne_missing(pl.col("destination_facility_id"))
    )
    text = "{parcel_id} ends in {last}, not in its destination {destination_facility_id}"
    faults.add_rows("legs join", end, text)
    needless = where.filter(stays & pl.col("first").is_not_null())
    faults.add_rows("legs join", needless, "{parcel_id} is at its destination but has legs")


def _waves_are_kept(run: Run, waves: Waves, faults: Faults) -> None:
    """Parcels change trailers only where somebody sorts."""
    known = set(waves.table["facility_id"])
    roles = {key: set(row["roles"] or ()) for key, row in run.facilities.items()}
    inner = run["legs"].filter(pl.col("seq") > 1)
    for place in inner["from"].unique(maintain_order=True):
        can = place in known and "hub" in roles.get(place, set())
        faults.expect("transfers at hubs", can, f"parcels change trailers in {place}, no hub")


def _legs_connect(run: Run, legs: pl.DataFrame, waves: Waves, faults: Faults) -> None:
    first = legs.filter(pl.col("seq") == 1).join(waves.origin_ready(run), on="parcel_id")
    early = first.filter(
        pl.col("origin_ready_at").is_null() | (pl.col("departs_at") < pl.col("origin_ready_at"))
    )
    text = "{parcel_id} leaves {from} at {departs_at}, its origin wave is ready {origin_ready_at}"
    faults.add_rows("origin wave", early, text)
    follows = legs.with_columns(came_at=pl.col("arrives_at").shift(1).over("parcel_id")).filter(
        pl.col("came_at").is_not_null()
    )
    sorted_at = waves.ready_after(follows, "from", "came_at")
    missed = sorted_at.filter(
        pl.col("ready_at").is_null() | (pl.col("departs_at") < pl.col("ready_at"))
    ).sort("parcel_id", "seq")
    text = "{parcel_id} is in {from} at {came_at}, sorted at {ready_at}, but leaves {departs_at}"
    faults.add_rows("connections", missed, text)


def ready_at_door(run: Run, waves: Waves) -> pl.DataFrame:
    """``parcel_id, ready_at``: when each parcel has been sorted at its last facility."""
    local = waves.origin_ready(run).join(run["legs"], on="parcel_id", how="anti")
    last = run["legs"].sort("parcel_id", "seq").group_by("parcel_id", maintain_order=True).last()
    moved = waves.ready_after(last, "to", "arrives_at")
    return pl.concat(
        [
            local.select("parcel_id", ready_at="origin_ready_at"),
            moved.select("parcel_id", "ready_at"),
        ]
    )
