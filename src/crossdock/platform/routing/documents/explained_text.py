"""Explanations of plans, and differences of two, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crossdock.platform.routing.documents.units import span

_SHOWN = 10


def explanation_text(told: dict[str, Any]) -> Iterator[str]:
    """An answer of `explain_plan` for people."""
    for route in told["routes"]:
        kinds = [(name.removesuffix("_usd"), value) for name, value in route["costs"].items()]
        costs = ", ".join(f"{name} {value:,.2f}" for name, value in kinds if value)
        yield (
            f"{route['vehicle']}: {route['stops']} stops, {route['distance_m'] / 1000:,.1f} km, "
            f"{span(route['duration_s'])}, {route['cost_usd']:,.2f} USD ({costs})"
        )
        slack = route["slack_s"]
        if slack is not None:
            yield f"  may start {span(slack)} later" if slack else "  may not start later"
        if route["binding"] is not None:
            yield f"  nearest limit: {_room_text(route['binding'])}"
        yield from (f"  breaks a limit: {fault}" for fault in route["faults"])
    for left in told["unassigned"]:
        yield f"{left['id']} is left out: {left['reason']}{_relaxation_text(left)}"


def stop_text(told: dict[str, Any]) -> Iterator[str]:
    """An answer of `explain_stop_of` for people."""
    if told["vehicle"] is None:
        yield f"{told['stop']} is left out: {told['reason']}{_relaxation_text(told)}"
        return
    saves = f"{told['saves_usd']:,.2f} USD"
    yield f"{told['stop']} is on {told['vehicle']}, which would save {saves} without it"
    for each in told["elsewhere"]:
        where = each["vehicle"] or f"one more {each['vehicle_type']}"
        place = f" after {each['after']}" if each["after"] else " first"
        if each["faults"]:
            yield f"  {where}: no place keeps every limit: {'; '.join(each['faults'])}"
        else:
            cost, extra = each["cost_usd"], each["extra_usd"]
            reload = f", with a reload at {each['reload']}" if each["reload"] else ""
            yield f"  {where}{place}{reload}: {cost:,.2f} USD, {extra:+,.2f} in all"


def difference_text(told: dict[str, Any]) -> Iterator[str]:
    """An answer of `diff_plans` for people."""
    kinds = [(name.removesuffix("_usd"), value) for name, value in told["costs"].items()]
    costs = ", ".join(f"{name} {value:+,.2f}" for name, value in kinds if value)
    yield (
        f"{told['cost_usd']:+,.2f} USD{f' ({costs})' if costs else ''}, "
        f"{told['distance_m'] / 1000:+,.1f} km, {told['duration_s'] / 60:+,.0f} min"
    )
    for route in told["routes"]:
        was, now = route["was"] or "no route", route["now"] or "no route"
        name = was if was == now else f"{was} -> {now}"
        changes = [
            *(f"+{each}" for each in route["joined"]),
            *(f"-{each}" for each in route["left"]),
        ]
        more = f" and {len(changes) - _SHOWN} more" if len(changes) > _SHOWN else ""
        order = "another order" if route["reordered"] else ""
        said = ", ".join(filter(None, (" ".join(changes[:_SHOWN]) + more, order)))
        yield f"{name}: {said}, {route['cost_usd']:+,.2f} USD"
    if told["etas"]:
        most = max(told["etas"], key=lambda each: abs(each["by_s"]))
        count = len(told["etas"])
        noun = "time differs" if count == 1 else "times differ"
        yield (f"{count:,} {noun}, most at {most['stop']}: {most['was_at']} -> {most['now_at']}")
    for name, said in (("unassigned", "no longer served"), ("assigned", "now served")):
        if told[name]:
            yield f"{said}: {', '.join(told[name])}"


def _room_text(room: dict[str, Any]) -> str:
    return f"{room['limit']} of {room['of']}, {_amount(room['left'], room['unit'])} left"


def _relaxation_text(left: dict[str, Any]) -> str:
    least = left["cheapest_relaxation"]
    if least is None:
        return ""
    return (
        f"; cheapest change: {least['limit']} of {least['of']} by "
        f"{_amount(least['by'], least['unit'])}, then it costs {least['cost_usd']:,.2f} USD"
    )


def _amount(value: float, unit: str) -> str:
    if unit == "s":
        return span(value)
    if unit == "usd":
        return f"{value:,.2f} USD"
    return f"{value:,g} {unit}".strip()
