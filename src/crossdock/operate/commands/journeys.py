"""Where each parcel is and what is still before it, as an estimate of its arrival needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from crossdock.operate.commands.scene import Scene


@dataclass(frozen=True)
class Leg:
    """One planned leg of a parcel; times in seconds since 1970."""

    load_id: str
    origin: str
    to: str
    departs_s: int
    arrives_s: int


@dataclass(frozen=True)
class Journey:
    """A parcel on its way. Times in seconds since 1970, None where the plan has none.

    Attributes
    ----------
    custody, holder, since_s
        Who holds it, by kind and id, and since when. A parcel of which nothing was heard is held
        by ``nobody``.
    last_step_s
        When it is given to its route or partner: it must be sorted by then.
    eta_s
        Planned arrival at the door (`eta_p50`).
    """

    parcel_id: str
    destination: str
    legs: tuple[Leg, ...]
    custody: str
    holder: str | None
    since_s: int
    last_step_s: int | None
    eta_s: int | None
    promised_s: int | None
    volume_m3: float


def journeys_of(scene: Scene, parcel_ids: pl.Series) -> list[Journey]:
    """Journeys of those parcels that are planned and not at an end, sorted by parcel."""
    wanted = parcel_ids.unique()
    among = pl.col("parcel_id").is_in(wanted.implode())
    plan = scene.plan
    statuses = scene.present.parcels.filter(among).select(
        "parcel_id", "terminal", "custody_kind", "custody_id", "custody_since"
    )
    rows = (
        plan.parcels.filter(among)
        .unique("parcel_id", keep="first", maintain_order=True)
        .select(
            "parcel_id",
            "destination_facility_id",
            eta=pl.col("eta_p50").dt.epoch("s"),
            promised=pl.col("promised_at").dt.epoch("s"),
        )
        .join(statuses, on="parcel_id", how="left")
        .filter(~pl.col("terminal").fill_null(value=False))
        .join(_last_steps(scene, among), on="parcel_id", how="left")
        .join(scene.means.goods.filter(among).select("parcel_id", "volume_m3"), on="parcel_id",
              how="left")
        .with_columns(since=pl.col("custody_since").dt.epoch("s"))
        .sort("parcel_id")
    )  # fmt: skip
    legs = _legs(plan.legs.filter(among))
    return [_journey(row, legs.get(row["parcel_id"], ())) for row in rows.iter_rows(named=True)]


def _journey(row: dict[str, Any], legs: tuple[Leg, ...]) -> Journey:
    return Journey(
        parcel_id=row["parcel_id"],
        destination=row["destination_facility_id"] or (legs[-1].to if legs else ""),
        legs=legs,
        custody=row["custody_kind"] or "nobody",
        holder=row["custody_id"],
        since_s=row["since"] or 0,
        last_step_s=row["last_step"],
        eta_s=row["eta"],
        promised_s=row["promised"],
        volume_m3=row["volume_m3"] or 0.0,
    )


def _legs(rows: pl.DataFrame) -> dict[str, tuple[Leg, ...]]:
    ordered = rows.drop_nulls(["load_id", "from", "to", "departs_at", "arrives_at"]).sort(
        "parcel_id", "seq"
    )
    found: dict[str, list[Leg]] = {}
    cells = ordered.select(
        "parcel_id", "load_id", "from", "to",
        pl.col("departs_at").dt.epoch("s"), pl.col("arrives_at").dt.epoch("s"),
    )  # fmt: skip
    for parcel_id, *leg in cells.iter_rows():
        found.setdefault(parcel_id, []).append(Leg(*leg))
    return {parcel_id: tuple(legs) for parcel_id, legs in found.items()}


def _last_steps(scene: Scene, among: pl.Expr) -> pl.DataFrame:
    """When each parcel is given away last: to a partner, or to the van before it leaves."""
    routes = scene.plan.routes.filter(among).join(
        scene.means.tours.select("route_id", leaves="departs_at"), on="route_id", how="left"
    )
    steps = [
        scene.plan.handoffs.filter(among).select("parcel_id", step="handoff_at"),
        routes.select("parcel_id", step=pl.coalesce("leaves", "arrives_at")),
    ]
    return pl.concat(steps).group_by("parcel_id").agg(last_step=pl.col("step").max().dt.epoch("s"))
