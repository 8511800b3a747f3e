"""The page of a run that was played: what happened first, then the plan as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from crossdock.measure.report import Lived, render_report
from crossdock.measure.report.figures import share, usd
from crossdock.measure.report.lived import Days, lived_content
from crossdock.measure.report.page import Page
from crossdock.measure.report.render import summarize
from crossdock.model.network import Network
from crossdock.operate.folded import fold_all
from crossdock.operate.tracking import PlanView
from crossdock.platform.cli.summary import print_played
from crossdock.platform.running import RunOutcome
from page_balance import Balance
from played_run import Played, planned, play, write
from synthetic_run import SyntheticRun, build_run

SCRIPT = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planned(tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture(scope="module")
def played(folder: Path) -> Played:
    found = play(folder)
    view = PlanView.of(found.plan, found.plan["orders"])
    ends_at = found.events["received_at"].max()
    folds = fold_all(found.events.iter_slices(50_000)).tables(view, ends_at)
    return Played(found.plan, found.network, found.events, {**found.tables, **folds})


@pytest.fixture(scope="module")
def page(played: Played) -> str:
    return rendered(played, played.tables)


@pytest.fixture(scope="module")
def content(played: Played) -> dict:
    return shown(played, played.tables)


def rendered(
    played: Played, tables: Mapping[str, pl.DataFrame], network: Network | None = None
) -> str:
    lived = Lived(tables, tables["events"])
    return render_report(played.plan, {}, network or played.network, lived=lived)


def shown(played: Played, tables: Mapping[str, pl.DataFrame]) -> dict:
    summary = summarize(played.plan, played.network)
    days = Days(
        Page(played.plan, {}, played.network, summary, None), Lived(tables, tables["events"])
    )
    return lived_content(days)


def kpi(played: Played, name: str) -> tuple[float, float, float]:
    rows = played.tables["kpis"].filter((pl.col("name") == name) & (pl.col("grain") == "network"))
    return rows.select("numerator", "denominator", "value").row(0)


def cards(page: str) -> dict[str, str]:
    head = page[: page.index('<section id="hours"')]
    return dict(re.findall(r"<dt>([^<]+)</dt>\s*<dd class=\"figure\">([^<]+)</dd>", head))


def test_the_cards_are_the_kpis(played: Played, page: str) -> None:
    told = cards(page)
    for label, name, write_as in (
        ("On time, as promised", "on_time_delivery", share),
        ("On time, excused left out", "on_time_delivery_net", share),
        ("On time, as the service says", "on_time_service", share),
        ("Cost per parcel", "cost_per_package", usd),
        ("Delivered at the first attempt", "first_attempt_success", share),
        ("Line-haul fill", "load_utilisation_cube", share),
    ):
        assert told[label] == write_as(kpi(played, name)[2]), label


def test_the_verdict_says_what_came_when_promised(played: Played, page: str) -> None:
    kept, of, value = kpi(played, "on_time_delivery")
    verdict = page[page.index('class="verdict"') : page.index('<dl class="cards')]
    assert f"{kept:,.0f} of {of:,.0f} parcels came when promised: {share(value)}" in verdict
    assert "The biggest cause of lateness" in verdict
    assert "Look first at" in verdict


def test_shares_of_few_have_their_interval(page: str) -> None:
    lead = page[: page.index('<section id="hours"')]
    assert len(re.findall(r"95 % sure: \d+\.\d–\d+\.\d %", lead)) == 4


def test_causes_sum_to_the_late_parcels(played: Played, page: str, content: dict) -> None:
    kept, of, _ = kpi(played, "on_time_delivery")
    late = content["late"]
    assert late["parcels"] == of - kept > 0
    for parts in (late["causes"], late["owners"]):
        assert sum(row["parcels"] for row in parts) == late["parcels"]
    assert sum(row["points"] for row in late["causes"]) == pytest.approx(100 * (1 - kept / of))
    subjects = sum(row["parcels"] for row in late["subjects"])
    assert subjects + late["parcels_left_out"] == late["parcels"]
    section = page[page.index('class="causes late-causes"') : page.index('class="note sum"')]
    bars = [int(text.replace(",", "")) for text in re.findall(r"<strong>([\d,]+) <span", section)]
    assert sum(bars) == late["parcels"]


def test_services_and_lanes_lose_the_same_parcels(played: Played, content: dict) -> None:
    on_time, late = content["on_time"], content["late"]["parcels"]
    by_service = [row["gross"] for row in on_time["services"]]
    assert sum(each.denominator - each.numerator for each in by_service) == late
    assert sum(row["late"] for row in on_time["lanes"]) + on_time["late_left_out"] == late


def test_every_parcel_ended_somewhere(played: Played, content: dict) -> None:
    ends = content["ends"]
    assert sum(row["parcels"] for row in ends["rows"]) == played.plan["parcels"].height


def test_what_the_days_added_sums_to_the_difference(played: Played, content: dict) -> None:
    money = content["money"]
    spent, parcels, value = kpi(played, "cost_per_package")
    assert money["actual"] == pytest.approx(value)
    assert money["actual"] * parcels == pytest.approx(spent)
    for rows in (money["parts"], money["changes"]):
        assert sum(row["usd"] for row in rows) == pytest.approx(money["difference"], abs=1e-5)
    for bar in money["bars"]:
        assert sum(bar["values"].values()) == pytest.approx(bar["total"])


def test_the_hours_hold_every_parcel(played: Played, content: dict) -> None:
    hours = content["hours"]
    rows = {row["name"]: row for row in hours["rows"]}
    picked = played.tables["journeys"]["picked_up_at"].count()
    assert rows["Picked up"]["total"] == picked
    delivered = played.tables["parcels"].filter(pl.col("final_state") == "delivered").height
    assert delivered - hours["after"] <= rows["Delivered"]["total"] <= delivered
    assert min(rows["On the road between facilities"]["values"]) >= 0
    for place, row in enumerate(hours["rows"]):
        if not row["level"]:
            by_day = sum(day["cells"][place] for day in hours["table"])
            assert by_day == sum(row["values"])


def test_loads_and_routes_are_counted_once(played: Played, content: dict) -> None:
    loads, routes = content["loads"], content["routes"]
    assert loads["planned"] == played.plan["loads"].height
    assert loads["added"] == played.tables["load_runs"]["added"].sum()
    for delay in loads["delays"]:
        assert sum(row["loads"] for row in delay["bins"]) == loads["planned"]
        in_time = sum(row["loads"] for row in delay["bins"] if row["on_time"])
        assert in_time == delay["kpi"].numerator
    every = loads["space"][-1]
    assert every["ran_fill"] == pytest.approx(kpi(played, "load_utilisation_cube")[2])
    assert every["ran_miles"] == pytest.approx(kpi(played, "empty_miles_share")[1])
    driven = played.tables["tours"]["departs_at"].count()
    assert routes["driven"] == driven
    assert routes["planned"] + routes["added"] - routes["not_driven"] == driven


def test_exceptions_and_incidents_are_those_of_the_tables(played: Played, content: dict) -> None:
    trouble, opened = content["trouble"], played.tables["exceptions"]
    assert sum(row["opened"] for row in trouble["kinds"]) == opened.height > 0
    assert sum(row["open"] for row in trouble["kinds"]) == opened["closed_at"].null_count()
    assert trouble["incidents_in_all"] == played.tables["incidents"].height
    assert len(trouble["incidents"]) <= 15


def test_coverage_is_that_of_the_kpis(played: Played, content: dict) -> None:
    cells = {
        cell["quantile"]: cell["share"] for cell in content["forecast"]["coverage"][0]["cells"]
    }
    for quantile in ("p80", "p95"):
        assert cells[quantile].value == pytest.approx(kpi(played, f"eta_coverage_{quantile}")[2])
    bands = content["forecast"]["bands"]
    assert sum(row["parcels"] for row in bands) == played.plan["parcels"].height


def test_the_plan_follows_as_it_was(played: Played, page: str) -> None:
    plan = render_report(played.plan, {}, played.network)
    sections = plan[plan.index('<section id="network"') : plan.index("</main>")]
    assert sections in page
    assert page.index("What happened to the orders") < page.index('<section class="part" id="plan"')


def test_a_plan_alone_looks_as_before() -> None:
    run: SyntheticRun = build_run()
    page = render_report(run.tables, run.manifest, run.network)
    assert page == render_report(run.tables, run.manifest, run.network, lived=None)
    for word in ("What happened", "lived-cards", "hour-rows", 'id="plan"'):
        assert word not in page


def test_the_page_stands_alone_and_is_well_formed(page: str) -> None:
    assert re.findall(r"(?:https?:)?//[\w.-]+\.\w+", page) == []
    balance = Balance()
    balance.feed(page)
    assert balance.wrong == []
    assert balance.open == []
    assert len(balance.ids) == len(set(balance.ids))
    assert set(balance.targets) <= set(balance.ids)


def test_the_same_run_gives_the_same_page(played: Played, page: str) -> None:
    assert page == rendered(played, dict(played.tables))


def test_markup_in_what_happened_is_escaped(played: Played) -> None:
    hostile = pl.lit(SCRIPT)
    tables = dict(played.tables)
    tables["parcels"] = tables["parcels"].with_columns(service=hostile, final_state=hostile)
    tables["lateness"] = tables["lateness"].with_columns(
        cause=hostile, owner=hostile, facility_id=hostile, load_id=hostile, route_id=hostile
    )
    tables["exceptions"] = tables["exceptions"].with_columns(kind=hostile, facility_id=hostile)
    tables["incidents"] = tables["incidents"].with_columns(
        cause=hostile, subject=hostile, severity=hostile, kinds=hostile
    )
    tables["loads"] = tables["loads"].with_columns(
        actual_arrives_at=pl.col("arrives_at") + pl.duration(hours=9),
        load_id=pl.format("{}{}", hostile, "load_id"), carrier_id=hostile,
    )  # fmt: skip
    tables["tours"] = tables["tours"].with_columns(facility_id=pl.lit(f'"><b>{SCRIPT}'))
    tables["events"] = tables["events"].with_columns(
        payload=pl.col("payload").str.replace_all("not_home", SCRIPT, literal=True)
    )
    facilities = played.network["facilities"].with_columns(name=hostile)
    network = Network.of(dict(played.network.tables) | {"facilities": facilities})
    page = rendered(played, tables, network)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert '"><b>' not in page


def test_a_day_without_trouble_reads_well(played: Played) -> None:
    tables = dict(played.tables)
    tables["parcels"] = tables["parcels"].with_columns(
        final_state=pl.lit("delivered"), final_at=pl.col("promised_at")
    )
    for name in ("lateness", "exceptions", "incidents"):
        tables[name] = tables[name].clear()
    page = rendered(played, tables)
    assert "No parcel was late." in page
    assert f"all {played.plan['parcels'].height} parcels came when promised" in page
    assert "No lane had a late parcel" in page
    assert "No exception was opened" in page


def test_a_run_of_nothing_still_has_a_page() -> None:
    page = render_report({}, {}, Network.of({}), lived=Lived({}, pl.DataFrame()))
    assert "No parcel was planned, so nothing happened." in page
    for words in ("No load moved", "No route was driven", "No arrival time was told"):
        assert words in page


def test_the_terminal_shows_the_plan_beside_and_the_causes(
    played: Played, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "manifest.json").write_text('{"format": "crossdock-run-1"}', encoding="utf-8")
    write(played, run)
    print_played(RunOutcome(run, 0))
    told = capsys.readouterr().out
    kept = f"{kpi(played, 'on_time_delivery')[2]:.1%}"
    expected = f"{kpi(played, 'planned_on_time_promise')[2]:.1%}"
    assert re.search(rf"Delivered when promised\s+{kept}\s+{expected}\s+300 parcels", told)
    assert re.search(r"\d% to \d", told)
    late = played.tables["lateness"]
    first = late.group_by("cause", "owner").len().sort("len", descending=True)["len"][0]
    assert f"{late.height:,} late: {first:,} " in told
