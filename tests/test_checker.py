"""The plan as an outside auditor sees it; and the auditor itself, on plans broken on purpose."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from checker import Run, audit, check_run
from checker.faults import TOLD_A_RULE, Faults
from checker.reading import read_network
from crossdock.platform.planning import PlanRequest, plan_to_folder
from own_network import write_own_network

CHRISTMAS = dt.date(2026, 12, 23)
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
OWN = ("loaded", "empty", "bobtail")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planned(tmp_path_factory, parcels=250, metros=6, seed=3)


@pytest.fixture(scope="module")
def own_network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_own_network(tmp_path_factory.mktemp("network") / "own")


@pytest.fixture(scope="module")
def own(own_network: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The own fleet over Christmas, from CSV files."""
    return planned(
        tmp_path_factory, network_dir=own_network, parcels=250, seed=3, start_date=CHRISTMAS
    )


def planned(factory: pytest.TempPathFactory, **options: object) -> Path:
    out = factory.mktemp("runs") / "run"
    plan_to_folder(PlanRequest(out=out, quiet=True, **({"workers": 1} | options)))
    return out


# --- real plans -------------------------------------------------------------------------------


def test_a_small_plan_has_no_fault(small: Path) -> None:
    assert check_run(small) == []


def test_a_plan_of_the_own_fleet_over_christmas_has_no_fault(own: Path) -> None:
    loads = pl.read_parquet(own / "loads.parquet")
    assert {"loaded", "empty"} <= set(loads["kind"])
    assert check_run(own) == []


