"""The learned ETA: what it learns from hand-made days, what it foretells, how scans change it."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.test_day import question

from crossdock.locate.zips import zip_table
from crossdock.model import InputUnusableError, InvalidValueError, Network, SerialEngine, stream
from crossdock.model.event import EVENTS
from crossdock.model.tables import HANDOFFS, LEGS, LOADS, PARCELS, ROUTES, TOURS, WAVES, conform
from crossdock.plan.day import DayQuestion, plan_day
from crossdock.predict.eta.learned import (
    EtaModel,
    HistoryDay,
    default_eta_model,
    fit_eta,
    forecast,
    plan_paths,
    reforecast,
)
from crossdock.predict.eta.learned.groups import LEVELS

MONDAY = dt.datetime(2026, 9, 14, tzinfo=dt.UTC)
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
DELAY, RATIO, STREET = 10 * MINUTE, 1.1, 15 * MINUTE
NETWORK = Network.of(
    {
        "facilities": pl.DataFrame(
            {
                "facility_id": ["A", "B"],
                "timezone": ["UTC", "UTC"],
                "calendar_id": pl.Series([None, None], dtype=pl.String),
                "latitude": [40.0, 41.0],
                "longitude": [-80.0, -80.0],
            }
        )
    }
)


def planned(parcels: int = 200, monday: dt.datetime = MONDAY) -> dict[str, pl.DataFrame]:
    """Parcels from A to B: half by van from B, half handed to a partner there."""
    rows = range(parcels)
    ids, own = [f"P-{n:04d}" for n in rows], [n % 2 == 0 for n in rows]
    loads = [f"L-{n // 20}" for n in rows]
    leaves, comes = monday + 23 * HOUR, monday + 27 * HOUR
    out = monday + 32.5 * HOUR
    waves = [
        {
            "facility_id": facility,
            "wave": wave,
            "inbound_cutoff_at": monday + day * 24 * HOUR + cutoff * HOUR,
            "ready_at": monday + day * 24 * HOUR + ready * HOUR,
        }
        for day in range(-1, 8)
        for facility, wave, cutoff, ready in (("A", "twilight", 19, 22.5), ("B", "preload", 5, 8))
    ]
    return {
        "parcels": conform(
            pl.DataFrame(
                {
                    "parcel_id": ids,
                    "origin_facility_id": "A",
                    "destination_facility_id": "B",
                    "delivery_mode": ["own" if o else "usps" for o in own],
                    "delivery_carrier_id": ["VANS" if o else "USPS" for o in own],
                    "entry_level": [None if o else "scf" for o in own],
                    "zip5": "44101",
                    "latitude": [41.0 + n / 10_000 for n in rows],
                    "longitude": -80.0,
                    "ship_date": monday.date(),
                }
            ),
            PARCELS,
        ),
        "legs": conform(
            pl.DataFrame(
                {"parcel_id": ids, "seq": 1, "load_id": loads, "from": "A", "to": "B"}
            ).with_columns(departs_at=pl.lit(leaves), arrives_at=pl.lit(comes)),
            LEGS,
        ),
        "loads": conform(
            pl.DataFrame(
                {"load_id": sorted(set(loads)), "from": "A", "to": "B", "parcels": 20,
                 "driver_mode": "solo_turn", "miles": 200.0}
            ).with_columns(departs_at=pl.lit(leaves), arrives_at=pl.lit(comes)),
            LOADS,
        ),
        "waves": conform(pl.DataFrame(waves), WAVES),
        "tours": conform(pl.DataFrame({"route_id": ["R"], "departs_at": [out]}), TOURS),
        "routes": conform(
            pl.DataFrame(
                [
                    {"route_id": "R", "facility_id": "B", "parcel_id": ids[n], "sequence": n,
                     "delivery_date": out.date(), "arrives_at": out + (30 + n) * MINUTE}
                    for n in rows if own[n]
                ]
            ),
            ROUTES,
        ),
        "handoffs": conform(
            pl.DataFrame(
                {"parcel_id": [ids[n] for n in rows if not own[n]], "facility_id": "B",
                 "carrier_id": "USPS", "mode": "usps", "entry_level": "scf"}
            ).with_columns(handoff_at=pl.lit(out)),
            HANDOFFS,
        ),
    }  # fmt: skip


class Log:
    """Events as they are written down."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def tell(
        self, kind: str, at: dt.datetime, parcel: str | None, place: str | None = None, **told: Any
    ):
        self.rows.append(
            {"tenant": "t", "source": "s", "source_event_id": str(len(self.rows)), "kind": kind,
             "parcel_id": parcel, "facility_id": place, "occurred_at": at,
             "received_at": at + MINUTE, "payload": json.dumps(told, separators=(",", ":"))}
        )  # fmt: skip

    def frame(self) -> pl.DataFrame:
        return conform(pl.DataFrame(self.rows, infer_schema_length=None), EVENTS)


