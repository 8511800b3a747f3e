import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.measure import PlanRecord, cost_causes, diff_runs, network_changes
from crossdock.measure.ledger import LEDGER_KINDS, LastMileUse, RunSummary, StepUse
from crossdock.model.network import Network
from crossdock.model.tables import KPIS
from synthetic_run import SyntheticRun, build_network, build_run

MONEY = st.floats(0, 1e6)
WORK = st.floats(1, 1e6)


def summaries() -> st.SearchStrategy[RunSummary]:
    steps = st.lists(
        st.builds(StepUse, st.sampled_from(["pallet", "box", "trailer"]), MONEY, WORK, WORK),
        unique_by=lambda use: use.step,
    )
    lastmile = st.builds(LastMileUse, WORK, WORK, st.integers(0, 99), MONEY, MONEY, MONEY, MONEY)
    return st.builds(
        _whole, st.integers(1, 1000), st.lists(MONEY, min_size=5, max_size=5), steps, lastmile
    )


def _whole(
    parcels: int, amounts: list[float], steps: list[StepUse], lastmile: LastMileUse
) -> RunSummary:
    plain = [kind for kind in LEDGER_KINDS if kind not in {"linehaul", "lastmile"}]
    by_kind = dict(zip(plain, amounts, strict=True)) | {
        "linehaul": sum(use.cost_usd for use in steps),
        "lastmile": lastmile.hours_usd
        + lastmile.miles_usd
        + lastmile.vehicles_usd
        + lastmile.carriers_usd,
    }
    return RunSummary("run", parcels, 0, by_kind, tuple(steps), lastmile, {})


@settings(max_examples=60, deadline=None)
@given(summaries(), summaries())
def test_causes_always_sum_to_the_difference(before: RunSummary, after: RunSummary) -> None:
    causes = cost_causes(before, after)
    scale = before.cost_usd + after.cost_usd + before.cost_usd * after.parcels / before.parcels
    assert causes["difference_usd"].sum() == pytest.approx(
        after.cost_usd - before.cost_usd, abs=1e-6 + 1e-6 * scale
    )


def test_a_run_differs_from_itself_by_nothing(record: PlanRecord) -> None:
    diff = diff_runs(record, record)
    assert diff.causes["difference_usd"].abs().max() == pytest.approx(0.0, abs=1e-6)
    for frame in (diff.promises, diff.lanes, diff.metros, diff.inputs, diff.settings):
        assert frame.is_empty()
    assert "the same network" in diff.text


def test_a_dearer_rate_alone_is_named_as_the_cause(run: SyntheticRun, record: PlanRecord) -> None:
    dearer = _with_linehaul_at(run, 1.25)
    diff = diff_runs(record, PlanRecord("b", dearer, {}, run.network))
    by_cause = dict(diff.causes.select("cause", "difference_usd").iter_rows())
    told = run.tables["ledger"].filter(pl.col("kind") == "linehaul")["cost_usd"].sum()
    assert by_cause["Line-haul rates"] == pytest.approx(0.25 * told)
    assert diff.cost_difference_usd == pytest.approx(0.25 * told)
    assert by_cause["Line-haul fill"] == pytest.approx(0.0, abs=1e-6)


def test_the_diff_reads_reasons_from_both_runs(run: SyntheticRun, record: PlanRecord) -> None:
    other = build_run(280, 8)
    diff = diff_runs(record, PlanRecord("b", other.tables, other.manifest, other.network))
    reasons = diff.lanes.filter(pl.col("reason_a") != "")
    assert reasons.height > 0
    assert "break-even" in diff.text
    assert diff.parcels_only_a == 20
    assert ("seed", "7", "8") in diff.settings.rows()


