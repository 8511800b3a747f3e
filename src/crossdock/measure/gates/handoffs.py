"""Partners take parcels only inside their appointment and before the critical entry."""

from __future__ import annotations

import polars as pl

from crossdock.measure.frames import Tables, table
from crossdock.measure.gates.fault import GateFault, faults
from crossdock.model.network import Network

_REMEDY = "hand over in the next appointment, or agree another window with the partner"
_WEEK = "MTWTFSU"


def handoff_gate(tables: Tables, network: Network) -> list[GateFault]:
    """Ready before it is handed over, inside an appointment, before the critical entry."""
    handoffs = table(tables, "handoffs")
    groups = (
        handoffs.group_by("facility_id", "carrier_id", "handoff_at")
        .agg(pl.col("parcel_id").first(), pl.len().alias("parcels"))
        .with_columns(pl.format("{} at {}", "carrier_id", "facility_id").alias("subject"))
    )
    missed = (
        _with_appointments(groups, network)
        .group_by("facility_id", "carrier_id", "handoff_at")
        .agg(pl.col("subject").first(), pl.col("parcels").first(), pl.col("inside").any())
    )
    at = pl.col("handoff_at").dt.strftime("%Y-%m-%d %H:%M UTC")
    return [
        *faults(
            "handoff",
            handoffs.filter(pl.col("ready_at") > pl.col("handoff_at")),
            "parcel_id",
            "is handed over before it is sorted",
            _REMEDY,
        ),
        *faults(
            "handoff",
            handoffs.filter(pl.col("handoff_at") > pl.col("critical_entry_at")),
            "parcel_id",
            pl.format("is handed over at {} after the critical entry", at),
            _REMEDY,
        ),
        *faults(
            "handoff",
            missed.filter(~pl.col("inside")),
            "subject",
            pl.format("{} parcels at {} are outside every appointment", "parcels", at),
            _REMEDY,
        ),
    ]


def appointments_not_checked(tables: Tables, network: Network) -> list[str]:
    """Partners in use that have no appointment on file."""
    pair = ["facility_id", "carrier_id"]
    used = table(tables, "handoffs").select(pair).unique()
    known = network["appointments"].select("facility_id", carrier_id="partner_id").unique()
    missing = used.join(known, on=pair, how="anti").height
    if not missing:
        return []
    return [f"handoff windows: {missing:,} facility and partner pairs have no appointment on file"]


def _with_appointments(groups: pl.DataFrame, network: Network) -> pl.DataFrame:
    """Handoffs beside each of their pair's appointments, with ``inside``."""
    appointments = network["appointments"].select(
        "facility_id", "days", "opens", "closes", carrier_id="partner_id"
    )
    zones = network["facilities"].select("facility_id", "timezone")
    beside = groups.join(appointments, on=["facility_id", "carrier_id"]).join(
        zones, on="facility_id"
    )
    localised = [
        part.with_columns(
            local=pl.col("handoff_at").dt.convert_time_zone(str(zone[0])).dt.replace_time_zone(None)
        )
        for zone, part in beside.group_by("timezone", maintain_order=True)
    ]
    if not localised:
        return beside.with_columns(inside=pl.lit(True))
    clock, opens, closes = pl.col("local").dt.time(), pl.col("opens"), pl.col("closes")
    overnight = closes < opens
    in_window = (
        pl.when(overnight)
        .then((clock >= opens) | (clock <= closes))
        .otherwise((clock >= opens) & (clock <= closes))
    )
    # after midnight an overnight window still belongs to the day on which it opened
    belongs = (
        pl.when(overnight & (clock <= closes))
        .then(pl.col("local").dt.offset_by("-1d"))
        .otherwise(pl.col("local"))
    )
    open_day = _is_open(pl.col("days"), belongs.dt.weekday())
    return pl.concat(localised).with_columns(inside=in_window & open_day)


def _is_open(days: pl.Expr, weekday: pl.Expr) -> pl.Expr:
    """Whether ``weekday`` (1 Monday) is in the mask; an empty mask is every day."""
    letter = days.str.slice(weekday.cast(pl.Int64) - 1, 1)
    return days.is_null() | ~letter.is_in(["-", "_", ".", "0", ""])
