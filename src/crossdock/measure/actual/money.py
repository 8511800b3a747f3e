"""What the days really cost: a ledger of what was used, and each parcel's share of it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from crossdock.measure.frames import EMPTY_KINDS
from crossdock.model import Prefix, sequential_ids
from crossdock.model.network import Network
from crossdock.model.tables import LEDGER, conform
from crossdock.plan.day import parcel_shares, split_ledger

LIABILITY_USD = 100.0
"""† What a carrier owes at most for a parcel that is lost or destroyed, unless more is declared and
paid for; USPS Ground Advantage and the large parcel carriers include $100."""
RETURN_USD = 3.50
"""† A parcel's way back on backhaul space, with its handling, where the carrier that delivers has
no accessorial ``return`` a parcel."""

_PLAN_KINDS = ("pickup", "handling", "linehaul", "linehaul_empty", "lastmile", "injection")
_OTHER_KINDS = ("recovery", "return", "claim")
_NOT_USED_CODES = ("tonu", "cancellation")


@dataclass(frozen=True)
class Used:
    """What a run used.

    Attributes
    ----------
    loads
        ``LOADS`` with actual times; ``added``: bought beyond the plan; ``cancelled``.
    tours
        ``TOURS`` with their real cost.
    legs
        ``LEGS`` of the plan.
    rides
        ``parcel_id, load_id, to, actual_arrives_at``.
    calls
        ``parcel_id, route_id, sequence``: at whose doors each route was.
    carried
        ``parcel_id, route_id``: what each route took out.
    stops
        ``parcel_id, route_id``: whom each route was planned for.
    journeys
        ``JOURNEYS``, money still null.
    parcels
        ``PARCELS`` with final states.
    """

    loads: pl.DataFrame
    tours: pl.DataFrame
    legs: pl.DataFrame
    rides: pl.DataFrame
    calls: pl.DataFrame
    carried: pl.DataFrame
    stops: pl.DataFrame
    journeys: pl.DataFrame
    parcels: pl.DataFrame


def actual_ledger(
    planned: pl.DataFrame,
    handoffs: pl.DataFrame,
    orders: pl.DataFrame | None,
    used: Used,
    network: Network,
) -> pl.DataFrame:
    """Ledger of what happened.

    - ``pickup``: of the parcels that were taken; ``handling``: a touch at the origin and wherever
      a ride ended, at the plan's price of the touch.
    - ``linehaul``, ``linehaul_empty``: loads that ran, at the plan's price (a carrier's load is
      sold by the load, an own one by its miles); ``recovery``: loads bought beyond the plan that
      ran. A load that did not run costs nothing, or its carrier's accessorial ``tonu`` or
      ``cancellation`` by the load where it was cancelled (``accessorial``).
    - ``lastmile``: see `crossdock.measure.actual.tours`; a second attempt is paid by the route
      that makes it. ``injection``: parcels that were handed over.
    - ``return``: parcels that came back, by the accessorial ``return`` of their carrier, else
      `RETURN_USD`; ``claim``: what is owed for lost and destroyed parcels, their declared value
      up to `LIABILITY_USD` (that much where no orders say a value).

    Other kinds of the plan are kept where their load, route or parcel came to be used. Waiting at a
    partner's dock (``detention``) is in no event yet and is not charged.
    """
    taken = used.journeys.filter(pl.col("taken_at").is_not_null()).select("parcel_id")
    rows = pl.concat(
        [
            _of_parcels(
                "pickup",
                _planned_of(planned, "pickup").join(
                    taken, on="parcel_id", how="semi", maintain_order="left"
                ),
            ),
            _of_parcels("handling", _handling(planned, used, taken, network)),
            *_linehaul(used, network),
            used.tours.select(kind=pl.lit("lastmile"), route_id="route_id", cost_usd="cost_usd"),
            _of_parcels("injection", _injections(handoffs, used)),
            _of_parcels("return", _returns(used, network)),
            _of_parcels("claim", _claims(orders, used)),
            _kept(planned, used, taken),
        ],
        how="diagonal",
    ).filter(pl.col("cost_usd") != 0.0)
    return conform(
        rows.with_columns(entry_id=pl.Series(sequential_ids(Prefix.LEDGER, rows.height))), LEDGER
    )  # fmt: skip


def borne_by_parcels(ledger: pl.DataFrame, used: Used) -> pl.DataFrame:
    """What each parcel bears, by the shares of the plan: rides by cube, routes by stop.

    Parcels bear what they used, not what they were planned on. A load that nobody rode is borne by
    those it was planned for, a route that came to no door by those it carried (else by those it
    was planned for); what serves no parcel at all falls on all alike.

    Returns
    -------
    polars.DataFrame
        ``parcel_id`` and ``pickup, handling, linehaul, lastmile, injection, recovery, return,
        claim`` with ``_usd``; the sum is the ledger's.
    """
    on_board, calls = _riders(used), _calls(used)
    split = {
        "": ledger.filter(~pl.col("kind").is_in(_OTHER_KINDS)),
        "recovery": ledger.filter(pl.col("kind") == "recovery"),
    }
    shares = {
        name: parcel_shares(part, used.parcels, on_board, used.loads, calls)
        for name, part in split.items()
    }
    borne = shares[""].with_columns(recovery_usd=shares["recovery"]["linehaul_usd"])
    for kind in ("return", "claim"):
        borne = borne.join(
            ledger.filter(pl.col("kind") == kind).select(
                "parcel_id", pl.col("cost_usd").alias(f"{kind}_usd")
            ),
            on="parcel_id",
            how="left",
            maintain_order="left",
        )
    return borne.with_columns(pl.col("return_usd", "claim_usd").fill_null(0.0))


def split_from_background(
    ledger: pl.DataFrame, used: Used, background: pl.Series
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The ledger in two: what the run's own parcels bear, and what those of the background bear."""
    return split_ledger(ledger, used.parcels, background, _riders(used), used.loads, _calls(used))