def lived(
    tables: dict[str, pl.DataFrame], *, left_behind: int = 0, failing: int = 0
) -> pl.DataFrame:
    """The plan as it went: every load and stop late by the same, the last few not so lucky."""
    log = Log()
    came: dict[str, dt.datetime] = {}
    for load in tables["loads"].iter_rows(named=True):
        left = load["departs_at"] + DELAY
        came[load["load_id"]] = left + RATIO * (load["arrives_at"] - load["departs_at"])
        log.tell("load_departed", left, None, "A", load_id=load["load_id"])
        log.tell("load_arrived", came[load["load_id"]], None, "B", load_id=load["load_id"])
    stops = dict(tables["routes"].select("parcel_id", "arrives_at").iter_rows())
    handoff = dict(tables["handoffs"].select("parcel_id", "handoff_at").iter_rows())
    legs = list(tables["legs"].iter_rows(named=True))
    for place, leg in enumerate(legs):
        parcel, load = leg["parcel_id"], leg["load_id"]
        day = 24 * HOUR * (place >= len(legs) - left_behind)
        load = "L-EXTRA" if day else load
        log.tell("departed_facility", leg["departs_at"] + DELAY + day, parcel, "A", load_id=load)
        log.tell("arrived_facility", came[leg["load_id"]] + day, parcel, "B", load_id=load)
        if parcel in handoff:
            log.tell("handed_to_partner", handoff[parcel] + day, parcel, "B")
            log.tell("delivered", handoff[parcel] + day + 30 * HOUR, parcel)
            continue
        route, at = ("R-2" if day else "R"), stops[parcel] + STREET + day
        log.tell("out_for_delivery", stops[parcel] + day - HOUR, parcel, "B", route_id=route)
        if place < 2 * failing:
            log.tell("attempt_failed", at, parcel, route_id=route)
            at, route = at + 24 * HOUR, "R-3"
        log.tell("delivered", at, parcel, route_id=route)
    return log.frame()


def history(days: int = 3, **luck: int) -> list[HistoryDay]:
    mondays = [MONDAY + week * 7 * 24 * HOUR for week in range(days)]
    plans = [planned(monday=monday) for monday in mondays]
    return [HistoryDay(tables, lived(tables, **luck), NETWORK) for tables in plans]


@pytest.fixture(scope="module")
def model() -> EtaModel:
    return fit_eta(history(left_behind=6, failing=10))


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return planned()


def paths_of(tables: dict[str, pl.DataFrame]):
    return plan_paths(tables, NETWORK["facilities"], NETWORK["calendars"])


def median(model: EtaModel, question: str, group: str = "") -> float:
    curve = model.curves[question]
    return float(curve.values[curve.rows([group])[0], np.flatnonzero(LEVELS == 0.5)[0]])


def test_delays_that_always_happen_are_recovered(model: EtaModel):
    assert median(model, "delay", "solo_turn/1") == pytest.approx(DELAY.total_seconds(), abs=1)
    assert median(model, "road") == pytest.approx(RATIO, abs=1e-3)
    assert median(model, "street") == pytest.approx(STREET.total_seconds(), abs=1)
    assert median(model, "detour") == pytest.approx(
        (24 * HOUR + 34 * MINUTE).total_seconds(), abs=1
    )


def test_chances_are_recovered_and_thin_groups_drawn_to_the_mean():
    few = fit_eta(history(days=1, left_behind=6)).shares["unsorted"]
    many = fit_eta(history(days=20, left_behind=6)).shares["unsorted"]
    truth = 6 / 200
    group = ["first/twilight/A"]
    # Everything seen: 400 connections a day, 6 of them missed at A.
    assert few.values[0, 1] == pytest.approx(6 / 394, rel=0.05)
    assert (
        few.values[0, 1] < few.values[few.rows(group)[0], 1] < many.values[many.rows(group)[0], 1]
    )
    assert many.values[many.rows(group)[0], 1] == pytest.approx(truth, rel=0.15)


