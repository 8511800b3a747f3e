import json

import polars as pl
import pytest

from crossdock.measure import explain_subject
from crossdock.model import NotFoundError
from synthetic_run import SyntheticRun, build_run


@pytest.fixture(scope="module")
def run() -> SyntheticRun:
    return build_run()


def test_a_parcel_is_explained_from_order_to_cost(run: SyntheticRun) -> None:
    legs = run.tables["legs"]
    parcel_id = legs.filter(pl.col("seq") == 2)["parcel_id"][0]
    told = explain_subject(run.tables, parcel_id, network=run.network)
    assert told.kind == "parcel"
    for leg in legs.filter(pl.col("parcel_id") == parcel_id)["load_id"]:
        assert leg in told.text
    for word in ("Order", "Path", "Why", "Promise", "Cost", "p95", "less than the next option"):
        assert word in told.text


def test_an_order_id_finds_its_parcel(run: SyntheticRun) -> None:
    assert explain_subject(run.tables, "O00007").subject == "P-0000007"


def test_a_shortfall_says_that_there_is_no_eta(run: SyntheticRun) -> None:
    short = run.tables["exceptions"]["parcel_id"][0]
    told = explain_subject(run.tables, short, network=run.network)
    assert "capacity_shortfall" in told.text
    assert "no ETA" in told.text


def test_an_own_load_is_explained_with_its_duty_and_way_back(run: SyntheticRun) -> None:
    loads = run.tables["loads"]
    own = loads.filter(pl.col("kind") == "loaded").row(0, named=True)
    back = loads.filter(pl.col("returns_load_id") == own["load_id"])["load_id"][0]
    told = explain_subject(run.tables, own["load_id"], network=run.network)
    assert told.kind == "load"
    assert back in told.text
    assert "at the wheel within" in told.text
    assert explain_subject(run.tables, back).text.count("brings back") == 1


def test_a_route_is_explained_stop_by_stop_in_local_time(run: SyntheticRun) -> None:
    tour = run.tables["tours"].filter(pl.col("facility_id") == "DEN").row(0, named=True)
    told = explain_subject(run.tables, tour["route_id"], network=run.network)
    assert told.kind == "route"
    assert "MST" in told.text
    assert "meal" in told.text
    stops = next(section for section in told.sections if section.title == "Stops")
    assert len(stops.lines) == tour["stops"]


@pytest.mark.parametrize(("subject", "kind"), [("LAX-DFW", "lane"), ("DFW", "facility")])
def test_places_are_explained(run: SyntheticRun, subject: str, kind: str) -> None:
    told = explain_subject(run.tables, subject, network=run.network)
    assert told.kind == kind
    assert len(told.text.splitlines()) > 5
    assert json.dumps(told.as_dict(), default=str)


def test_a_lane_finds_decisions_written_with_an_arrow(run: SyntheticRun) -> None:
    decisions = run.tables["decisions"].with_columns(pl.col("subject").str.replace("-", "->"))
    told = explain_subject(run.tables | {"decisions": decisions}, "LAX-DFW")
    assert "break-even" in told.text


def test_an_unknown_id_names_close_ones(run: SyntheticRun) -> None:
    with pytest.raises(NotFoundError) as error:
        explain_subject(run.tables, "p-000001")
    assert error.value.remedy.startswith("did you mean P-0000001")
    with pytest.raises(NotFoundError, match="nothing called"):
        explain_subject(run.tables, "~~~~")