def _riders(used: Used) -> pl.DataFrame:
    """Who bears each load: those who rode it, else those it was planned for."""
    riders = used.rides.select("parcel_id", "load_id").join(
        used.parcels, on="parcel_id", how="semi", maintain_order="left"
    )
    meant = used.legs.join(riders, on="load_id", how="anti", maintain_order="left")
    return pl.concat([riders, meant.select("parcel_id", "load_id")])


def _of_parcels(kind: str, costs: pl.DataFrame) -> pl.DataFrame:
    return costs.select(kind=pl.lit(kind), parcel_id="parcel_id", cost_usd="cost_usd")


def _planned_of(planned: pl.DataFrame, kind: str) -> pl.DataFrame:
    return planned.filter((pl.col("kind") == kind) & pl.col("parcel_id").is_not_null())


def _handling(
    planned: pl.DataFrame, used: Used, taken: pl.DataFrame, network: Network
) -> pl.DataFrame:
    """The planned touches' cost, by the rates of the places that the parcel really came to."""
    origins = used.parcels.select("parcel_id", facility_id="origin_facility_id")
    planned_way = pl.concat([origins, used.legs.select("parcel_id", facility_id="to")])
    came = used.rides.filter(pl.col("actual_arrives_at").is_not_null())
    real_way = pl.concat(
        [
            origins.join(taken, on="parcel_id", how="semi"),
            came.select("parcel_id", facility_id="to").join(taken, on="parcel_id", how="semi"),
        ]
    )
    rates = network["facilities"].select(
        "facility_id", usd=pl.col("handling_usd_parcel").fill_null(0.0)
    )
    usual, real = (
        way.join(rates, on="facility_id").group_by("parcel_id").agg(pl.col("usd").sum())
        for way in (planned_way, real_way)
    )
    return (
        _planned_of(planned, "handling")
        .group_by("parcel_id", maintain_order=True)
        .agg(pl.col("cost_usd").sum())
        .join(usual, on="parcel_id", maintain_order="left")
        .join(real.rename({"usd": "real_usd"}), on="parcel_id", maintain_order="left")
        # the plan's cost over its rates is the number of pieces
        .with_columns(
            cost_usd=pl.when(pl.col("usd") == pl.col("real_usd"))
            .then(pl.col("cost_usd"))
            .otherwise(pl.col("cost_usd") * pl.col("real_usd") / pl.col("usd"))
        )
        .filter(pl.col("usd") > 0)
    )


