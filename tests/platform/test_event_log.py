"""The event log keeps each event once, in order, for good, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.pool import NullPool

from crossdock.model import (
    CrossdockError,
    InputUnusableError,
    InvalidValueError,
    NotFoundError,
    StoreUnavailableError,
    UsageError,
)
from crossdock.model.event import EVENTS, check_events
from crossdock.platform.bench import private_postgres
from crossdock.platform.store.database import EventLog, open_store, rows_of
from crossdock.platform.store.database.opening import NEWEST
from crossdock.platform.store.database.tables import METADATA, VERSION_TABLE

NOON = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
LOGGED = pl.Schema({**EVENTS, "sequence": pl.Int64})
NEW_TENANT = map("tenant-{}".format, itertools.count())
"""Each example of a property has a log of its own in one store."""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(private_postgres())
        except NotFoundError as error:
            pytest.skip(error.message)
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store that nobody has opened yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/events.db"
    return new_schema(request.getfixturevalue("postgres_server"))


def new_schema(server: str, **settings: str) -> str:
    """A schema of its own in the server's database: a tenth of the files of a database."""
    name = f"log_{uuid.uuid4().hex}"
    with connected(server) as admin:
        admin.execute(text(f"CREATE SCHEMA {name}"))
    options = " ".join(
        f"-c{key}={value}" for key, value in ({"search_path": name} | settings).items()
    )
    return make_url(server).update_query_dict({"options": options}).render_as_string()


@contextlib.contextmanager
def connected(url: str, level: str | None = None):
    options = {"isolation_level": level} if level else {}
    engine = create_engine(url, poolclass=NullPool, **options)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def happened(*numbers: int, **cells: object) -> pl.DataFrame:
    """One event a number: the number is its id at the source."""
    return pl.DataFrame(
        [
            {
                "source": "twin",
                "source_event_id": str(number),
                "kind": "arrived_facility",
                "parcel_id": f"P-{number % 7}",
                "occurred_at": NOON - dt.timedelta(minutes=number),
                "received_at": NOON,
                "payload": json.dumps({"number": number}),
            }
            | cells
            for number in numbers
        ],
        schema_overrides={name: EVENTS[name] for name in ("occurred_at", "received_at")},
    )


def ids(frame: pl.DataFrame) -> list[int]:
    return [int(number) for number in frame["source_event_id"]]


# What is kept


def test_a_new_log_is_empty(url):
    with open_store(url) as log:
        assert (log.count(), log.last_sequence()) == (0, 0)
        assert list(log.read()) == []
        assert log.all_events().schema == LOGGED
        assert log.events_of("P-1").schema == LOGGED
        assert log.load_checkpoint("fold") is None


def test_events_are_read_in_the_order_in_which_they_were_appended(url):
    with open_store(url) as log:
        first = log.append(happened(5, 3, 9))
        second = log.append(happened(1, 8))
        assert ids(log.all_events()) == [5, 3, 9, 1, 8]
        assert (first.accepted, second.accepted, log.count()) == (3, 2, 5)
        assert second.last_sequence == log.last_sequence() == log.all_events()["sequence"][-1]
        assert log.all_events()["sequence"].is_sorted()


def test_a_large_batch_keeps_its_order(url):
    numbers = random.Random(7).sample(range(100_000), 20_000)
    with open_store(url) as log:
        assert ids(log.append(happened(*numbers)).accepted_events) == numbers
        assert ids(log.all_events()) == numbers


def test_an_event_delivered_again_is_counted_and_skipped(url):
    with open_store(url) as log:
        log.append(happened(1, 2, 3))
        again = log.append(happened(3, 4, 2, 5, 4))
        assert (again.accepted, again.duplicates) == (2, 3)
        assert ids(again.accepted_events) == [4, 5]
        assert ids(log.all_events()) == [1, 2, 3, 4, 5]


def test_of_two_events_with_one_key_the_first_stays(url):
    with open_store(url) as log:
        log.append(pl.concat([happened(1, payload="first"), happened(1, payload="second")]))
        log.append(happened(1, payload="third"))
        assert log.all_events()["payload"].to_list() == ["first"]


def test_sources_have_their_own_ids(url):
    with open_store(url) as log:
        log.append(happened(1))
        assert log.append(happened(1, source="carrier")).accepted == 1


