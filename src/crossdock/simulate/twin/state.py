"""All that changes while the day is played, in tables that can be saved and taken up again."""

from __future__ import annotations

import heapq
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.comply.hos import DutyUsed
from crossdock.simulate.twin.scene import Scene, seconds
from crossdock.simulate.twin.shift import Hours

Ints = NDArray[np.int64]

Yard = tuple[str, str, int]
"""Owner, vehicle type and facility of own units that stand together."""

NEVER = np.iinfo(np.int64).max
NOWHERE = -1
ONWARD = -2
"""``next_load`` of a parcel whose way has to be found anew once it is sorted."""


class Where(IntEnum):
    """Who holds a parcel; each parcel is always at exactly one."""

    MERCHANT = 0
    FACILITY = 1
    LOAD = 2
    ROUTE = 3
    PARTNER = 4
    COUNTER = 5
    CONSIGNEE = 6
    SHIPPER = 7
    RETURN = 8
    ASTRAY = 9
    """Nobody knows: it is lost, and will be declared so."""
    LOST = 10
    SCRAPPED = 11


DONE = (Where.CONSIGNEE, Where.SHIPPER, Where.LOST, Where.SCRAPPED)


class Turn(IntEnum):
    """What the clock wakes."""

    PICKUP = 0
    WAVE = 1
    DEPART = 2
    ARRIVE = 3
    HANDOFF = 4
    PARTNER_END = 5
    DISPATCH = 6
    ROUTE_START = 7
    STOP = 8
    ROUTE_END = 9
    COUNTER_END = 10
    RETURN_END = 11
    DECLARE_LOST = 12
    SCRAP = 13


class LoadState(IntEnum):
    """Life of a load."""

    PLANNED = 0
    HELD = 1
    ON_ROAD = 2
    ARRIVED = 3
    CANCELLED = 4


@dataclass
class Stop:
    """One stop of a route that is or will be driven."""

    parcels: list[int]
    drive_s: float
    service_s: float
    distance_m: float
    latitude: float
    longitude: float


@dataclass
class Route:
    """One vehicle's round: planned stops, then what is left of them."""

    route_id: str
    facility: int
    date: str
    vehicle_id: str
    driver_id: str
    carrier_id: str
    vehicle_type: str
    planned_at: int
    shift_ends_at: int
    return_m: float
    breaks: list[tuple[str, int, int]]
    stops: list[Stop]
    position: int = 0
    departed_at: int = 0
    driven_m: float = 0.0
    rested_s: int = 0
    phase: str = "planned"
    carried: list[int] = field(default_factory=list[int])


@dataclass
class State:
    """The world at an instant.

    Attributes
    ----------
    now
        Everything before it has happened.
    parcels
        Columns by name: ``where, at, leg, next_load, gate_at, arrived_at, sorted_at, attempts,
        route, put_in`` (1: this morning, beside what was planned for the route),
        ``hold_until, fails`` (reason that the next attempt may repeat, as a number),
        ``partner`` (who takes it to the door; `NOWHERE`: we do).
    loads
        Columns of the loads, planned ones first.
    detours
        Loads that a parcel takes instead of its planned path, next first.
    handoffs
        Instant, facility and carrier of the handoffs that are planned.
    standing
        Own units in each yard.
    waiting
        Own loads that are due to leave and lack their vehicle or driver.
    hours
        What drivers have used of their hours, at the end of their last load.
    """

    now: int
    parcels: dict[str, Ints]
    loads: Loads
    routes: list[Route]
    detours: dict[int, list[int]]
    handoffs: set[tuple[int, int, int]]
    standing: dict[Yard, int] = field(default_factory=dict[Yard, int])
    waiting: list[int] = field(default_factory=list[int])
    hours: dict[str, Hours] = field(default_factory=dict[str, Hours])
    heap: list[tuple[int, int, int, int, int]] = field(
        default_factory=list[tuple[int, int, int, int, int]]
    )
    counter: int = 0

    def wake(self, at: int, turn: Turn, first: int = 0, second: int = 0) -> None:
        """Have ``turn`` come at an instant."""
        self.counter += 1
        heapq.heappush(self.heap, (at, self.counter, int(turn), first, second))


@dataclass
class Loads:
    """Loads as lists, so that new ones can be added."""

    ids: list[str]
    kind: list[str]
    origin: list[int]
    to: list[int]
    departs: list[int]
    arrives: list[int]
    actual_departs: list[int]
    actual_arrives: list[int]
    state: list[int]
    vehicle_type: list[str]
    units: list[int]
    driver_mode: list[str]
    carrier: list[str]
    miles: list[float]
    space_m3: list[float]
    booked_m3: list[float]

    def __len__(self) -> int:
        return len(self.ids)


