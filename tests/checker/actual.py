"""What happened, read from the events alone and held against what the run's tables say of it."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import polars as pl

from checker.calendars import Calendars
from checker.faults import Faults
from checker.reading import Run
from checker.waves import Waves

HOUR = dt.timedelta(hours=1)
CLOCKS = dt.timedelta(minutes=10)
"""Two clocks may differ by this much."""
QUARTER = dt.timedelta(minutes=15)
LIABILITY_USD = 100.0
STATES = ("returned", "delivered", "destroyed", "lost")
"""The state of a parcel is the first of these that the log tells of it."""
EMPTY = ("empty", "bobtail")
TOLERANCE = 0.005


@dataclass(frozen=True)
class Day:
    """A played run: its tables, and its events without repetitions, payloads read."""

    tables: dict[str, pl.DataFrame]

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self.tables[name]

    @cached_property
    def events(self) -> dict[str, list[dict[str, Any]]]:
        """Events by kind, by instant."""
        once = (
            self["events"]
            .filter(pl.col("kind") != "position")
            .sort("received_at")
            .unique(["tenant", "source", "source_event_id"], keep="first", maintain_order=True)
            .sort("occurred_at", "source_event_id")
        )
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in once.to_dicts():
            found[row["kind"]].append(row | {"told": json.loads(row["payload"] or "{}")})
        return found

    @cached_property
    def scanned(self) -> dict[tuple[str, str], dict[str, dict[str, Any]]]:
        """First departed and arrived scan of each parcel and load."""
        pairs: dict[tuple[str, str], dict[str, dict[str, Any]]] = defaultdict(dict)
        for kind in ("departed_facility", "arrived_facility"):
            for event in self.events[kind]:
                load = event["told"].get("load_id")
                if load and load not in self.begun_before:
                    pairs[event["parcel_id"], load].setdefault(kind, event)
        return pairs

    @cached_property
    def seen_at(self) -> dict[tuple[str, str], list[dt.datetime]]:
        """When each parcel was seen at each facility."""
        seen: dict[tuple[str, str], list[dt.datetime]] = defaultdict(list)
        for rows in self.events.values():
            for event in rows:
                if event["parcel_id"] and event["facility_id"]:
                    seen[event["parcel_id"], event["facility_id"]].append(event["occurred_at"])
        return seen

    @cached_property
    def whereabouts(self) -> dict[str, list[tuple[dt.datetime, dt.datetime]]]:
        """Spans in which each parcel is known to be somewhere: on a scanned load, at a scan."""
        loads = {row["load_id"]: row for row in self["loads"].to_dicts()}
        spans: dict[str, list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
        for (parcel_id, load_id), scans in self.scanned.items():
            own = sorted(event["occurred_at"] for event in scans.values())
            load = loads.get(load_id, {})
            starts = load.get("actual_departs_at") or own[0]
            spans[parcel_id].append((starts, load.get("actual_arrives_at") or max(starts, own[-1])))
        for (parcel_id, _), instants in self.seen_at.items():
            spans[parcel_id] += [(at, at) for at in instants]
        return spans

    @cached_property
    def rides(self) -> dict[str, list[dict[str, Any]]]:
        """Every ride that the tables tell of, by parcel and departure."""
        columns = (
            "parcel_id", "load_id", "from", "to", "actual_departs_at", "actual_arrives_at"
        )  # fmt: skip
        ridden = self["legs"].filter(pl.col("actual_departs_at").is_not_null())
        every = pl.concat([ridden.select(columns), self["reroutes"].select(columns)])
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in every.sort("parcel_id", "actual_departs_at").to_dicts():
            found[row["parcel_id"]].append(row)
        return found

    def with_background(self, name: str) -> pl.DataFrame:
        """A table with the rows of what was under way when the run began."""
        others = self.tables.get(f"background_{name}")
        own = self.tables[name]
        return own if others is None else pl.concat([own, others.select(own.columns)])

    @cached_property
    def begun_before(self) -> set[str]:
        """Loads that were on the road when the run began."""
        loads = self.tables.get("background_loads")
        return set() if loads is None else set(loads["load_id"])


def check(run: Run, calendars: Calendars, waves: Waves, faults: Faults) -> None:
    if run.actual is None:
        return
    day = Day(run.actual)
    _loads_ran_as_told(day, run, faults)
    _rides_follow_scans(day, faults)
    _scans_are_rides(day, faults)
    _rides_join(day, faults)
    _stops_were_made(day, faults)
    _one_end_each(day, run, faults)
    _drivers_rest(day, faults)
    _ledger_adds_up(day, run, faults)
    _lateness(day, faults)
    _kpis(day, run, faults)


def _loads_ran_as_told(day: Day, run: Run, faults: Faults) -> None:
    """A load's actual times are the first that were told; no load is lost or invented."""
    for kind, column in (
        ("load_departed", "actual_departs_at"),
        ("load_arrived", "actual_arrives_at"),
    ):
        told: dict[str, dt.datetime] = {}
        for event in day.events[kind]:
            told.setdefault(event["told"]["load_id"], event["occurred_at"])
        for load in day["loads"].to_dicts():
            text = (
                f"{load['load_id']}: {column} is {load[column]}, told {told.get(load['load_id'])}"
            )
            same = told.get(load["load_id"]) in (load[column], None)
            faults.expect("loads as told", same, text)
    added = {event["told"]["load_id"] for event in day.events["load_added"]}
    known, planned = set(day["loads"]["load_id"]), set(run["loads"]["load_id"])
    text = f"loads are not the plan's and those added: {sorted(known ^ (planned | added))[:5]}"
    faults.expect("loads as told", known == planned | added, text)


