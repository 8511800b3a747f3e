"""The comparison of two runs as a page of a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import polars as pl

from crossdock.measure.words import cause_name

if TYPE_CHECKING:
    from crossdock.measure.diff.diff import RunDiff
    from crossdock.measure.diff.lived import LivedDiff

SHOWN = 10
"""Rows of each list that the page shows; the frames hold all."""
SHOWN_A_FILE = 4
SHOWN_OF_LIVED = 5


def diff_text(diff: RunDiff) -> str:
    """Plain text: figures beside each other, then causes, promises, lanes, metros, inputs."""
    return "\n".join(_lines(diff)) + "\n"


def _lines(diff: RunDiff) -> Iterator[str]:
    yield f"{diff.name_a} -> {diff.name_b}"
    if diff.parcels_only_a or diff.parcels_only_b:
        yield (
            f"only in {diff.name_a}: {diff.parcels_only_a:,} orders; "
            f"only in {diff.name_b}: {diff.parcels_only_b:,}"
        )
    yield from _changed_inputs(diff)
    if diff.lived is not None:
        yield from _lived(diff.lived)
    yield "\nKPIs" if diff.lived is None else "\nAs planned"
    for row in diff.kpis.to_dicts():
        figures = [_figure(row[name], row["unit"]) for name in ("value_a", "value_b")]
        change = _figure(row["difference"], row["unit"], signed=True)
        yield f"  {row['name']:<32}{figures[0]:>12}{figures[1]:>12}{change:>12}"
    yield f"\nCost: {diff.cost_difference_usd:+,.2f} USD, by cause"
    for row in diff.causes.to_dicts():
        if abs(row["difference_usd"]) >= 0.005:
            yield f"  {row['cause']:<28}{row['difference_usd']:>14,.2f}  {row['detail']}"
    yield from _promises(diff)
    yield from _lanes(diff)
    yield from _metros(diff)


def _lived(lived: LivedDiff) -> Iterator[str]:
    yield "\nWhat happened"
    for row in lived.kpis.to_dicts():
        figures = [_figure(row[name], row["unit"]) for name in ("value_a", "value_b")]
        change = _figure(row["difference"], row["unit"], signed=True)
        yield f"  {row['name']:<32}{figures[0]:>12}{figures[1]:>12}{change:>12}"
    for name, unit in (("on_time_delivery", "share"), ("cost_per_package", "usd")):
        yield from _drivers(name, unit, lived.drivers.get(name))
    changed = lived.late.filter(pl.col("difference") != 0)
    if changed.height:
        yield "\nLate parcels by cause"
        for row in changed.head(SHOWN_OF_LIVED).to_dicts():
            yield (
                f"  {cause_name(row['cause']):<32}{row['late_a']:>12,}{row['late_b']:>12,}"
                f"{row['difference']:>+12,}"
            )


def _drivers(name: str, unit: str, drivers: pl.DataFrame | None) -> Iterator[str]:
    """The change as a sum of mix and rate, and the lanes that moved it most."""
    if drivers is None or drivers.is_empty():
        return
    mix, rate, total = (
        _figure(float(drivers[part].sum()), unit, signed=True) for part in ("mix", "rate", "total")
    )
    yield f"\n{name} {total}: {mix} by the mix of lanes, {rate} by the lanes themselves"
    moved = drivers.filter(pl.col("total").abs() > 5e-5)
    for row in moved.head(SHOWN_OF_LIVED).to_dicts():
        before, after = _figure(row["before"], unit), _figure(row["after"], unit)
        yield (
            f"  {row['key']:<20}{_moved(row['total'], unit):>12}  {before} -> {after}, "
            f"{row['share_before']:.1%} -> {row['share_after']:.1%} of parcels"
        )
    others = float(moved["total"].slice(SHOWN_OF_LIVED).sum())
    if moved.height > SHOWN_OF_LIVED:
        yield f"  {moved.height - SHOWN_OF_LIVED:,} other lanes {_moved(others, unit)}"


def _moved(value: float, unit: str) -> str:
    return f"{value:+.2%}" if unit == "share" else f"{value:+,.3f}"


def _changed_inputs(diff: RunDiff) -> Iterator[str]:
    if diff.inputs.is_empty() and diff.settings.is_empty():
        yield "\nInputs: the same network and settings"
        return
    yield "\nInputs that changed"
    for row in diff.settings.to_dicts():
        yield f"  {row['name']} {row['value_a'] or '(none)'} -> {row['value_b'] or '(none)'}"
    # Each file has its few lines, so that a long list does not hide a single changed rate.
    for (file,), rows in diff.inputs.group_by("file", maintain_order=True):
        yield from (f"  {text}" for text in rows["text"].head(SHOWN_A_FILE))
        if rows.height > SHOWN_A_FILE:
            yield f"  ... and {rows.height - SHOWN_A_FILE:,} more rows of {file}"


def _promises(diff: RunDiff) -> Iterator[str]:
    if diff.promises.is_empty():
        yield "\nPromises: the same parcels kept"
        return
    totals = {name: diff.promises[name].sum() for name in diff.promises.columns[2:]}
    yield (
        f"\nPromises: service {totals['service_gained']:+,} / -{totals['service_lost']:,}, "
        f"told to the buyer {totals['promise_gained']:+,} / -{totals['promise_lost']:,}"
    )
    for row in diff.promises.head(SHOWN).to_dicts():
        yield (
            f"  {row['lane']:<20} service +{row['service_gained']} -{row['service_lost']}, "
            f"promise +{row['promise_gained']} -{row['promise_lost']} of {row['parcels']}"
        )
    yield from _and_more(diff.promises.height)


def _lanes(diff: RunDiff) -> Iterator[str]:
    if diff.lanes.is_empty():
        return
    yield "\nLanes that changed most"
    for row in diff.lanes.head(SHOWN).to_dicts():
        yield (
            f"  {row['lane']:<20}{row['difference_usd']:>+12,.2f} USD  "
            f"{row['loads_a']} x {row['uses_a']} -> {row['loads_b']} x {row['uses_b']}"
        )
        yield from _reasons(row)
    yield from _and_more(diff.lanes.height)


def _metros(diff: RunDiff) -> Iterator[str]:
    if diff.metros.is_empty():
        return
    yield "\nLast mile that changed most"
    for row in diff.metros.head(SHOWN).to_dicts():
        yield (
            f"  {row['facility_id']:<20}{row['difference_usd']:>+12,.2f} USD  "
            f"{row['routes_a']} -> {row['routes_b']} routes, "
            f"{row['hours_a']:,.1f} -> {row['hours_b']:,.1f} h, "
            f"{row['miles_a']:,.0f} -> {row['miles_b']:,.0f} miles"
        )
        yield from _reasons(row)
    yield from _and_more(diff.metros.height)


def _reasons(row: dict[str, Any]) -> Iterator[str]:
    if row["reason_a"] == row["reason_b"]:
        if row["reason_b"]:
            yield f"      {row['reason_b']}"
        return
    for name in ("a", "b"):
        if row[f"reason_{name}"]:
            yield f"      {name}: {row[f'reason_{name}']}"


def _and_more(count: int) -> Iterator[str]:
    if count > SHOWN:
        yield f"  ... and {count - SHOWN:,} more"


def _figure(value: float | None, unit: str, *, signed: bool = False) -> str:
    if value is None:
        return "-"
    plus = "+" if signed else ""
    return f"{value:{plus}.1%}" if unit == "share" else f"{value:{plus},.2f}"
