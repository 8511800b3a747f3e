import datetime as dt
from collections.abc import Callable

import polars as pl
import pytest

from crossdock.measure import not_checked, release_gates
from crossdock.measure.gates import GATES
from crossdock.model.network import Network
from crossdock.model.tables import DUTIES, conform
from crossdock.plan.duties import Trip, crew_duty, duty_rows
from synthetic_run import SyntheticRun, build_run

Tables = dict[str, pl.DataFrame]
HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="module")
def run() -> SyntheticRun:
    return build_run()


def faults_of(run: SyntheticRun, gate: str, **changed: pl.DataFrame) -> list[str]:
    """Faults of ``gate`` once tables are ``changed``."""
    return [str(fault) for fault in GATES[gate](run.tables | changed, run.network)]


def first(frame: pl.DataFrame, column: str, value: object) -> pl.DataFrame:
    """``frame`` with ``value`` in ``column`` of its first row."""
    literal = value if isinstance(value, pl.Expr) else pl.lit(value)
    here = pl.int_range(pl.len()) == 0
    changed = pl.when(here).then(literal).otherwise(pl.col(column)).alias(column)
    return frame.with_columns(changed)


def test_a_whole_and_legal_plan_passes_every_gate(run: SyntheticRun) -> None:
    assert release_gates(run.tables, run.network) == []


def test_each_fault_has_a_subject_and_a_remedy(run: SyntheticRun) -> None:
    broken = run.tables | {"legs": run.tables["legs"].clear()}
    for fault in release_gates(broken, run.network):
        assert fault.subject
        assert fault.remedy


def test_a_parcel_without_delivery_is_found(run: SyntheticRun) -> None:
    found = faults_of(run, "path", routes=run.tables["routes"].slice(1))
    assert len(found) == 1
    assert "0 deliveries" in found[0]


def test_a_parcel_delivered_twice_is_found(run: SyntheticRun) -> None:
    routes = run.tables["routes"]
    assert "2 deliveries" in faults_of(run, "path", routes=pl.concat([routes, routes.head(1)]))[0]


def test_a_shortfall_that_is_delivered_is_found(run: SyntheticRun) -> None:
    parcel = run.tables["routes"]["parcel_id"][0]
    exceptions = first(run.tables["exceptions"], "parcel_id", parcel)
    assert any("shortfall" in fault for fault in faults_of(run, "path", exceptions=exceptions))


def test_a_missing_leg_is_found(run: SyntheticRun) -> None:
    legs = run.tables["legs"].filter(pl.col("seq") != 2)
    assert any("delivered from MIA" in fault for fault in faults_of(run, "path", legs=legs))


def test_a_load_that_leaves_before_its_parcels_are_sorted_is_found(run: SyntheticRun) -> None:
    onward = run.tables["legs"].filter(pl.col("seq") == 2)["load_id"][0]
    tables = _leaves_earlier(run.tables, onward, 20 * HOUR)
    found = [str(fault) for fault in GATES["connection"](tables, run.network)]
    assert any("sorted only at" in fault for fault in found)


def test_a_first_leg_before_the_origin_sort_is_found(run: SyntheticRun) -> None:
    origin_load = run.tables["legs"]["load_id"][0]
    tables = _leaves_earlier(run.tables, origin_load, 20 * HOUR)
    found = [str(fault) for fault in GATES["connection"](tables, run.network)]
    assert any("before its sort is ready" in fault for fault in found)


def test_a_route_that_leaves_before_the_preload_is_found(run: SyntheticRun) -> None:
    tours = run.tables["tours"].with_columns(pl.col("departs_at") - 20 * HOUR)
    assert any("sorted only" in fault for fault in faults_of(run, "connection", tours=tours))


def test_a_leg_that_is_not_its_loads_is_found(run: SyntheticRun) -> None:
    legs = first(run.tables["legs"], "arrives_at", pl.col("arrives_at") + HOUR)
    assert any("not that of load" in fault for fault in faults_of(run, "connection", legs=legs))


