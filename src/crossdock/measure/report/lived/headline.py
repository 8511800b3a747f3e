"""The verdict that a person reads first, and the figures beside the plan's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crossdock.measure.report import figures
from crossdock.measure.report.lived.days import Days, Ratio


@dataclass(frozen=True)
class LivedCard:
    """One figure of what happened.

    Attributes
    ----------
    planned
        The plan's, written; empty where it has none.
    change
        From the plan, written.
    verdict
        better, worse or same than planned; empty.
    interval
        95 %, written; empty where the figure is one of many.
    """

    label: str
    value: str
    note: str
    planned: str = ""
    change: str = ""
    verdict: str = ""
    interval: str = ""


def lived_cards(days: Days) -> list[LivedCard]:
    """On time three ways, cost, first attempt, stops, fill, exceptions."""
    kpi = days.kpi
    promised, net = kpi("on_time_delivery"), kpi("on_time_delivery_net")
    service, cost = kpi("on_time_service"), kpi("cost_per_package")
    first, fill = kpi("first_attempt_success"), kpi("load_utilisation_cube")
    stops, opened = kpi("stops_per_hour"), kpi("exceptions_per_1000")
    excused = promised.denominator - net.denominator
    still_open = days.table("exceptions")["closed_at"].null_count()
    return [
        _card("On time, as promised", promised, figures.share, 1,
              planned=days.planned("planned_on_time_promise"), note=_of(promised, "parcels")),
        _card("On time, excused left out", net, figures.share, 1,
              note=f"{_of(net, 'parcels')}; without {excused:,.0f} late for weather, address or "
                   "consignee"),
        _card("On time, as the service says", service, figures.share, 1,
              planned=days.planned("planned_on_time_service"), note=_of(service, "parcels")),
        _card("Cost per parcel", cost, figures.usd, -1, planned=days.planned("cost_per_package"),
              note=f"{figures.usd(cost.numerator, 0)} for {cost.denominator:,.0f} parcels"),
        _card("Delivered at the first attempt", first, figures.share, 1,
              note=_of(first, "parcels with an attempt")),
        _card("Stops an hour", stops, figures.number, 1, planned=days.planned("stops_per_hour"),
              note=f"{stops.numerator:,.0f} stops in {stops.denominator:,.0f} hours on the road"),
        _card("Line-haul fill", fill, figures.share, 1,
              planned=days.planned("load_utilisation_cube"), sure=True,
              note="of the cube that was paid for, by distance"),
        _card("Exceptions per 1,000", opened, figures.count, -1,
              note=f"{opened.numerator:,.0f} for {1000 * opened.denominator:,.0f} parcels; "
                   f"{still_open:,} still open"),
    ]  # fmt: skip


def lived_verdict(days: Days, late: dict[str, Any], money: dict[str, Any]) -> list[str]:
    """Sentences: on time, cost, the biggest cause, what to look at."""
    promised = days.kpi("on_time_delivery")
    if promised.value is None:
        if days.table("parcels").height:
            return ["No promise is due yet."]
        return ["No parcel was planned, so nothing happened."]
    return [
        sentence
        for sentence in (
            _so_far_sentence(days),
            _on_time_sentence(days, promised),
            _net_sentence(days, promised),
            _cost_sentence(money),
            *_late_sentences(late),
        )
        if sentence
    ]


def _so_far_sentence(days: Days) -> str:
    if days.lived.at is None:
        return ""
    states = days.table("parcels")["final_state"]
    ended = states.len() - (states == "open_exception").sum()
    return (
        f"As of {figures.clock(days.lived.at, 'UTC')}: {ended:,} of {states.len():,} parcels have "
        f"come to their end, and costs are those of what has run."
    )


def _on_time_sentence(days: Days, promised: Ratio) -> str:
    expected = days.planned("planned_on_time_promise")
    beside = "" if expected is None else f", where {figures.share(expected)} was expected"
    due = "" if days.lived.at is None else " due so far"
    return (
        f"{promised.numerator:,.0f} of {promised.denominator:,.0f} parcels{due} came when "
        f"promised: {figures.share(promised.value)}{beside}."
    )


def _net_sentence(days: Days, promised: Ratio) -> str:
    net = days.kpi("on_time_delivery_net").value
    if net is None or figures.share(net) == figures.share(promised.value):
        return ""
    return f"Without weather, bad addresses and absent consignees it is {figures.share(net)}."


def _cost_sentence(money: dict[str, Any]) -> str:
    change = money["difference"]
    if money["actual"] is None or change is None:
        return ""
    if abs(change) < 0.005:
        return f"A parcel cost {figures.usd(money['actual'])}, as planned."
    more = "more" if change > 0 else "less"
    said = f"A parcel cost {figures.usd(money['actual'])}, {figures.usd(abs(change))} {more}"
    largest = max(money["changes"], key=lambda row: row["usd"] * change, default=None)
    if largest is None:
        return f"{said} than planned."
    return f"{said} than planned, most of it {largest['name'].lower()}."


def _late_sentences(late: dict[str, Any]) -> list[str]:
    if not late["causes"]:
        return ["No parcel was late."]
    first = late["causes"][0]
    said = (
        f"The biggest cause of lateness: {_inside(first['name'])}, "
        f"{first['parcels']:,} of {late['parcels']:,} late parcels"
    )
    look = late["look_at"]
    if look is None:
        return [f"{said}."]
    subject = look["subject"]
    if look["load_id"] or look["route_id"]:  # a place keeps its capital
        subject = _inside(subject)
    parcels = "parcel" if look["parcels"] == 1 else "parcels"
    return [
        f"{said}.",
        f"Look first at {subject} ({_inside(look['name'])}): {look['parcels']:,} late {parcels}.",
    ]


def _inside(text: str) -> str:
    """A name as it stands inside a sentence."""
    return text[:1].lower() + text[1:]


def _of(ratio: Ratio, noun: str) -> str:
    return f"{ratio.numerator:,.0f} of {ratio.denominator:,.0f} {noun}"


def _card(
    label: str,
    ratio: Ratio,
    write: Callable[[float | None], str],
    better: int,
    *,
    note: str,
    planned: float | None = None,
    sure: bool = False,
) -> LivedCard:
    interval = ratio.interval if write is figures.share and not sure else None
    told = "" if interval is None else figures.span(interval)
    if planned is None or ratio.value is None:
        return LivedCard(label, write(ratio.value), note, interval=told)
    moved = ratio.value - planned
    written = write(moved)
    if written == write(0.0):
        return LivedCard(label, write(ratio.value), note, write(planned), "", "same", told)
    verdict = "better" if moved * better > 0 else "worse"
    change = f"{'+' if moved > 0 else ''}{written.removesuffix(' %')}"
    points = " points" if written.endswith(" %") else ""
    return LivedCard(
        label, write(ratio.value), note, write(planned), f"{change}{points}", verdict, told
    )
