"""The ledger holds every dollar of loads and routes, and the parcels share all of it."""

from __future__ import annotations

import polars as pl

from crossdock.measure.frames import Tables, table
from crossdock.measure.gates.fault import GateFault, faults
from crossdock.model.network import Network

PARCEL_TOLERANCE = 0.005
"""Parcel costs may differ from the ledger by this share."""
CENT = 0.01

_REMEDY = "plan the run again: its tables do not belong together"


def ledger_gate(tables: Tables, _network: Network) -> list[GateFault]:
    """Amounts are finite and not negative; loads, routes and parcels sum to the ledger."""
    ledger, parcels = table(tables, "ledger"), table(tables, "parcels")
    amount = pl.col("cost_usd")
    odd = ledger.filter(amount.is_null() | ~amount.is_finite() | (amount < 0))
    told = float(ledger["cost_usd"].sum())
    shared = float(parcels["cost_usd"].sum())
    apart = abs(shared - told) > max(PARCEL_TOLERANCE * told, CENT)
    total = (
        [GateFault("ledger", "parcels", f"share ${shared:,.2f} of ${told:,.2f}", _REMEDY)]
        if apart
        else []
    )
    return [
        *faults("ledger", odd, "entry_id", pl.format("costs {}", "cost_usd"), _REMEDY),
        *total,
        *_differs(tables, "loads", "load_id", ("linehaul", "linehaul_empty")),
        *_differs(tables, "tours", "route_id", ("lastmile",)),
    ]


def _differs(tables: Tables, name: str, key: str, kinds: tuple[str, ...]) -> list[GateFault]:
    """Things whose cost is neither the ledger's own kinds nor these with their accessorials."""
    booked = (
        table(tables, "ledger")
        .filter(pl.col(key).is_not_null())
        .group_by(key)
        .agg(
            plain=pl.col("cost_usd").filter(pl.col("kind").is_in(list(kinds))).sum(),
            full=pl.col("cost_usd").sum(),
        )
    )
    both = (
        table(tables, name)
        .join(booked, on=key, how="left")
        .with_columns(pl.col("plain", "full").fill_null(0.0))
    )
    cost = pl.col("cost_usd")
    wrong = both.filter(
        ((cost - pl.col("plain")).abs() > CENT) & ((cost - pl.col("full")).abs() > CENT)
    )
    what = pl.format("costs ${} but the ledger has ${}", cost.round(2), pl.col("full").round(2))
    return faults("ledger", wrong, key, what, _REMEDY)
