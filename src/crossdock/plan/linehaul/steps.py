"""The ladder of a lane as a planner reads it: steps, and the volume from which each pays."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import ceil, floor, inf

from crossdock.plan.linehaul.network import TimedNetwork
from crossdock.plan.linehaul.pack import Packed

ALTERNATIVES = 4
SPEED_RANK = {"pooled": 0, "solo": 0, "team": 1}

Lane = tuple[str, str]
DecisionRow = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Step:
    """One vehicle (or pallet position) of a lane: usable space, price and speed."""

    vehicle_type: str
    speed: str
    m3: float
    kg: float
    usd: float

    @property
    def name(self) -> str:
        """Vehicle and speed, as the dock says it."""
        return f"{self.vehicle_type} {self.speed}"

    def units_for(self, volume_m3: float, weight_kg: float) -> int:
        """Units that hold a load."""
        return max(1, ceil(volume_m3 / self.m3 - 1e-9), ceil(weight_kg / self.kg - 1e-9))


def lane_steps(network: TimedNetwork) -> dict[Lane, list[Step]]:
    """Cheapest offer of each vehicle type and speed on each lane, smallest first."""
    best: dict[Lane, dict[tuple[str, str], Step]] = {}
    columns = (
        "from_facility_id",
        "to_facility_id",
        "vehicle_type",
        "speed",
        "unit_m3",
        "unit_kg",
        "units_per_vehicle",
        "cost_usd",
    )
    for sender, taker, vehicle, speed, m3, kg, units, usd in network.rungs.select(
        columns
    ).iter_rows():
        of_lane = best.setdefault((sender, taker), {})
        step = Step(str(vehicle), speed, m3 * units, kg * units, usd)
        held = of_lane.get((step.vehicle_type, speed))
        if held is None or step.usd < held.usd:
            of_lane[step.vehicle_type, speed] = step
    return {
        lane: sorted(steps.values(), key=lambda step: (step.m3, step.usd, step.name))
        for lane, steps in best.items()
    }


def break_even_m3(small: Step, large: Step) -> float:
    """Volume from which one ``large`` costs less than the ``small`` units that would hold it.

    As many small units as cost no more than the large one come first:
    ``floor(large usd / small usd) * small m3``. Infinite where the large one never holds that much.
    """
    if small.usd <= 0:
        return inf
    volume = floor(large.usd / small.usd + 1e-9) * small.m3
    return volume if volume < large.m3 else inf


def paying_steps(steps: list[Step]) -> list[tuple[Step, Step, float]]:
    """Each step that some volume makes the cheapest: the one below it, itself, and from where."""
    if not steps:
        return []
    answer: list[tuple[Step, Step, float]] = []
    current = min(steps, key=lambda step: (step.usd, -step.m3))
    for step in steps:
        if step.m3 > current.m3 and break_even_m3(current, step) < inf:
            answer.append((current, step, break_even_m3(current, step)))
            current = step
    return answer


def movement_decisions(network: TimedNetwork, packed: Packed) -> list[DecisionRow]:
    """Why each movement has its vehicle: fill, the other steps' cost, and the next break-even."""
    steps = lane_steps(network)
    capacity = {
        at: (m3, kg, units)
        for at, (m3, kg, units) in enumerate(
            network.rungs.select("unit_m3", "unit_kg", "units_per_vehicle").iter_rows()
        )
    }
    rows: list[DecisionRow] = []
    for movement, rung in zip(
        packed.movements.iter_rows(named=True), packed.movement_rungs["rung"].to_list(), strict=True
    ):
        m3, kg, _ = capacity[rung]
        lane = (movement["from_facility_id"], movement["to_facility_id"])
        rows.append(
            _movement_decision(
                movement, m3 * movement["units"], kg * movement["units"], steps[lane]
            )
        )
    return rows


def _movement_decision(
    movement: dict[str, object], room_m3: float, room_kg: float, steps: list[Step]
) -> DecisionRow:
    vehicle, speed = str(movement["vehicle_type"]), str(movement["speed"])
    volume_m3, weight_kg = float(str(movement["volume_m3"])), float(str(movement["weight_kg"]))
    usd = float(str(movement["planned_cost_usd"]))
    name = f"{vehicle} {speed}"
    others: list[tuple[float, Step, int]] = []
    for step in steps:
        units = step.units_for(volume_m3, weight_kg)
        if step.name != name:
            others.append((units * step.usd, step, units))
    # What is cheaper and does not do stands below what was beaten.
    others.sort(key=lambda other: (other[0] < usd, other[0], other[1].name))
    chosen = f"{movement['units']} x {name}"
    options = [
        {"option": chosen, "cost_usd": round(usd, 2), "service": speed, "why_not": ""},
    ]
    options += [
        {
            "option": f"{units} x {step.name}",
            "cost_usd": round(cost, 2),
            "service": step.speed,
            "why_not": _why_not(cost - usd, step.speed, speed),
        }
        for cost, step, units in others[:ALTERNATIVES]
    ]
    fill = f"{volume_m3 / room_m3:.0%} of its cube, {weight_kg / room_kg:.0%} of its payload"
    reason = (
        f"{movement['parcels']} parcels ({volume_m3:.2f} m3, {weight_kg:.0f} kg) fill {fill} for "
        f"${usd:,.2f}{_next_step(name, volume_m3, steps)}."
    )
    listed = json.dumps(options, sort_keys=True)
    return str(movement["movement_id"]), "ladder_step", chosen, listed, reason


def _why_not(more_usd: float, speed: str, chosen_speed: str) -> str:
    if more_usd >= 0:
        return f"costs ${more_usd:,.2f} more for this load"
    if speed != chosen_speed:
        return f"${-more_usd:,.2f} cheaper, but its {speed} schedule lands in another wave"
    return (
        f"${-more_usd:,.2f} cheaper for this load alone, dearer with the departure's other vehicles"
    )


def _next_step(name: str, volume_m3: float, steps: list[Step]) -> str:
    own = next((step for step in steps if step.name == name), None)
    if own is None:
        return ""
    pays = [
        (break_even_m3(own, step), step.name)
        for step in steps
        if step.m3 > own.m3 and max(volume_m3, 0.0) < break_even_m3(own, step) < inf
    ]
    if not pays:
        return "; no larger step pays on this lane"
    volume, larger = min(pays)
    return f"; {larger} pays from {volume:.1f} m3 a departure"