@pytest.mark.parametrize(("column", "unit"), [("volume_m3", "m3"), ("weight_kg", "kg")])
def test_a_load_over_its_room_is_found(run: SyntheticRun, column: str, unit: str) -> None:
    loads = first(run.tables["loads"], column, 99_999.0)
    found = faults_of(run, "load", loads=loads)
    assert len(found) == 1
    assert unit in found[0]


def test_a_load_understated_against_its_parcels_is_found(run: SyntheticRun) -> None:
    parcels = run.tables["parcels"].with_columns(weight_kg=pl.lit(5_000.0))
    assert len(faults_of(run, "load", parcels=parcels)) > 1


def test_a_load_in_an_unknown_vehicle_is_found(run: SyntheticRun) -> None:
    loads = first(run.tables["loads"], "vehicle_type", "zeppelin")
    assert any("zeppelin" in fault for fault in faults_of(run, "load", loads=loads))


def test_equipment_that_does_not_come_back_is_found(run: SyntheticRun) -> None:
    loads = run.tables["loads"].filter(pl.col("kind") != "empty")
    found = faults_of(run, "equipment", loads=loads)
    assert len(found) == run.tables["loads"].filter(pl.col("kind") == "loaded").height


def test_equipment_that_comes_back_from_elsewhere_or_too_early_is_found(run: SyntheticRun) -> None:
    returning = pl.col("kind") == "empty"
    elsewhere = run.tables["loads"].with_columns(
        pl.when(returning).then(pl.lit("SEA")).otherwise(pl.col("from")).alias("from")
    )
    assert any("along its way" in fault for fault in faults_of(run, "equipment", loads=elsewhere))
    early = run.tables["loads"].with_columns(
        pl.when(returning)
        .then(pl.col("departs_at") - 40 * HOUR)
        .otherwise("departs_at")
        .alias("departs_at")
    )
    assert any("before it arrived" in fault for fault in faults_of(run, "equipment", loads=early))


@pytest.mark.parametrize(
    ("segments", "rule"),
    [
        ([("D", 7.5), ("OFF", 0.5), ("D", 4.0)], "over 11 h"),
        ([("D", 5.0), ("ON", 6.0), ("D", 4.0)], "over 14 h"),
        ([("D", 8.5)], "without 30 min"),
        ([("D", 7.0), ("OFF", 9.5), ("D", 5.0)], "over 11 h"),
    ],
)
def test_a_duty_over_a_limit_is_found(
    run: SyntheticRun, segments: list[tuple[str, float]], rule: str
) -> None:
    assert any(rule in fault for fault in faults_of(run, "hours", duties=_duty(run, segments)))


def test_a_tour_of_a_regulated_van_is_held_against_the_hours(run: SyntheticRun) -> None:
    bound = run.tables["fleet"].with_columns(hos_ruleset=pl.lit("US_70_8"))
    assert faults_of(run, "hours", fleet=bound) == faults_of(run, "hours")
    tour = run.tables["tours"].row(0, named=True)
    driver, departs_at = tour["driver_id"], tour["departs_at"]
    log = pl.DataFrame(
        {
            "driver_id": [driver],
            "status": ["ON"],
            "from": [departs_at - 14 * HOUR],
            "to": [departs_at - HOUR],
        }
    )
    network = Network.of(dict(run.network.tables) | {"duty_log": log})
    found = GATES["hours"]({**run.tables, "fleet": bound}, network)
    assert any(fault.subject == driver and "over 14 h" in fault.what for fault in found)
    free = GATES["hours"](run.tables, network)
    assert not any(fault.subject == driver for fault in free)


def test_a_legal_duty_with_a_rest_passes(run: SyntheticRun) -> None:
    duties = _duty(run, [("D", 8.0), ("ON", 0.5), ("D", 3.0), ("SB", 10.0), ("D", 8.0)])
    assert [fault for fault in faults_of(run, "hours", duties=duties) if "tester" in fault] == []


