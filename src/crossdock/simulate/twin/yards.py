"""Own equipment and crews: a load leaves with what stands in the yard, and with who is back.

Equipment is counted by owner, vehicle type and facility. It leaves a yard with its load and joins
another when the load arrives, so the sum of what stands and what rolls never changes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

import polars as pl

from crossdock.locate.roads import road_miles
from crossdock.simulate.twin import onward
from crossdock.simulate.twin.fleet import OWN_KINDS
from crossdock.simulate.twin.journal import payload
from crossdock.simulate.twin.stage import Stage
from crossdock.simulate.twin.state import LoadState, Turn, Yard

_PATIENCE_S = 6 * 3600
"""After this long without its vehicle or driver, a load's parcels are sent another way."""
_STILL_COMING = (LoadState.PLANNED, LoadState.HELD)
AGAIN, OUT_OF_PATIENCE = 1, 2
"""Why a load comes to its departure once more."""


def open_yards(stage: Stage) -> None:
    """Set what stands where when the play begins.

    Without a vehicles file there is as much as the plan needs.
    """
    listed = stage.scene.fleet.limits.yard
    if listed is None:
        stage.state.standing = _needed(stage)
        return
    index = stage.scene.index_of
    stage.state.standing = {
        (carrier, vehicle_type, index[facility]): count
        for (carrier, facility, vehicle_type), count in listed.items()
    }


def holds_up(stage: Stage, load: int, why: int) -> bool:
    """Whether a load must wait for its equipment or crew; it comes again when they are there."""
    loads, now = stage.state.loads, stage.state.now
    if loads.kind[load] not in OWN_KINDS:
        return False
    missing = _missing(stage, load)
    if missing is None:
        ready_at = _crew_ready_at(stage, load)
        if ready_at > now:
            stage.state.wake(ready_at, Turn.DEPART, load, AGAIN)
            return True
        if load in stage.state.waiting:
            stage.state.waiting.remove(load)
        return False
    if why == OUT_OF_PATIENCE:
        _give_up(stage, load)
        return True
    if load not in stage.state.waiting:
        stage.state.waiting.append(load)
        name = stage.place(loads.origin[load])
        told = payload(
            load_id=loads.ids[load],
            reason=missing,
            owner="carrier",
            expected_at=max(now + 3600, _back_at(stage, load)),
        )
        stage.journal.tell(
            "load_delayed", f"station:{name}", now, f"{loads.ids[load]}/yard", facility=name,
            told=told,
        )  # fmt: skip
        stage.state.wake(now + _PATIENCE_S, Turn.DEPART, load, OUT_OF_PATIENCE)
    return True


def leave(stage: Stage, load: int) -> None:
    """The load's equipment leaves the yard."""
    for key, units in _equipment(stage, load, stage.state.loads.origin[load]):
        stage.state.standing[key] = stage.state.standing.get(key, 0) - units


def come_in(stage: Stage, load: int) -> None:
    """The load's equipment joins the yard where it arrives; who waited may leave."""
    for key, units in _equipment(stage, load, stage.state.loads.to[load]):
        stage.state.standing[key] = stage.state.standing.get(key, 0) + units
    wake_waiting(stage)


def wake_waiting(stage: Stage) -> None:
    """Have every load that waits look again."""
    for waiting in stage.state.waiting:
        stage.state.wake(stage.state.now, Turn.DEPART, waiting, AGAIN)


def return_from(stage: Stage, load: int, to: int) -> None:
    """The load goes to ``to`` instead: what brings its equipment back begins there."""
    back = stage.scene.fleet.returned_by.get(load)
    loads = stage.state.loads
    if back is None or loads.state[back] not in _STILL_COMING:
        return
    onward.send_on(stage, back)
    scene, home = stage.scene, loads.to[back]
    loads.origin[back] = to
    loads.miles[back] = float(
        road_miles(
            float(scene.latitude[to]), float(scene.longitude[to]),
            float(scene.latitude[home]), float(scene.longitude[home]),
        )
    )  # fmt: skip