def _rides_follow_scans(day: Day, faults: Faults) -> None:
    """A leg that was ridden has a scan with its load, or the trail implies it."""
    loads = {row["load_id"]: row for row in day["loads"].to_dicts()}
    paths: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for leg in day["legs"].sort("parcel_id", "seq").to_dicts():
        paths[leg["parcel_id"]].append(leg)
    taken: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for (parcel_id, load_id), scans in day.scanned.items():
        out, into = scans.get("departed_facility"), scans.get("arrived_facility")
        load = loads.get(load_id, {})
        taken[parcel_id].add(("from", load.get("from") or (out or {}).get("facility_id")))
        taken[parcel_id].add(("to", (into or {}).get("facility_id") or load.get("to")))
    for parcel_id, legs in paths.items():
        for leg in legs:
            if leg["load_id"] not in loads:
                faults.add("scan trail", f"{parcel_id}: there is no {leg['load_id']}")
                continue
            rode = leg["actual_departs_at"] is not None
            scans = day.scanned.get((parcel_id, leg["load_id"]), {})
            came = scans.get("arrived_facility")
            if scans and (came is None or came["facility_id"] == leg["to"]):
                implied = True
            else:
                implied = not scans and _implied(leg, legs, loads, taken[parcel_id], day)
            diverted = came is None and _came_elsewhere(leg, day)
            text = (
                f"{parcel_id} on {leg['load_id']}: said {'ridden' if rode else 'not ridden'}, "
                f"its scans say otherwise"
            )
            faults.expect("scan trail", rode == implied or diverted, text)
            load = loads[leg["load_id"]]
            same = all(
                leg[each] == load[each] for each in ("actual_departs_at", "actual_arrives_at")
            )
            faults.expect(
                "scan trail", same or not rode, f"{parcel_id}: times are not {leg['load_id']}'s"
            )
    for row in day["reroutes"].to_dicts():
        pair = (row["parcel_id"], row["load_id"])
        faults.expect("scan trail", pair in day.scanned, f"{pair}: a reroute without a scan")


def _came_elsewhere(leg: dict[str, Any], day: Day) -> bool:
    return any(
        event["told"]["load_id"] == leg["load_id"] and event["facility_id"] != leg["to"]
        for event in day.events["load_arrived"]
    )


def _implied(
    leg: dict[str, Any],
    legs: list[dict[str, Any]],
    loads: dict[str, dict[str, Any]],
    taken: set[tuple[str, str]],
    day: Day,
) -> bool:
    """Both scans were missed: the load ran, the parcel is seen later at its end or beyond.

    And it was on no other load, and nowhere seen, while that load ran.
    """
    load = loads[leg["load_id"]]
    since = load["actual_arrives_at"] or load["actual_departs_at"]
    if load["actual_departs_at"] is None or _came_elsewhere(leg, day):
        return False
    if ("from", leg["from"]) in taken or ("to", leg["to"]) in taken:
        return False
    begins, ends = load["actual_departs_at"] + CLOCKS, since - CLOCKS
    for on, off in day.whereabouts[leg["parcel_id"]]:
        if on < ends and off > begins:
            return False
    ahead = [each["to"] for each in legs if each["seq"] >= leg["seq"]]
    return any(
        at >= since - CLOCKS
        for place in ahead
        for at in day.seen_at.get((leg["parcel_id"], place), ())
    )