def test_seventy_hours_in_eight_days_are_counted_with_the_log(run: SyntheticRun) -> None:
    driver = run.tables["duties"]["driver_id"][0]
    begins = run.tables["duties"]["starts_at"][0]
    days = [begins - dt.timedelta(days=day) for day in range(6, 0, -1)]
    log = pl.DataFrame(
        {
            "driver_id": [driver] * 6,
            "status": ["ON"] * 6,
            "from": days,
            "to": [day + 11 * HOUR for day in days],
        }
    )
    network = Network.of(dict(run.network.tables) | {"duty_log": log})
    assert any("over 70 h" in str(fault) for fault in GATES["hours"](run.tables, network))


def test_a_restart_of_34_hours_empties_the_cycle(run: SyntheticRun) -> None:
    week = [("D", 10.0), ("OFF", 11.0)] * 7
    assert _over_70(run, [*week, ("D", 10.0)])
    assert not _over_70(run, [*week, ("OFF", 24.0), ("D", 10.0)])


def test_work_after_the_seventieth_hour_is_no_driving(run: SyntheticRun) -> None:
    week = [("D", 10.0), ("OFF", 10.0)] * 7
    assert not _over_70(run, [*week, ("ON", 5.0)])


def test_a_late_meal_is_found(run: SyntheticRun) -> None:
    late = run.tables["breaks"].with_columns(pl.col("starts_at", "ends_at") + 2.5 * HOUR)
    assert faults_of(run, "meal", breaks=late)


@pytest.mark.parametrize("mode", ["solo_layover", "team", "relay"])
@pytest.mark.parametrize("hours", [3, 11, 15, 27, 30])
def test_duties_that_the_planner_builds_pass(run: SyntheticRun, mode: str, hours: int) -> None:
    duty = crew_duty(Trip(mode, 1_796_000_000, hours * 3600, hours * 3600))
    rows = duty_rows(
        duty,
        driver_ids=("first", "second"),
        carrier_id="own",
        domiciles=("LAX", "DFW"),
        load_id="L",
    )
    assert GATES["hours"]({"duties": conform(pl.DataFrame(rows), DUTIES)}, run.network) == []


def test_a_driver_on_two_loads_at_once_is_found(run: SyntheticRun) -> None:
    duties = run.tables["duties"].with_columns(driver_id=pl.lit("one"))
    assert any("at once" in fault for fault in faults_of(run, "hours", duties=duties))


def test_an_own_load_without_a_duty_is_found(run: SyntheticRun) -> None:
    found = faults_of(run, "hours", duties=run.tables["duties"].clear())
    assert all("no driver's duty" in fault for fault in found)
    assert found


@pytest.mark.parametrize(
    ("table", "column", "change", "words"),
    [
        ("fleet", "capacity_m3", pl.lit(0.1), "m3 in room"),
        ("fleet", "capacity_parcels", pl.lit(1), "parcels in room"),
        ("fleet", "shift_ends_at", pl.col("shift_starts_at"), "outside the shift"),
        ("fleet", "max_duty_s", pl.lit(3_600), "the day lasts"),
        ("fleet", "vehicle_id", pl.lit("other"), "not in the day's fleet"),
        ("routes", "arrives_at", pl.col("arrives_at") + 24 * HOUR, "order of time"),
    ],
)
def test_a_route_over_a_limit_is_found(
    run: SyntheticRun, table: str, column: str, change: pl.Expr, words: str
) -> None:
    found = faults_of(run, "route", **{table: first(run.tables[table], column, change)})
    assert any(words in fault for fault in found)


def test_a_driver_on_two_routes_at_once_is_found(run: SyntheticRun) -> None:
    tours = run.tables["tours"].with_columns(driver_id=pl.lit("one"))
    assert any("another route" in fault for fault in faults_of(run, "route", tours=tours))


def test_a_long_day_without_a_meal_is_found(run: SyntheticRun) -> None:
    long = run.tables["tours"].filter(pl.col("returns_at") - pl.col("departs_at") > 6 * HOUR)
    found = faults_of(run, "meal", breaks=run.tables["breaks"].clear())
    assert len(found) == long.height > 0


