"""The figures at the top, each beside the baseline's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crossdock.measure.report import figures
from crossdock.measure.report.page import Page


@dataclass(frozen=True)
class Card:
    """One figure; ``verdict`` (better, worse, same or empty) is of its change."""

    label: str
    value: str
    note: str
    change: str = ""
    verdict: str = ""


def headline_cards(page: Page) -> list[Card]:
    """Parcels, cost, service, promise, fill, empty miles, routes."""
    tours = page.table("tours")
    parcels = page.table("parcels")
    miles = float(page.table("loads")["miles"].sum())
    routed = int(tours["parcels"].sum())
    rejected = page.tables["rejects"].height if "rejects" in page.tables else 0
    places = parcels["destination_facility_id"].n_unique()
    return [
        Card(
            "Parcels planned",
            figures.count(page.summary.parcels),
            f"to {places:,} stations; {rejected:,} orders rejected",
        ),
        _card(page, "Cost per parcel", "cost_per_package", figures.usd, better=-1, note="all in"),
        _card(
            page,
            "On-time service",
            "planned_on_time_service",
            figures.share,
            better=1,
            note=f"as sold; {figures.share(page.kpi('offered_share'))} is sold as the lane can go",
        ),
        _card(
            page,
            "Promise kept",
            "planned_on_time_promise",
            figures.share,
            better=1,
            note="expected by when the buyer was told",
        ),
        _card(
            page,
            "Line-haul fill",
            "load_utilisation_cube",
            figures.share,
            better=1,
            note="of paid cube, by distance",
        ),
        _card(
            page,
            "Empty miles",
            "empty_miles_share",
            figures.share,
            better=-1,
            note=f"{figures.count(miles)} miles in all",
        ),
        _card(
            page,
            "Stops an hour",
            "stops_per_hour",
            figures.number,
            better=1,
            note=f"{tours.height:,} routes, {routed:,} parcels",
        ),
    ]


def verdict_sentence(page: Page) -> str:
    """The plan in one sentence, with the baseline in a second."""
    summary = page.summary
    if not summary.parcels:
        return "No parcel is planned."
    said = (
        f"{summary.parcels:,} parcels for {figures.usd(summary.cost_usd, 0)}, "
        f"{figures.usd(page.kpi('cost_per_package'))} each. "
        f"{figures.share(page.kpi('planned_on_time_service'))} are planned to arrive when the "
        "service says; "
        f"{figures.share(page.kpi('planned_on_time_promise'))} of what buyers are told is "
        "expected to be kept."
    )
    saved = page.kpi_change("cost_per_package")
    if page.baseline is None or saved is None:
        return said
    direction = "less" if saved <= 0 else "more"
    return (
        f"{said} That is {figures.usd(abs(saved))} {direction} a parcel than "
        f"the {page.baseline.name} plan."
    )


def _card(
    page: Page,
    label: str,
    kpi: str,
    write: Callable[[float | None], str],
    *,
    better: int,
    note: str,
) -> Card:
    moved = page.kpi_change(kpi)
    written = write(moved) if moved is not None else ""
    flat = moved is not None and written == write(0.0)
    verdict = "" if moved is None else "same" if flat else _verdict(moved * better)
    text = "" if moved is None else "as the baseline" if flat else f"{_signed(moved, written)}"
    return Card(label, write(page.kpi(kpi)), note, text, verdict)


def _verdict(gain: float) -> str:
    return "better" if gain > 0 else "worse"


def _signed(moved: float, written: str) -> str:
    points = written.removesuffix(" %") + " points" if written.endswith(" %") else written
    return f"+{points}" if moved > 0 else points