def _scans_are_rides(day: Day, faults: Faults) -> None:
    """What was scanned on a load is a ride of the tables, once, to where it was scanned in."""
    own = set(day.with_background("parcels")["parcel_id"])
    told = {
        (ride["parcel_id"], ride["load_id"]): ride for rides in day.rides.values() for ride in rides
    }
    count = sum(len(rides) for rides in day.rides.values())
    faults.expect("scan trail", count == len(told), "a parcel rides a load twice")
    for pair, scans in day.scanned.items():
        if pair[0] not in own:
            continue
        ride = told.get(pair)
        faults.expect("scan trail", ride is not None, f"{pair}: scanned, but no ride")
        came = scans.get("arrived_facility")
        if ride is not None and came is not None:
            text = f"{pair}: scanned in at {came['facility_id']}, said to come to {ride['to']}"
            faults.expect("scan trail", ride["to"] == came["facility_id"], text)


def _rides_join(day: Day, faults: Faults) -> None:
    """One place at a time: a ride ends before the next begins, where that one begins."""
    for parcel_id, rides in day.rides.items():
        for ride in rides:
            ends = ride["actual_arrives_at"]
            text = f"{parcel_id} on {ride['load_id']} arrives before it leaves"
            faults.expect("times in order", ends is None or ends >= ride["actual_departs_at"], text)
        for before, after in pairwise(rides):
            name = f"{parcel_id} from {before['load_id']} to {after['load_id']}"
            ends = before["actual_arrives_at"]
            early = ends is not None and after["actual_departs_at"] < ends - CLOCKS
            faults.expect("times in order", not early, f"{name}: leaves before it has come")
            # where a load between them was never scanned, its own scan says that it was there
            seen = "departed_facility" in day.scanned.get((parcel_id, after["load_id"]), {})
            joined = before["to"] == after["from"]
            faults.expect("times in order", joined or seen, f"{name}: the places do not join")


