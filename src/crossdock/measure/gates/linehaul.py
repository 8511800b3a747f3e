"""No load over its space or payload; own equipment comes back."""

from __future__ import annotations

import polars as pl

from crossdock.measure.frames import OWN_KINDS, Tables, table
from crossdock.measure.gates.fault import GateFault, faults
from crossdock.model.network import Network

_TOLERANCE = 1e-6


def load_gate(tables: Tables, network: Network) -> list[GateFault]:
    """What rides, summed again from the parcels, fits the space and payload that were paid for."""
    room = network["vehicle_types"].select(
        "vehicle_type",
        "payload_kg",
        usable_m3=pl.col("nominal_m3") * pl.col("stow_factor").fill_null(1.0),
    )
    riding = (
        table(tables, "legs")
        .join(
            table(tables, "parcels").select("parcel_id", "volume_m3", "weight_kg"), on="parcel_id"
        )
        .group_by("load_id")
        .agg(riding_m3=pl.col("volume_m3").sum(), riding_kg=pl.col("weight_kg").sum())
    )
    loads = (
        table(tables, "loads")
        .filter(pl.col("vehicle_type").is_not_null())
        .join(riding, on="load_id", how="left")
        .join(room, on="vehicle_type", how="left")
        .with_columns(
            freight_m3=pl.max_horizontal("volume_m3", "riding_m3"),
            freight_kg=pl.max_horizontal("weight_kg", "riding_kg"),
            room_m3=pl.col("usable_m3") * pl.col("units"),
            room_kg=pl.col("payload_kg") * pl.col("units"),
        )
    )
    known = network["vehicle_types"]["vehicle_type"].implode()
    unknown = loads.filter(~pl.col("vehicle_type").is_in(known))
    slack = 1 + _TOLERANCE
    over = [
        faults(
            "load",
            loads.filter(pl.col(f"freight_{unit}") > pl.col(f"room_{unit}") * slack),
            "load_id",
            pl.format(
                "carries {} " + name + " in room for {}",
                pl.col(f"freight_{unit}").round(2),
                pl.col(f"room_{unit}").round(2),
            ),
            "move parcels to another departure or take a larger step",
        )
        for unit, name in (("m3", "m3"), ("kg", "kg"))
    ]
    what = pl.format("vehicle type {} is not in vehicle_types", "vehicle_type")
    return [
        *faults("load", unknown, "load_id", what, "add the type, or plan again"),
        *over[0],
        *over[1],
    ]


def equipment_gate(tables: Tables, _network: Network) -> list[GateFault]:
    """Each own outbound load is brought back once, from where it went, after it arrived."""
    own = table(tables, "loads").filter(pl.col("kind").is_in(OWN_KINDS))
    out = own.filter(pl.col("returns_load_id").is_null())
    back = own.filter(pl.col("returns_load_id").is_not_null())
    pairs = back.join(
        own.select("load_id", "from", "to", "arrives_at", "vehicle_type", "units"),
        left_on="returns_load_id",
        right_on="load_id",
        how="left",
        suffix="_out",
    )
    plan_again = "plan the way back as a load, an empty or a bobtail"
    stranded = out.join(back, left_on="load_id", right_on="returns_load_id", how="anti")
    never_went = pairs.filter(pl.col("from_out").is_null())
    twice = pairs.filter(pl.col("returns_load_id").is_duplicated()).unique("returns_load_id")
    misplaced = pairs.filter(
        (pl.col("from") != pl.col("to_out")) | (pl.col("to") != pl.col("from_out"))
    )
    early = pairs.filter(pl.col("departs_at") < pl.col("arrives_at_out"))
    other = pairs.filter(
        pl.col("vehicle_type").is_not_null()
        & (
            (pl.col("vehicle_type") != pl.col("vehicle_type_out"))
            | (pl.col("units") != pl.col("units_out"))
        )
    )
    returns = pl.format("returns {}", "returns_load_id")
    return [
        *faults("equipment", stranded, "load_id", "its equipment does not come back", plan_again),
        *faults(
            "equipment",
            never_went,
            "load_id",
            pl.format("{}, which is no load", returns),
            plan_again,
        ),
        *faults(
            "equipment", twice, "returns_load_id", "its equipment comes back twice", plan_again
        ),
        *faults(
            "equipment",
            misplaced,
            "load_id",
            pl.format("{} but not along its way", returns),
            plan_again,
        ),
        *faults(
            "equipment", early, "load_id", pl.format("{} before it arrived", returns), plan_again
        ),
        *faults(
            "equipment", other, "load_id", pl.format("{} with other equipment", returns), plan_again
        ),
    ]