def _linehaul(used: Used, network: Network) -> list[pl.DataFrame]:
    ran = pl.col("actual_departs_at").is_not_null()
    kind = (
        pl.when("added")
        .then(pl.lit("recovery"))
        .when(pl.col("kind").is_in(EMPTY_KINDS))
        .then(pl.lit("linehaul_empty"))
        .otherwise(pl.lit("linehaul"))
    )
    fees = (
        network["accessorials"]
        .filter(
            pl.col("code").str.to_lowercase().is_in(_NOT_USED_CODES) & (pl.col("basis") == "load")
        )
        .group_by("carrier_id")
        .agg(cost_usd=pl.col("rate_usd").max())
    )
    called_off = used.loads.filter(~ran & pl.col("cancelled")).drop("cost_usd")
    return [
        used.loads.filter(ran).select(kind=kind, load_id="load_id", cost_usd="cost_usd"),
        called_off.join(fees, on="carrier_id", maintain_order="left").select(
            kind=pl.lit("accessorial"), load_id="load_id", cost_usd="cost_usd"
        ),
    ]


def _injections(handoffs: pl.DataFrame, used: Used) -> pl.DataFrame:
    handed = used.journeys.filter(pl.col("handed_over_at").is_not_null())
    return handoffs.join(handed, on="parcel_id", how="semi", maintain_order="left")


def _returns(used: Used, network: Network) -> pl.DataFrame:
    fees = (
        network["accessorials"]
        .filter((pl.col("code").str.to_lowercase() == "return") & (pl.col("basis") == "parcel"))
        .group_by("carrier_id")
        .agg(fee=pl.col("rate_usd").sum())
    )
    back = used.parcels.filter(pl.col("final_state") == "returned").join(
        used.journeys.filter(pl.col("taken_at").is_not_null()).select("parcel_id"),
        on="parcel_id",
        how="semi",
        maintain_order="left",
    )
    return back.join(
        fees, left_on="delivery_carrier_id", right_on="carrier_id", how="left",
        maintain_order="left",
    ).with_columns(cost_usd=pl.col("fee").fill_null(RETURN_USD))  # fmt: skip


def _claims(orders: pl.DataFrame | None, used: Used) -> pl.DataFrame:
    gone = used.parcels.filter(pl.col("final_state").is_in(["lost", "destroyed"]))
    if orders is None or "declared_value_usd" not in orders.columns:
        return gone.with_columns(cost_usd=pl.lit(LIABILITY_USD))
    values = orders.select("order_id", value="declared_value_usd").unique("order_id")
    owed = pl.min_horizontal(pl.col("value"), pl.lit(LIABILITY_USD)).fill_null(LIABILITY_USD)
    return gone.join(values, on="order_id", how="left", maintain_order="left").with_columns(
        cost_usd=owed
    )


def _kept(planned: pl.DataFrame, used: Used, taken: pl.DataFrame) -> pl.DataFrame:
    others = planned.filter(~pl.col("kind").is_in(_PLAN_KINDS))
    ran = used.loads.filter(pl.col("actual_departs_at").is_not_null())["load_id"]
    driven = used.tours.filter(pl.col("departs_at").is_not_null())["route_id"]
    return others.filter(
        pl.col("load_id").is_in(ran.implode())
        | pl.col("route_id").is_in(driven.implode())
        | pl.col("parcel_id").is_in(taken["parcel_id"].implode())
    ).select("kind", "load_id", "route_id", "parcel_id", "cost_usd")


def _calls(used: Used) -> pl.DataFrame:
    """Who bears each route: those at whose door it was, else those on it, else those planned."""
    calls = used.calls.select("route_id", "sequence", "parcel_id")
    every = [calls]
    for others in (used.carried, used.stops):
        without = others.join(pl.concat(every), on="route_id", how="anti", maintain_order="left")
        every.append(
            without.select(
                "route_id",
                sequence=pl.int_range(pl.len(), dtype=pl.Int64).over("route_id"),
                parcel_id="parcel_id",
            )
        )
    return pl.concat(every).join(used.parcels, on="parcel_id", how="semi", maintain_order="left")