def test_a_station_that_history_never_saw_is_like_the_average_one(model: EtaModel):
    street = model.curves["street"]
    assert street.rows(["own/1/ELSEWHERE"])[0] == street.rows(["own/1"])[0] > 0
    assert model.curves["delay"].rows(["airship/7"])[0] == 0


def test_a_failed_attempt_is_followed_by_the_next_delivery_day(model: EtaModel):
    failure, gap = model.shares["first_failure"], model.shares["gap"]
    assert failure.values[failure.rows(["own/alone"])[0], 1] == pytest.approx(0.1, abs=0.04)
    assert gap.values[0].argmax() == 1


def test_quantiles_do_not_cross_and_chances_are_chances(model: EtaModel, tables):
    late = tables["parcels"].select("parcel_id").with_columns(due=pl.lit(MONDAY + 48 * HOUR))
    told = forecast(model, paths_of(tables), seed=1, deadlines=late)
    assert (told["eta_p50"] <= told["eta_p80"]).all()
    assert (told["eta_p80"] <= told["eta_p95"]).all()
    assert told["p_due"].is_between(0.0, 1.0).all()
    by_95 = tables["parcels"].select("parcel_id").with_columns(told["eta_p95"].alias("then"))
    assert (forecast(model, paths_of(tables), seed=1, deadlines=by_95)["p_then"] >= 0.95).all()


def test_a_forecast_depends_on_the_path_alone(model: EtaModel, tables):
    paths = paths_of(tables)
    whole = forecast(model, paths, seed=4)
    assert whole.equals(forecast(model, paths, seed=4))
    assert not whole.equals(forecast(model, paths, seed=5))
    few = whole["parcel_id"].gather([150, 3, 77])
    some = forecast(model, paths.only(few), seed=4)
    assert some.equals(whole.filter(pl.col("parcel_id").is_in(few.implode())))
    turned = {name: frame.reverse() for name, frame in tables.items()}
    assert forecast(model, paths_of(turned), seed=4).equals(whole)
    assert forecast(model, paths, seed=4, draws=900).height == whole.height


def test_half_the_parcels_arrive_before_their_median(model: EtaModel, tables):
    happened = lived(tables, left_behind=6, failing=10).filter(pl.col("kind") == "delivered")
    told = forecast(model, paths_of(tables), seed=1).join(
        happened.select("parcel_id", "occurred_at"), on="parcel_id"
    )
    share = told.select((pl.col("occurred_at") <= pl.col("eta_p95")).mean()).item()
    assert share >= 0.9


def test_missing_scans_hardly_change_what_is_learned(model: EtaModel):
    rng = stream(1, "missed")
    days = history(left_behind=6, failing=10)
    thinned = [
        HistoryDay(
            day.tables,
            day.events.filter(
                ~pl.col("kind").is_in(["arrived_facility", "departed_facility"])
                | pl.Series(rng.random(day.events.height) > 0.2)
            ),
            NETWORK,
        )
        for day in days
    ]
    robbed = fit_eta(thinned)
    for asked in ("unsorted", "first_failure", "detour_never"):
        assert robbed.shares[asked].values[0] == pytest.approx(
            model.shares[asked].values[0], abs=0.03
        )
    assert median(robbed, "detour") == pytest.approx(median(model, "detour"), abs=60)
    assert robbed.shares["missed_scan"].values[0, 1] == pytest.approx(0.2, abs=0.05)


def test_doubled_events_count_once(model: EtaModel):
    doubled = [
        HistoryDay(day.tables, pl.concat([day.events, day.events]), NETWORK)
        for day in history(left_behind=6, failing=10)
    ]
    assert fit_eta(doubled).to_bytes() == model.to_bytes()


def scan(parcel: str, status: str, at: dt.datetime, place: str | None, **more: Any) -> pl.DataFrame:
    cells = {"parcel_id": parcel, "status": status, "facility_id": place, "occurred_at": at, **more}
    return pl.DataFrame([cells], schema_overrides={"facility_id": pl.String})


