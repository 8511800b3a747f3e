"""A batch of orders from its body to a verdict on each item."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from crossdock.locate.zips import zip_table
from crossdock.model.order import CHECKED_ORDERS, RAW_ORDERS, check_orders, shown
from crossdock.model.tables import REJECTS
from crossdock.platform.server.batches import ItemRejected, Verdicts
from crossdock.platform.server.orders.body import as_text, items_of
from crossdock.platform.store.database.orders import OrdersStore, StoredOrder, Verdict

LONGEST_TEXT_BYTES = 32 * 1024

_TEXTS = tuple(name for name in RAW_ORDERS if name != "row")
_REFUSED: Mapping[Verdict, str] = {
    Verdict.CHANGED: "was sent with other values; send it with replace=true to change it",
    Verdict.CARRIED: "was sent with other values and is carried by a released plan",
}


class OrderIntake:
    """Takes orders in for any tenant.

    Parameters
    ----------
    services
        Tells which services are sold; asked when orders come in.
    most_items
        Of one batch.
    """

    def __init__(
        self, store: OrdersStore, *, services: Callable[[], Sequence[str]], most_items: int
    ) -> None:
        self._store = store
        self._services = services
        self._most_items = most_items

    def take(self, tenant: str, body: bytes, content_type: str, *, replace: bool) -> Verdicts:
        """Store what is good of a batch; durable when this returns.

        Raises
        ------
        RefusedError
            The body cannot be read at all, or holds too much.
        """
        items = items_of(body, content_type, most=self._most_items)
        text, no_text = as_text(items)
        text = text.with_columns(first_row=pl.col("row").min().over(_TEXTS))
        distinct = text.filter(pl.col("row") == pl.col("first_row")).drop("first_row")
        sound, too_long = _without_oversized(distinct)
        checked, broken = check_orders(
            sound, services=self._services(), known_zips=zip_table()["zip5"]
        )
        bodies = dict(zip(checked["order_id"], bodies_of(checked), strict=True))
        verdicts = self._store.put(tenant, bodies, replace=replace)
        refused = _refused(checked, verdicts)
        rejects = pl.concat([no_text, too_long, broken, refused])
        return _taken(text, verdicts, rejects)

    def read(self, tenant: str, order_id: str) -> StoredOrder:
        """One order of a tenant.

        Raises
        ------
        NotFoundError
            The tenant has no such order.
        """
        return self._store.read(tenant, order_id)


def bodies_of(checked: pl.DataFrame) -> pl.Series:
    """Orders as they are stored: JSON of their fields, equal for equal orders."""
    instants = pl.col("created_at").dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
    fields = checked.drop("row").with_columns(instants)
    return fields.select(pl.struct(pl.all()).struct.json_encode()).to_series()


def orders_of(bodies: pl.Series) -> pl.DataFrame:
    """Stored orders as a frame of `CHECKED_ORDERS`; ``row`` counts from 1."""
    kinds = {name: kind for name, kind in CHECKED_ORDERS.items() if name != "row"}
    told = pl.Struct({**kinds, "created_at": pl.String})
    instants = pl.col("created_at").str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", time_zone="UTC"
    )
    return (
        pl.DataFrame({"body": bodies.str.json_decode(told)})
        .unnest("body")
        .with_columns(instants)
        .with_row_index("row", offset=1)
        .select(list(CHECKED_ORDERS))
        .cast(pl.Schema(CHECKED_ORDERS))
    )


def _without_oversized(text: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows whose texts have a sane size, and a reject for each text that has not."""
    sizes = pl.col(_TEXTS).str.len_bytes()
    too_long = pl.any_horizontal(sizes > LONGEST_TEXT_BYTES).fill_null(value=False)
    found = (
        text.filter(too_long)
        .unpivot(_TEXTS, index="row", variable_name="field", value_name="value")
        .filter(pl.col("value").str.len_bytes() > LONGEST_TEXT_BYTES)
        .with_columns(
            shown(pl.col("value")),
            order_id=pl.lit(""),
            reason=pl.format("has {} bytes", pl.col("value").str.len_bytes()),
            remedy=pl.lit(f"shorten it to {LONGEST_TEXT_BYTES:,} bytes or less"),
        )
    )
    return text.filter(~too_long), found.select(list(REJECTS)).cast(pl.Schema(REJECTS))


def _refused(checked: pl.DataFrame, verdicts: Mapping[str, Verdict]) -> pl.DataFrame:
    said = [_REFUSED.get(verdicts[order_id]) for order_id in checked["order_id"]]
    return (
        checked.select("row", "order_id")
        .with_columns(
            field=pl.lit("order_id"),
            value=pl.col("order_id"),
            reason=pl.Series(said, dtype=pl.String),
            remedy=pl.lit(""),
        )
        .filter(pl.col("reason").is_not_null())
        .select(list(REJECTS))
        .cast(pl.Schema(REJECTS))
    )


def _taken(
    text: pl.DataFrame,
    verdicts: Mapping[str, Verdict],
    rejects: pl.DataFrame,
) -> Verdicts:
    """Count every item; one that repeats another of the batch shares its fate."""
    again = text.select("row", "first_row").filter(pl.col("row") != pl.col("first_row"))
    repeated = again.join(rejects, left_on="first_row", right_on="row", maintain_order="left")
    refused = pl.concat([rejects, repeated.select(list(REJECTS))])
    accepted = sum(said is Verdict.ACCEPTED for said in verdicts.values())
    known = sum(said is Verdict.DUPLICATE for said in verdicts.values())
    repeats = again.join(rejects, left_on="first_row", right_on="row", how="anti").height
    return Verdicts(accepted=accepted, duplicates=known + repeats, rejected=_as_rejected(refused))


def _as_rejected(rejects: pl.DataFrame) -> list[ItemRejected]:
    """One answer an item: its first fault, with the others named."""
    found: list[ItemRejected] = []
    for (row,), faults in rejects.group_by("row", maintain_order=True):
        field, reason, remedy = faults.select("field", "reason", "remedy").row(0)
        others = faults["field"][1:].to_list()
        told = [reason, *([remedy] if remedy else [])]
        told += [f"also wrong: {', '.join(others)}"] if others else []
        assert isinstance(row, int)
        found.append(ItemRejected(index=row - 1, field=field, reason="; ".join(told)))
    return sorted(found, key=lambda each: each.index)
