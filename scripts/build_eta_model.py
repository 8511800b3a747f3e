"""Make the history of the built-in network, learn the ETA model from it, say how well it covers.

Usage: ``python scripts/build_eta_model.py CACHE [--history-only] [--full]``; CACHE is a folder with
one file a day. A day that is there is not made again, so a run that was stopped goes on.

History: 28 operating days from Monday 2026-09-14, each a cohort of generated orders planned with
the policy ``crossdock`` and played by the twin to its end. Days are small (1,200 orders, where most
go to partners) and large (5,000, where own vans, the crowd and own trucks carry) in turn, so that
both ways are learned, and each weekday has both; two days have 20,000. Fresh days: three later
dates under seeds that the model has not seen, and the first of them once more in a worse world
(storms over the Northeast and the Great Lakes for three days, slow sorters at three hubs).
``--full``: a fresh day of 20,000 as well.

Root seeds lie at and above 2^63, which no run can ask for (`PlanRequest` takes seeds below it), so
the model has never seen a run's orders or luck. What has to be chosen (the shrinkage) is chosen by
fitting the first 22 days and scoring the last 6; the shipped artefact is fitted on all 28.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import time
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from crossdock.locate.address import locate_orders
from crossdock.locate.zips import zip_table
from crossdock.model import Network, SerialEngine
from crossdock.model.calendars import OperatingCalendar
from crossdock.model.order import check_orders, order_text
from crossdock.plan.day import DayQuestion, plan_day
from crossdock.plan.delivery import uncovered_orders
from crossdock.platform.store import load_address_reference
from crossdock.predict.eta.learned import (
    EtaModel,
    HistoryDay,
    fit_eta,
    forecast,
    plan_paths,
    reforecast,
)
from crossdock.simulate.builtin import builtin_network
from crossdock.simulate.orders import generate_orders
from crossdock.simulate.twin import Truth, Twin, TwinInput

FIRST_SEED = 2**63
FIRST_DATE = dt.date(2026, 9, 14)
HISTORY_DAYS = 28
TUNING_DAYS = 6
SMALL, LARGE, FULL_SIZE = 1_200, 5_000, 20_000
FULL_DAYS = (10, 20)
"""Days of the history that are of the demo's size: its routes are denser than any other's."""
FRESH_DATES = (dt.date(2026, 11, 30), dt.date(2026, 12, 2), dt.date(2026, 12, 4))
FRESH_SIZES = (LARGE, SMALL, LARGE)
FRESH_SEED = FIRST_SEED + 1_000

STORM_CELLS = tuple((lat, lon) for lat in (9, 10) for lon in (-19, -18, -17, -16, -15))
"""40 to 48 degrees north, 95 to 70 west: cells of 4 by 5 degrees."""
SLOW_FACILITIES = frozenset({"ORD", "ATL", "DFW"})

SHRINKAGES = (0.3, 1.0, 3.0, 10.0)
MODEL_NAME = "builtin-1"
ETAS = ("eta_p50", "eta_p80", "eta_p95")
REFORECAST_H = (30, 42, 54, 66, 90, 114)
ROOT = Path(__file__).parents[1]
ARTEFACT = ROOT / "src/crossdock/predict/eta/data/eta_model.bin"
REPORT = ROOT / "benchmarks/results/eta_coverage.md"

KEPT = ("parcels", "legs", "loads", "routes", "tours", "handoffs", "waves")
NOT_LEARNED_FROM = ("position", "duty_changed")


@dataclass(frozen=True)
class Day:
    """One cohort: its name in the cache, its seed, its date, and whether the world is worse."""

    name: str
    seed: int
    date: dt.date
    parcels: int
    shifted: bool = False


FULL = Day("full-1", FRESH_SEED + 101, FRESH_DATES[0], FULL_SIZE)


def history_days() -> list[Day]:
    """The 28 days that are learned from."""
    calendar = OperatingCalendar(builtin_network()["calendars"])
    date, days = FIRST_DATE, list[Day]()
    for number in range(HISTORY_DAYS):
        date = calendar.next_open(None, date)
        size = LARGE if (number + number // 6) % 2 else SMALL  # each weekday has both in turn
        size = FULL_SIZE if number in FULL_DAYS else size
        days.append(Day(f"history-{number:02d}", FIRST_SEED + number, date, size))
        date += dt.timedelta(days=1)
    return days


def fresh_days() -> list[Day]:
    """The days that are looked at once, the shifted one last."""
    fresh = [
        Day(f"fresh-{number}", FRESH_SEED + number, date, size)
        for number, (date, size) in enumerate(zip(FRESH_DATES, FRESH_SIZES, strict=True))
    ]
    return [*fresh, replace(fresh[0], name="shifted-0", shifted=True)]


def make_day(day: Day, cache: Path) -> None:
    """Plan and play one cohort into ``cache``, unless it is there."""
    path = cache / f"{day.name}.zip"
    if path.exists():
        return
    started = time.perf_counter()
    network = builtin_network(scale=max(1.0, day.parcels / 20_000))
    zips = zip_table()
    made = generate_orders(
        network,
        parcels=day.parcels,
        start_date=day.date,
        seed=day.seed,
        zips=zips,
        reference=load_address_reference(),
    )
    checked, _ = check_orders(
        order_text(made.frame),
        services=network["services"]["service"].to_list(),
        known_zips=zips["zip5"],
    )
    located, _ = locate_orders(checked, zips=zips)
    orders = located.join(
        uncovered_orders(network, located), on="row", how="anti", maintain_order="left"
    )
    # The arithmetic model: what is planned does not depend on what is foretold.
    question = DayQuestion(network, orders, zips, day.seed, "crossdock", day.date)
    plan = plan_day(question, engine=SerialEngine())
    planned = time.perf_counter()
    twin = Twin(TwinInput(plan.tables, orders, network, day.seed), truth=_truth(day))
    events = twin.advance(twin.ends_at + 30 * 86_400).filter(
        ~pl.col("kind").is_in(NOT_LEARNED_FROM)
    )
    frames = {
        **{name: plan.tables[name] for name in KEPT},
        "events": events,
        "network-facilities": network["facilities"],
        "network-calendars": network["calendars"],
    }
    _write(path, frames)
    ended = time.perf_counter()
    print(
        f"{day.name} {day.date}: {orders.height} parcels, {events.height} events, "
        f"planned in {planned - started:.0f} s, played in {ended - planned:.0f} s",
        flush=True,
    )


def _truth(day: Day) -> Truth:
    if not day.shifted:
        return Truth()
    dates = [(day.date + dt.timedelta(days=offset)).isoformat() for offset in range(3)]
    storms = frozenset((lat, lon, date) for lat, lon in STORM_CELLS for date in dates)
    return Truth(storms=storms, slow_facilities=SLOW_FACILITIES)


def _write(path: Path, frames: dict[str, pl.DataFrame]) -> None:
    draft = path.with_suffix(".draft")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
        for name, frame in frames.items():
            table = io.BytesIO()
            frame.write_parquet(table)
            archive.writestr(name, table.getvalue())
    draft.rename(path)


def read_day(name: str, cache: Path) -> HistoryDay:
    """A day that `make_day` made."""
    with zipfile.ZipFile(cache / f"{name}.zip") as archive:
        tables = {
            item: pl.read_parquet(io.BytesIO(archive.read(item))) for item in archive.namelist()
        }
    network = Network.of({key: tables.pop(f"network-{key}") for key in ("facilities", "calendars")})
    events = tables.pop("events")
    return HistoryDay(tables, events, network)


def choose_shrinkage(days: list[str], cache: Path) -> tuple[float, pl.DataFrame]:
    """The shrinkage with the least pinball loss on the tuning days."""
    train, tuning = days[:-TUNING_DAYS], days[-TUNING_DAYS:]
    rows: list[dict[str, float]] = []
    for shrinkage in SHRINKAGES:
        model = fit_eta((read_day(name, cache) for name in train), shrinkage=shrinkage)
        scored = pl.concat([scores(read_day(name, cache), model) for name in tuning])
        learned = scored.filter(pl.col("model") == "learned").select(measures()).row(0, named=True)
        rows.append({"shrinkage": shrinkage, **learned})
    table = pl.DataFrame(rows)
    best = table.sort(pl.col("pinball_80_h") + pl.col("pinball_95_h"))["shrinkage"][0]
    return float(best), table


def scores(day: HistoryDay, model: EtaModel) -> pl.DataFrame:
    """What both models said of each parcel, and what happened."""
    done = day.events.filter(pl.col("kind") == "delivered").group_by("parcel_id")
    happened = done.agg(delivered_at=pl.col("occurred_at").min())
    parcels = day.tables["parcels"]
    due = parcels.select("parcel_id", on_time_service="service_due_at")
    paths = plan_paths(day.tables, day.network["facilities"], day.network["calendars"])
    told = forecast(model, paths, seed=FIRST_SEED, deadlines=due)
    columns = ["parcel_id", *ETAS, "p_on_time_service"]
    both = pl.concat(
        [
            frame.select(columns).with_columns(model=pl.lit(name))
            for name, frame in (("arithmetic", parcels), ("learned", told))
        ]
    )
    return (
        both.drop_nulls("eta_p50")
        .join(parcels.select("parcel_id", "delivery_mode", "service_due_at"), on="parcel_id")
        .join(happened, on="parcel_id", how="left")
    )


def measures() -> list[pl.Expr]:
    """Columns of the coverage table; a parcel that is never delivered is covered by nothing."""
    made = pl.col("delivered_at")

    def covered(eta: str) -> pl.Expr:
        return (made <= pl.col(eta)).fill_null(value=False).mean() * 100

    def hours(eta: str) -> pl.Expr:
        return (made - pl.col(eta)).dt.total_seconds() / 3600

    def pinball(level: float, eta: str) -> pl.Expr:
        return pl.max_horizontal(level * hours(eta), (level - 1) * hours(eta)).mean()

    return [
        pl.len().alias("parcels"),
        covered("eta_p50").alias("by_p50_%"),
        covered("eta_p80").alias("by_p80_%"),
        covered("eta_p95").alias("by_p95_%"),
        ((made <= pl.col("eta_p95")).mean() * 100).alias("by_p95_of_delivered_%"),
        hours("eta_p50").abs().mean().alias("mae_p50_h"),
        pinball(0.8, "eta_p80").alias("pinball_80_h"),
        pinball(0.95, "eta_p95").alias("pinball_95_h"),
        (-hours("eta_p95")).mean().alias("early_of_p95_h"),
        (pl.col("p_on_time_service").mean() * 100).alias("service_foretold_%"),
        (covered("service_due_at")).alias("service_kept_%"),
    ]


def as_scans_arrive(day: HistoryDay, model: EtaModel) -> pl.DataFrame:
    """Parcels that are open at hours of the day: the first forecast, and the one made then."""
    paths = plan_paths(day.tables, day.network["facilities"], day.network["calendars"])
    first = forecast(model, paths, seed=FIRST_SEED)
    done = day.events.filter(pl.col("kind") == "delivered").group_by("parcel_id")
    happened = done.agg(delivered_at=pl.col("occurred_at").min())
    start = day.tables["parcels"]["ship_date"].min()
    assert isinstance(start, dt.date)
    rows: list[pl.DataFrame] = []
    for hours in REFORECAST_H:
        at = dt.datetime.combine(start, dt.time(), dt.UTC) + dt.timedelta(hours=hours)
        progress = last_scans(day.events, at)
        anew = reforecast(model, paths, progress, at=at.timestamp(), seed=FIRST_SEED)
        # Those that are delivered later and have an ETA: what a customer may still ask about.
        waiting = happened.filter(pl.col("delivered_at") > at)
        rows += [
            eta.join(waiting, on="parcel_id").drop_nulls("eta_p50")
            .select("parcel_id", *ETAS, "delivered_at", hours=hours, model=pl.lit(name))
            for name, eta in (("first forecast", first), ("made anew", anew))
        ]  # fmt: skip
    return pl.concat(rows)


def last_scans(events: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    """The last scan of each parcel that is known at an instant."""
    known = events.filter(pl.col("parcel_id").is_not_null() & (pl.col("received_at") <= at))
    return (
        known.sort("occurred_at")
        .group_by("parcel_id", maintain_order=True)
        .agg(
            status=pl.col("kind").last(),
            facility_id=pl.col("facility_id").last(),
            occurred_at=pl.col("occurred_at").last(),
            load_id=pl.col("payload").last().str.json_path_match("$.load_id"),
            route_id=pl.col("payload").last().str.json_path_match("$.route_id"),
            tries=(pl.col("kind") == "attempt_failed").sum().cast(pl.Int64),
        )
    )


def write_report(cache: Path, model: EtaModel, tuned: pl.DataFrame, shrinkage: float) -> None:
    """Coverage on days that the model has not seen."""
    kinds = {"fresh": [], "shifted": [], "full": []}
    for day in [*fresh_days(), FULL]:
        if (cache / f"{day.name}.zip").exists():
            kinds[day.name.split("-")[0]].append(day.name)
    titles = {
        "fresh": "Three fresh seeds (5,000, 1,200 and 5,000 parcels)",
        "shifted": "A shifted day: storms over the Northeast and the Great Lakes, slow hubs",
        "full": "A day of the demo's size: 20,000 parcels",
    }
    started = time.perf_counter()
    lines = [
        "# How well the ETAs cover",
        "",
        f"Written by `scripts/build_eta_model.py`. Model `{model.name}`, learned from "
        f"{model.facts['days']} days and {model.facts['parcels']:,} parcels of the twin "
        f"({model.facts['first_date']} to {model.facts['last_date']}), "
        f"{len(model.to_bytes()) / 1000:,.0f} kB. "
        "`arithmetic` is the model that networks without history use.",
        "",
        "`by_pXX_%`: share of all parcels that were delivered by that quantile (a parcel that is "
        "never delivered counts as not covered); `by_p95_of_delivered_%`: of the delivered ones. "
        "Absolute error of p50, pinball losses and mean earliness against p95 are hours, of "
        "delivered ones. `service_foretold_%` is the mean probability to keep the ordered service, "
        "`service_kept_%` the share that did.",
    ]
    for kind, names in kinds.items():
        if not names:
            continue
        scored = pl.concat([scores(read_day(name, cache), model) for name in names])
        whole = scored.group_by("model").agg(measures()).sort("model")
        by_mode = scored.group_by("delivery_mode", "model").agg(measures())
        lines += ["", f"## {titles[kind]}", "", *_table(whole.with_columns(delivery_mode=pl.lit(
            "all")), by_mode.sort("delivery_mode", "model"))]  # fmt: skip
    low, middle, high = spread_over_days(cache, model)
    lines += [
        "",
        "## How much days differ",
        "",
        "Parcels of one late load are late together, so a day's coverage moves more than its "
        f"number of parcels suggests. Over the {HISTORY_DAYS} days that were learned from, p95 "
        f"covered {low:.1f} % on the worst, {middle:.1f} % on the middle and {high:.1f} % on the "
        "best day.",
    ]
    anew = pl.concat([as_scans_arrive(read_day(name, cache), model) for name in kinds["fresh"]])
    wanted = ["parcels", "by_p50_%", "by_p80_%", "by_p95_%", "mae_p50_h", "pinball_80_h"]
    chosen = [m for m in measures() if m.meta.output_name() in wanted]
    per_hour = anew.group_by("hours", "model").agg(chosen).sort("hours", "model")
    lines += [
        "",
        "## As scans arrive (fresh seeds)",
        "",
        "Parcels that are still to be delivered so many hours after midnight UTC of the ship day.",
        "",
        *_markdown(per_hour),
        "",
        "## What was chosen",
        "",
        f"Fitted on the first {HISTORY_DAYS - TUNING_DAYS} days, scored on the last {TUNING_DAYS}: "
        f"shrinkage {shrinkage:g}, by the sum of the pinball losses. The shipped model is fitted "
        f"on all {HISTORY_DAYS}.",
        "",
        *_markdown(tuned.select("shrinkage", *wanted[1:], "pinball_95_h")),
        "",
    ]
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text("\n".join(lines))
    print("\n".join(lines), f"\nscored in {time.perf_counter() - started:.0f} s")


def spread_over_days(cache: Path, model: EtaModel) -> tuple[float, float, float]:
    """Worst, middle and best coverage of p95 over the days of the history."""
    covered: list[float] = []
    for day in history_days():
        learned = scores(read_day(day.name, cache), model).filter(pl.col("model") == "learned")
        covered.append(learned.select(measures())["by_p95_%"][0])
    ordered = sorted(covered)
    return ordered[0], ordered[len(ordered) // 2], ordered[-1]


def _table(whole: pl.DataFrame, by_mode: pl.DataFrame) -> list[str]:
    return _markdown(pl.concat([whole.select(by_mode.columns), by_mode]))


def _markdown(table: pl.DataFrame) -> list[str]:
    def cell(value: object) -> str:
        if isinstance(value, float):
            return f"{value:,.2f}"
        return f"{value:,}" if isinstance(value, int) else str(value)

    head = ["| " + " | ".join(table.columns) + " |", "|" + " --- |" * table.width]
    return [*head, *("| " + " | ".join(map(cell, row)) + " |" for row in table.iter_rows())]


def main() -> None:
    """Make the days, fit, write the artefact and the coverage."""
    parser = argparse.ArgumentParser(description="Learn the ETA model of the built-in network.")
    parser.add_argument("cache", type=Path, help="folder with one file a day")
    parser.add_argument("--history-only", action="store_true", help="only make the days")
    parser.add_argument("--full", action="store_true", help="a day of 20,000 parcels as well")
    asked = parser.parse_args()
    cache: Path = asked.cache
    cache.mkdir(parents=True, exist_ok=True)
    for day in [*history_days(), *fresh_days(), *([FULL] if asked.full else [])]:
        make_day(day, cache)
    if asked.history_only:
        return
    names = [day.name for day in history_days()]
    shrinkage, tuned = choose_shrinkage(names, cache)
    history = (read_day(name, cache) for name in names)
    model = fit_eta(history, name=MODEL_NAME, shrinkage=shrinkage)
    ARTEFACT.parent.mkdir(parents=True, exist_ok=True)
    ARTEFACT.write_bytes(model.to_bytes())
    write_report(cache, model, tuned, shrinkage)


if __name__ == "__main__":
    main()