def test_accepted_events_are_what_a_reader_gets(url):
    with open_store(url) as log:
        log.append(happened(1, 2))
        appended = log.append(happened(2, 3, 3, 4))
        after = pl.concat(log.read(after=2))
        assert appended.accepted_events.equals(after.filter(pl.col("source_event_id") > "2"))
        assert appended.accepted_events.schema == LOGGED


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    deliveries=st.lists(st.lists(st.integers(0, 12), max_size=12), max_size=6),
)
def test_any_batching_and_any_repetition_give_the_same_log(url, deliveries):
    in_order = list(dict.fromkeys(number for batch in deliveries for number in batch))
    with open_store(url, tenant=next(NEW_TENANT)) as log:
        appended = [log.append(happened(*batch)) for batch in deliveries]
        kept = log.all_events()
    assert ids(kept) == in_order
    assert kept["payload"].to_list() == [json.dumps({"number": number}) for number in in_order]
    assert sum(batch.accepted for batch in appended) == len(in_order)
    assert sum(batch.accepted + batch.duplicates for batch in appended) == sum(map(len, deliveries))
    seen = [number for batch in appended for number in ids(batch.accepted_events)]
    assert seen == in_order


ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(payloads=st.lists(st.none() | ANY_TEXT, min_size=1, max_size=8))
def test_a_payload_is_kept_byte_for_byte(url, payloads):
    rows = pl.concat(
        [happened(i, payload=p) for i, p in enumerate(payloads)], how="vertical_relaxed"
    )
    with open_store(url, tenant=next(NEW_TENANT)) as log:
        log.append(rows)
        assert log.all_events()["payload"].to_list() == payloads


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "\\N",
        "\\.",
        '"\n\\.\n"',
        "a\tb\r\nc\\t",
        '{"name":"Zoë 📦 \u202e"}',
        "\u2028\x85\x1a",
        "x" * 64_000,
    ],
)
def test_a_payload_like_the_databases_own_signs_is_a_payload(url, payload):
    with open_store(url) as log:
        log.append(happened(1, 2, payload=payload, driver_id=payload[:200] or None))
        assert log.all_events()["payload"].to_list() == [payload, payload]
        assert log.all_events()["driver_id"].to_list() == [payload[:200] or None] * 2


@pytest.mark.parametrize(
    "instant",
    [
        dt.datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 1, 1, 30, 0, 1, tzinfo=dt.timezone(dt.timedelta(hours=-5))),
        dt.datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC),
    ],
)
def test_instants_are_exact_to_the_microsecond(url, instant):
    with open_store(url) as log:
        log.append(happened(1, occurred_at=instant, received_at=instant))
        kept = log.all_events()
    assert kept.schema["occurred_at"] == pl.Datetime("us", "UTC")
    assert kept["occurred_at"].to_list() == [instant]
    assert kept["received_at"].to_list() == [instant]


# How it is read


@pytest.mark.parametrize("batch", [1, 3, 9, 10, 50])
def test_reading_in_frames_of_any_size_gives_the_same(url, batch):
    with open_store(url) as log:
        log.append(happened(*range(10)))
        frames = list(log.read(batch=batch))
        assert [frame.height for frame in frames[:-1]] == [batch] * (len(frames) - 1)
        assert pl.concat(frames).equals(log.all_events())


def test_reading_can_begin_and_end_within_the_log(url):
    with open_store(url) as log:
        log.append(happened(*range(10)))
        sequences = log.all_events()["sequence"]
        part = log.read(after=sequences[2], upto=sequences[6], batch=2)
        assert ids(pl.concat(part)) == [3, 4, 5, 6]


def test_events_of_a_parcel_come_by_the_time_they_occurred(url):
    with open_store(url) as log:
        log.append(happened(1, 8, 2, 15))
        log.append(happened(22, occurred_at=NOON - dt.timedelta(minutes=8)))
        assert ids(log.events_of("P-1")) == [15, 8, 22, 1]


def test_a_reader_that_pauses_does_not_hold_the_writer(url):
    with open_store(url) as log:
        log.append(happened(*range(10)))
        reader = log.read(batch=4)
        next(reader)
        log.append(happened(10))
        assert sum(frame.height for frame in reader) == 7


