"""Cost per parcel, split, beside the baseline, and each cause of the difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.measure.causes import cost_causes
from crossdock.measure.ledger import RunSummary
from crossdock.measure.report.page import Page

PARTS = (
    ("pickup", "Pick-up", ("pickup",)),
    ("handling", "Handling", ("handling",)),
    ("linehaul", "Line-haul, loaded", ("linehaul", "accessorial")),
    ("empties", "Line-haul, empties", ("linehaul_empty",)),
    ("lastmile", "Last mile", ("lastmile",)),
    ("injection", "Injection", ("injection",)),
)


HALF_A_CENT = 0.005


def cost_content(page: Page) -> dict[str, Any]:
    """Stacked bars of the plan and its baseline on one scale; causes, largest first."""
    runs = [run for run in (page.baseline, page.summary) if run is not None]
    widest = max((_per_parcel(run, run.cost_usd) for run in runs), default=0.0) or 1.0
    bars = [cost_bar(run.name, run.by_kind, run.parcels, PARTS, widest) for run in runs]
    return {
        "bars": bars,
        "parts": [
            {"part": part, "name": name, "values": [bar["values"][part] for bar in bars]}
            for part, name, _ in PARTS
        ],
        **_causes(page),
    }


def cost_bar(
    name: str,
    by_kind: Mapping[str, float],
    parcels: int,
    parts: Sequence[tuple[str, str, tuple[str, ...]]],
    widest: float,
) -> dict[str, Any]:
    """A run's dollars a parcel as one stacked bar.

    Parameters
    ----------
    parts
        Key, name and ledger kinds of each segment.
    widest
        Dollars a parcel that are 100 per cent wide.
    """
    values = {
        part: sum(by_kind.get(kind, 0.0) for kind in kinds) / parcels if parcels else 0.0
        for part, _, kinds in parts
    }
    return {
        "name": name,
        "total": sum(by_kind.values()) / parcels if parcels else 0.0,
        "values": values,
        "segments": [
            {
                "part": part,
                "name": title,
                "usd": values[part],
                "width": 100 * values[part] / widest,
            }
            for part, title, _ in parts
            if values[part] > 0
        ],
    }


def _causes(page: Page) -> dict[str, Any]:
    if page.baseline is None or not page.summary.parcels:
        return {"causes": [], "difference": None}
    rows = _grouped(
        [
            row
            for row in cost_causes(page.baseline, page.summary).to_dicts()
            if row["cause"] != "Number of parcels"
        ]
    )
    widest = max((abs(row["usd_per_parcel"]) for row in rows), default=0.0) or 1.0
    for row in rows:
        row["width"] = 50 * abs(row["usd_per_parcel"]) / widest
        row["detail"] = row["detail"].replace("->", "→").replace("m3", "m³")
    return {
        "causes": rows,
        "difference": _per_parcel(page.summary, page.summary.cost_usd)
        - _per_parcel(page.baseline, page.baseline.cost_usd),
    }


def _per_parcel(run: RunSummary, amount: float) -> float:
    return amount / run.parcels if run.parcels else 0.0


def _grouped(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Causes of half a cent a parcel or more, largest saving first; the others as one."""
    large = [row for row in rows if abs(row["usd_per_parcel"]) >= HALF_A_CENT]
    small = [row for row in rows if 0 < abs(row["usd_per_parcel"]) < HALF_A_CENT]
    large.sort(key=lambda row: row["usd_per_parcel"])
    if not small:
        return large
    rest = {
        "cause": "Smaller causes",
        "usd_per_parcel": sum(row["usd_per_parcel"] for row in small),
        "detail": ", ".join(row["cause"] for row in small),
    }
    return [*large, rest]