@pytest.mark.slow
def test_a_plan_of_twelve_metros_has_no_fault(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert check_run(planned(tmp_path_factory, parcels=1000, metros=12)) == []


def test_the_baseline_has_no_fault(tmp_path_factory: pytest.TempPathFactory) -> None:
    run = planned(tmp_path_factory, parcels=250, metros=6, seed=3, policy="baseline")
    assert check_run(run) == []


@pytest.mark.slow  # a whole run is compared by tests/platform/test_run.py
def test_two_workers_plan_the_same_as_one(
    small: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    again = planned(tmp_path_factory, parcels=250, metros=6, seed=3, workers=2)
    for name in ("loads", "legs", "routes"):
        assert (again / f"{name}.parquet").read_bytes() == (small / f"{name}.parquet").read_bytes()


def test_every_row_of_an_orders_file_is_planned_or_rejected(
    small: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    orders = pl.read_parquet(small / "orders.parquet").head(40)
    file = tmp_path / "orders.csv"
    orders.with_columns(
        created_at=pl.col("created_at").dt.to_string("iso:strict"),
        zip=pl.when(pl.int_range(pl.len()) == 7).then(pl.lit("00000")).otherwise("zip5"),
    ).select(
        "order_id", "created_at", "merchant_id", "ship_from_zip", "recipient", "line1", "line2",
        "city", "state", "zip", "service", "weight_kg", "length_cm", "width_cm", "height_cm",
        "declared_value_usd", "pieces",
    ).write_csv(file)  # fmt: skip
    network = small / "network"
    out = tmp_path / "run"
    plan_to_folder(
        PlanRequest(out=out, network_dir=network, orders_file=file, quiet=True, workers=1)
    )
    assert pl.read_csv(out / "rejects.csv")["row"].to_list() == [8]
    assert check_run(out, orders=file) == []
    assert any(
        fault.startswith("rows in") for fault in check_run(out, orders=small / "orders.parquet")
    )


# --- the auditor sees each broken rule ---------------------------------------------------------

Change = Callable[[dict[str, pl.DataFrame]], None]


def change(table: str, **columns: pl.Expr) -> Change:
    """Columns of a whole table changed."""

    def apply(tables: dict[str, pl.DataFrame]) -> None:
        tables[table] = tables[table].with_columns(**columns)

    return apply


def first(table: str, where: pl.Expr | None = None, **columns: pl.Expr) -> Change:
    """Columns of the first row that fits changed."""

    def apply(tables: dict[str, pl.DataFrame]) -> None:
        frame = tables[table].with_row_index("_row")
        fitting = frame.filter(pl.lit(value=True) if where is None else where)
        assert fitting.height, f"no row of {table} to break"
        hit = pl.col("_row") == fitting["_row"][0]
        changed = [pl.when(hit).then(new).otherwise(old).alias(old) for old, new in columns.items()]
        tables[table] = frame.with_columns(changed).drop("_row")

    return apply


def drop_first(table: str, where: pl.Expr | None = None) -> Change:
    def apply(tables: dict[str, pl.DataFrame]) -> None:
        frame = tables[table].with_row_index("_row")
        fitting = frame.filter(pl.lit(value=True) if where is None else where)
        assert fitting.height, f"no row of {table} to drop"
        tables[table] = frame.filter(pl.col("_row") != fitting["_row"][0]).drop("_row")

    return apply


def double_first(table: str, where: pl.Expr | None = None) -> Change:
    def apply(tables: dict[str, pl.DataFrame]) -> None:
        frame = tables[table]
        row = (frame if where is None else frame.filter(where)).head(1)
        assert row.height, f"no row of {table} to double"
        tables[table] = pl.concat([frame, row])

    return apply


def together(*changes: Change) -> Change:
    def apply(tables: dict[str, pl.DataFrame]) -> None:
        for each in changes:
            each(tables)

    return apply


def move_load(by: dt.timedelta, where: pl.Expr) -> Change:
    """A load and its legs at other times."""

    def apply(tables: dict[str, pl.DataFrame]) -> None:
        load_id = tables["loads"].filter(where)["load_id"][0]
        for table in ("loads", "legs"):
            hit = pl.col("load_id") == load_id
            tables[table] = tables[table].with_columns(
                pl.when(hit).then(pl.col(name) + by).otherwise(name).alias(name)
                for name in ("departs_at", "arrives_at")
            )

    return apply


def move_route(by: dt.timedelta) -> Change:
    """The first route with a break, its stops and its breaks at other times."""

    def apply(tables: dict[str, pl.DataFrame]) -> None:
        route_id = tables["breaks"]["route_id"][0]
        for table, names in {
            "tours": ("departs_at", "returns_at"),
            "routes": ("arrives_at", "departs_at"),
            "breaks": ("starts_at", "ends_at"),
        }.items():
            hit = pl.col("route_id") == route_id
            tables[table] = tables[table].with_columns(
                pl.when(hit).then(pl.col(name) + by).otherwise(name).alias(name) for name in names
            )

    return apply


def put_on_first(table: str, column: str) -> Change:
    """The second row's ``column`` becomes that of the first."""

    def apply(tables: dict[str, pl.DataFrame]) -> None:
        value = tables[table][column][0]
        other = tables[table].filter(pl.col(column) != value)[column][0]
        tables[table] = tables[table].with_columns(pl.col(column).replace(other, value))

    return apply


def no_meal(tables: dict[str, pl.DataFrame]) -> None:
    """A tour of employees lasts nine hours, without a meal."""
    nine = pl.col("departs_at") + 9 * HOUR
    first("tours", carrier_id=pl.lit("XD-DELIVERY"), returns_at=nine)(tables)


def no_rest(tables: dict[str, pl.DataFrame]) -> None:
    tables["breaks"] = tables["breaks"].filter(pl.col("kind") != "rest")


def later(column: str, by: dt.timedelta) -> pl.Expr:
    return pl.col(column) + by


POOLED = pl.col("kind") == "pooled"
BREAKS: dict[str, tuple[str, str, Change]] = {
    "an order without parcel": ("small", "one parcel an order", drop_first("parcels")),
    "an order twice": ("small", "one parcel an order", double_first("parcels")),
    "a parcel without order": ("small", "one parcel an order", drop_first("orders")),
    "a row lost": ("small", "rows in", drop_first("parcels")),
    "another weight": (
        "small", "parcel as ordered", first("parcels", weight_kg=pl.col("weight_kg") + 1),
    ),
    "nobody delivers": ("small", "one way to the door", drop_first("routes")),
    "delivered twice": ("small", "one way to the door", double_first("routes")),
    "handed over twice": ("small", "one way to the door", double_first("handoffs")),
    "another mode": (
        "small", "one way to the door",
        first("parcels", pl.col("delivery_mode") == "crowd", delivery_mode=pl.lit("usps")),
    ),
    "a leg at other times": (
        "small", "legs are their loads", first("legs", arrives_at=later("arrives_at", MINUTE)),
    ),
    "a leg on no load": ("small", "legs are their loads", first("legs", load_id=pl.lit("L-0"))),
    "a leg left out": ("small", "legs join", drop_first("legs")),
    "legs out of sequence": ("small", "legs join", first("legs", seq=pl.lit(2))),
    "legs elsewhere": (
        "small", "legs join", first("parcels", origin_facility_id=pl.lit("ATL")),
    ),
    "a load before its parcels are sorted": ("small", "origin wave", move_load(-HOUR, POOLED)),
    "a load with more than fits": (
        "small", "space",
        together(change("orders", weight_kg=pl.col("weight_kg") * 500),
                 change("parcels", weight_kg=pl.col("weight_kg") * 500)),
    ),
    "a load that counts wrong": (
        "small", "loads sum their legs", first("loads", parcels=pl.col("parcels") + 1),
    ),
    "a share too fair": ("small", "shares", first("loads", cube_share=pl.lit(0.99))),
    "no driver": ("small", "seats", first("loads", driver_ids=pl.lit(""))),
    "a team of one": (
        "own", "seats",
        first("loads", pl.col("driver_mode") == "solo_layover", driver_mode=pl.lit("team")),
    ),
    "a load too fast": (
        "small", "transit", first("loads", arrives_at=later("departs_at", 2 * HOUR)),
    ),
    "other miles": ("small", "lane miles", first("loads", miles=pl.col("miles") * 1.1)),
    "own equipment stays away": (
        "own", "equipment returns", drop_first("loads", pl.col("kind") == "empty"),
    ),
    "more own units than there are": (
        "own", "equipment exists", change("loads", units=pl.lit(9, pl.Int64)),
    ),
    "a return of something else": (
        "own", "equipment returns",
        first("loads", pl.col("returns_load_id").is_not_null(), returns_load_id=pl.lit("L-0")),
    ),
    "an own driver in two places": (
        "own", "one place at a time",
        first("duties", pl.col("seq") == 2, starts_at=later("starts_at", -HOUR)),
    ),
    "12 hours at the wheel": (
        "own", "11 hours",
        first("duties", pl.col("activity") == "D", starts_at=later("starts_at", -12 * HOUR)),
    ),
    "a window of 20 hours": (
        "own", "14 hours",
        first("duties", pl.col("activity") == "ON", starts_at=later("starts_at", -20 * HOUR)),
    ),
    "no break": (
        "own", "30 minutes",
        change("duties", activity=pl.col("activity").replace("OFF", "D")),
    ),
    "no rest": (
        "own", "11 hours", change("duties", activity=pl.col("activity").replace("SB", "ON")),
    ),
    "80 hours in eight days": (
        "own", "cycle",
        first("duties", pl.col("activity") == "ON", starts_at=later("starts_at", -80 * HOUR)),
    ),
    "a driver without duty": (
        "small", "duties", first("duties", driver_id=pl.lit("SOMEBODY")),
    ),
    "somebody else's driver": (
        "own", "own drivers",
        first("loads", pl.col("kind").is_in(OWN), driver_ids=pl.lit("NOBODY-1")),
    ),
    "a cheap load": ("small", "load costs", first("loads", cost_usd=pl.col("cost_usd") * 0.98)),
    "a cheap own trip": (
        "own", "own costs",
        first("loads", pl.col("kind") == "loaded", cost_usd=pl.col("cost_usd") * 0.9),
    ),
    "a stop at two times": (
        "small", "stops",
        together(put_on_first("routes", "route_id"), put_on_first("routes", "sequence")),
    ),
    "a stop left out": ("small", "stops", first("routes", sequence=pl.lit(99))),
    "a tour that counts wrong": ("small", "tours", first("tours", stops=pl.col("stops") + 1)),
    "a van too full": (
        "small", "vehicle space", change("fleet", capacity_m3=pl.lit(0.001)),
    ),
    "a van made larger": (
        "small", "vehicle space", change("fleet", capacity_m3=pl.col("capacity_m3") * 2),
    ),
    "a van nobody has": (
        "small", "vehicles",
        together(change("fleet", vehicle_id=pl.col("vehicle_id") + "X"),
                 change("tours", vehicle_id=pl.col("vehicle_id") + "X"),
                 change("routes", vehicle_id=pl.col("vehicle_id") + "X")),
    ),
    "a shift too long": (
        "small", "shift", change("tours", returns_at=later("returns_at", 10 * HOUR)),
    ),
    "a shift made longer": (
        "small", "shift", change("fleet", shift_ends_at=later("shift_ends_at", HOUR)),
    ),
    "a duty too long": ("small", "duty", change("fleet", max_duty_s=pl.lit(60, pl.Int64))),
    "a delivery at night": ("small", "20:00 at the door", move_route(14 * HOUR)),
    "a route before its parcels": ("small", "ready before the route", move_route(-24 * HOUR)),
    "a van used twice": ("small", "used once at a time", put_on_first("tours", "vehicle_id")),
    "a driver used twice": ("small", "used once at a time", put_on_first("tours", "driver_id")),
    "no meal": ("small", "meals", no_meal),
    "no ten minutes of rest": ("small", "breaks", no_rest),
    "a break worked through": (
        "small", "breaks", first("breaks", starts_at=later("starts_at", -20 * MINUTE)),
    ),
    "a break of no route": ("small", "breaks", first("breaks", route_id=pl.lit("R-0"))),
    "a stop too near": ("small", "driving", change("routes", distance_m=pl.col("distance_m") / 2)),
    "a van that flies": ("small", "driving", change("routes", distance_m=pl.col("distance_m") * 9)),
    "a carrier that is not asked": (
        "small", "coverage", first("parcels", delivery_carrier_id=pl.lit("NOBODY")),
    ),
    "a handoff before its parcel": (
        "small", "handoffs", change("handoffs", ready_at=later("ready_at", -6 * HOUR)),
    ),
    "a handoff out of its window": (
        "small", "appointments", change("handoffs", handoff_at=later("handoff_at", 5 * HOUR)),
    ),
    "a manifest too late": (
        "small", "appointments", change("handoffs", manifest_due_at=pl.col("handoff_at")),
    ),
    "a handoff too cheap": (
        "small", "handoff costs", first("handoffs", cost_usd=pl.lit(0.5)),
    ),
    "another ship day": (
        "small", "ship day", first("parcels", ship_date=pl.col("ship_date") + pl.duration(days=1)),
    ),
    "due an hour later": (
        "small", "service due", first("parcels", service_due_at=later("service_due_at", HOUR)),
    ),
    "due on Christmas": (
        "own", "service due", change("parcels", service_due_at=pl.lit(
            dt.datetime(2026, 12, 26, 1, tzinfo=dt.UTC))),
    ),
    "promised too soon": (
        "small", "promise", first("parcels", promised_at=later("promised_at", -24 * HOUR)),
    ),
    "quantiles that cross": (
        "small", "eta", first("parcels", eta_p80=later("eta_p95", MINUTE)),
    ),
    "an origin that takes no orders": (
        "small", "origin", first("parcels", origin_facility_id=pl.lit("ATL")),
    ),
    "handling too dear": (
        "small", "handling", first("parcels", handling_usd=pl.col("handling_usd") + 1),
    ),
    "a pick-up too dear": ("small", "pick-up", first("parcels", pickup_usd=pl.lit(3.0))),
    "unpaid hours": ("small", "paid hours", first("tours", paid_s=pl.col("paid_s") - 600)),
    "a route too cheap": (
        "small", "route costs", first("tours", cost_usd=pl.col("cost_usd") * 0.9),
    ),
    "a ledger row lost": ("small", "ledger", drop_first("ledger", pl.col("load_id").is_not_null())),
    "a ledger row of nobody": ("small", "ledger", first("ledger", parcel_id=pl.lit(None))),
    "a parcel too dear": (
        "small", "parcel costs", first("parcels", cost_usd=pl.col("cost_usd") + 1),
    ),
    "a ledger that does not add up": (
        "small", "parcel costs", change("ledger", cost_usd=pl.col("cost_usd") * 1.01),
    ),
    "a KPI rounded": ("small", "kpis", change("kpis", value=pl.col("value").round(2))),
    "a KPI twice": ("small", "kpis", double_first("kpis")),
    "a KPI that flatters": (
        "small", "kpis",
        first("kpis", (pl.col("name") == "load_utilisation_cube") & (pl.col("grain") == "network"),
              numerator=pl.col("denominator"), value=pl.lit(1.0)),
    ),
    "a KPI missing": (
        "small", "kpis",
        drop_first("kpis", (pl.col("name") == "cost_per_package") & (pl.col("grain") == "network")),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("world", "rule", "broken"), BREAKS.values(), ids=BREAKS)
def test_the_auditor_sees_a_broken_rule(
    world: str, rule: str, broken: Change, request: pytest.FixtureRequest
) -> None:
    run = Run.read(request.getfixturevalue(world))
    before = of_rule(audit(run), rule)
    tables = dict(run.tables)
    broken(tables)
    after = of_rule(audit(replace(run, tables=tables)), rule)
    assert set(after) - set(before)


def of_rule(faults: list[str], rule: str) -> list[str]:
    return [fault for fault in faults if fault.startswith(f"{rule}: ")]


CONNECTIONS = {
    "made": (0, False),
    "missed by a minute": (1, True),
}


@pytest.mark.parametrize(("late_min", "seen"), CONNECTIONS.values(), ids=CONNECTIONS)
def test_a_transfer_needs_a_wave_between_its_legs(own: Path, late_min: int, seen: bool) -> None:
    """A parcel of the own network changes in Dallas, at the last cut-off or just after it."""
    run = Run.read(own)
    night = dt.datetime(2026, 12, 24, 8, 30, tzinfo=dt.UTC)  # cut-off 02:30 in Dallas
    legs = pl.DataFrame(
        {
            "parcel_id": ["P-T", "P-T"],
            "seq": [1, 2],
            "load_id": ["L-1", "L-2"],
            "from": ["LAX", "DFW"],
            "to": ["DFW", "EWR"],
            "departs_at": [night - 30 * HOUR, night + 90 * MINUTE],
            "arrives_at": [night + late_min * MINUTE, night + 30 * HOUR],
        },
    ).with_columns(pl.col("departs_at", "arrives_at").dt.cast_time_unit("us"))
    tables = dict(run.tables)
    tables["legs"] = legs.with_columns(
        actual_departs_at=pl.lit(None, legs.schema["departs_at"]),
        actual_arrives_at=pl.lit(None, legs.schema["departs_at"]),
    )
    faults = of_rule(audit(replace(run, tables=tables)), "connections")
    assert bool(faults) == seen


def test_uninsured_and_overbooked_carriers_are_seen(small: Path) -> None:
    run = Run.read(small)
    carriers = run.network("carriers").with_columns(
        insurance_expires=pl.lit(dt.date(2026, 1, 1)), daily_capacity=pl.lit(1.0)
    )
    faults = audit(replace(run, network_tables=run.network_tables | {"carriers": carriers}))
    assert of_rule(faults, "insurance")
    assert of_rule(faults, "carrier capacity")


def test_a_closed_day_is_seen(small: Path) -> None:
    run = Run.read(small)
    calendars = run.network("calendars").with_columns(
        open=pl.when(pl.col("weekday") == 3).then(pl.lit(value=False)).otherwise("open")
    )
    faults = audit(replace(run, network_tables=run.network_tables | {"calendars": calendars}))
    assert of_rule(faults, "delivery days")
    assert of_rule(faults, "service due")


def test_a_service_that_the_network_files_do_not_offer_is_seen(small: Path) -> None:
    run = Run.read(small)
    lanes = run["parcels"].select(
        "origin_facility_id", "service", zip3=pl.col("zip5").str.slice(0, 3),
        offered=~pl.col("service_offered"),
    ).head(1)  # fmt: skip
    faults = audit(replace(run, network_tables=run.network_tables | {"service_lanes": lanes}))
    assert of_rule(faults, "service")


def test_a_zip_with_rows_of_its_own_is_not_served_by_those_of_its_prefix(small: Path) -> None:
    run = Run.read(small)
    coverage = run.network("coverage")
    assert not of_rule(audit(run), "coverage")
    by_prefix = run["parcels"].filter(~pl.col("zip5").is_in(coverage["zip"].implode()))
    row = coverage.head(1).with_columns(zip=pl.lit(by_prefix["zip5"][0]))
    longer = {"coverage": pl.concat([coverage, row.with_columns(carrier_id=pl.lit("OTHER"))])}
    assert of_rule(audit(replace(run, network_tables=run.network_tables | longer)), "coverage")


def test_csv_files_say_the_same_as_the_run_keeps(own: Path, own_network: Path) -> None:
    kept, given = read_network(own / "network"), read_network(own_network)
    for name in ("facilities", "sort_waves", "rates", "carriers", "vehicles", "coverage"):
        same = [column for column in given[name].columns if column in kept[name].columns]
        assert given[name].select(same).rows() == kept[name].select(same).rows()


def test_a_rule_broken_often_is_told_in_few_lines() -> None:
    faults = Faults()
    faults.add_each("rule", (f"fault {number}" for number in range(TOLD_A_RULE + 5)))
    lines = faults.lines()
    assert len(lines) == TOLD_A_RULE + 1
    assert lines[-1] == "rule: and 5 more (25 in all)"


def test_the_command_line_tells_faults_and_exits_1(small: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "checker", str(small)]
    told = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=Path(__file__).parent
    )
    faults = check_run(small)
    assert told.stdout.splitlines() == (faults or ["no fault found"])
    assert told.returncode == (1 if faults else 0)
