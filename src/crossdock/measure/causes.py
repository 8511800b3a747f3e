"""Why one plan costs more than another: causes that add up to the difference, to the cent.

First the volume: what the first plan would cost at the second one's number of parcels. The rest is
split by ledger kind; line-haul further by the midpoint (Bennet) decomposition, which leaves no
residual: the difference of a product is the change of each factor times the mean of the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from crossdock.measure.frames import LADDER_NAMES
from crossdock.measure.ledger import RunSummary, StepUse

CAUSES = (
    "cause",
    "difference_usd",
    "usd_per_parcel",
    "detail",
)


@dataclass(frozen=True)
class LinehaulEffects:
    """Line-haul's difference by cause, in dollars."""

    distance: float
    mix: float
    fill: float
    rates: float

    @property
    def total(self) -> float:
        """Sum of the four."""
        return self.distance + self.mix + self.fill + self.rates


def cost_causes(before: RunSummary, after: RunSummary) -> pl.DataFrame:
    """Split ``after``'s cost less ``before``'s into causes.

    Parameters
    ----------
    before, after
        The runs; ``before`` is the yardstick.

    Returns
    -------
    pl.DataFrame
        ``cause, difference_usd, usd_per_parcel`` (of ``after``'s parcels), ``detail``; the
        differences sum to ``after.cost_usd - before.cost_usd``.
    """
    scale = after.parcels / before.parcels if before.parcels else 0.0
    parcels = f"{before.parcels:,} -> {after.parcels:,} parcels"
    rows = [("Number of parcels", (scale - 1.0) * before.cost_usd, parcels)]
    rows += _linehaul_rows(before, after, scale)
    rows += _lastmile_rows(before, after, scale)
    rows += _plain_rows(before, after, scale)
    frame = pl.DataFrame(rows, schema=["cause", "difference_usd", "detail"], orient="row")
    per_parcel = pl.col("difference_usd") / after.parcels if after.parcels else pl.lit(None)
    return frame.with_columns(usd_per_parcel=per_parcel.cast(pl.Float64)).select(*CAUSES)


def linehaul_effects(before: RunSummary, after: RunSummary, scale: float) -> LinehaulEffects:
    """What distance, ladder mix, fill and rates each add to line-haul.

    Line-haul is freight (m3 miles) x sum over steps of its share of the freight x dollars per
    paid m3 mile / fill; ``scale`` brings ``before`` to ``after``'s number of parcels.
    """
    old = {use.step: use for use in before.steps}
    new = {use.step: use for use in after.steps}
    old_freight = scale * sum(use.cube_miles for use in before.steps)
    new_freight = sum(use.cube_miles for use in after.steps)
    old_price, new_price = _mean_price(before.steps), _mean_price(after.steps)
    distance = (new_freight - old_freight) * _middle(
        old_price if old_freight else new_price, new_price if new_freight else old_price
    )
    if not old_freight or not new_freight:
        return LinehaulEffects(distance, 0.0, 0.0, 0.0)
    mix = fill = rates = 0.0
    freight = _middle(old_freight, new_freight)
    for step in sorted({*old, *new}):
        # a step that one run does not use costs there what it costs in the other
        was, now = old.get(step) or new[step], new.get(step) or old[step]
        old_share = _share(old.get(step), before)
        new_share = _share(new.get(step), after)
        step_price = _middle(_price(was), _price(now)) - _middle(old_price, new_price)
        mix += freight * (new_share - old_share) * step_price
        weight = freight * _middle(old_share, new_share)
        rates += weight * (_rate(now) - _rate(was)) * _middle(_space(was), _space(now))
        fill += weight * (_space(now) - _space(was)) * _middle(_rate(was), _rate(now))
    return LinehaulEffects(distance, mix, fill, rates)


