"""How fast the event log takes events for good, gives them back and folds them, by database."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from importlib.metadata import version
from pathlib import Path

import numpy as np
import polars as pl
from sqlalchemy import create_engine, make_url, text

from crossdock.model import NotFoundError, Progress, UsageError, stream
from crossdock.model.event import EVENTS
from crossdock.model.tables import INSTANT, conform
from crossdock.operate.folded import fold_all
from crossdock.operate.tracking import parcel_statuses
from crossdock.platform.bench.private_postgres import private_postgres
from crossdock.platform.store.database import open_store

BATCH = 10_000
_REPEATED_SHARE = 0.01
_PING_SHARE = 0.3
_OPENS_US = 1_796_000_000_000_000  # in November 2026
_DAY_US = 86_400_000_000
_LIFE = ("label_created", "picked_up", "arrived_facility", "departed_facility",
         "arrived_facility", "departed_facility", "arrived_facility", "out_for_delivery",
         "stop_arrived", "delivered")  # fmt: skip
_LIBRARIES = ("alembic", "polars", "psycopg", "sqlalchemy")


@dataclass(frozen=True)
class EventsRun:
    """What one database did with ``events`` events in batches of `BATCH`.

    Attributes
    ----------
    durable_per_s
        Events appended in a second, from the Polars frame to the commit on disk.
    batch_p50_ms, batch_p99_ms
        Time of one batch.
    bytes_per_event
        On disk with its indices, without the write-ahead log.
    read_per_s
        Events read in order into Polars frames in a second.
    folded_per_s
        Events read and folded in a second, from the log to every parcel's status.
    """

    database: str
    events: int
    durable_per_s: float
    batch_p50_ms: float
    batch_p99_ms: float
    bytes_per_event: float
    read_per_s: float
    folded_per_s: float


def measure_events(
    events: int, seed: int, url: str | None, progress: Progress
) -> tuple[list[EventsRun], list[str]]:
    """Append, read and fold ``events`` events on SQLite, and on PostgreSQL where it can be had.

    Parameters
    ----------
    events
        How many different ones; one in a hundred is delivered twice.
    url
        An empty store to measure instead; by default a new file and a private server.

    Returns
    -------
    tuple[list[EventsRun], list[str]]
        The runs, and sentences on what was not measured.

    Raises
    ------
    UsageError
        The store at ``url`` has events already.
    """
    delivered = generated_events(events, seed)
    if url is not None:
        return [_measured(url, delivered, events, progress)], []
    with tempfile.TemporaryDirectory(prefix="crossdock-bench-") as scratch:
        runs = [_measured(f"sqlite:///{scratch}/events.db", delivered, events, progress)]
    try:
        with private_postgres() as private:
            return [*runs, _measured(private, delivered, events, progress)], []
    except NotFoundError as error:
        return runs, [f"PostgreSQL was not measured: {error.message}."]


def write_events(runs: Sequence[EventsRun], remarks: Sequence[str], folder: Path) -> Path:
    """Write ``events.md`` and ``events.csv`` into ``folder``; returns the path of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [field.name for field in fields(EventsRun)]
    table = pl.DataFrame([astuple(run) for run in runs], schema=names, orient="row")
    table.write_csv(folder / "events.csv", float_precision=1)
    page = folder / "events.md"
    page.write_text(_markdown(runs, remarks), encoding="utf-8")
    return page


def generated_events(events: int, seed: int) -> pl.DataFrame:
    """``events`` different events of one day in the order of their time, some delivered again.

    Scans of parcels on their way, and among them the positions of the vehicles.
    """
    draw = stream(seed, "bench", "events")
    pings = int(events * _PING_SHARE)
    rows = pl.concat([_scans(events - pings, draw), _positions(pings, draw)], how="diagonal")
    rows = rows.sort("occurred_at").with_row_index("place").cast({"place": pl.Float64})
    again = draw.choice(events, int(events * _REPEATED_SHARE), replace=False)
    # A repetition comes a few hundred events after the first delivery.
    repeated = rows[again].with_columns(pl.col("place") + 300.5)
    received_at = pl.col("occurred_at") + pl.duration(milliseconds=1_700)
    in_order = pl.concat([rows, repeated]).sort("place")
    return conform(in_order.with_columns(tenant=pl.lit("default"), received_at=received_at), EVENTS)