def test_promises_gained_and_lost_are_counted_by_lane(
    run: SyntheticRun, record: PlanRecord
) -> None:
    parcels = run.tables["parcels"].with_columns(
        eta_p50=pl.when(pl.col("origin_facility_id") == "LAX")
        .then(pl.col("service_due_at").dt.offset_by("1h"))
        .otherwise("eta_p50")
    )
    late = run.tables | {"parcels": parcels}
    promises = diff_runs(record, PlanRecord("b", late, {}, run.network)).promises
    assert promises["service_gained"].sum() == 0
    assert promises["service_lost"].sum() > 0
    assert promises["lane"].str.starts_with("LAX-").all()


def test_a_changed_rate_is_told_with_its_row() -> None:
    changes = network_changes(build_network(2.26), build_network(2.60))
    rates = changes.filter(pl.col("file") == "rates")
    assert rates["text"].to_list() == ["rates row 1 (own linehaul mile): rate_usd 2.26 -> 2.6"]


def test_rows_that_come_and_go_are_told() -> None:
    network = build_network()
    fewer = Network(dict(network.tables) | {"carriers": network["carriers"].head(2)})
    gone = network_changes(network, fewer)
    assert gone["text"].to_list() == ["carriers row 3 (usps) removed"]
    assert network_changes(fewer, network)["text"].to_list() == ["carriers row 3 (usps) added"]


def _with_linehaul_at(run: SyntheticRun, factor: float) -> dict[str, pl.DataFrame]:
    dearer = pl.when(pl.col("kind") == "linehaul").then(pl.col("cost_usd") * factor)
    ledger = run.tables["ledger"].with_columns(dearer.otherwise("cost_usd").alias("cost_usd"))
    return run.tables | {"ledger": ledger}


@pytest.fixture(scope="module")
def run() -> SyntheticRun:
    return build_run()


@pytest.fixture(scope="module")
def record(run: SyntheticRun) -> PlanRecord:
    return PlanRecord("a", run.tables, run.manifest, run.network)


def _what_happened(lanes: dict[str, tuple[int, int]], causes: list[str]) -> dict[str, pl.DataFrame]:
    """KPIs of (on time, parcels) by lane, at $2 a parcel, and one late parcel a cause."""
    whole = {"all": tuple(map(sum, zip(*lanes.values(), strict=True)))}
    rows = [
        (name, grain, key, float(above), float(of), above / of, unit)
        for grain, parts in (("network", whole), ("lane", lanes))
        for key, (kept, of) in parts.items()
        for name, above, unit in (("on_time_delivery", kept, "share"),
                                  ("cost_per_package", 2 * of, "usd"))
    ]  # fmt: skip
    late = {"parcel_id": [f"P{number}" for number in range(len(causes))], "cause": causes}
    return {
        "kpis": pl.DataFrame(rows, schema=list(KPIS), orient="row"),
        "lateness": pl.DataFrame(late, schema={"parcel_id": pl.String, "cause": pl.String}),
    }


def test_what_happened_is_compared_where_both_were_played(
    run: SyntheticRun, record: PlanRecord
) -> None:
    a, b = (
        PlanRecord(name, run.tables, {}, run.network, lived)
        for name, lived in (
            ("a", _what_happened({"X-Y": (90, 100), "X-Z": (80, 100)}, ["slow_road"])),
            ("b", _what_happened({"X-Y": (285, 300), "X-Z": (50, 100)}, ["lost", "lost"])),
        )
    )
    diff = diff_runs(a, b)
    assert diff.lived is not None
    (change,) = diff.lived.kpis.filter(pl.col("name") == "on_time_delivery")["difference"]
    drivers = diff.lived.drivers["on_time_delivery"]
    assert drivers["total"].sum() == pytest.approx(change) == pytest.approx(335 / 400 - 0.85)
    assert diff.lived.drivers["cost_per_package"]["total"].sum() == pytest.approx(0.0)
    assert diff.lived.late.rows() == [("lost", 0, 2, 2), ("slow_road", 1, 0, -1)]
    assert "by the mix of lanes" in diff.text
    assert diff_runs(a, record).lived is None
    assert "What happened" not in diff_runs(a, record).text
