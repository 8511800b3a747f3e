"""Stops on another route: what the preview of the desk says is what the twin does."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from crossdock.model import InvalidValueError, Network, NotFoundError, stream
from crossdock.model.event import EVENTS
from crossdock.model.tables import BREAKS, FLEET, ROUTES, TOURS, conform
from crossdock.operate.commands import MoveStops, arguments_of, preview
from crossdock.operate.commands.scene import Means, Scene
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView
from crossdock.plan.lastmile import (
    Goods,
    LiveDay,
    LiveRoute,
    Station,
    at_stops,
    live_routes,
    planned_goods,
    vans_of,
)
from crossdock.simulate.twin import Twin, TwinInput
from crossdock.simulate.twin.doorstep import MoveRefusedError
from played_run import planned

DAY = 86_400
ROUTE_KINDS = ("route_departed", "route_returned", "route_cancelled")
_PARTS = 4
_FAR = 1 << 40


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> TwinInput:
    out = tmp_path_factory.mktemp("moves") / "run"
    return read(planned(out, parcels=240, metros=4, seed=3, warm_start=True))


def read(run: Path) -> TwinInput:
    tables = {file.stem: pl.read_parquet(file) for file in run.glob("*.parquet")}
    network = Network.of(
        {file.stem: pl.read_parquet(file) for file in (run / "network").glob("*.parquet")}
    )
    return TwinInput(tables, tables["orders"], network, 3)


def in_parts(given: TwinInput, seed: int) -> TwinInput:
    """The plan with each tour on several vans, some of them with no room or no time to spare."""
    tables, draws = given.tables, stream(seed, "vans")
    network = given.network
    goods = Goods.of(at_stops(planned_goods(tables, given.orders), tables["routes"]))
    routes = live_routes(tables["routes"], tables["tours"])
    rows: dict[str, list[dict[str, Any]]] = {"routes": [], "tours": [], "breaks": [], "fleet": []}
    vans = {
        (each["vehicle_id"], each["delivery_date"]): each
        for each in conform(tables["fleet"], FLEET).to_dicts()
    }
    for tour in tables["tours"].sort("route_id").to_dicts():
        whole = routes[tour["route_id"]]
        count = min(_PARTS, len(whole.stops))
        for part in range(count):
            van = dict(vans[whole.vehicle_id, whole.delivery_date])
            van |= {
                "vehicle_id": f"{whole.vehicle_id}-{part}",
                "driver_id": f"D-{tour['route_id']}-{part}",
            }
            route = replace(
                whole,
                route_id=f"{whole.route_id}-{part}",
                vehicle_id=van["vehicle_id"],
                stops=whole.stops[part::count],
            )
            fleet = vans_of(pl.DataFrame([van]))
            live = LiveDay(Station.of(network, whole.facility_id, goods, fleet), [route])
            timed = live.timed(0, live.sequence(route))
            assert timed is not None
            for name, told in _told(live, route, timed, tour).items():
                rows[name] += told
            rows["fleet"].append(_tight(van, live, route, timed, float(draws.random())))
    split = {
        name: conform(pl.DataFrame(rows[name], infer_schema_length=None), schema)
        for name, schema in
        (("routes", ROUTES), ("tours", TOURS), ("breaks", BREAKS), ("fleet", FLEET))
    }  # fmt: skip
    return replace(given, tables={**tables, **split})


def _told(live: LiveDay, route: LiveRoute, timed: Any, tour: dict[str, Any]) -> dict[str, Any]:
    origin, times = live.day.origin_s, timed.timeline
    ids = {
        "route_id": route.route_id, "vehicle_id": route.vehicle_id,
        "facility_id": route.facility_id, "delivery_date": route.delivery_date,
        "carrier_id": tour["carrier_id"],
    }  # fmt: skip
    stops = [
        ids | {
            "parcel_id": parcel, "sequence": at + 1,
            "arrives_at": instant(origin + times.arrives_s[at]),
            "departs_at": instant(origin + times.leaves_s[at]),
            "distance_m": float(timed.distance_m[at]) if not place else 0.0,
            "latitude": float(live.day.latitude[stop + 1]),
            "longitude": float(live.day.longitude[stop + 1]),
        }
        for at, stop in enumerate(timed.sequence)
        for place, parcel in enumerate(live.parcels_of[stop])
    ]  # fmt: skip
    head = tour | ids | {
        "driver_id": f"D-{tour['route_id']}", "stops": len(timed.sequence),
        "departs_at": instant(origin + times.departs_s),
        "returns_at": instant(origin + times.returns_s), "cost_usd": timed.cost_usd,
        "return_distance_m": float(timed.distance_m[-1]),
    }  # fmt: skip
    pauses = [
        ids | {"kind": each.kind, "starts_at": instant(origin + each.starts_s),
               "ends_at": instant(origin + each.ends_s)}
        for each in times.breaks
    ]  # fmt: skip
    return {"routes": stops, "tours": [head], "breaks": pauses}


def _tight(
    van: dict[str, Any], live: LiveDay, route: LiveRoute, timed: Any, lot: float
) -> dict[str, Any]:
    """A van that lacks room or time for more, of one kind or none."""
    stops, ids = live.day.stops, list(timed.sequence)
    duty_s = timed.timeline.duty_s
    limits: list[dict[str, Any]] = [
        {},
        {"capacity_m3": float(stops.litres[ids].sum()) / 1000 + 0.002},
        {"capacity_kg": float(stops.grams[ids].sum()) / 1000 + 0.2},
        {"capacity_parcels": int(stops.pieces[ids].sum()) + 1},
        {"max_duty_s": duty_s + 240},
        {"shift_ends_at": instant(live.day.origin_s + timed.timeline.returns_s + 240)},
        {"hos_ruleset": "property_70"},
    ]
    return van | limits[int(lot * len(limits))]


def instant(second: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(second), dt.UTC)


@dataclass
class Desk:
    """A twin, and a desk that has heard all that has happened and what it commanded."""

    given: TwinInput
    twin: Twin
    heard: Present = field(default_factory=Present)
    commands: list[dict[str, Any]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.plan = PlanView.of(self.given.tables, self.given.orders)
        self.means = Means.of(self.given.tables, self.given.network, self.given.orders)

    def advance(self, until: int) -> None:
        self.hear(self.twin.advance(until))

    def hear(self, events: pl.DataFrame) -> None:
        """Of routes: of parcels nothing is needed, and folding it takes long."""
        self.heard, _ = self.heard.after(events.filter(pl.col("kind").is_in(ROUTE_KINDS)))

    def ask(self, command: MoveStops) -> tuple[str, ...]:
        """Codes of what the preview refuses it for."""
        told = conform(pl.DataFrame(self.commands, infer_schema_length=None), EVENTS)
        scene = Scene(self.heard, self.plan, self.means, told)
        try:
            shown = preview(command, scene, instant(self.twin.now))
        except NotFoundError:
            return ("unknown",)
        assert shown.legal == (not shown.codes)
        return shown.codes

    def take_off(self, draws: Any, parcels: list[str], partner: str) -> None:
        """Give a parcel to a partner, or have it tried again, if that can be."""
        parcel = parcels[int(draws.random() * len(parcels))]
        kind, told = "command_divert", {"parcel_ids": parcel, "carrier_id": partner}
        if draws.random() < 0.5:
            kind, told = "command_reattempt", {"parcel_id": parcel}
        try:
            self.twin.command(kind, told)
        except InvalidValueError:
            return
        self.keep(kind, told)
        self.seen["taken off"] += 1

    def do(self, command: MoveStops) -> tuple[str, ...]:
        """Codes of what the twin refuses it for."""
        self.twin._stage.journal.now = self.twin.now  # as any command has it
        before = self.twin.save()
        try:
            self.twin.command("command_move_stops", arguments_of(command))
        except MoveRefusedError as error:
            assert self.twin.save() == before  # whole or not at all
            return tuple(each.limit for each in error.refusals)
        self.keep("command_move_stops", arguments_of(command))
        return ()

    def keep(self, kind: str, told: dict[str, Any]) -> None:
        self.commands.append({
            "tenant": "t", "source": "desk", "source_event_id": f"c{len(self.commands):04d}",
            "kind": kind, "occurred_at": instant(self.twin.now),
            "received_at": instant(self.twin.now), "payload": json.dumps(told),
        })  # fmt: skip


def random_moves(desk: Desk, seed: int, moves: int) -> None:
    """Move stops about for the days of the plan; partners and further tries come between."""
    draws = stream(seed, "moves")
    tours = desk.given.tables["tours"].sort("departs_at", "route_id")
    parcels = {
        str(key[0]): rows["parcel_id"].to_list()
        for key, rows in desk.given.tables["routes"].group_by("route_id")
    }
    offered = desk.given.network["coverage"].filter(~pl.col("mode").is_in(["own", "crowd"]))
    partner = offered["carrier_id"].sort()[0]
    for _, day in tours.group_by("delivery_date", "facility_id", maintain_order=True):
        names = day["route_id"].to_list()
        leaves = int(day["departs_at"].min().timestamp())  # pyright: ignore
        for before in (6 * 3600, 600, -90):
            if leaves - before < desk.twin.now:
                continue
            desk.advance(leaves - before)
            everything = Twin.resume(desk.given, desk.twin.save())
            desk.hear(everything._stage.journal.received(_FAR))  # a desk that hears at once
            today = [each for name in names for each in parcels[name]]
            desk.take_off(draws, today, partner)
            for _ in range(moves):
                among = names if draws.random() < 0.9 else tours["route_id"].to_list()
                source, target = (among[int(draws.random() * len(among))] for _ in range(2))
                if source == target:
                    continue
                from_ = source if draws.random() < 0.9 else target
                some = [each for each in parcels[from_] if draws.random() < 2 / len(parcels[from_])]
                if not some:
                    continue
                command = MoveStops(source, target, tuple(some))
                said = desk.ask(command)
                done = desk.do(command)
                assert done == said, (done, said, command, instant(desk.twin.now))
                desk.seen.update(said or ("fits",))


@pytest.mark.parametrize("seed", [1, 2])
def test_what_a_preview_says_of_a_move_is_what_the_twin_does(given: TwinInput, seed: int) -> None:
    split = in_parts(given, seed)
    desk = Desk(split, Twin(split))
    random_moves(desk, seed, 4)
    assert desk.seen["fits"] >= 5
    assert len(desk.seen) >= 4, desk.seen
    desk.twin.advance(desk.twin.ends_at + 30 * DAY)
    assert desk.twin.finished