def _attempts(day: Day) -> dict[str, list[dict[str, Any]]]:
    """Attempts of each parcel: every failure, and the first delivery unless at a counter."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    failures: set[tuple[Any, ...]] = set()
    for event in day.events["attempt_failed"]:
        told = event["told"]
        number = told.get("attempt", event["occurred_at"])
        key = (event["parcel_id"], event["source"], told.get("route_id"), number)
        if key not in failures:
            failures.add(key)
            found[event["parcel_id"]].append(event)
    given: set[str] = set()
    for event in day.events["delivered"]:
        if event["parcel_id"] in given or event["told"].get("to_whom") == "counter":
            continue
        given.add(event["parcel_id"])
        found[event["parcel_id"]].append(event)
    return {
        parcel: sorted(rows, key=lambda row: row["occurred_at"]) for parcel, rows in found.items()
    }


def _stops_were_made(day: Day, faults: Faults) -> None:
    """A visit that a table tells of is a scan at that door, and each such scan is a visit."""
    made = {
        (parcel_id, event["told"]["route_id"])
        for parcel_id, events in _attempts(day).items()
        for event in events
        if event["told"].get("route_id")
    }
    planned = day["routes"].filter(pl.col("actual_arrives_at").is_not_null())
    told = {
        pair
        for table in (planned, day["reattempts"])
        for pair in table.select("parcel_id", "route_id").iter_rows()
    }
    faults.add_each("stops as told", (f"{pair}: a visit without a scan" for pair in told - made))
    faults.add_each("stops as told", (f"{pair}: a scan without a visit" for pair in made - told))


def _one_end_each(day: Day, run: Run, faults: Faults) -> None:
    """Every parcel ends once, as its last word says, those of the background too."""
    first: dict[str, dict[str, dt.datetime]] = defaultdict(dict)
    for state in STATES:
        for event in day.events[state]:
            first[event["parcel_id"]].setdefault(state, event["occurred_at"])
    attempts = _attempts(day)
    parcels = day.with_background("parcels")
    repeated = parcels.filter(pl.col("parcel_id").is_duplicated())
    faults.add_rows("one end each", repeated, "{parcel_id} is there twice")
    of_day = set(day["parcels"]["parcel_id"])
    sides = (
        (run["parcels"], of_day),
        (run.background("parcels"), set(parcels["parcel_id"]) - of_day),
    )
    for planned, told in sides:
        lost = sorted(set(planned["parcel_id"]) ^ told)
        faults.add_each("one end each", (f"{each} is not of plan and run" for each in lost))
    for row in parcels.to_dicts():
        ends = first.get(row["parcel_id"], {})
        state = next((each for each in STATES if each in ends), "open_exception")
        text = f"{row['parcel_id']} is {row['final_state']} at {row['final_at']}, told {ends}"
        same = row["final_state"] == state and row["final_at"] == ends.get(state)
        faults.expect("one end each", same, text)
        tries = len(attempts.get(row["parcel_id"], ()))
        text = f"{row['parcel_id']}: {row['attempts']} attempts, told {tries}"
        faults.expect("one end each", row["attempts"] == tries, text)


def _drivers_rest(day: Day, faults: Faults) -> None:
    """49 CFR 395.3 by what drivers' devices told; 7 hours in the berth of a team are a rest."""
    changes: dict[str, list[tuple[dt.datetime, str]]] = defaultdict(list)
    for event in day.events["duty_changed"]:
        if event["told"].get("load_id"):
            changes[event["driver_id"]].append((event["occurred_at"], event["told"]["activity"]))
    for driver, steps in changes.items():
        berth = any(activity == "SB" for _, activity in steps)
        enough = 7 * HOUR if berth else 10 * HOUR
        driven = rested = dt.timedelta(0)
        window: dt.datetime | None = None
        for (at, activity), (until, _) in pairwise(steps):
            if activity in ("OFF", "SB"):
                rested += until - at
                continue
            if rested >= enough - CLOCKS:
                driven, window = dt.timedelta(0), None
            rested = dt.timedelta(0)
            window = window or at
            if activity == "D":
                driven += until - at
                text = f"{driver} drove {driven} by {until}"
                faults.expect("drivers rest", driven <= 11 * HOUR + CLOCKS, text)
                text = f"{driver} drives {until - window} after coming on duty, at {until}"
                faults.expect("drivers rest", until - window <= 14 * HOUR + CLOCKS, text)


def _ledger_adds_up(day: Day, run: Run, faults: Faults) -> None:
    ledger, parcels = day["ledger"], day["parcels"]
    repeated = ledger.filter(pl.col("entry_id").is_duplicated())
    faults.add_rows("ledger of the run", repeated, "{entry_id} repeats")
    things = [pl.col(each).is_not_null().cast(pl.Int64) for each in _SUBJECTS]
    vague = ledger.filter(pl.sum_horizontal(things) != 1)
    faults.add_rows("ledger of the run", vague, "{entry_id} is not of one load, route or parcel")
    booked, borne = ledger["cost_usd"].sum(), parcels["cost_usd"].sum()
    text = f"parcels bear {borne:.2f}, the ledger says {booked:.2f}"
    same = math.isclose(booked, borne, rel_tol=TOLERANCE, abs_tol=0.01)
    faults.expect("ledger of the run", same, text)
    for table, key in (("loads", "load_id"), ("tours", "route_id")):
        entries = dict(
            day.with_background("ledger")
            .filter(pl.col(key).is_not_null())
            .group_by(key)
            .agg(pl.col("cost_usd").sum())
            .iter_rows()
        )
        for row in day[table].to_dicts():
            own = entries.pop(row[key], 0.0)
            text = f"{row[key]} costs {row['cost_usd']:.2f}, its entries say {own:.2f}"
            faults.expect("ledger of the run", abs(row["cost_usd"] - own) <= 0.01, text)
        faults.add_each("ledger of the run", (f"{each} is no {key}" for each in entries))
    _only_what_was_used(day, run, faults)


_SUBJECTS = ("load_id", "route_id", "parcel_id")


