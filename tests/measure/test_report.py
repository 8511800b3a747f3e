import re

import polars as pl
import pytest

from crossdock.measure import network_kpi, plan_kpis, summarize
from crossdock.measure.report import render_report
from crossdock.measure.report.figures import share, usd, usd_change
from crossdock.measure.report.projection import albers, on_map
from crossdock.model.network import Network
from crossdock.model.tables import RUN_TABLES, empty
from page_balance import Balance
from synthetic_run import PLACES, SyntheticRun, build_run

SCRIPT = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def run() -> SyntheticRun:
    return build_run()


@pytest.fixture(scope="module")
def page(run: SyntheticRun) -> str:
    return render_report(run.tables, run.manifest, run.network, baseline=build_run(290, 9).tables)


def test_the_page_refers_to_nothing_outside_itself(page: str) -> None:
    assert re.findall(r"(?:https?:)?//[\w.-]+\.\w+", page) == []
    assert re.findall(r"<(?:link|img|iframe|object|script\s+src)\b|@import|url\(", page) == []


def test_the_page_is_well_formed_and_its_anchors_exist(page: str) -> None:
    parser = Balance()
    parser.feed(page)
    assert parser.wrong == parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    assert set(parser.targets) <= set(parser.ids)


def test_the_page_shows_the_run_s_own_figures(run: SyntheticRun, page: str) -> None:
    kpis = plan_kpis(run.tables)
    assert usd(network_kpi(kpis, "cost_per_package")) in page
    assert share(network_kpi(kpis, "planned_on_time_service")) in page
    for lane in ("LAX-EWR", "DFW-DEN"):
        assert lane in page
    for route_id in run.tables["tours"]["route_id"]:
        assert page.count(f'data-route="{route_id}"') == 2


def test_causes_on_the_page_add_up_to_the_difference(run: SyntheticRun) -> None:
    baseline = summarize(build_run(290, 9).tables, run.network, name="baseline")
    page = render_report(run.tables, run.manifest, run.network, baseline=baseline)
    mine = summarize(run.tables, run.network)
    difference = mine.cost_usd / mine.parcels - baseline.cost_usd / baseline.parcels
    assert f"They add up to {usd_change(difference)}" in page
    told = re.findall(r'aria-hidden="true">[✓▲]</span> ([+−]?)\$([\d,.]+)<span class="hear">', page)
    total = sum(
        (-1 if sign == "−" else 1) * float(amount.replace(",", "")) for sign, amount in told
    )
    assert total == pytest.approx(difference, abs=0.005 * (len(told) + 1))


def test_without_a_baseline_the_page_says_how_to_get_one(run: SyntheticRun) -> None:
    page = render_report(run.tables, run.manifest, run.network)
    assert "--policy baseline" in page
    assert "than baseline" not in page


def test_markup_in_names_and_reasons_is_escaped(run: SyntheticRun) -> None:
    tables = dict(run.tables)
    tables["parcels"] = tables["parcels"].with_columns(
        merchant_id=pl.lit(SCRIPT), service=pl.lit(SCRIPT), service_offered=pl.lit(False)
    )
    tables["decisions"] = tables["decisions"].with_columns(
        subject=pl.lit(SCRIPT), reason=pl.lit(f"break-even {SCRIPT}")
    )
    tables["exceptions"] = tables["exceptions"].with_columns(evidence=pl.lit(SCRIPT))
    tables["loads"] = tables["loads"].with_columns(carrier_id=pl.lit(f'"><b>{SCRIPT}'))
    tables["tours"] = tables["tours"].with_columns(
        vehicle_type=pl.lit(SCRIPT), carrier_id=pl.lit(SCRIPT)
    )
    tables["rejects"] = pl.DataFrame({"reason": [SCRIPT]})
    facilities = run.network["facilities"].with_columns(name=pl.lit(SCRIPT))
    network = Network.of(dict(run.network.tables) | {"facilities": facilities})
    page = render_report(tables, {"assumptions": [SCRIPT], "policy": SCRIPT}, network)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert '"><b>' not in page


def test_an_empty_run_still_has_a_page() -> None:
    tables = {name: empty(schema) for name, schema in RUN_TABLES.items()}
    page = render_report(tables, {}, Network.of({}))
    assert "No parcel is planned" in page
    assert "No route is planned" in page
    assert page == render_report({}, {}, Network.of({}))


def test_the_page_is_the_same_for_the_same_run(run: SyntheticRun, page: str) -> None:
    again = build_run()
    assert page == render_report(
        again.tables, again.manifest, again.network, baseline=build_run(290, 9).tables
    )


def test_every_metro_lies_on_the_map_in_its_quarter() -> None:
    seattle, miami, newark = (albers(*PLACES[place][1:3]) for place in ("SEA", "MIA", "EWR"))
    assert all(on_map(*point) for point in (seattle, miami, newark))
    assert seattle[0] < 200
    assert seattle[1] < 150
    assert miami[1] > 450
    assert newark[0] > 800


def test_the_projection_agrees_with_the_outline_at_its_centre() -> None:
    assert albers(38.7, -96.6) == (487.5, 305.0)


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (-0.001, "$0.00"), (-1.5, "−$1.50"), (1234.5, "$1,234.50")]
)
def test_money_is_written_with_its_sign_before_the_dollar(value: float | None, text: str) -> None:
    assert usd(value) == text