def test_the_write_ahead_file_can_be_emptied_while_a_reader_pauses(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/events.db") as log:
        log.append(happened(*range(10)))
        reader = log.read(batch=4)
        next(reader)
        log.append(happened(*range(10, 20)))
        other = sqlite3.connect(tmp_path / "events.db")
        blocked, *_ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        other.close()
        assert blocked == 0


def test_tenants_do_not_see_each_other(url):
    with open_store(url, tenant="a") as a, open_store(url, tenant="b") as b:
        a.append(happened(1, 2), checkpoint=("fold", b"a"))
        b.append(happened(2, 3))
        assert (ids(a.all_events()), ids(b.all_events())) == ([1, 2], [2, 3])
        assert b.load_checkpoint("fold") is None
        assert b.events_of("P-1").is_empty()
        with pytest.raises(InvalidValueError, match="tenant b, the log of a"):
            a.append(b.all_events())


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"kind": None}, "kind is empty"),
        ({"payload": "a\0b"}, "payload has a NUL character"),
        ({"source_event_id": "x" * 201}, "source_event_id is over 200"),
    ],
)
def test_a_batch_with_a_faulty_event_is_refused_as_a_whole(url, cells, said):
    with open_store(url) as log:
        with pytest.raises(InvalidValueError, match=said):
            log.append(pl.concat([happened(1), happened(2, **cells)], how="vertical_relaxed"))
        assert log.count() == 0


# Checkpoints


def test_a_checkpoint_holds_up_to_the_events_appended_with_it(url):
    content = bytes(range(256)) * 100
    with open_store(url) as log:
        log.append(happened(1, 2), checkpoint=("fold", b"old"))
        last = log.append(happened(3), checkpoint=("fold", content)).last_sequence
        log.append(happened(4))
        assert log.load_checkpoint("fold") == (last, content)
        assert ids(pl.concat(log.read(after=last))) == [4]


def test_a_checkpoint_can_be_written_without_events(url):
    with open_store(url) as log:
        log.append(happened(), checkpoint=("fold", b"empty"))
        assert log.load_checkpoint("fold") == (0, b"empty")
        last = log.append(happened(1)).last_sequence
        log.append(happened(1), checkpoint=("fold", b"one"))
        assert log.load_checkpoint("fold") == (last, b"one")


def test_events_and_checkpoint_are_stored_both_or_neither(url):
    with open_store(url) as log:
        log.append(happened(1), checkpoint=("fold", b"one"))
        with connected(url) as admin:
            admin.execute(text("DROP TABLE checkpoints"))
        with pytest.raises(CrossdockError):
            log.append(happened(2), checkpoint=("fold", b"two"))
        assert ids(log.all_events()) == [1]


# Several processes, and the end of one

APPENDER = textwrap.dedent(
    """
    import datetime as dt, itertools, sys
    import polars as pl
    from crossdock.platform.store.database import open_store

    NOON = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
    url, source, start, batches, size = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
    with open_store(url) as log:
        for batch in itertools.islice(itertools.count(start), batches or None):
            numbers = range(max(0, (batch - 1) * size), (batch + 1) * size)  # the last one again
            events = pl.DataFrame({"source_event_id": [str(n) for n in numbers]}).with_columns(
                source=pl.lit(source), kind=pl.lit("position"),
                occurred_at=pl.lit(NOON), received_at=pl.lit(NOON),
            )
            log.append(events, checkpoint=(source, str(batch).encode()))
            print(batch, flush=True)
    """
)
SIZE = 300


def appender(url: str, source: str, start: int = 0, batches: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", APPENDER, url, source, str(start), str(batches), str(SIZE)],
        stdout=subprocess.PIPE,
        text=True,
    )


def kill_rounds(url: str, rounds: int) -> None:
    """Kill an appender in each round, and go on in the next from its checkpoint."""
    chance = random.Random(rounds)
    for _ in range(rounds):
        with open_store(url) as log:
            stored = log.load_checkpoint("loop")
        child = appender(url, "loop", 0 if stored is None else int(stored[1]) + 1)
        assert child.stdout is not None
        heard = [child.stdout.readline()]
        time.sleep(chance.uniform(0, 0.15))
        child.send_signal(signal.SIGKILL)
        heard += child.stdout.read().split()
        child.wait()
        child.stdout.close()
        acknowledged = max(int(line) for line in heard if line.strip())
        with open_store(url) as log:
            kept = sorted(ids(log.all_events()))
            sequence, content = log.load_checkpoint("loop") or (0, b"-1")
            assert int(content) >= acknowledged
            assert kept == list(range((int(content) + 1) * SIZE))
            assert sequence == log.last_sequence()