def _linehaul_rows(
    before: RunSummary, after: RunSummary, scale: float
) -> list[tuple[str, float, str]]:
    effects = linehaul_effects(before, after, scale)
    total = after.by_kind["linehaul"] - scale * before.by_kind["linehaul"]
    freight = tuple(f"{sum(use.cube_miles for use in run.steps):,.0f}" for run in (before, after))
    rows = [
        ("Line-haul distance", effects.distance, f"{freight[0]} -> {freight[1]} m3 miles carried"),
        ("Line-haul ladder mix", effects.mix, _steps_detail(before, after, _share_text)),
        ("Line-haul fill", effects.fill, _steps_detail(before, after, _fill_text)),
        ("Line-haul rates", effects.rates, _steps_detail(before, after, _rate_text)),
    ]
    # what the ledger charges line-haul without a load that carries freight
    return [*rows, ("Line-haul, other", total - effects.total, "charges without freight")]


def _lastmile_rows(
    before: RunSummary, after: RunSummary, scale: float
) -> list[tuple[str, float, str]]:
    was, now = before.lastmile, after.lastmile
    return [
        (
            "Last-mile hours",
            now.hours_usd - scale * was.hours_usd,
            f"{was.hours:,.1f} -> {now.hours:,.1f} paid hours",
        ),
        (
            "Last-mile miles",
            now.miles_usd - scale * was.miles_usd,
            f"{was.miles:,.0f} -> {now.miles:,.0f} miles",
        ),
        (
            "Last-mile vehicles",
            now.vehicles_usd - scale * was.vehicles_usd,
            f"{was.vehicles:,} -> {now.vehicles:,} vehicle-days",
        ),
        (
            "Last mile by carriers",
            now.carriers_usd - scale * was.carriers_usd,
            f"${was.carriers_usd:,.2f} -> ${now.carriers_usd:,.2f}",
        ),
    ]


def _plain_rows(
    before: RunSummary, after: RunSummary, scale: float
) -> list[tuple[str, float, str]]:
    named = {
        "linehaul_empty": "Empties and bobtails",
        "accessorial": "Accessorials",
        "injection": "Injections",
        "handling": "Handling",
        "pickup": "Pick-up",
    }
    split = {"linehaul", "lastmile"}
    kinds = [*named, *sorted({*before.by_kind, *after.by_kind} - split - set(named))]
    counts = f"{before.injected:,} -> {after.injected:,} parcels handed over, "
    rows: list[tuple[str, float, str]] = []
    for kind in kinds:
        was, now = before.by_kind.get(kind, 0.0), after.by_kind.get(kind, 0.0)
        detail = f"{counts if kind == 'injection' else ''}${was:,.2f} -> ${now:,.2f}"
        rows.append((named.get(kind, kind.capitalize()), now - scale * was, detail))
    return rows


def _steps_detail(
    before: RunSummary, after: RunSummary, text: Callable[[StepUse, RunSummary], str]
) -> str:
    old = {use.step: text(use, before) for use in before.steps}
    new = {use.step: text(use, after) for use in after.steps}
    names = [*(step for step in LADDER_NAMES if step in {*old, *new}), "other"]
    return "; ".join(
        f"{LADDER_NAMES.get(step, step)} {old.get(step, 'none')} -> {new.get(step, 'none')}"
        for step in names
        if old.get(step) != new.get(step)
    )


def _share_text(use: StepUse, run: RunSummary) -> str:
    return f"{_share(use, run):.0%}"


def _fill_text(use: StepUse, _run: RunSummary) -> str:
    return f"{1 / _space(use):.0%}"


def _rate_text(use: StepUse, _run: RunSummary) -> str:
    return f"${1000 * _rate(use):,.2f} per 1,000 m3 miles of space"


def _mean_price(steps: tuple[StepUse, ...]) -> float:
    freight = sum(use.cube_miles for use in steps)
    return sum(use.cost_usd for use in steps) / freight if freight else 0.0


def _price(use: StepUse) -> float:
    return use.cost_usd / use.cube_miles


def _rate(use: StepUse) -> float:
    return use.cost_usd / use.paid_cube_miles


def _space(use: StepUse) -> float:
    """Space paid for a unit of freight: one over the fill."""
    return use.paid_cube_miles / use.cube_miles


def _share(use: StepUse | None, run: RunSummary) -> float:
    return 0.0 if use is None else use.cube_miles / sum(step.cube_miles for step in run.steps)


def _middle(one: float, other: float) -> float:
    return (one + other) / 2
