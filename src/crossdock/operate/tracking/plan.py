"""What a released plan says, as the folds look it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import polars as pl

from crossdock.model.tables import (
    DUTIES,
    EXCEPTIONS,
    HANDOFFS,
    INSTANT,
    LEGS,
    LOADS,
    ROUTES,
    WAVES,
    Schema,
    conform,
)

PLANNED_PARCELS: Schema = {
    "parcel_id": pl.String,
    "order_id": pl.String,
    "merchant_id": pl.String,
    "origin_facility_id": pl.String,
    "destination_facility_id": pl.String,
    "delivery_mode": pl.String,
    "delivery_carrier_id": pl.String,
    "entry_level": pl.String,
    "service": pl.String,
    "ship_date": pl.Date,
    "service_due_at": INSTANT,
    "promised_at": INSTANT,
    "eta_p50": INSTANT,
    "eta_p80": INSTANT,
    "eta_p95": INSTANT,
    "declared_value_usd": pl.Float64,
    "volume_m3": pl.Float64,
}

PLACES: Schema = {"facility_id": pl.String, "region": pl.String}
"""The weather region of a facility; a facility without a row is a region of its own."""

_SCHEMAS: Mapping[str, Schema] = {
    "parcels": PLANNED_PARCELS,
    "legs": LEGS,
    "loads": LOADS,
    "routes": ROUTES,
    "handoffs": HANDOFFS,
    "waves": WAVES,
    "duties": DUTIES,
    "exceptions": EXCEPTIONS,
    "places": PLACES,
}


@dataclass(frozen=True)
class PlanView:
    """Tables of a released plan (schemas of `crossdock.model.tables`; parcels with their value).

    A parcel that is not in ``parcels`` is unplanned: it has no promise and no path.
    """

    parcels: pl.DataFrame
    legs: pl.DataFrame
    loads: pl.DataFrame
    routes: pl.DataFrame
    handoffs: pl.DataFrame
    waves: pl.DataFrame
    duties: pl.DataFrame
    exceptions: pl.DataFrame
    places: pl.DataFrame

    @classmethod
    def of(cls, tables: Mapping[str, pl.DataFrame], orders: pl.DataFrame | None = None) -> PlanView:
        """The view of a run's ``tables``; what is absent is empty.

        Parameters
        ----------
        orders
            With ``order_id`` and ``declared_value_usd``; without it, the value of a parcel is
            what ``tables["parcels"]`` says, if anything.
        """
        found = {name: tables.get(name, pl.DataFrame()) for name in _SCHEMAS}
        if orders is not None and not found["parcels"].is_empty():
            values = orders.select("order_id", "declared_value_usd").unique("order_id", keep="any")
            parcels = found["parcels"].drop("declared_value_usd", strict=False)
            found["parcels"] = parcels.join(values, on="order_id", how="left")
        return cls(**{name: conform(found[name], schema) for name, schema in _SCHEMAS.items()})

    @classmethod
    def together(cls, views: Sequence[PlanView]) -> PlanView:
        """What several plans say; of a parcel that is in more than one, the first that has it."""
        if len(views) <= 1:
            return views[0] if views else cls.of({})
        tables: dict[str, pl.DataFrame] = {}
        for name in _SCHEMAS:
            kept: list[pl.DataFrame] = []
            for place, view in enumerate(views):
                rows: pl.DataFrame = getattr(view, name)
                if "parcel_id" in rows.columns:
                    for earlier in views[:place]:
                        rows = rows.join(earlier.parcels, on="parcel_id", how="anti")
                kept.append(rows)
            tables[name] = pl.concat(kept).unique(maintain_order=True)
        return cls(**tables)

    @cached_property
    def paths(self) -> pl.DataFrame:
        """Every facility that the plan names for a parcel: ``parcel_id``, ``facility_id``."""
        named = [
            self.parcels.select("parcel_id", facility_id="origin_facility_id"),
            self.parcels.select("parcel_id", facility_id="destination_facility_id"),
            self.legs.select("parcel_id", facility_id="from"),
            self.legs.select("parcel_id", facility_id="to"),
            self.handoffs.select("parcel_id", "facility_id"),
            self.routes.select("parcel_id", "facility_id"),
        ]
        return pl.concat(named).unique()

    @cached_property
    def next_steps(self) -> pl.DataFrame:
        """When a parcel leaves a facility, as planned: ``parcel_id, facility_id, leaves_at``."""
        steps = [
            self.legs.select("parcel_id", facility_id="from", leaves_at="departs_at"),
            self.handoffs.select("parcel_id", "facility_id", leaves_at="handoff_at"),
            self.routes.select("parcel_id", "facility_id", leaves_at="arrives_at"),
        ]
        return pl.concat(steps).group_by("parcel_id", "facility_id").agg(pl.col("leaves_at").max())

    @cached_property
    def first_steps(self) -> pl.DataFrame:
        """When a parcel moves first, as planned: ``parcel_id``, ``leaves_at``."""
        return self.next_steps.group_by("parcel_id").agg(pl.col("leaves_at").min())

    def of_parcels(self, parcel_ids: pl.Series) -> PlanView:
        """The view of these parcels alone, with every load, wave and duty."""
        among = pl.col("parcel_id").is_in(parcel_ids.implode())
        kept = {each.name: getattr(self, each.name) for each in fields(self)}
        own = {name: kept[name].filter(among) for name in ("parcels", "legs", "routes", "handoffs")}
        return PlanView(**{**kept, **own})

    def with_background(self, parcels: pl.DataFrame) -> PlanView:
        """The view with further ``parcels``, such as those of a warm start."""
        added = pl.concat([self.parcels, conform(parcels, PLANNED_PARCELS)])
        kept = {each.name: getattr(self, each.name) for each in fields(self)}
        return PlanView(
            **{**kept, "parcels": added.unique("parcel_id", keep="first", maintain_order=True)}
        )