def test_a_kill_loses_nothing_acknowledged_and_doubles_nothing(url):
    kill_rounds(url, 3)


@pytest.mark.slow
def test_many_kills_lose_nothing_acknowledged_and_double_nothing(url):
    kill_rounds(url, 20)


def test_two_processes_open_a_new_store_and_append_to_it_at_once(url):
    children = [appender(url, source, batches=10) for source in ("a", "b", "a")]
    for child in children:
        child.communicate(timeout=60)
    assert [child.returncode for child in children] == [0, 0, 0]
    with open_store(url) as log:
        by_source = log.all_events().group_by("source").agg(pl.col("source_event_id"))
        for numbers in by_source["source_event_id"]:
            assert sorted(map(int, numbers)) == list(range(10 * SIZE))


# Versions


def test_a_store_reopened_goes_on_where_it_was(url):
    with open_store(url) as log:
        last = log.append(happened(1, 2), checkpoint=("fold", b"x")).last_sequence
    with open_store(url) as log:
        assert ids(log.all_events()) == [1, 2]
        assert log.load_checkpoint("fold") == (last, b"x")
        assert log.append(happened(3)).last_sequence > last


def test_the_migrations_make_the_tables_that_the_code_uses(url):
    with open_store(url), connected(url) as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == NEWEST


def test_a_log_of_a_newer_crossdock_is_refused_and_left_as_it_is(url):
    with open_store(url) as log:
        log.append(happened(1))
    with connected(url) as admin:
        admin.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(InputUnusableError, match="newer Crossdock") as refused, open_store(url):
        pass
    assert "update Crossdock" in refused.value.remedy
    with connected(url) as admin:
        assert admin.execute(text("SELECT count(*) FROM events")).scalar() == 1


def test_a_database_of_something_else_is_refused_and_left_as_it_is(url):
    with connected(url) as admin:
        admin.execute(text("CREATE TABLE events (title TEXT)"))
    with pytest.raises(InputUnusableError, match="a table events of something else"):
        open_store(url).__enter__()
    with connected(url) as admin:
        admin.execute(text("INSERT INTO events (title) VALUES ('concert')"))


# What does not work says why


def refused(url: str, use: Callable[[EventLog], object] = EventLog.count) -> CrossdockError:
    with pytest.raises(CrossdockError) as told, open_store(url) as log:
        use(log)
    assert told.value.remedy
    assert "\n" not in told.value.message
    return told.value


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path):
    (tmp_path / "orders.csv").write_text("order_id,zip5\n" * 100)
    error = refused(f"sqlite:///{tmp_path}/orders.csv")
    assert isinstance(error, InputUnusableError)
    assert "orders.csv is not a database" in error.message
    assert (tmp_path / "orders.csv").read_text() == "order_id,zip5\n" * 100


def test_a_folder_that_is_not_there_is_named(tmp_path):
    error = refused(f"sqlite:///{tmp_path}/nowhere/events.db")
    assert "nowhere/events.db cannot be opened" in error.message


def test_a_damaged_file_is_told(tmp_path):
    path = tmp_path / "events.db"
    with open_store(f"sqlite:///{path}") as log:
        log.append(happened(*range(2_000)))
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    assert isinstance(refused(f"sqlite:///{path}", EventLog.all_events), InputUnusableError)


def test_a_full_disk_is_told_and_the_log_stays_whole(tmp_path):
    path = tmp_path / "events.db"
    with open_store(f"sqlite:///{path}") as log:
        log.append(happened(*range(100)), checkpoint=("fold", b"100"))
    pages = path.stat().st_size // 4096 + 2

    def limit(connection, _):
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", limit)
    try:
        with open_store(f"sqlite:///{path}") as log:
            with pytest.raises(StoreUnavailableError, match=r"events\.db is full"):
                log.append(happened(*range(5_000)), checkpoint=("fold", b"5000"))
            assert (log.count(), log.load_checkpoint("fold")) == (100, (100, b"100"))
    finally:
        event.remove(Engine, "connect", limit)
    with open_store(f"sqlite:///{path}") as log:
        assert log.append(happened(*range(5_000))).accepted == 4_900