def equipment(stage: Stage) -> pl.DataFrame:
    """Every own unit: ``carrier_id, vehicle_type, facility_id, load_id, units``."""
    loads = stage.state.loads
    standing = [
        (carrier, vehicle_type, stage.place(facility), None, units)
        for (carrier, vehicle_type, facility), units in stage.state.standing.items()
    ]
    rolling = [
        (loads.carrier[load], vehicle_type, None, loads.ids[load], units)
        for load in range(len(loads))
        if loads.state[load] == LoadState.ON_ROAD
        for vehicle_type, units in equipment_of(stage, load).items()
    ]
    columns = ("carrier_id", "vehicle_type", "facility_id", "load_id")
    return pl.DataFrame(
        standing + rolling,
        schema={**dict.fromkeys(columns, pl.String), "units": pl.Int64},
        orient="row",
    )


def equipment_of(stage: Stage, load: int) -> Mapping[str, int]:
    """Own units that roll with a load, by vehicle type."""
    loads, limits = stage.state.loads, stage.scene.fleet.limits
    kind = loads.kind[load]
    if kind not in OWN_KINDS:
        return {}
    if kind == "bobtail":
        return {loads.vehicle_type[load] or limits.tractor or "tractor": 1}
    return limits.equipment(loads.vehicle_type[load], loads.units[load], 1)


def _equipment(stage: Stage, load: int, facility: int) -> Iterator[tuple[Yard, int]]:
    carrier = stage.state.loads.carrier[load]
    for vehicle_type, units in equipment_of(stage, load).items():
        yield (carrier, vehicle_type, facility), units


def _missing(stage: Stage, load: int) -> str | None:
    """What keeps a load from leaving."""
    loads, standing = stage.state.loads, stage.state.standing
    for key, units in _equipment(stage, load, loads.origin[load]):
        if standing.get(key, 0) < units:
            return "its vehicle is not back"
    for earlier in stage.scene.fleet.crew_before.get(load, ()):
        if loads.state[earlier] in (*_STILL_COMING, LoadState.ON_ROAD):
            return "its driver is not back"
    return None


def _crew_ready_at(stage: Stage, load: int) -> int:
    """When the drivers can leave after their last load and what they do before this one."""
    duties = stage.scene.duties.get(stage.state.loads.ids[load])
    if duties is None or load not in stage.scene.fleet.crew_before:
        return 0
    planned = stage.scene.loads["departs_at"][load].timestamp()
    begins = duties.group_by("driver_id").agg(pl.col("starts_at").min())
    return max(
        (
            hours.at + max(0, int(planned - starts_at.timestamp()))
            for driver, starts_at in begins.iter_rows()
            if (hours := stage.state.hours.get(driver)) is not None
        ),
        default=0,
    )


def _back_at(stage: Stage, load: int) -> int:
    """When the next own load comes to where this one waits."""
    loads = stage.state.loads
    coming = [
        loads.actual_arrives[at]
        for at in range(len(loads))
        if loads.to[at] == loads.origin[load]
        and loads.kind[at] in OWN_KINDS
        and loads.state[at] == LoadState.ON_ROAD
    ]
    return min(coming, default=0)


def _give_up(stage: Stage, load: int) -> None:
    """Send the parcels another way; an empty vehicle that is to come home still waits."""
    if load in stage.scene.fleet.returned_by:
        onward.call_off(stage, load, "its vehicle or driver did not come")
        onward.call_off(stage, stage.scene.fleet.returned_by[load], "its vehicle never left")
    else:
        onward.send_on(stage, load)


def _needed(stage: Stage) -> dict[Yard, int]:
    """The least that must stand where for every planned departure to be possible."""
    loads = stage.state.loads
    moves: dict[Yard, list[tuple[int, int]]] = defaultdict(list)
    for load in range(len(loads)):
        for place, at, sign in (
            (loads.origin[load], loads.departs[load], -1),
            (loads.to[load], loads.arrives[load], 1),
        ):
            for key, units in _equipment(stage, load, place):
                moves[key].append((at, sign * units))
    needed: Counter[Yard] = Counter()
    for key, changes in moves.items():
        standing = 0
        for _, change in sorted(changes, key=lambda move: (move[0], -move[1])):
            standing += change
            needed[key] = max(needed[key], -standing)
    return dict(needed)
