"""Problems as documents, drawn at random: whatever the schema allows and the search can plan."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from crossdock.plan.routing import Budget, Solution, solve
from crossdock.platform.routing.documents import (
    RouteQuestion,
    SearchTold,
    plan_document,
    question_of,
    read_rows,
)

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
ZERO = dt.datetime(2026, 3, 2, 14, tzinfo=dt.UTC)


def example(name: str = "route_problem.json") -> dict[str, Any]:
    return json.loads((EXAMPLES / name).read_text(encoding="utf-8"))


def question(told: dict[str, Any]) -> RouteQuestion:
    return question_of(read_rows(told, "problem").document)


def planned(told: dict[str, Any], iterations: int = 40, **options: Any) -> dict[str, Any]:
    return solved(told, iterations, **options)[2]


def solved(
    told: dict[str, Any], iterations: int = 40, **options: Any
) -> tuple[RouteQuestion, Solution, dict[str, Any]]:
    asked = question(told)
    found: list[tuple[float, float]] = []
    solution = solve(
        asked.problem, Budget(iterations=iterations), 1, lambda cost: found.append((0.0, cost)),
        **options,
    )  # fmt: skip
    return asked, solution, plan_document(asked, solution, SearchTold(1, 0.5, found))


def at(minutes: float) -> str:
    return (ZERO + dt.timedelta(minutes=minutes)).isoformat()


def _window(low: int, high: int):
    return st.tuples(st.integers(low, high), st.integers(20, 200)).map(
        lambda each: [{"opens_at": at(each[0]), "closes_at": at(each[0] + each[1])}]
    )


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    """Small problems of every kind that is planned."""
    on_matrix = draw(st.booleans())
    count = draw(st.integers(2, 7))
    spots = [
        (round(41.8 + draw(st.integers(0, 60)) / 1000, 4), round(-87.7 + 0.013 * at_, 4))
        for at_ in range(count)
    ]

    def place(number: int) -> dict[str, Any]:
        lat, lon = spots[number]
        return {"place": f"p{number}"} if on_matrix else {"lat": lat, "lon": lon}

    any_place = st.integers(0, count - 1).map(place)
    amount = st.fixed_dictionaries(
        {}, optional={"parcels": st.integers(0, 4), "weight_kg": st.sampled_from([0.5, 1, 2.125])}
    )
    with_shipments = draw(st.booleans())
    jobs = [
        {
            "id": f"J{number}",
            **draw(any_place),
            "service_s": draw(st.sampled_from([0, 60, 90.5])),
            "parking_s": draw(st.sampled_from([0, 120])),
            **draw(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "delivery": amount,
                        "pickup": amount,
                        "windows": _window(0, 240),
                        "prize_usd": st.sampled_from([2.5, 40.0]),
                        "release_at": st.just(at(15)),
                        "skills": st.just(["lift"]),
                        "excluded_vehicles": st.just(["truck"]),
                    },
                )
            ),
        }
        for number in range(draw(st.integers(1, 6)))
    ]
    shipments = [
        {
            "id": f"S{number}",
            "amount": draw(amount),
            "pickup": {**draw(any_place), "service_s": 60},
            "delivery": {**draw(any_place), "windows": draw(_window(60, 300))},
        }
        for number in range(draw(st.integers(1, 2)) if with_shipments else 0)
    ]
    told: dict[str, Any] = {
        "starts_at": ZERO.isoformat(),
        "depots": [{"id": "D", **place(0), "loading_s": 300, "closes_at": at(720)}],
        "vehicles": [
            {
                "id": "van",
                "count": draw(st.sampled_from([1, 3, None])),
                "capacity": {"parcels": 9, "weight_kg": 20.25},
                "start": {"depot": "D"},
                "shift_ends_at": at(600),
                "skills": ["lift"],
                "costs": {"fixed_usd": 20, "usd_per_km": 0.4, "usd_per_h": 24},
            },
            {
                "id": "truck",
                "capacity": {"parcels": 30},
                "start": place(1) if draw(st.booleans()) else {"depot": "D"},
                "end": draw(st.sampled_from([None, {"depot": "D"}])),
                "max_duration_s": 14_400,
                "costs": {"fixed_usd": 35, "usd_per_km": 0.7},
            },
        ],
        "jobs": jobs,
        "shipments": shipments,
    }
    if on_matrix:
        told["places"] = [
            {"id": f"p{number}", "lat": lat, "lon": lon} for number, (lat, lon) in enumerate(spots)
        ]
        metres = [[abs(a - b) * 900 + 100 * (a != b) for b in range(count)] for a in range(count)]
        told["distances"] = {
            "kind": "matrix",
            "distance_m": metres,
            "duration_s": [[each / 7 for each in row] for row in metres],
            "speed_factor": 0.8,
        }
    return told


@st.composite
def ruled_problems(draw: st.DrawFn) -> dict[str, Any]:
    """Problems of `problems` with long days, whose drivers have rules, some of them under way."""
    told = draw(problems())
    for row in (*told["jobs"], *(row["delivery"] for row in told["shipments"])):
        row["service_s"] = draw(st.sampled_from([600, 3_600, 5_400]))
        row.pop("windows", None)
        if draw(st.integers(0, 4)) == 0:
            row["windows"] = [{"opens_at": at(draw(st.integers(0, 600)))}]
    told["depots"][0].pop("closes_at")
    scale = draw(st.sampled_from([1, 10]))
    distances = told.get("distances", {})
    if distances.get("kind") == "matrix":
        for name in ("distance_m", "duration_s"):
            distances[name] = [[each * scale for each in row] for row in distances[name]]
    for row in told["vehicles"]:
        row.pop("max_duration_s", None)
        row["shift_ends_at"] = at(draw(st.sampled_from([300, 600, 1_000])))
        rules = draw(st.sampled_from([None, "MEALS_AND_RESTS", "US_70_8", "US_60_7_SHORT_HAUL"]))
        if rules is None:
            continue
        row["hos_rules"] = rules
        if draw(st.booleans()):
            driven = draw(st.sampled_from([0, 3_600, 9 * 3_600]))
            row["shift_starts_at"] = at(600)
            row["shift_ends_at"] = at(1_400)
            row["hours_used"] = {
                "on_duty_since_at": at(draw(st.sampled_from([0, 300, 599]))),
                "driven_s": min(driven, 3_600),
                "driven_since_pause_s": draw(st.sampled_from([0, min(driven, 3_600) / 2])),
                "meals": draw(st.integers(0, 1)), "rests": draw(st.integers(0, 2)),
            }  # fmt: skip
            if row["hours_used"]["on_duty_since_at"] == at(599):
                row["hours_used"] |= {"driven_s": 0, "driven_since_pause_s": 0}
    return told