@pytest.mark.parametrize("kind", ["driver", "vehicle", "carrier"])
def test_an_expired_document_blocks(run: SyntheticRun, kind: str) -> None:
    subject = {
        "driver": run.tables["duties"]["driver_id"][0],
        "vehicle": run.tables["tours"]["vehicle_id"][0],
        "carrier": "usps",
    }[kind]
    documents = pl.DataFrame(
        {
            "subject_kind": [kind],
            "subject_id": [subject],
            "document": ["medical card"],
            "expires": [dt.date(2026, 11, 1)],
        }
    )
    network = Network.of(dict(run.network.tables) | {"documents": documents})
    found = GATES["documents"](run.tables, network)
    assert [fault.subject for fault in found] == [subject]


def test_a_carrier_without_insurance_blocks(run: SyntheticRun) -> None:
    carriers = run.network["carriers"].with_columns(insurance_expires=pl.lit(dt.date(2026, 11, 29)))
    network = Network.of(dict(run.network.tables) | {"carriers": carriers})
    assert {fault.subject for fault in GATES["documents"](run.tables, network)} == {
        "own",
        "freightco",
        "usps",
    }


def test_what_has_no_data_is_listed_and_does_not_block(run: SyntheticRun) -> None:
    listed = not_checked(run.tables, run.network)
    assert any("documents" in sentence for sentence in listed)
    assert any("duty_log" in sentence for sentence in listed)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda at: at + 10 * HOUR, "outside every appointment"),
        (lambda at: at + 2 * HOUR, "after the critical entry"),
        (lambda at: at - 48 * HOUR, "before it is sorted"),
    ],
)
def test_a_handoff_that_the_partner_refuses_is_found(
    run: SyntheticRun, change: Callable[[pl.Expr], pl.Expr], words: str
) -> None:
    handoffs = run.tables["handoffs"].with_columns(change(pl.col("handoff_at")).alias("handoff_at"))
    assert any(words in fault for fault in faults_of(run, "handoff", handoffs=handoffs))


def test_a_handoff_on_a_closed_day_is_found(run: SyntheticRun) -> None:
    appointments = run.network["appointments"].with_columns(days=pl.lit("------U"))
    network = Network.of(dict(run.network.tables) | {"appointments": appointments})
    assert GATES["handoff"](run.tables, network)


def test_a_ledger_that_parcels_do_not_share_is_found(run: SyntheticRun) -> None:
    parcels = run.tables["parcels"].with_columns(pl.col("cost_usd") * 1.01)
    assert any("share" in fault for fault in faults_of(run, "ledger", parcels=parcels))


def test_a_load_or_route_that_costs_something_else_is_found(run: SyntheticRun) -> None:
    loads = first(run.tables["loads"], "cost_usd", 1.0)
    tours = first(run.tables["tours"], "cost_usd", 1.0)
    assert len(faults_of(run, "ledger", loads=loads, tours=tours)) == 2


def test_an_amount_that_is_no_money_is_found(run: SyntheticRun) -> None:
    ledger = first(run.tables["ledger"], "cost_usd", float("nan"))
    assert any("NaN" in fault for fault in faults_of(run, "ledger", ledger=ledger))


def _over_70(run: SyntheticRun, segments: list[tuple[str, float]]) -> bool:
    duties = _duty(run, segments)
    return any("over 70 h" in fault for fault in faults_of(run, "hours", duties=duties))


def _duty(run: SyntheticRun, segments: list[tuple[str, float]]) -> pl.DataFrame:
    """The run's duties and one more of ``tester``, segment after segment."""
    clock, rows = run.tables["duties"]["starts_at"][0], []
    for activity, length in segments:
        ends = clock + length * HOUR
        rows.append(
            {"driver_id": "tester", "activity": activity, "starts_at": clock, "ends_at": ends}
        )
        clock = ends
    return pl.concat([run.tables["duties"], pl.DataFrame(rows)], how="diagonal_relaxed")


def _leaves_earlier(tables: Tables, load_id: str, by: dt.timedelta) -> Tables:
    moved = (
        pl.when(pl.col("load_id") == load_id)
        .then(pl.col("departs_at") - by)
        .otherwise("departs_at")
    )
    return tables | {
        name: tables[name].with_columns(moved.alias("departs_at")) for name in ("loads", "legs")
    }