def anew(model: EtaModel, tables, progress: pl.DataFrame, at: dt.datetime, parcel: str):
    told = reforecast(model, paths_of(tables), progress, at=at.timestamp(), seed=2)
    return told.row(by_predicate=pl.col("parcel_id") == parcel, named=True)


def width(told: dict[str, dt.datetime]) -> float:
    return (told["eta_p95"] - told["eta_p50"]).total_seconds()


VAN, HANDED = "P-0100", "P-0101"


def test_the_forecast_narrows_as_scans_arrive(tables):
    shaky = fit_eta(history(left_behind=30))
    first = forecast(shaky, paths_of(tables), seed=2).row(
        by_predicate=pl.col("parcel_id") == VAN, named=True
    )
    on_road = scan(VAN, "departed_facility", MONDAY + 23.2 * HOUR, "A", load_id="L-5")
    rolling = anew(shaky, tables, on_road, MONDAY + 23.4 * HOUR, VAN)
    there = scan(VAN, "arrived_facility", MONDAY + 27.6 * HOUR, "B", load_id="L-5")
    waiting = anew(shaky, tables, there, MONDAY + 28 * HOUR, VAN)
    out = scan(VAN, "out_for_delivery", MONDAY + 32.5 * HOUR, "B", route_id="R")
    driving = anew(shaky, tables, out, MONDAY + 32.6 * HOUR, VAN)
    assert width(first) > 12 * 3600 > width(rolling)
    assert width(first) >= width(rolling) >= width(waiting) >= width(driving)


@pytest.mark.parametrize(
    ("status", "place", "parcel", "since_h", "expected_h"),
    [
        ("arrived_facility", "A", VAN, 18.0, 23.2),  # not seen leaving
        ("departed_facility", "A", VAN, 23.2, 27.6),  # not seen arriving
        ("arrived_facility", "B", VAN, 27.6, 34.0),  # not seen on a van
        ("arrived_facility", "B", HANDED, 27.6, 34.0),  # not seen with the partner
        ("handed_to_partner", "B", HANDED, 32.5, 64.0),  # not seen at the door
    ],
)
def test_a_parcel_that_is_silent_past_its_planned_scan_moves_later(
    model: EtaModel, tables, status: str, place: str, parcel: str, since_h: float, expected_h: float
):
    seen = scan(parcel, status, MONDAY + since_h * HOUR, place)
    then = anew(model, tables, seen, MONDAY + (since_h + 0.1) * HOUR, parcel)
    told = [
        anew(model, tables, seen, MONDAY + (expected_h + silent) * HOUR, parcel)
        for silent in (24, 60, 100)
    ]
    p50 = [then["eta_p50"], *(late["eta_p50"] for late in told)]
    assert p50 == sorted(p50)
    assert p50[1] > p50[0] + 6 * HOUR
    assert p50[-1] > MONDAY + (expected_h + 100) * HOUR


def test_what_is_delivered_is_certain_and_what_is_lost_has_no_eta(model: EtaModel, tables):
    done = MONDAY + 33 * HOUR
    progress = pl.concat([scan(VAN, "delivered", done, None), scan(HANDED, "lost", done, None)])
    due = tables["parcels"].select("parcel_id").with_columns(due=pl.lit(done + HOUR))
    told = reforecast(
        model, paths_of(tables), progress, at=(done + HOUR).timestamp(), seed=1, deadlines=due
    )
    van = told.row(by_predicate=pl.col("parcel_id") == VAN, named=True)
    assert (van["eta_p50"], van["eta_p95"], van["p_due"]) == (done, done, 1.0)
    lost = told.row(by_predicate=pl.col("parcel_id") == HANDED, named=True)
    assert (lost["eta_p50"], lost["p_due"]) == (None, 0.0)
    assert told["parcel_id"].to_list() == tables["parcels"]["parcel_id"].to_list()


def test_a_parcel_on_a_wrong_load_comes_later(model: EtaModel, tables):
    right = scan(VAN, "departed_facility", MONDAY + 23.2 * HOUR, "A", load_id="L-5")
    wrong = right.with_columns(load_id=pl.lit("L-ELSEWHERE"))
    at = MONDAY + 23.5 * HOUR
    on_its_way = anew(model, tables, right, at, VAN)["eta_p50"]
    assert anew(model, tables, wrong, at, VAN)["eta_p50"] > on_its_way + 12 * HOUR