def _only_what_was_used(day: Day, run: Run, faults: Faults) -> None:
    of_kind: dict[str, set[str]] = defaultdict(set)
    for row in day.with_background("ledger").to_dicts():
        of_kind[row["kind"]].add(next(row[each] for each in _SUBJECTS if row[each] is not None))
    every = day.with_background("parcels")
    state = dict(every.select("parcel_id", "final_state").iter_rows())
    ran = set(day["loads"].filter(pl.col("actual_departs_at").is_not_null())["load_id"])
    added = set(day["loads"]["load_id"]) - set(run["loads"]["load_id"])
    handed = {event["parcel_id"] for event in day.events["handed_to_partner"]}
    allowed = {
        "linehaul": ran - added,
        "linehaul_empty": ran - added,
        "recovery": ran & added,
        "injection": handed,
        "return": {each for each, how in state.items() if how == "returned"},
        "claim": {each for each, how in state.items() if how in ("lost", "destroyed")},
    }
    for kind, may in allowed.items():
        stray = sorted(of_kind[kind] - may)
        faults.add_each("ledger of the run", (f"{kind} of {each}, unused" for each in stray))
    worth = dict(
        day["parcels"]
        .join(run["orders"].select("order_id", "declared_value_usd"), on="order_id")
        .select("parcel_id", "declared_value_usd")
        .iter_rows()
    )
    for row in day["ledger"].filter(pl.col("kind") == "claim").to_dicts():
        owed = min(worth.get(row["parcel_id"], 0.0), LIABILITY_USD)
        text = f"{row['parcel_id']}: a claim of {row['cost_usd']}, owed {owed}"
        faults.expect("ledger of the run", abs(row["cost_usd"] - owed) <= 0.01, text)


def _on_time(row: dict[str, Any], due: str) -> bool:
    return row["final_state"] == "delivered" and row["final_at"] <= row[due]


def _lateness(day: Day, faults: Faults) -> None:
    """Each late parcel has one cause, and no other."""
    late = {
        row["parcel_id"]: row
        for row in day["parcels"].to_dicts()
        if not _on_time(row, "promised_at")
    }
    told = day["lateness"]
    twice = told.filter(pl.col("parcel_id").is_duplicated())
    faults.add_rows("lateness", twice, "{parcel_id} has two causes")
    odd = sorted(set(told["parcel_id"]) ^ set(late))
    faults.add_each("lateness", (f"{each} is late or has a cause, not both" for each in odd))
    for row in told.drop_nulls("minutes_late").to_dicts():
        parcel = late.get(row["parcel_id"])
        if parcel is not None:
            minutes = (parcel["final_at"] - parcel["promised_at"]).total_seconds() / 60
            text = f"{row['parcel_id']}: {row['minutes_late']} minutes late, not {minutes}"
            faults.expect("lateness", abs(row["minutes_late"] - minutes) < 0.01, text)


def _kpis(day: Day, run: Run, faults: Faults) -> None:
    kpis = day["kpis"]
    twice = kpis.filter(pl.struct("name", "grain", "key").is_duplicated())
    faults.add_rows("kpis of the run", twice, "{name} of {grain} {key} is there twice")
    for row in kpis.to_dicts():
        name = f"{row['name']} of {row['grain']} {row['key']}"
        value = row["numerator"] / row["denominator"] if row["denominator"] else None
        faults.expect("kpis of the run", row["value"] == value, f"{name}: {row['value']}")
        # what is left behind may be put on top of a full load: fill alone may pass the whole
        most = math.inf if row["name"].startswith("load_utilisation") else 1 + 1e-9
        fine = row["unit"] != "share" or value is None or -1e-9 <= value <= most
        faults.expect("kpis of the run", fine, f"{name}: {value} is no share")
    network = {
        row["name"]: row
        for row in kpis.filter(pl.col("grain") == "network", pl.col("key") == "all").to_dicts()
    }
    for name, (above, below) in _recomputed(day, run).items():
        row = network.get(name)
        faults.expect("kpis of the run", row is not None, f"{name} is missing")
        if row is not None:
            same = all(
                math.isclose(row[side], own, rel_tol=1e-6, abs_tol=1e-6)
                for side, own in (("numerator", above), ("denominator", below))
            )
            text = f"{name}: {row['numerator']} / {row['denominator']}, not {above} / {below}"
            faults.expect("kpis of the run", same, text)