def test_a_file_that_may_not_be_written_can_be_read(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/events.db") as log:
        log.append(happened(1))
    url = f"sqlite:///file:{tmp_path}/events.db?mode=ro&uri=true"
    with open_store(url) as log:
        assert ids(log.all_events()) == [1]
        with pytest.raises(StoreUnavailableError, match="can be read but not written"):
            log.append(happened(2))


def test_a_locked_file_is_told_after_a_while(tmp_path, monkeypatch):
    monkeypatch.setattr("crossdock.platform.store.database.backend.BUSY_TIMEOUT_S", 0.05)
    with open_store(f"sqlite:///{tmp_path}/events.db") as log:
        other = sqlite3.connect(tmp_path / "events.db")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError, match="locked by another process"):
            log.append(happened(1))
        other.close()
        assert log.append(happened(1)).accepted == 1


def test_a_database_that_may_not_be_written_is_told(postgres_server):
    frozen = new_schema(postgres_server, default_transaction_read_only="on")
    assert "can be read but not written" in refused(frozen).message


def test_a_database_that_cannot_hold_every_text_is_refused(postgres_server):
    with connected(postgres_server, "AUTOCOMMIT") as admin:
        admin.execute(text("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0"))
    latin = make_url(postgres_server).set(database="latin").render_as_string()
    assert "encoded in LATIN1" in refused(latin).message


def test_a_session_that_the_server_ended_is_opened_again(postgres_server):
    url = new_schema(postgres_server, application_name="doomed")
    doomed = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    with open_store(url) as log:
        log.append(happened(1))
        with connected(postgres_server) as admin:
            admin.execute(text(f"{doomed} WHERE application_name = 'doomed'"))
        with pytest.raises(StoreUnavailableError):
            log.append(happened(1, 2))
        assert log.append(happened(1, 2)).accepted == 1


SECRET = "hunter2-Geheim"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://crossdock:{SECRET}@127.0.0.1:1/log",
        f"postgresql://crossdock:{SECRET}@127.0.0.1:1/log",
        f"postgresql://crossdock@127.0.0.1:1/log?password={SECRET}",
        f"postgresql://crossdock:a@{SECRET}@127.0.0.1:1/log",
        f"postgresql://crossdock:a/{SECRET}@127.0.0.1:1/log",
        f"postgresql://crossdock@127.0.0.1:{SECRET}/log",
        f"postgresql://crossdock:{SECRET}@127.0.0.1:1/log?passwrd={SECRET}",
        f"mysql://crossdock:{SECRET}@127.0.0.1:1/log",
        SECRET,
    ],
)
def test_no_error_shows_the_password(url):
    error = refused(url)
    said = "".join(traceback.format_exception(error))
    assert SECRET not in error.message + error.remedy
    assert SECRET not in said.replace(f"refused({url!r})", "")


def test_an_unreachable_server_is_told():
    error = refused("postgresql+psycopg://crossdock:pw@127.0.0.1:1/log")
    assert isinstance(error, StoreUnavailableError)
    assert "127.0.0.1/log cannot be used" in error.message


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "duckdb:///x", "events.db", ""])
def test_a_url_of_another_form_is_refused(url):
    assert isinstance(refused(url), UsageError)


def test_files_can_be_read_and_written_without_a_database_library():
    asked = "import sys, crossdock.platform.store; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


def test_rows_stand_in_the_log_where_they_came_first(url):
    with open_store(url) as log:
        rows = rows_of(check_events(happened(1, 2, 1, 3, 2).with_columns(tenant=pl.lit("default"))))
        appended = log.append_rows(rows)
        assert (appended.accepted, appended.duplicates) == (3, 2)
        assert [row[2] for row in appended.rows] == [rows[at][2] for at in (0, 1, 3)]
        assert log.all_events()["source_event_id"].to_list() == [row[2] for row in appended.rows]
