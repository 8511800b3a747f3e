"""Where on its path a parcel is, by its last scan."""

from __future__ import annotations

import numpy as np
import polars as pl

from crossdock.predict.eta.learned.itinerary import epoch
from crossdock.predict.eta.learned.model import EtaModel
from crossdock.predict.eta.learned.paths import OWN_MODES, Paths
from crossdock.predict.eta.learned.walk import Phase, Starts

_TYPES = {"load_id": pl.String, "route_id": pl.String, "tries": pl.Int64}
_FIRST = ("label_created", "picked_up", "pickup_failed", "unknown")
_GRACE_LEVEL = 0.99
_LEAST_MISSED = 1e-4


def starts_of(model: EtaModel, paths: Paths, progress: pl.DataFrame, at: float) -> Starts:
    """Where each parcel of ``paths`` starts from at ``at``, given its last scan.

    A parcel that is seen where its path does not lead, or on another load, is off its path. A
    partner's scan has no facility: from the handoff on, a parcel is with the partner.
    """
    rows = _last_scans(paths, progress)
    kind = pl.col("status")
    own = pl.col("mode").is_in(OWN_MODES)
    departed = kind == "departed_facility"
    with_partner = (kind == "handed_to_partner") | (
        ~own & (kind == "arrived_facility") & pl.col("facility_id").is_null()
    )
    at_door = pl.col("facility_id") == pl.col("last_facility_id")
    node = (
        pl.when(departed)
        .then(pl.col("leaving"))
        .when(kind.is_in(_FIRST) | kind.is_null())
        .then(0)
        .when(at_door)
        .then(pl.col("legs"))
        .otherwise(pl.col("staying"))
    )
    phase = (
        pl.when(with_partner)
        .then(int(Phase.HANDED))
        .when(own & (kind == "out_for_delivery") & (pl.col("route_id") == pl.col("planned_route")))
        .then(int(Phase.OUT))
        .when(kind == "out_for_delivery")
        .then(int(Phase.OUT_ELSEWHERE))
        .when(kind == "attempt_failed")
        .then(int(Phase.FAILED))
        .when((kind == "arrived_facility") & (pl.col("tries") > 0))
        .then(int(Phase.FAILED))  # brought back to the station
        .when(kind == "available_for_pickup")
        .then(int(Phase.COUNTER))
        .otherwise(int(Phase.PATH))
    )
    known = rows.with_columns(node=node, phase=phase)
    lost_way = known["node"].is_null() & (known["phase"] == int(Phase.PATH))
    seen = (kind.is_not_null() & ~kind.is_in(_FIRST)).fill_null(value=False)
    here = np.where(rows.select(seen).to_series().to_numpy(), epoch(rows["occurred_at"]), -np.inf)
    lag = model.curves["scan_lag"]
    return Starts(
        at=at,
        node=known["node"].fill_null(_NOWHERE).to_numpy().astype(np.int64),
        here=here,
        on_road=known.select(departed.fill_null(value=False)).to_series().to_numpy()
        & ~lost_way.to_numpy(),
        off_path=lost_way.to_numpy(),
        phase=known["phase"].to_numpy().astype(np.int64),
        tries=np.maximum(
            known["tries"].to_numpy(), (known["phase"] == int(Phase.FAILED)).to_numpy()
        ).astype(np.int64),
        grace_s=float(lag.at(np.array([_GRACE_LEVEL]))[0, 0]),
        missed_scan=max(float(model.shares["missed_scan"].values[0, 1]), _LEAST_MISSED),
    )


_NOWHERE = 10_000


def _last_scans(paths: Paths, progress: pl.DataFrame) -> pl.DataFrame:
    """Last scan of each parcel, with the legs that it fits: ``leaving`` on, ``staying`` before."""
    absent = [
        pl.lit(None, dtype).alias(name)
        for name, dtype in _TYPES.items()
        if name not in progress.columns
    ]
    last = (
        progress.with_columns(absent)
        .select("parcel_id", "status", "facility_id", "occurred_at", *_TYPES)
        .unique("parcel_id", keep="last", maintain_order=True)
        .with_columns(pl.col("tries").fill_null(0))
    )
    rows = (
        paths.parcels.select(
            "parcel_id", "mode", "legs", last_facility_id="facility_id", planned_route="route_id"
        )
        .join(last, on="parcel_id", how="left", maintain_order="left")
        .with_columns(pl.col("tries").fill_null(0))
    )
    legs = paths.legs.select("parcel_id", "seq", "from", planned_load="load_id")
    met = rows.select("parcel_id", "facility_id", "load_id").join(legs, on="parcel_id")
    on_load = pl.col("load_id") == pl.col("planned_load")
    from_here = pl.col("facility_id") == pl.col("from")
    unnamed = pl.col("load_id").is_null() & from_here
    fits = met.group_by("parcel_id").agg(
        leaving=pl.col("seq").filter(on_load | unnamed).first(),
        staying=pl.col("seq").filter(from_here).first(),
    )
    return rows.join(fits, on="parcel_id", how="left", maintain_order="left")
