"""Loads as they are now: what the plan says, what events told, and what was commanded."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, cast

import polars as pl

from crossdock.model.tables import INSTANT, Schema, conform
from crossdock.operate.cases import DESK
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView, load_progress

LOADS_NOW: Schema = {
    "load_id": pl.String,
    "kind": pl.String,
    "from": pl.String,
    "to": pl.String,
    "state": pl.String,
    "added": pl.Boolean,
    "departs_at": INSTANT,
    "arrives_at": INSTANT,
    "expected_departs_at": INSTANT,
    "expected_arrives_at": INSTANT,
    "held_until": INSTANT,
    "departed_at": INSTANT,
    "arrived_at": INSTANT,
    "carrier_id": pl.String,
    "vehicle_type": pl.String,
    "vehicle_id": pl.String,
    "units": pl.Int64,
    "driver_mode": pl.String,
    "driver_ids": pl.String,
    "parcels": pl.Int64,
    "volume_m3": pl.Float64,
    "space_m3": pl.Float64,
    "miles": pl.Float64,
    "cost_usd": pl.Float64,
    "returns_load_id": pl.String,
}
"""``state``: planned, held, departed, arrived or cancelled. ``departs_at``, ``arrives_at``: as
planned; ``expected_*``: as it looks now, of what happened the instant itself. ``to``: where it
goes now, also after it was diverted. ``added``: beyond the plan. ``space_m3``: usable."""

COMMAND_KINDS = (
    "command_hold_departure",
    "command_add_load",
    "command_cancel_load",
    "command_move_stops",
    "command_reattempt",
    "command_divert",
)
KEPT_KINDS = (*COMMAND_KINDS, "load_added")
"""Events that `loads_now` reads beside the folds."""

_ORDERS: Schema = {
    "load_id": pl.String,
    "held_until": INSTANT,
    "called_off": pl.Boolean,
    "diverted_to": pl.String,
    "diverted_arrives_at": INSTANT,
}
_ADDED: Schema = {name: LOADS_NOW[name] for name in (
    "load_id", "kind", "from", "to", "departs_at", "arrives_at", "carrier_id", "vehicle_type",
    "units", "driver_mode", "parcels", "space_m3", "miles", "cost_usd",
)}  # fmt: skip


def loads_now(
    present: Present, plan: PlanView, commands: pl.DataFrame, at: dt.datetime
) -> pl.DataFrame:
    """`LOADS_NOW` of every load of the plan, of events and of commands, sorted by load.

    Parameters
    ----------
    commands
        Events (columns `EVENTS`) of `KEPT_KINDS`, others are ignored; of commands only those that
        the desk gave; of a load the last counts.

    Notes
    -----
    A load that should have left and of which nothing was heard is expected to leave now; it takes
    the planned time on the road unless an event told of another arrival.
    """
    added, orders = _told(commands)
    planned = plan.loads.unique("load_id", keep="first", maintain_order=True)
    space = pl.col("volume_m3") / pl.col("cube_share")
    bought = added.join(planned, on="load_id", how="anti").with_columns(added=pl.lit(value=True))
    rows = pl.concat(
        [
            planned.with_columns(
                space_m3=pl.when(pl.col("cube_share") > 0).then(space), added=pl.lit(value=False)
            ).drop("actual_departs_at", "actual_arrives_at"),
            bought,
        ],
        how="diagonal_relaxed",
    )  # fmt: skip
    progress = load_progress(present.folded.tracking).rename(
        {"from": "sent", "to": "aim", "added": "also_added"}
    )
    whole = rows.join(progress, on="load_id", how="full", coalesce=True).join(
        orders, on="load_id", how="left"
    )
    return conform(_as_it_looks(whole, at), LOADS_NOW).sort("load_id")


def given_by_desk() -> pl.Expr:
    """Whether an event is a command that the desk gave: nobody else may use its name."""
    from_desk = (pl.col("source") == DESK) | pl.col("source").str.starts_with(f"{DESK}:")
    return from_desk & pl.col("kind").is_in(COMMAND_KINDS)


def payload_of(text: str | None) -> dict[str, Any]:
    """The payload of an event as a mapping; empty where it is none."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def instant_of(told: object) -> dt.datetime | None:
    """An instant as payloads tell it: RFC 3339 text, or seconds since 1970."""
    try:
        if isinstance(told, str):
            found = dt.datetime.fromisoformat(told)
            return found.astimezone(dt.UTC) if found.tzinfo else found.replace(tzinfo=dt.UTC)
        if isinstance(told, int | float):
            return dt.datetime.fromtimestamp(told, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _as_it_looks(rows: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    left = pl.col("departed_at").is_not_null() | pl.col("arrived_at").is_not_null()
    off = ~left & (
        pl.col("cancelled").fill_null(value=False) | pl.col("called_off").fill_null(value=False)
    )
    held = pl.col("held_until") > pl.col("departs_at")
    state = (
        pl.when(pl.col("arrived_at").is_not_null())
        .then(pl.lit("arrived"))
        .when(left)
        .then(pl.lit("departed"))
        .when(off)
        .then(pl.lit("cancelled"))
        .when(held)
        .then(pl.lit("held"))
        .otherwise(pl.lit("planned"))
    )
    now = pl.lit(at, INSTANT)
    to_leave = pl.when(pl.col("departs_at").is_not_null()).then(
        pl.max_horizontal("departs_at", "held_until", now)
    )
    on_the_road = pl.col("arrives_at") - pl.col("departs_at")
    expected = pl.coalesce("departed_at", pl.when(off).then("departs_at").otherwise(to_leave))
    return (
        rows.with_columns(
            pl.coalesce("from", "sent").alias("from"),
            pl.coalesce("diverted_to", "to", "aim").alias("to"),
            added=pl.col("added").fill_null(value=True),
            state=state,
            expected_departs_at=expected,
        )
        .with_columns(
            comes=pl.coalesce(
                "diverted_arrives_at", "expected_at", pl.col("expected_departs_at") + on_the_road
            )
        )
        .with_columns(
            expected_arrives_at=pl.coalesce(
                "arrived_at",
                pl.when(off).then("arrives_at"),
                pl.when(pl.col("comes").is_not_null()).then(pl.max_horizontal("comes", now)),
            )
        )
        .drop("sent", "aim", strict=False)
    )


def _told(commands: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`_ADDED` and `_ORDERS` that events tell of."""
    added: dict[str, dict[str, Any]] = {}
    orders: dict[str, dict[str, Any]] = {}
    told = commands.filter(given_by_desk() | (pl.col("kind") == "load_added")).sort(
        "occurred_at", "source", "source_event_id"
    )
    for kind, text in told.select("kind", "payload").iter_rows():
        payload = payload_of(text)
        load_id = payload.get("load_id")
        if not isinstance(load_id, str):
            continue
        order = orders.setdefault(load_id, {"load_id": load_id})
        if kind in ("load_added", "command_add_load"):
            added[load_id] = added.get(load_id, {}) | _added(payload)
        elif kind == "command_hold_departure":
            order["held_until"] = instant_of(payload.get("until"))
        elif kind == "command_cancel_load":
            order["called_off"] = True
        elif kind == "command_divert":
            order["diverted_to"] = payload.get("to")
            order["diverted_arrives_at"] = instant_of(payload.get("arrives_at"))
    return (
        pl.DataFrame(list(added.values()), schema=dict(_ADDED)),
        pl.DataFrame(list(orders.values()), schema=dict(_ORDERS)),
    )


def _added(payload: dict[str, Any]) -> dict[str, Any]:
    numbers = ("units", "parcels", "miles", "cost_usd")
    found = {
        name: payload.get(name)
        for name in _ADDED
        if name not in numbers and isinstance(payload.get(name), str)
    }
    for name, key in (*((each, each) for each in numbers), ("space_m3", "volume_m3")):
        value = payload.get(key)
        if isinstance(value, int | float):
            found[name] = int(value) if name in ("units", "parcels") else float(value)
    for name in ("departs_at", "arrives_at"):
        found[name] = instant_of(payload.get(name))
    return found
