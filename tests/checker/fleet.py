"""Own equipment is conserved: what leaves a yard comes back, and no yard lends what it lacks."""

from __future__ import annotations

from collections import Counter, defaultdict

from checker.calendars import Calendars
from checker.faults import Faults
from checker.reading import OWN_KINDS, Run
from checker.waves import Waves


def check(run: Run, calendars: Calendars, waves: Waves, faults: Faults) -> None:
    moves = _moves(run)
    stock = _stock(run)
    for key in sorted(moves):
        carrier_id, vehicle_type, facility = key
        balance = sum(change for _, change, _ in moves[key])
        faults.expect(
            "equipment returns",
            balance == 0,
            f"{carrier_id} {vehicle_type} in {facility}: {balance:+d} units at the end",
        )
        if stock is None:
            continue
        standing, lowest, culprit = stock[key], 0, ""
        for _, change, load_id in sorted(moves[key], key=lambda move: (move[0], -move[1])):
            standing += change
            if standing < lowest:
                lowest, culprit = standing, load_id
        faults.expect(
            "equipment exists",
            lowest >= 0,
            f"{carrier_id} {vehicle_type} in {facility}: {-lowest} more out than the "
            f"{stock[key]} listed, at {culprit}",
        )
    _returns_match(run, faults)


def _moves(run: Run) -> dict[tuple[str, str, str], list[tuple[object, int, str]]]:
    """When units of each carrier and type leave (-) and reach (+) each facility."""
    moves: dict[tuple[str, str, str], list[tuple[object, int, str]]] = defaultdict(list)
    for load in run.whole("loads").to_dicts():
        if load["kind"] not in OWN_KINDS:
            continue
        for vehicle_type, units in _equipment(run, load).items():
            for place, at, sign in (("from", "departs_at", -1), ("to", "arrives_at", 1)):
                moves[load["carrier_id"], vehicle_type, load[place]].append(
                    (load[at], sign * units, load["load_id"])
                )
    return moves


def _equipment(run: Run, load: dict) -> Counter[str]:
    tractor = run.tractor["vehicle_type"] if run.tractor else None
    if load["kind"] == "bobtail":
        return Counter({load["vehicle_type"] or tractor or "tractor": 1})
    equipment = Counter({load["vehicle_type"]: load["units"]})
    if tractor and run.vehicle_types[load["vehicle_type"]]["class"] == "trailer":
        equipment[tractor] += 1
    return equipment


def _stock(run: Run) -> Counter[tuple[str, str, str]] | None:
    vehicles = run.network("vehicles")
    if vehicles.is_empty():
        return None  # as many as needed
    return Counter(
        (row["carrier_id"], row["vehicle_type"], row["home_facility_id"])
        for row in vehicles.to_dicts()
    )


def _returns_match(run: Run, faults: Faults) -> None:
    """A load that names the one it brings back is that one's way home."""
    for load in run["loads"].to_dicts():
        if load["returns_load_id"] is None:
            continue
        out = run.loads_by_id.get(load["returns_load_id"])
        holds = (
            out is not None
            and (out["from"], out["to"]) == (load["to"], load["from"])
            and out["carrier_id"] == load["carrier_id"]
            and out["arrives_at"] <= load["departs_at"]
            and (load["kind"] == "bobtail" or out["vehicle_type"] == load["vehicle_type"])
        )
        text = f"{load['load_id']} is no way back of {load['returns_load_id']}"
        faults.expect("equipment returns", holds, text)