def test_a_second_attempt_is_not_today(model: EtaModel, tables):
    failed = scan(VAN, "attempt_failed", MONDAY + 35 * HOUR, None, route_id="R", tries=1)
    told = anew(model, tables, failed, MONDAY + 36 * HOUR, VAN)
    assert told["eta_p50"].date() == (MONDAY + 48 * HOUR).date()


STATUSES = ("picked_up", "arrived_facility", "departed_facility", "handed_to_partner", "missorted",
            "out_for_delivery", "attempt_failed", "available_for_pickup", "damaged")  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    status=st.sampled_from(STATUSES),
    place=st.sampled_from(["A", "B", "C", None]),
    load=st.sampled_from(["L-5", "L-9", None]),
    parcel=st.sampled_from([VAN, HANDED]),
    since_h=st.floats(16, 120),
    silent_h=st.floats(0, 200),
)
def test_whatever_was_scanned_quantiles_are_ordered_and_lie_ahead(
    status: str, place: str | None, load: str | None, parcel: str, since_h: float, silent_h: float
):
    model, tables = _small()
    seen = scan(parcel, status, MONDAY + since_h * HOUR, place, load_id=load)
    at = MONDAY + (since_h + silent_h) * HOUR
    told = anew(model, tables, seen.cast({"load_id": pl.String}), at, parcel)
    assert told["eta_p50"] <= told["eta_p80"] <= told["eta_p95"]
    assert told["eta_p50"] > at - HOUR


_SMALL: list[Any] = []


def _small() -> Any:
    if not _SMALL:
        tables = planned()
        chosen = pl.col("parcel_id").is_in([VAN, HANDED])
        few = {k: v.filter(chosen) if "parcel_id" in v.columns else v for k, v in tables.items()}
        _SMALL.extend((fit_eta(history(left_behind=6, failing=10)), few))
    return _SMALL


def test_the_artefact_comes_back_as_it_was(model: EtaModel, tables):
    data = model.to_bytes()
    again = EtaModel.from_bytes(data)
    assert again.to_bytes() == data
    assert forecast(again, paths_of(tables), seed=1).equals(
        forecast(model, paths_of(tables), seed=1)
    )


def test_another_version_is_refused_with_what_to_do(model: EtaModel):
    other = model.to_bytes().replace(b"crossdock-eta/1", b"crossdock-eta/7", 1)
    with pytest.raises(InputUnusableError, match="crossdock-eta/7, not crossdock-eta/1"):
        EtaModel.from_bytes(other)
    with pytest.raises(InputUnusableError, match="no ETA model"):
        EtaModel.from_bytes(b"\x80\x04pickle")
    with pytest.raises(InputUnusableError, match="damaged"):
        EtaModel.from_bytes(model.to_bytes()[:-40])


def test_the_shipped_model_is_small_and_was_learned_from_28_days():
    shipped = default_eta_model()
    assert len(shipped.to_bytes()) <= 1_000_000
    assert shipped.facts["days"] == 28


def test_nothing_is_learned_from_nothing():
    with pytest.raises(InvalidValueError, match="no day to learn from"):
        fit_eta([])


def test_a_plan_with_a_model_says_so_and_never_promises_before_the_service(network4: Network):
    asked = question(network4, parcels=120)
    by_arithmetic = plan_day(asked, engine=SerialEngine())
    learned = plan_day(
        DayQuestion(
            asked.network, asked.orders, zip_table(), asked.seed, eta_model=default_eta_model()
        ),
        engine=SerialEngine(),
    )
    parcels = learned.tables["parcels"]
    assert (parcels["promised_at"] >= parcels["service_due_at"]).all()
    assert (parcels["eta_p50"] <= parcels["eta_p95"]).all()
    assert parcels["p_on_time_service"].is_between(0.0, 1.0).all()
    assert learned.tables["predictions"]["model"].unique().to_list() == [default_eta_model().name]
    assert learned.tables["routes"].equals(by_arithmetic.tables["routes"])
    notes = " ".join(learned.facts["notes"]), " ".join(by_arithmetic.facts["notes"])
    assert "learned from 28 days" in notes[0]
    assert "transit arithmetic" in notes[1]


@pytest.fixture(scope="module")
def network4() -> Network:
    from crossdock.simulate.builtin import builtin_network  # noqa: PLC0415

    return builtin_network(4)
