import polars as pl
import pytest
from polars.testing import assert_frame_equal

from crossdock.measure import RunSummary, cost_by_kind, network_kpi, plan_kpis, summarize
from crossdock.model.tables import KPIS, LOADS, RUN_TABLES, conform, empty
from synthetic_run import SyntheticRun, build_run


@pytest.fixture(scope="module")
def run() -> SyntheticRun:
    return build_run()


@pytest.fixture(scope="module")
def kpis(run: SyntheticRun) -> pl.DataFrame:
    return plan_kpis(run.tables)


def test_kpis_have_their_schema_and_one_row_a_name_at_network_grain(kpis: pl.DataFrame) -> None:
    assert dict(kpis.schema) == dict(pl.Schema(KPIS))
    network = kpis.filter(pl.col("grain") == "network")
    assert network["key"].unique().to_list() == ["all"]
    assert network["name"].is_unique().all()


def test_value_is_numerator_over_denominator_exactly(kpis: pl.DataFrame) -> None:
    told = kpis.filter(pl.col("denominator") != 0)
    assert (told["value"] == told["numerator"] / told["denominator"]).all()


def test_on_time_counts_parcels_without_an_eta_as_late(
    run: SyntheticRun, kpis: pl.DataFrame
) -> None:
    on_time = sum(
        row["eta_p50"] is not None and row["eta_p50"] <= row["service_due_at"]
        for row in run.tables["parcels"].to_dicts()
    )
    assert network_kpi(kpis, "planned_on_time_service") == on_time / 300


def test_cost_per_package_and_its_parts_sum_to_the_ledger(
    run: SyntheticRun, kpis: pl.DataFrame
) -> None:
    parts = sum(
        network_kpi(kpis, f"cost_per_package_{part}") or 0.0
        for part in ("pickup", "handling", "linehaul", "lastmile", "injection")
    )
    ledger = sum(cost_by_kind(run.tables).values())
    assert parts == pytest.approx(ledger / 300)
    assert network_kpi(kpis, "cost_per_package") == pytest.approx(ledger / 300)


def test_injection_is_what_partners_charge_for_handed_over_parcels(
    run: SyntheticRun, kpis: pl.DataFrame
) -> None:
    charged = run.tables["handoffs"]["cost_usd"].sum()
    assert network_kpi(kpis, "cost_per_package_injection") == pytest.approx(charged / 300)


def test_fill_is_weighted_by_distance() -> None:
    loads = pl.DataFrame(
        {
            "load_id": ["a", "b", "c"],
            "kind": ["loaded", "bought", "empty"],
            "from": ["X", "X", "Y"],
            "to": ["Y", "Z", "X"],
            "miles": [100.0, 900.0, 100.0],
            "volume_m3": [10.0, 20.0, 0.0],
            "weight_kg": [100.0, 400.0, 0.0],
            "cube_share": [0.5, 1.0, 0.0],
            "weight_share": [0.1, 0.8, 0.0],
            "cost_usd": [100.0, 900.0, 90.0],
        }
    )
    kpis = plan_kpis({"loads": conform(loads, LOADS)})
    assert network_kpi(kpis, "load_utilisation_cube") == pytest.approx(
        (10 * 100 + 20 * 900) / (20 * 100 + 20 * 900)
    )
    assert network_kpi(kpis, "load_utilisation_weight") == pytest.approx(
        (100 * 100 + 400 * 900) / (1000 * 100 + 500 * 900)
    )
    assert network_kpi(kpis, "empty_miles_share") == pytest.approx(100 / 1100)


def test_stops_per_hour_counts_gate_out_to_gate_in(run: SyntheticRun, kpis: pl.DataFrame) -> None:
    tours = run.tables["tours"]
    hours = (tours["returns_at"] - tours["departs_at"]).dt.total_seconds().sum() / 3600
    assert network_kpi(kpis, "stops_per_hour") == pytest.approx(tours["stops"].sum() / hours)


@pytest.mark.parametrize("grain", ["service", "lane", "facility", "carrier", "delivery_mode"])
def test_a_grain_sums_to_the_network(kpis: pl.DataFrame, grain: str) -> None:
    of_cost = kpis.filter(pl.col("name") == "cost_per_package")
    whole = of_cost.filter(pl.col("grain") == "network").row(0, named=True)
    parts = of_cost.filter(pl.col("grain") == grain)
    assert parts["numerator"].sum() == pytest.approx(whole["numerator"])
    assert parts["denominator"].sum() == whole["denominator"]


def test_an_empty_run_has_null_kpis() -> None:
    kpis = plan_kpis({name: empty(schema) for name, schema in RUN_TABLES.items()})
    assert kpis["value"].null_count() == kpis.height > 0


def test_kpis_do_not_depend_on_the_order_of_rows(run: SyntheticRun, kpis: pl.DataFrame) -> None:
    shuffled = {name: frame.reverse() for name, frame in run.tables.items()}
    assert_frame_equal(plan_kpis(shuffled), kpis, check_exact=False)


def test_a_summary_survives_its_manifest(run: SyntheticRun) -> None:
    summary = summarize(run.tables, run.network)
    assert RunSummary.from_dict(summary.as_dict()) == summary
    assert summary.cost_usd == pytest.approx(run.tables["parcels"]["cost_usd"].sum())
