"""What it cost, planned and actual, and what each kind added."""

from __future__ import annotations

from typing import Any

from crossdock.measure.ledger import cost_by_kind
from crossdock.measure.report.costs import HALF_A_CENT, PARTS, cost_bar
from crossdock.measure.report.lived.days import Days

_LIVED_PARTS = (
    *PARTS,
    ("recovery", "Recovery loads", ("recovery",)),
    ("return", "Returns", ("return",)),
    ("claim", "Claims", ("claim",)),
)


def money_content(days: Days) -> dict[str, Any]:
    """Stacked bars on one scale, dollars a parcel, and the difference by kind."""
    parcels = days.table("parcels").height
    if not parcels:
        return {"bars": [], "parts": [], "changes": [], "actual": None, "difference": None}
    runs = [
        ("planned", days.page.summary.by_kind, days.page.summary.parcels or parcels),
        ("what happened", cost_by_kind(days.lived.tables), parcels),
    ]
    known = {kind for _, _, kinds in _LIVED_PARTS for kind in kinds}
    others = tuple(sorted({kind for _, kinds, _ in runs for kind in kinds} - known))
    named = (*_LIVED_PARTS, ("other", "Other", others))
    widest = max(sum(kinds.values()) / count for _, kinds, count in runs) or 1.0
    bars = [cost_bar(name, kinds, count, named, widest) for name, kinds, count in runs]
    before, after = bars
    why = _reasons(days)
    parts = [
        {
            "part": part,
            "name": name,
            "planned": before["values"][part],
            "actual": after["values"][part],
            "usd": after["values"][part] - before["values"][part],
            "why": why.get(part, ""),
        }
        for part, name, _ in named
        if before["values"][part] or after["values"][part]
    ]
    changes = _changes(parts)
    return {
        "bars": bars,
        "parts": parts,
        "changes": changes,
        "parcels": parcels,
        "usd": after["total"] * parcels,
        "actual": after["total"],
        "planned": before["total"],
        "difference": after["total"] - before["total"],
    }


def _changes(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Parts that changed by half a cent or more, largest first; the others as one."""
    large = [dict(part) for part in parts if abs(part["usd"]) >= HALF_A_CENT]
    small = [part for part in parts if 1e-6 < abs(part["usd"]) < HALF_A_CENT]
    large.sort(key=lambda part: (-abs(part["usd"]), part["name"]))
    if small:
        names = ", ".join(part["name"].lower() for part in small)
        rest = sum(part["usd"] for part in small)
        large.append({"name": "Smaller changes", "usd": rest, "why": names})
    largest = max((abs(part["usd"]) for part in large), default=0.0) or 1.0
    return [part | {"width": 50 * abs(part["usd"]) / largest} for part in large]


def _reasons(days: Days) -> dict[str, str]:
    """What is behind a part's change, in counts."""
    before, tours = days.page.table("tours"), days.table("tours")
    driven = tours.filter(tours["departs_at"].is_not_null())
    added = driven.join(before, on="route_id", how="anti").height
    ledger = days.table("ledger")
    counts = {
        kind: ledger.filter(ledger["kind"] == kind).height
        for kind in ("recovery", "return", "claim", "injection")
    }
    planned = days.page.table("ledger")
    handed = planned.filter(planned["kind"] == "injection").height
    return {
        "lastmile": f"{before.height:,} routes planned, {driven.height:,} driven, "
        f"{added:,} of them added",
        "recovery": f"{counts['recovery']:,} loads bought beyond the plan",
        "return": f"{counts['return']:,} parcels went back",
        "claim": f"{counts['claim']:,} parcels lost or destroyed",
        "injection": f"{handed:,} for partners planned, {counts['injection']:,} handed over",
        "handling": "touches where parcels really came",
    }