def opening_state(scene: Scene) -> State:
    """The world before the first order: every parcel with its merchant."""
    count = len(scene.parcels.ids)
    first = np.full(count, NOWHERE, np.int64)
    has_path = scene.path_starts[1:] > scene.path_starts[:-1]
    first[has_path] = scene.path_loads[scene.path_starts[:-1][has_path]]
    parcels = {
        "where": np.full(count, Where.MERCHANT, np.int64),
        "at": scene.parcels.origin.copy(),
        "leg": np.zeros(count, np.int64),
        "next_load": first,
        "gate_at": np.full(count, NEVER, np.int64),
        "arrived_at": np.full(count, NEVER, np.int64),
        "sorted_at": np.full(count, NEVER, np.int64),
        "attempts": np.zeros(count, np.int64),
        "route": np.full(count, NOWHERE, np.int64),
        "put_in": np.zeros(count, np.int64),
        "hold_until": np.zeros(count, np.int64),
        "fails": np.full(count, NOWHERE, np.int64),
        "partner": np.where(scene.parcels.by_partner, scene.parcels.carrier_code, NOWHERE),
    }
    return State(
        now=scene.starts_at,
        parcels=parcels,
        loads=_loads(scene),
        routes=[],
        detours={},
        handoffs=set(),
    )


def _loads(scene: Scene) -> Loads:
    rows = scene.loads
    index = scene.index_of
    count = rows.height
    paid = (
        (pl.col("volume_m3") / pl.col("cube_share"))
        .replace([np.inf, np.nan], None)
        .fill_nan(None)
        .fill_null(0.0)
    )
    return Loads(
        ids=rows["load_id"].to_list(),
        kind=rows["kind"].to_list(),
        origin=[index[name] for name in rows["from"]],
        to=[index[name] for name in rows["to"]],
        departs=seconds(rows["departs_at"]).tolist(),
        arrives=seconds(rows["arrives_at"]).tolist(),
        actual_departs=[0] * count,
        actual_arrives=[0] * count,
        state=[int(LoadState.PLANNED)] * count,
        vehicle_type=rows["vehicle_type"].fill_null("").to_list(),
        units=rows["units"].fill_null(1).to_list(),
        driver_mode=rows["driver_mode"].fill_null("").to_list(),
        carrier=rows["carrier_id"].fill_null("").to_list(),
        miles=rows["miles"].to_list(),
        space_m3=rows.select(paid).to_series().to_list(),
        booked_m3=rows["volume_m3"].to_list(),
    )


def state_frames(state: State) -> dict[str, pl.DataFrame]:
    """The state as tables."""
    return {
        "clock": pl.DataFrame({"now": [state.now], "counter": [state.counter]}),
        "parcels": pl.DataFrame(state.parcels),
        "loads": pl.DataFrame(vars(state.loads)),
        "detours": pl.DataFrame(
            {"parcel": list(state.detours), "loads": list(state.detours.values())},
            schema={"parcel": pl.Int64, "loads": pl.List(pl.Int64)},
        ),
        "handoffs": pl.DataFrame(
            sorted(state.handoffs),
            schema=dict.fromkeys(("at", "facility", "carrier"), pl.Int64),
            orient="row",
        ),
        "heap": pl.DataFrame(
            state.heap,
            schema=dict.fromkeys(("at", "counter", "turn", "first", "second"), pl.Int64),
            orient="row",
        ),
        "standing": pl.DataFrame(
            [(*yard, units) for yard, units in state.standing.items()],
            schema={
                "carrier": pl.String,
                "vehicle_type": pl.String,
                "facility": pl.Int64,
                "units": pl.Int64,
            },
            orient="row",
        ),
        "held_up": pl.DataFrame({"load": state.waiting}, schema={"load": pl.Int64}),
        "hours": pl.DataFrame(
            [
                (driver, hours.works_on, [list(each) for each in hours.worked], *hours.used)
                for driver, hours in state.hours.items()
            ],
            schema={
                "driver_id": pl.String,
                "works_on": pl.Boolean,
                "worked": pl.List(pl.List(pl.Int64)),
                **dict.fromkeys(DutyUsed._fields, pl.Int64),
            },
            orient="row",
        ),
        "routes": pl.DataFrame(
            {"route": [json.dumps(_route_cells(route)) for route in state.routes]},
            schema={"route": pl.String},
        ),
    }


def state_of(frames: Mapping[str, pl.DataFrame]) -> State:
    """The state that `state_frames` saved."""
    clock = frames["clock"].row(0, named=True)
    return State(
        now=clock["now"],
        counter=clock["counter"],
        parcels={column.name: column.to_numpy().copy() for column in frames["parcels"]},
        loads=Loads(**{column.name: column.to_list() for column in frames["loads"]}),
        detours=dict(frames["detours"].iter_rows()),
        handoffs={(at, facility, carrier) for at, facility, carrier in frames["handoffs"].rows()},
        standing={
            (carrier, vehicle_type, facility): units
            for carrier, vehicle_type, facility, units in frames["standing"].iter_rows()
        },
        waiting=frames["held_up"]["load"].to_list(),
        hours={
            driver: Hours(DutyUsed(*used), tuple((a, b) for a, b in worked), works_on)
            for driver, works_on, worked, *used in frames["hours"].iter_rows()
        },
        heap=[(a, b, c, d, e) for a, b, c, d, e in frames["heap"].iter_rows()],
        routes=[_route_of(json.loads(text)) for text in frames["routes"]["route"]],
    )


def _route_cells(route: Route) -> dict[str, object]:
    return {**vars(route), "stops": [list(vars(stop).values()) for stop in route.stops]}


def _route_of(cells: dict[str, object]) -> Route:
    route = Route(**cells)  # pyright: ignore[reportArgumentType]
    route.stops = [Stop(*stop) for stop in route.stops]  # pyright: ignore
    route.breaks = [(kind, start, end) for kind, start, end in route.breaks]
    return route