def _scans(count: int, draw: np.random.Generator) -> pl.DataFrame:
    parcels = -(-count // len(_LIFE))
    number, step = (part.ravel()[:count] for part in np.divmod(np.arange(count), len(_LIFE)))
    began = draw.integers(0, _DAY_US // 2, parcels)
    hours = np.sort(draw.integers(0, _DAY_US // 2, (parcels, len(_LIFE))), axis=1).ravel()[:count]
    parcel = pl.format("PCL-{}", pl.col("number").cast(pl.String).str.zfill(9))
    return pl.DataFrame(
        {
            "number": number,
            "step": step,
            "occurred_at": _OPENS_US + began[number] + hours,
            "facility": draw.integers(0, 45, count),
            "load": draw.integers(0, 4_000, count),
        }
    ).select(
        source=pl.lit("scanner"),
        source_event_id=pl.format("{}-{}", parcel, "step"),
        kind=pl.Series(_LIFE)[step],
        parcel_id=parcel,
        facility_id=pl.format("FAC-{}", "facility"),
        occurred_at=pl.col("occurred_at").cast(INSTANT),
        payload=pl.format('{{"load_id":"LD-{}","sequence":{}}}', "load", "step"),
    )


def _positions(count: int, draw: np.random.Generator) -> pl.DataFrame:
    vehicle = pl.format("VEH-{}", pl.col("vehicle").cast(pl.String).str.zfill(5))
    return pl.DataFrame(
        {
            "number": np.arange(count),
            "vehicle": draw.integers(0, 1_500, count),
            "occurred_at": _OPENS_US + draw.integers(0, _DAY_US, count),
            "latitude": draw.uniform(25, 49, count).round(6),
            "longitude": draw.uniform(-124, -67, count).round(6),
        }
    ).select(
        source=pl.lit("telematics"),
        source_event_id=pl.format("{}-{}", vehicle, "number"),
        kind=pl.lit("position"),
        vehicle_id=vehicle,
        driver_id=pl.format("DRV-{}", "vehicle"),
        occurred_at=pl.col("occurred_at").cast(INSTANT),
        payload=pl.format('{{"latitude":{},"longitude":{}}}', "latitude", "longitude"),
    )


def _measured(url: str, delivered: pl.DataFrame, events: int, progress: Progress) -> EventsRun:
    seconds: list[float] = []
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[make_url(url).get_backend_name()]
    with open_store(url) as log:
        if log.count():
            raise UsageError("the store has events already", remedy="name an empty one")
        with progress.task(f"bench events: {name}", delivered.height) as task:
            for batch in delivered.iter_slices(BATCH):
                started_s = time.perf_counter()
                log.append(batch)
                seconds.append(time.perf_counter() - started_s)
                task.advance(batch.height)
        started_s = time.perf_counter()
        read = sum(frame.height for frame in log.read())
        read_s = time.perf_counter() - started_s
        started_s = time.perf_counter()
        statuses = parcel_statuses(fold_all(log.read()).tracking)
        fold_s = time.perf_counter() - started_s
    assert read == events  # each once, however often it was delivered
    assert statuses.height == delivered["parcel_id"].n_unique() - 1  # null names no parcel
    database, size = _version_and_bytes(url)
    p50, p99 = np.quantile(seconds, (0.5, 0.99)) * 1_000
    return EventsRun(
        f"{name} {database}",
        events,
        events / sum(seconds),
        p50,
        p99,
        size / events,
        read / read_s,
        events / fold_s,
    )


def _version_and_bytes(url: str) -> tuple[str, int]:
    engine = create_engine(url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            ask = "SELECT sqlite_version(), page_count * page_size FROM pragma_page_count, "
            found = connection.execute(text(f"{ask} pragma_page_size"))
        else:
            ask = "SELECT split_part(current_setting('server_version'), ' ', 1), "
            found = connection.execute(text(f"{ask} pg_total_relation_size('events')"))
        number, size = found.one()
    engine.dispose()
    return str(number), int(size)


def _markdown(runs: Sequence[EventsRun], remarks: Sequence[str]) -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    lines = [
        "# The event log: events a second",
        "",
        f"Made by `crossdock bench events` on {os.cpu_count()} cores with "
        f"Python {platform.python_version()}, {libraries}.",
        f"Batches of {BATCH:,}; a batch is durable when it counts; one event in "
        f"{1 / _REPEATED_SHARE:.0f} is delivered twice and kept once.",
        f"Load of the machine at the end: {os.getloadavg()[0]:.1f} (1 is one busy core).",
        "",
        "| database | events | durable events/s | batch p50 ms | batch p99 ms | bytes/event "
        "| read events/s | read and folded events/s |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {run.database} | {run.events:,} | {run.durable_per_s:,.0f} "
            f"| {run.batch_p50_ms:,.0f} | {run.batch_p99_ms:,.0f} | {run.bytes_per_event:,.0f} "
            f"| {run.read_per_s:,.0f} | {run.folded_per_s:,.0f} |"
            for run in runs
        ),
        "",
        *remarks,
        f"System: {platform.system()} {platform.machine()}.",
        "",
    ]
    return "\n".join(lines)
