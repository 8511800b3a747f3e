"""KPIs of a run from their parts, one cause a late parcel, and why a ratio changed."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import told_days as day
from crossdock.measure import network_kpi
from crossdock.measure.actual import (
    CAUSES,
    EXCUSES,
    actual_tables,
    kpi_drivers,
    late_causes,
    read_log,
    run_kpis,
    share_text,
    wilson,
)
from crossdock.model import InvalidValueError
from crossdock.model.tables import EXCEPTIONS, KPIS, conform
from told_days import (
    CREW,
    at,
    delivered,
    door,
    line_haul,
    partner,
    rerouted,
    tell,
    van,
    without,
)

LATE = 50.0
"""Hours after noon: long after every promise."""


def measured(told: list[day.Told], **plan: pl.DataFrame) -> dict[str, pl.DataFrame]:
    whole, log = {**day.plan(), **plan}, read_log(day.log(told))
    tables = {**whole, **actual_tables(whole, log, day.network())}
    tables["lateness"] = late_causes(tables, log)
    tables["kpis"] = run_kpis(tables, log, plan=whole)
    return tables


def kpi(tables: dict[str, pl.DataFrame], name: str) -> tuple[float, float]:
    rows = tables["kpis"].filter((pl.col("name") == name) & (pl.col("grain") == "network"))
    assert rows.height == 1, name
    return rows["numerator"][0], rows["denominator"][0]


def not_home(parcel: str = "P1", **other: object) -> list[day.Told]:
    """A failed attempt in time; a delivery the day after the promise."""
    why = {"reason": "not_home", "owner": "consignee", **other}
    return [
        *without(day.all_well(), kind="delivered", parcel=parcel),
        *door(parcel, 25.25, attempt=1, **why),
        *van("R9", 49.0, parcels=(parcel,)),
        *door(parcel, LATE, route="R9"),
    ]


def next_day(*told: day.Told) -> list[day.Told]:
    """P1 comes to its door a day late, whatever happened before."""
    return [*told, *van("R9", 49.0, parcels=("P1",)), *door("P1", LATE, route="R9")]


class TestKpis:
    def test_have_their_schema_and_divide_exactly(self) -> None:
        kpis = measured(not_home())["kpis"]
        assert dict(kpis.schema) == dict(pl.Schema(KPIS))
        assert not kpis.select("name", "grain", "key").is_duplicated().any()
        told = kpis.filter(pl.col("denominator") != 0)
        assert (told["value"] == told["numerator"] / told["denominator"]).all()
        assert kpis.filter(pl.col("denominator") == 0)["value"].null_count() == (
            kpis.filter(pl.col("denominator") == 0).height
        )

    def test_a_day_as_planned_is_all_on_time(self) -> None:
        tables = measured(day.all_well())
        for name in ("on_time_delivery", "on_time_delivery_net", "on_time_service"):
            assert kpi(tables, name) == (5, 5)
        assert kpi(tables, "first_attempt_success") == (5, 5)
        assert kpi(tables, "on_time_departure_15") == (2, 2)
        assert kpi(tables, "scan_compliance") == (5, 5)
        assert kpi(tables, "stops_per_hour") == (4, 2)
        assert kpi(tables, "plan_deviation_route_hours") == (2, 2)
        assert tables["lateness"].is_empty()

    def test_every_accepted_parcel_is_in_the_gross_figure_and_the_excused_not_in_the_net(
        self,
    ) -> None:
        told = without(not_home(), kind="delivered", parcel="P2")
        tables = measured([*told, tell("lost", 150, parcel="P2")])
        assert kpi(tables, "on_time_delivery") == (3, 5)
        assert kpi(tables, "on_time_delivery_net") == (3, 4)
        assert kpi(tables, "late_excused_consignee") == (1, 5)
        assert kpi(tables, "late_excused_weather") == (0, 5)
        assert kpi(tables, "loss_rate") == (1, 5)
        assert kpi(tables, "eta_coverage_p95") == (3, 5)

    def test_first_attempt_counts_parcels_with_an_attempt(self) -> None:
        assert kpi(measured(not_home()), "first_attempt_success") == (4, 5)
        told = without(day.all_well(), kind="delivered", parcel="P1")
        assert kpi(measured(told), "first_attempt_success") == (4, 4)

    def test_parts_of_the_cost_sum_to_the_cost(self) -> None:
        told = without(not_home(), kind="delivered", parcel="P2")
        tables = measured([*told, tell("destroyed", 30, parcel="P2", place="B")])
        whole = network_kpi(tables["kpis"], "cost_per_package")
        parts = tables["kpis"].filter(
            pl.col("name").str.starts_with("cost_per_package_") & (pl.col("grain") == "network")
        )
        assert parts["value"].sum() == pytest.approx(whole)
        assert kpi(tables, "cost_per_package_claim") == (day.VALUES["P2"], 5)

    def test_fill_counts_what_rode_and_only_loads_that_ran(self) -> None:
        told = [*without(day.all_well(), load_id="L2"), tell("load_cancelled", 13, load_id="L2")]
        tables = measured([event for event in told if event[2].get("parcel") != "P1"])
        # P1 (0.1 m3) is not on L1, of whose 3 m3 the plan fills half; L2 does not run
        above, below = kpi(tables, "load_utilisation_cube")
        assert (above, below) == (pytest.approx(1.4 * 100), pytest.approx(3 * 100))
        assert kpi(tables, "empty_miles_share") == (0, 100)
        assert kpi(tables, "plan_deviation_linehaul_miles") == (100, 200)

    def test_fifteen_minutes_are_on_time_and_sixteen_are_not(self) -> None:
        told = without(day.all_well(), kind="load_departed")
        late = [
            tell("load_departed", 6 + 15 / 60, load_id="L1"),
            tell("load_departed", 14 + 16 / 60, load_id="L2"),
        ]
        tables = measured([*told, *late])
        assert kpi(tables, "on_time_departure_15") == (1, 2)
        assert kpi(tables, "on_time_arrival_15") == (2, 2)

    def test_missed_scans_are_seen_by_checkpoint(self) -> None:
        told = without(day.all_well(), kind="departed_facility", parcel="P1", load_id="L1")
        tables = measured(told)
        assert kpi(tables, "scan_compliance") == (4, 5)
        assert kpi(tables, "scan_compliance_departed") == (9, 10)
        assert kpi(tables, "scan_compliance_arrived") == (10, 10)

    def test_transit_is_from_the_pick_up_to_the_first_attempt(self) -> None:
        days = [(25.25 + 0.25 * number - 2) / 24 for number in range(4)] + [(30 - 2) / 24]
        above, below = kpi(measured(not_home()), "transit_days")
        assert (above, below) == (pytest.approx(sum(days)), 5)
        assert kpi(measured(not_home()), "transit_days_p50")[0] == pytest.approx(days[2])

    def test_exceptions_are_counted_by_thousand_and_by_kind(self) -> None:
        rows = [
            {"exception_id": f"X-{number}", "kind": "late", "subject": each, "parcel_id": each}
            for number, each in enumerate(("P1", "P1", "P2", None))
        ]
        opened = conform(pl.DataFrame(rows), EXCEPTIONS)
        kpis = measured(day.all_well(), exceptions=opened)["kpis"]
        assert network_kpi(kpis, "exceptions_per_1000") == pytest.approx(4 / 0.005)
        assert network_kpi(kpis, "exceptions_per_1000_late") == pytest.approx(4 / 0.005)
        of_service = kpis.filter(
            (pl.col("name") == "exceptions_per_1000") & (pl.col("grain") == "service")
        )
        assert of_service["numerator"].to_list() == [3.0]

    def test_grains_sum_to_the_network(self) -> None:
        kpis = measured(not_home())["kpis"]
        for grain in ("service", "lane", "facility", "carrier", "day", "delivery_mode"):
            for name in ("on_time_delivery", "cost_per_package", "first_attempt_success"):
                rows = kpis.filter((pl.col("name") == name) & (pl.col("grain") == grain))
                whole = kpis.filter((pl.col("name") == name) & (pl.col("grain") == "network"))
                for side in ("numerator", "denominator"):
                    assert rows[side].sum() == pytest.approx(whole[side][0])

    def test_what_is_known_of_the_plan_alone_is_kept(self) -> None:
        row = {"name": "offered_share", "grain": "network", "key": "all", "numerator": 4.0,
               "denominator": 5.0, "value": 0.8, "unit": "share"}  # fmt: skip
        old = row | {"name": "cost_per_package"}
        tables = measured(day.all_well(), kpis=conform(pl.DataFrame([row, old]), KPIS))
        assert kpi(tables, "offered_share") == (4, 5)
        assert kpi(tables, "cost_per_package")[0] != 4


def missing_l2(*instead: day.Told) -> list[day.Told]:
    """P1 misses L2 and rides X; what else is told, then its door a day late."""
    told = without(rerouted(), kind="delivered", parcel="P1")
    return next_day(*without(told, kind="out_for_delivery", parcel="P1"), *instead)


def late_l1(hours: float) -> list[day.Told]:
    """`missing_l2` because L1 came later than planned."""
    told = without(missing_l2(), kind="load_arrived", load_id="L1")
    return [*told, tell("load_arrived", 10 + hours, load_id="L1", place="H")]


def no_scan_of(kind: str) -> list[day.Told]:
    return without(day.all_well(), kind=kind, parcel="P1")


STORIES: dict[str, tuple[list[day.Told], str, str, str | None]] = {
    "lost": ([*no_scan_of("delivered"), tell("lost", 150, parcel="P1")], "lost", "carrier", None),
    "destroyed": (
        [*no_scan_of("delivered"), tell("destroyed", 30, parcel="P1")], "destroyed", "carrier",
        None,
    ),
    "refused": (
        [
            *no_scan_of("delivered"),
            tell("returning", 30, parcel="P1", place="B", reason="refused", owner="consignee"),
            tell("returned", 90, parcel="P1", place="A"),
        ],
        "returned", "consignee", "consignee",
    ),
    "moved": (
        [
            *no_scan_of("delivered"),
            tell("returning", 30, parcel="P1", place="B", reason="moved", owner="shipper"),
            tell("returned", 90, parcel="P1", place="A"),
        ],
        "returned", "shipper", "address",
    ),
    "still open": (no_scan_of("delivered"), "open_exception", "carrier", None),
    "not home": (not_home(), "attempt_not_home", "consignee", "consignee"),
    "a wrong address": (
        not_home(reason="address", owner="shipper"), "attempt_address", "shipper", "address",
    ),
    "an unsafe door": (
        not_home(reason="unsafe", owner="carrier"), "attempt_unsafe", "carrier", None,
    ),
    "the shift ended": (next_day(*no_scan_of("delivered")), "out_of_shift", "carrier", None),
    "the van broke down": (
        next_day(*no_scan_of("delivered"), tell("vehicle_down", 26, route_id="R1")),
        "breakdown", "carrier", None,
    ),
    "the route was slow": (
        [*no_scan_of("delivered"), *door("P1", 37)], "slow_route", "carrier", None,
    ),
    "not ready at the merchant": (
        missing_l2(tell("pickup_failed", 1, parcel="P1", owner="shipper")), "late_pickup",
        "shipper", None,
    ),
    "on a wrong load": (
        missing_l2(tell("missorted", 15, parcel="P1", place="A", expected="B")), "missort",
        "carrier", None,
    ),
    "its load cancelled": (
        missing_l2(tell("load_cancelled", 13, load_id="L2")), "load_cancelled", "carrier", None,
    ),
    "a full sorter": (missing_l2(), "late_sort", "carrier", None),
    "late, but before the cut-off": (late_l1(0.9), "late_sort", "carrier", None),
    "a connection missed": (late_l1(1.5), "missed_connection", "carrier", None),
    "a no-show": (
        [*late_l1(5), tell("load_delayed", 6, load_id="L1", owner="carrier",
                           reason="carrier did not come, a replacement does")],
        "no_show", "carrier", None,
    ),
    "a late driver": (
        [*late_l1(2), tell("load_delayed", 6, load_id="L1", owner="carrier",
                           reason="driver is late")],
        "late_driver", "carrier", None,
    ),
    "a truck that broke down on a slow road": (
        [*late_l1(5), tell("vehicle_down", 8, load_id="L1", reason="breakdown"),
         tell("load_delayed", 8, load_id="L1", owner="carrier", reason="slow on the road")],
        "breakdown", "carrier", None,
    ),
    "a storm": (
        [*late_l1(5), tell("load_delayed", 8, load_id="L1", owner="weather", reason="weather")],
        "weather", "weather", "weather",
    ),
}  # fmt: skip


class TestCauses:
    @pytest.mark.parametrize(("told", "cause", "owner", "excused"), STORIES.values(), ids=STORIES)
    def test_one_cause_for_the_late_parcel(
        self, told: list[day.Told], cause: str, owner: str, excused: str | None
    ) -> None:
        rows = measured(told)["lateness"]
        assert rows["parcel_id"].to_list() == ["P1"]
        assert rows.select("cause", "owner", "excused").row(0) == (cause, owner, excused)
        assert cause in CAUSES or (cause.startswith("attempt_") and "attempt_*" in CAUSES)

    def test_says_where_and_how_late(self) -> None:
        row = measured(late_l1(1.5))["lateness"].row(0, named=True)
        assert (row["facility_id"], row["load_id"]) == ("H", "L1")
        assert row["minutes_late"] == pytest.approx((LATE - 36) * 60)
        assert measured(not_home())["lateness"]["route_id"].to_list() == ["R1"]

    def test_the_last_load_late_on_the_road_is_a_slow_road(self) -> None:
        told = without(without(day.all_well(), kind="delivered"), kind="out_for_delivery")
        told = without(told, kind="load_arrived", load_id="L2")
        told = [*told, tell("load_arrived", 24, load_id="L2", place="B"), *partner()]
        again = [
            *van("R9", 49.0),
            *(event for each in CREW for event in door(each, LATE, route="R9")),
        ]
        causes = measured([*told, *again])["lateness"]
        assert causes["cause"].to_list() == ["slow_road"] * 4

    def test_a_partner_that_had_it_in_time_slipped(self) -> None:
        slow = [*line_haul(), *van(), *delivered(), *partner(delivered=60)]
        row = measured(slow)["lateness"].row(0, named=True)
        assert (row["parcel_id"], row["cause"]) == ("U1", "partner_slip")

    def test_a_plan_that_was_late_is_no_fault_of_the_day(self) -> None:
        parcels = day.plan()["parcels"].with_columns(
            promised_at=pl.lit(at(20)).dt.cast_time_unit("us"),
            service_offered=pl.col("parcel_id") != "P1",
        )
        causes = dict(
            measured(day.all_well(), parcels=parcels)["lateness"]
            .select("parcel_id", "cause")
            .iter_rows()
        )
        assert causes == dict.fromkeys((*CREW, "U1"), "planned_late") | {"P1": "never_offered"}

    def test_lateness_may_be_asked_of_the_service(self) -> None:
        events = day.log(day.all_well())
        plan = day.plan()
        plan["parcels"] = plan["parcels"].with_columns(
            service_due_at=pl.when(pl.col("parcel_id") == "P1")
            .then(pl.lit(at(1)).dt.cast_time_unit("us"))
            .otherwise("service_due_at")
        )
        tables = {**plan, **actual_tables(plan, events, day.network())}
        assert late_causes(tables, events).is_empty()
        assert late_causes(tables, events, due="service_due_at")["parcel_id"].to_list() == ["P1"]

    def test_excused_late_parcels_are_the_ones_the_net_figure_leaves_out(self) -> None:
        for story in ("a storm", "not home", "moved", "a full sorter"):
            tables = measured(STORIES[story][0])
            gross, net = kpi(tables, "on_time_delivery"), kpi(tables, "on_time_delivery_net")
            excused = sum(kpi(tables, f"late_excused_{name}")[0] for name in EXCUSES)
            assert net == (gross[0], gross[1] - excused)


class TestIntervals:
    @pytest.mark.parametrize(
        ("numerator", "denominator", "low", "high"),
        [
            (8, 10, 0.4902, 0.9433),
            (0, 10, 0.0, 0.2775),
            (10, 10, 0.7225, 1.0),
            (81, 263, 0.2553, 0.3662),
        ],
    )
    def test_wilson_as_published(
        self, numerator: float, denominator: float, low: float, high: float
    ) -> None:
        assert wilson(numerator, denominator) == pytest.approx((low, high), abs=2e-4)

    @given(st.integers(1, 10_000), st.floats(0, 1))
    def test_holds_the_share_within_0_and_1(self, denominator: int, share: float) -> None:
        numerator = round(share * denominator)
        interval = wilson(numerator, denominator)
        assert interval is not None
        low, high = interval
        assert 0 <= low <= numerator / denominator + 1e-12
        assert numerator / denominator - 1e-12 <= high <= 1

    def test_few_are_told_with_their_interval_and_many_without(self) -> None:
        assert share_text(8, 10) == "80.0 % (49.0-94.3)"
        assert share_text(380, 400) == "95.0 %"
        assert share_text(0, 0) == "-"
        assert wilson(0, 0) is None


PARTS = st.dictionaries(
    st.sampled_from("ABCDE"),
    st.tuples(st.floats(0, 1000), st.floats(0.5, 1000)),
    min_size=1,
)


def kpis_of(parts: dict[str, tuple[float, float]], name: str = "r") -> pl.DataFrame:
    sums = [sum(part[side] for part in parts.values()) for side in (0, 1)]
    rows = [("network", "all", *sums)] + [("lane", key, *part) for key, part in parts.items()]
    frame = pl.DataFrame(
        rows, schema=["grain", "key", "numerator", "denominator"], orient="row"
    ).with_columns(name=pl.lit(name), unit=pl.lit("share"))
    return conform(frame.with_columns(value=pl.col("numerator") / pl.col("denominator")), KPIS)


class TestDrivers:
    @given(PARTS, PARTS)
    def test_effects_sum_to_the_change(
        self, old: dict[str, tuple[float, float]], new: dict[str, tuple[float, float]]
    ) -> None:
        before, after = kpis_of(old), kpis_of(new)
        drivers = kpi_drivers(before, after, "r", "lane")
        change = (network_kpi(after, "r") or 0.0) - (network_kpi(before, "r") or 0.0)
        size = max(1.0, *(abs(part[0] / part[1]) for part in (*old.values(), *new.values())))
        assert drivers["total"].sum() == pytest.approx(change, abs=1e-9 * size)
        assert (drivers["mix"] + drivers["rate"]).to_list() == drivers["total"].to_list()

    def test_the_same_ratios_in_other_shares_are_all_mix(self) -> None:
        before = kpis_of({"good": (90.0, 100.0), "bad": (50.0, 100.0)})
        after = kpis_of({"good": (270.0, 300.0), "bad": (50.0, 100.0)})
        drivers = kpi_drivers(before, after, "r", "lane")
        assert drivers["rate"].to_list() == [0.0, 0.0]
        assert drivers["mix"].sum() == pytest.approx(0.8 - 0.7)

    def test_other_ratios_in_the_same_shares_are_all_rate(self) -> None:
        before = kpis_of({"a": (90.0, 100.0), "b": (50.0, 100.0)})
        after = kpis_of({"a": (80.0, 100.0), "b": (60.0, 100.0)})
        drivers = kpi_drivers(before, after, "r", "lane")
        assert drivers["mix"].to_list() == pytest.approx([0.0, 0.0])
        assert dict(drivers.select("key", "rate").iter_rows()) == pytest.approx(
            {"a": -0.05, "b": 0.05}
        )

    def test_what_a_grain_does_not_name_is_a_part_too(self) -> None:
        some = pl.col("key") != "b"
        before = kpis_of({"a": (9.0, 10.0), "b": (5.0, 10.0)}).filter(some)
        after = kpis_of({"a": (9.0, 10.0), "b": (7.0, 10.0)}).filter(some)
        drivers = kpi_drivers(before, after, "r", "lane")
        assert drivers["total"].sum() == pytest.approx(0.1)
        assert drivers["key"][0] == "(others)"

    def test_a_plan_may_have_another_name_for_it(self) -> None:
        before, after = kpis_of({"a": (9.0, 10.0)}, "planned"), kpis_of({"a": (8.0, 10.0)})
        drivers = kpi_drivers(before, after, "r", "lane", before_name="planned")
        assert drivers["rate"].to_list() == pytest.approx([-0.1])

    def test_a_ratio_that_is_not_there_is_refused(self) -> None:
        with pytest.raises(InvalidValueError, match="before has no"):
            kpi_drivers(kpis_of({"a": (1.0, 2.0)}), kpis_of({"a": (1.0, 2.0)}), "no", "lane")


def test_local_days_are_those_of_the_place() -> None:
    kpis = measured(day.all_well())["kpis"]
    days = kpis.filter((pl.col("grain") == "day") & (pl.col("name") == "on_time_delivery"))
    # 36 hours after noon UTC is midnight UTC, six in the evening in Chicago
    assert days["key"].to_list() == [(day.T0.date() + dt.timedelta(days=1)).isoformat()]
