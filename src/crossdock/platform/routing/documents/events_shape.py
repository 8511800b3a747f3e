"""EVENTS.json: what has happened to a plan by now; its schema is made from these classes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from crossdock.platform.routing.documents.problem_shape import JobRow, ShipmentRow, Windows
from crossdock.platform.routing.documents.values import (
    Id,
    Instant,
    Latitude,
    Longitude,
    Row,
    Seconds,
    Usd,
)

MOST_EVENTS = 10_000


class OrderAdded(Row):
    """A new job or shipment; what it delivers from a depot is there."""

    kind: Literal["order_added"]
    job: JobRow | None = None
    shipment: ShipmentRow | None = None


class OrderCancelled(Row):
    """A job or shipment is not wanted any more; goods on board go back to a depot."""

    kind: Literal["order_cancelled"]
    id: Id


class OrderMoved(Row):
    """A stop (a job, or an end of a shipment) has other windows, or another place."""

    kind: Literal["order_moved"]
    id: Id
    windows: Windows | None = None
    place: Id | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None


class VehicleOut(Row):
    """A vehicle of the plan that is broken down, or whose driver declined or is sick.

    ``vehicle``: as the plan names it, or the type of one that it does not use. ``at``: since when,
    by default now. Where it stands is given, or estimated from the plan. ``goods``: on board are
    ``fetched`` by other vehicles, ``lost``, or ``replaced`` from a depot. ``handover_s``: of a
    vehicle that fetches them.
    """

    kind: Literal["vehicle_broken", "driver_out"]
    vehicle: Id
    at: Instant | None = None
    place: Id | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    goods: Literal["fetched", "lost", "replaced"] = "fetched"
    handover_s: Seconds = 300.0


class Traffic(Row):
    """From now on everybody drives at this share of the usual speed."""

    kind: Literal["traffic"]
    speed_factor: Annotated[float, Field(gt=0, le=10)]


Event = Annotated[
    OrderAdded | OrderCancelled | OrderMoved | VehicleOut | Traffic, Field(discriminator="kind")
]


class Weights(Row):
    """What it costs to change the plan: a stop that another vehicle serves, a time that is off.

    ``tolerance_s``: by which a time may be off for nothing.
    """

    moved_usd: Usd = 0.0
    eta_usd: Usd = 0.0
    tolerance_s: Seconds = 900.0


class RouteEvents(Row):
    """What has happened by ``now``, in this order.

    ``next_stop``: a vehicle under way is ``kept`` on its way to its next stop, or ``free`` to be
    sent elsewhere.
    """

    version: Literal[1] = 1
    now: Instant
    next_stop: Literal["kept", "free"] = "kept"
    weights: Weights = Weights()
    events: Annotated[list[Event], Field(max_length=MOST_EVENTS)] = []
