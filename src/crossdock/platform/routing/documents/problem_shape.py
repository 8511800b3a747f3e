"""PROBLEM.json: the question of ``crossdock route plan`` as a document.

Its JSON schema is made from these classes. What a class cannot say of a single row is checked in
`crossdock.platform.routing.documents.checks`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from crossdock.platform.routing.documents.values import (
    MOST_LISTED,
    Amounts,
    Id,
    Ids,
    Instant,
    Latitude,
    Longitude,
    Metres,
    Name,
    Row,
    Seconds,
    Usd,
)

USUAL_CIRCUITY = 1.35
USUAL_SPEED_M_S = 8.0

Count = Annotated[int, Field(ge=1, le=1_000_000)]
Positive = Annotated[float, Field(gt=0, le=1_000)]
_Matrix = Annotated[
    Any,
    WithJsonSchema(
        {
            "type": "array",
            "items": {"type": "array", "items": {"type": "number", "minimum": 0}},
        }
    ),
]


class PlaceRow(Row):
    """A place that stops name: a row and a column of given matrices."""

    id: Id
    lat: Latitude | None = None
    lon: Longitude | None = None


class Streets(Row):
    """Distances estimated from positions.

    ``circuity``: street distance over great circle. ``speed_factor``: speed against the usual, as
    0.8 in dense traffic.
    """

    kind: Literal["streets"] = "streets"
    circuity: Annotated[float, Field(ge=1, le=10)] = USUAL_CIRCUITY
    speed_m_s: Positive = USUAL_SPEED_M_S
    speed_factor: Positive = 1.0


class Given(Row):
    """Given matrices: a row and a column for each of ``places``, in their order."""

    kind: Literal["matrix"]
    distance_m: _Matrix
    duration_s: _Matrix
    speed_factor: Positive = 1.0


Measure = Annotated[float, Field(gt=0, le=200)]


class Roads(Row):
    """Distances over the roads that are named beside the document: a graph, or a road server.

    ``profile``: whose signs, limits and speeds hold. ``height_m``, ``width_m``, ``length_m``,
    ``weight_t``: of the vehicle, where they differ from those of the profile. ``snap_m``: how far a
    stop may be from a road.
    """

    kind: Literal["roads"]
    profile: Literal["car", "van", "box-truck", "truck"] = "van"
    height_m: Measure | None = None
    width_m: Measure | None = None
    length_m: Measure | None = None
    weight_t: Measure | None = None
    snap_m: Annotated[float, Field(ge=0, le=100_000)] = 500.0
    speed_factor: Positive = 1.0


Distances = Annotated[Streets | Given | Roads, Field(discriminator="kind")]


class SpeedRow(Row):
    """Speed over the usual in some hours of the local week; of several rows the last counts.

    ``days``: a mask from Monday on, as ``MTWTF--``. ``to_hour``: at which it ends, up to 24.
    """

    days: Annotated[str, Field(max_length=20)] = "MTWTFSU"
    from_hour: Annotated[int, Field(ge=0, le=23)]
    to_hour: Annotated[int, Field(ge=1, le=24)]
    speed_factor: Annotated[float, Field(ge=0.05, le=2)]


class Spot(Row):
    """Where a route starts or ends: a depot, a place, or a position."""

    depot: Id | None = None
    place: Id | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None


class WindowRow(Row):
    """When service may begin; without an end or a begin, open there."""

    opens_at: Instant | None = None
    closes_at: Instant | None = None


Windows = Annotated[list[WindowRow], Field(min_length=1, max_length=MOST_LISTED)]


class DepotRow(Row):
    """Where tours start, end and reload.

    ``opens_at``, ``closes_at``: vehicles begin to load, and come home, within. ``loading_s``:
    before each tour from here.
    """

    id: Id
    place: Id | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    opens_at: Instant | None = None
    closes_at: Instant | None = None
    loading_s: Seconds = 0.0
    name: Name = ""


class Costs(Row):
    """What a vehicle costs; beyond ``regular_duration_s`` an hour costs the overtime more."""

    fixed_usd: Usd = 0.0
    usd_per_km: Usd = 0.0
    usd_per_h: Usd = 0.0
    overtime_usd_per_h: Usd = 0.0


class HoursUsedRow(Row):
    """What the driver of a vehicle under way has done of the day."""

    on_duty_since_at: Instant
    driven_s: Seconds = 0.0
    driven_since_pause_s: Seconds = 0.0
    meals: Annotated[int, Field(ge=0, le=20)] = 0
    rests: Annotated[int, Field(ge=0, le=20)] = 0


class VehicleRow(Row):
    """Vehicles that are alike.

    ``count``: how many there are, null for as many as wanted. ``capacity``: by dimension, no
    limit where none is given. ``end``: without it back to the start depot, and open for a vehicle
    that starts elsewhere; null for a route that ends at its last stop. ``costs``: without them 1
    USD a kilometre. ``max_duration_s``, ``max_distance_m``, ``max_stops``: of a route.
    ``hos_rules``: as ``US_70_8`` or ``MEALS_AND_RESTS``, with ``hours_used`` for a driver who is
    not rested. ``territory``: whose stops it prefers. ``on_board``: load at the start that stays
    until a depot. ``backhauls``: with ``last`` a tour collects after it has delivered.
    ``pinned``: stops that its route begins with, in this order.
    """

    id: Id
    count: Count | None = 1
    capacity: Amounts = {}
    start: Spot
    end: Spot | None = None
    shift_starts_at: Instant | None = None
    shift_ends_at: Instant | None = None
    latest_start_at: Instant | None = None
    costs: Costs = Costs(usd_per_km=1.0)
    regular_duration_s: Seconds | None = None
    max_duration_s: Seconds | None = None
    max_distance_m: Metres | None = None
    max_stops: Count | None = None
    reload_depots: Ids = []
    max_reloads: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    backhauls: Literal["mixed", "last"] = "mixed"
    skills: Ids = []
    hos_rules: Annotated[str, Field(max_length=100)] = ""
    hours_used: HoursUsedRow | None = None
    on_board: Amounts = {}
    territory: Id | None = None
    pinned: Annotated[list[Id], Field(max_length=100_000)] = []
    name: Name = ""


class Wanted(Row):
    """What jobs and shipments have in common.

    ``required``: by default yes, and no with a prize. ``prize_usd``: cost of leaving it out.
    ``allowed_vehicles``: ids; without them all. ``priority``: of two that do not both fit, the
    larger is served.
    """

    id: Id
    prize_usd: Usd | None = None
    required: bool | None = None
    skills: Ids = []
    allowed_vehicles: Ids | None = None
    excluded_vehicles: Ids = []
    priority: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] = 0


class Called(Row):
    """A stop: where, when, for how long.

    ``parking_s``: added where the vehicle comes from another place. ``name``, ``address``,
    ``note``: for the driver.
    """

    place: Id | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    windows: Windows | None = None
    service_s: Seconds = 0.0
    parking_s: Seconds = 0.0
    name: Name = ""
    address: Name = ""
    note: Name = ""


class JobRow(Wanted, Called):
    """One stop that brings goods from a depot, takes goods to one, or both.

    ``service_s``: and ``service_per_parcel_s`` for each of ``parcels`` more. ``release_at``: the
    tour that serves it begins to load no earlier. ``group``: of the jobs that name the same group
    one is served.
    """

    delivery: Amounts = {}
    pickup: Amounts = {}
    parcels: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    service_per_parcel_s: Seconds = 0.0
    release_at: Instant | None = None
    group: Id | None = None
    territory: Id | None = None


class EndRow(Called):
    """An end of a shipment; its id is that of the shipment with ``/pickup`` or ``/delivery``."""

    id: Id | None = None


class ShipmentRow(Wanted):
    """Goods that one vehicle takes up at one stop and puts down at another."""

    amount: Amounts = {}
    pickup: EndRow
    delivery: EndRow


class RelationRow(Row):
    """Stops by id that one vehicle serves, in this order, or one straight after the other."""

    kind: Literal["same_vehicle", "order", "sequence"]
    stops: Annotated[list[Id], Field(min_length=2, max_length=MOST_LISTED)]


class ProblemHead(Row):
    """What a problem says beside its rows."""

    version: Literal[1] = 1
    name: Name = ""
    starts_at: Instant
    dimensions: Annotated[list[Id], Field(min_length=1, max_length=20)] | None = None
    distances: Distances = Streets()
    timezone: Annotated[str, Field(max_length=100)] | None = None
    speeds: Annotated[list[SpeedRow], Field(max_length=MOST_LISTED)] = []
    territory_usd: Usd = 0.0
    longest_usd_per_h: Usd = 0.0


class RouteProblem(ProblemHead):
    """A vehicle routing problem.

    Names tell the unit: ``_m`` metres, ``_s`` seconds, ``_usd`` US dollars, ``_at`` an instant.
    ``starts_at``: nothing happens before. ``dimensions``: of capacity; without them all that the
    vehicles name. ``speeds``: over those of ``distances`` by the hour, on the clocks of
    ``timezone`` (IANA, as America/Chicago); 1 where no row speaks. ``territory_usd``: of a stop of
    one territory that a vehicle of another serves. ``longest_usd_per_h``: of the longest route, so
    that work is shared out. ``places``: for stops that name one, and for given matrices.
    """

    places: list[PlaceRow] = []
    depots: list[DepotRow] = []
    vehicles: Annotated[list[VehicleRow], Field(min_length=1)]
    jobs: list[JobRow] = []
    shipments: list[ShipmentRow] = []
    relations: list[RelationRow] = []


ROWS: dict[str, type[Row]] = {
    "places": PlaceRow,
    "depots": DepotRow,
    "vehicles": VehicleRow,
    "jobs": JobRow,
    "shipments": ShipmentRow,
    "relations": RelationRow,
}
"""Lists of a problem, in the order in which they are checked."""