def _recomputed(day: Day, run: Run) -> dict[str, tuple[float, float]]:
    parcels, count = day["parcels"].to_dicts(), float(day["parcels"].height)
    kept = float(sum(_on_time(row, "promised_at") for row in parcels))
    excused = float(day["lateness"]["excused"].count())
    own = {row["parcel_id"] for row in parcels}
    first = [
        events[0]["kind"] == "delivered"
        for parcel_id, events in _attempts(day).items()
        if parcel_id in own
    ]
    damaged = {event["parcel_id"] for event in day.events["damaged"]} & own
    state = [row["final_state"] for row in parcels]
    taken = _taken(day)
    tours = day["tours"].filter(pl.col("departs_at").is_not_null())
    back = tours.filter(pl.col("returns_at").is_not_null())
    road_h = (back["returns_at"] - back["departs_at"]).dt.total_seconds().sum() / 3600
    costs = {
        f"cost_per_package_{kind}": (usd, count)
        for kind, usd in day["ledger"].group_by("kind").agg(pl.col("cost_usd").sum()).iter_rows()
        if kind in ("pickup", "handling", "recovery", "lastmile", "injection", "return", "claim")
    }
    covered = {
        f"eta_coverage_{each}": (
            float(sum(_on_time(row, f"eta_{each}") for row in parcels if row[f"eta_{each}"])),
            float(sum(row[f"eta_{each}"] is not None for row in parcels)),
        )
        for each in ("p80", "p95")
    }
    return {
        "on_time_delivery": (kept, count),
        "on_time_delivery_net": (kept, count - excused),
        "on_time_service": (float(sum(_on_time(row, "service_due_at") for row in parcels)), count),
        "first_attempt_success": (float(sum(first)), float(len(first))),
        "cost_per_package": (day["ledger"]["cost_usd"].sum(), count),
        "stops_per_hour": (float(back["stops"].sum()), road_h),
        "loss_rate": (float(state.count("lost")), taken),
        "return_rate": (float(state.count("returned")), taken),
        "damage_rate": (float(len(damaged)), taken),
        **costs,
        **covered,
        **_of_loads(day, run),
    }


def _taken(day: Day) -> float:
    """Parcels that came into anybody's hands."""
    hands = {
        event["parcel_id"]
        for kind, events in day.events.items()
        if kind not in ("label_created", "pickup_failed", "lost", "cancelled", "delayed", "unknown")
        for event in events
        if event["parcel_id"]
    }
    return float(len(hands & set(day["parcels"]["parcel_id"])))


def _of_loads(day: Day, run: Run) -> dict[str, tuple[float, float]]:
    size = {
        row["parcel_id"]: (row["volume_m3"], row["weight_kg"])
        for row in day.with_background("parcels").to_dicts()
    }
    inside: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for parcel_id, rides in day.rides.items():
        for ride in rides:
            for place, amount in enumerate(size.get(parcel_id, (0.0, 0.0))):
                inside[ride["load_id"]][place] += amount
    planned = set(run["loads"]["load_id"])
    cube = weight = cube_paid = weight_paid = miles = empty = 0.0
    left = came = 0
    for load in day["loads"].to_dicts():
        if load["load_id"] in planned:
            left += _within(load, "departs_at")
            came += _within(load, "arrives_at")
        if load["actual_departs_at"] is None:
            continue
        miles += load["miles"]
        if load["kind"] in EMPTY:
            empty += load["miles"]
            continue
        kind = run.vehicle_types[load["vehicle_type"]]
        far = load["miles"] * load["units"]
        cube += inside[load["load_id"]][0] * load["miles"]
        weight += inside[load["load_id"]][1] * load["miles"]
        cube_paid += kind["nominal_m3"] * kind["stow_factor"] * far
        weight_paid += kind["payload_kg"] * far
    return {
        "load_utilisation_cube": (cube, cube_paid),
        "load_utilisation_weight": (weight, weight_paid),
        "empty_miles_share": (empty, miles),
        "on_time_departure_15": (float(left), float(len(planned))),
        "on_time_arrival_15": (float(came), float(len(planned))),
    }


def _within(load: dict[str, Any], name: str) -> bool:
    actual = load[f"actual_{name}"]
    return actual is not None and actual <= load[name] + QUARTER
