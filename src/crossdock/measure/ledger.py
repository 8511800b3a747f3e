"""A run's money in one small record: enough to compare it with another run, cause by cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from crossdock.measure.frames import EMPTY_KINDS, Tables, injected, ladder_steps, table
from crossdock.measure.kpis import plan_kpis
from crossdock.model.network import Network
from crossdock.model.units import METERS_PER_MILE, SECONDS_PER_HOUR

LEDGER_KINDS = (
    "pickup",
    "handling",
    "linehaul",
    "linehaul_empty",
    "accessorial",
    "lastmile",
    "injection",
)


@dataclass(frozen=True)
class StepUse:
    """How much of one step of the capacity ladder a run uses.

    Attributes
    ----------
    cube_miles
        Freight carried, m3 x miles.
    paid_cube_miles
        Usable space paid for, m3 x miles.
    """

    step: str
    cost_usd: float
    cube_miles: float
    paid_cube_miles: float


@dataclass(frozen=True)
class LastMileUse:
    """What the last mile of a run consumes and what each part costs.

    ``hours``, ``miles`` and ``vehicles`` (vehicle-days) are those of own routes; ``carriers_usd``
    is what others charge for theirs.
    """

    hours: float
    miles: float
    vehicles: int
    hours_usd: float
    miles_usd: float
    vehicles_usd: float
    carriers_usd: float


@dataclass(frozen=True)
class RunSummary:
    """A run as a comparison needs it; JSON through `as_dict` and `from_dict`.

    Attributes
    ----------
    by_kind
        Dollars by ledger kind.
    kpis
        Network KPIs by name.
    """

    name: str
    parcels: int
    injected: int
    by_kind: Mapping[str, float]
    steps: tuple[StepUse, ...]
    lastmile: LastMileUse
    kpis: Mapping[str, float | None]

    @property
    def cost_usd(self) -> float:
        """Every dollar of the ledger."""
        return sum(self.by_kind.values())

    def as_dict(self) -> dict[str, Any]:
        """Plain data for a manifest."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RunSummary:
        """Inverse of `as_dict`."""
        steps = tuple(StepUse(**step) for step in data["steps"])
        fields: dict[str, Any] = {**data, "steps": steps}
        fields["lastmile"] = LastMileUse(**data["lastmile"])
        return cls(**fields)


def summarize(tables: Tables, network: Network, *, name: str = "plan") -> RunSummary:
    """The money and the KPIs of a run, small enough to keep in another run's manifest."""
    kpis = plan_kpis(tables).filter(pl.col("grain") == "network")
    parcels = table(tables, "parcels")
    return RunSummary(
        name=name,
        parcels=parcels.height,
        injected=int(parcels.select(injected(tables).sum()).item() or 0),
        by_kind=cost_by_kind(tables),
        steps=_step_uses(tables, network),
        lastmile=_lastmile_use(tables, network),
        kpis=dict(zip(kpis["name"], kpis["value"], strict=True)),
    )


def cost_by_kind(tables: Tables) -> dict[str, float]:
    """Dollars of the ledger by kind, in the order in which a parcel meets them."""
    sums = table(tables, "ledger").group_by("kind").agg(pl.col("cost_usd").sum())
    found: dict[str, float] = dict(zip(sums["kind"], sums["cost_usd"], strict=True))
    others = sorted(set(found) - set(LEDGER_KINDS))
    return {kind: found.get(kind, 0.0) for kind in (*LEDGER_KINDS, *others)}


def _step_uses(tables: Tables, network: Network) -> tuple[StepUse, ...]:
    """Loads with freight by step, at the cost that the ledger has for them."""
    charged = (
        table(tables, "ledger")
        .filter((pl.col("kind") == "linehaul") & pl.col("load_id").is_not_null())
        .group_by("load_id")
        .agg(charged_usd=pl.col("cost_usd").sum())
    )
    loads = ladder_steps(table(tables, "loads"), network).join(charged, on="load_id", how="left")
    carried = pl.col("volume_m3") * pl.col("miles")
    by_step = (
        loads.filter(~pl.col("kind").is_in(EMPTY_KINDS) & (pl.col("cube_share") > 0))
        .with_columns(pl.col("step").fill_null("other"))
        .group_by("step")
        .agg(
            cost_usd=pl.col("charged_usd").sum(),
            cube_miles=carried.sum(),
            paid_cube_miles=(carried / pl.col("cube_share")).sum(),
        )
        .filter(pl.col("cube_miles") > 0)
        .sort("step")
    )
    return tuple(StepUse(**row) for row in by_step.to_dicts())


def _lastmile_use(tables: Tables, network: Network) -> LastMileUse:
    lastmile = table(tables, "ledger").filter(pl.col("kind") == "lastmile")
    charged = lastmile.group_by("route_id").agg(charged_usd=pl.col("cost_usd").sum())
    own_carriers = network["carriers"].filter(pl.col("kind") == "own")["carrier_id"]
    rates = network["vehicle_types"].select("vehicle_type", "fixed_usd_day", "cost_usd_mile")
    own = (
        table(tables, "tours")
        .filter(pl.col("carrier_id").is_in(own_carriers.implode()))
        .join(charged, on="route_id", how="left")
        .join(rates, on="vehicle_type", how="left")
        .with_columns(road_miles=pl.col("distance_m") / METERS_PER_MILE)
    )
    vehicle_days = own.unique(["vehicle_id", "delivery_date"])
    own_usd = float(own["charged_usd"].sum())
    miles_usd = float((own["road_miles"] * own["cost_usd_mile"]).sum())
    vehicles_usd = float(vehicle_days["fixed_usd_day"].sum())
    return LastMileUse(
        hours=float(own["paid_s"].sum()) / SECONDS_PER_HOUR,
        miles=float(own["road_miles"].sum()),
        vehicles=vehicle_days.height,
        hours_usd=own_usd - miles_usd - vehicles_usd,
        miles_usd=miles_usd,
        vehicles_usd=vehicles_usd,
        carriers_usd=float(lastmile["cost_usd"].sum()) - own_usd,
    )
