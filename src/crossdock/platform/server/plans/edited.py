"""A plan with what was changed on it since it was made."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from crossdock.platform.server.plans.packing import PlanRecords
from crossdock.platform.store.database.plans import PlanEdit

if TYPE_CHECKING:
    from crossdock.plan.lastmile import RouteRows

_TABLES = ("tours", "routes", "breaks", "decisions")


@dataclass(frozen=True)
class RouteSwap:
    """Routes before and after a change; both carry the same parcels."""

    before: RouteRows
    after: RouteRows

    def back(self) -> RouteSwap:
        """What takes it back."""
        return RouteSwap(self.after, self.before)


def pack_swap(swap: RouteSwap) -> bytes:
    """As what is kept with an edit."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for side, rows in (("before", swap.before), ("after", swap.after)):
            for name in _TABLES:
                frame: pl.DataFrame = getattr(rows, name)
                table = io.BytesIO()
                frame.write_parquet(table)
                archive.writestr(f"{side}/{name}.parquet", table.getvalue())
    return content.getvalue()


def unpack_swap(content: bytes) -> RouteSwap:
    """What `pack_swap` packed."""
    from crossdock.plan.lastmile import RouteRows  # noqa: PLC0415 a server starts without

    archive = zipfile.ZipFile(io.BytesIO(content))

    def side(name: str) -> RouteRows:
        frames = {
            table: pl.read_parquet(io.BytesIO(archive.read(f"{name}/{table}.parquet")))
            for table in _TABLES
        }
        return RouteRows(**frames)

    return RouteSwap(side("before"), side("after"))


def swapped(records: PlanRecords, swap: RouteSwap) -> PlanRecords:
    """The plan with the routes after a change in place of those before it."""
    from crossdock.plan.day import RouteExchange, exchange_routes  # noqa: PLC0415

    gone = tuple(swap.before.tours["route_id"])
    tables = exchange_routes(records.tables, records.network, RouteExchange(gone, swap.after))
    return replace(records, tables=tables)


def edited(records: PlanRecords, edit: PlanEdit) -> PlanRecords:
    """The plan after an edit; one that only locks changes no table."""
    return records if edit.content is None else swapped(records, unpack_swap(edit.content))


def network_figures(records: PlanRecords) -> list[dict[str, Any]]:
    """The figures of a plan that was changed, measured anew: those of the whole network."""
    from crossdock.measure import plan_kpis  # noqa: PLC0415

    kpis = plan_kpis(records.tables).filter(pl.col("grain") == "network")
    return kpis.select("name", "value", "unit").to_dicts()
