"""A store on each of the two databases, and a clock that tests move."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete
from sqlalchemy.pool import NullPool

from crossdock.model import NotFoundError
from crossdock.platform.bench import private_postgres
from crossdock.platform.store.database import Store, open_database
from crossdock.platform.store.database.tables import METADATA
from emptied_store import empty, on_postgres, on_sqlite


class MovedClock:
    """Stands at noon until it is moved."""

    def __init__(self) -> None:
        self.at = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)

    def now(self) -> dt.datetime:
        return self.at

    def move(self, **span: float) -> None:
        self.at += dt.timedelta(**span)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(private_postgres())
        except NotFoundError as error:
            pytest.skip(error.message)
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("migrated") / "store.db"
    with open_database(f"sqlite:///{place}"):
        return place


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> str:
    with open_database(postgres_server):
        return postgres_server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store of this version, made once for all tests: that takes longer than most."""
    if request.param == "sqlite":
        migrated = request.getfixturevalue("migrated_sqlite")
        shutil.copy(migrated, tmp_path / "store.db")
        return f"sqlite:///{tmp_path}/store.db"
    server: str = request.getfixturevalue("migrated_postgres")
    engine = create_engine(server, poolclass=NullPool)
    with engine.begin() as connection:
        for table in METADATA.sorted_tables:
            connection.execute(delete(table))
    return server


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened(request, tmp_path_factory) -> Iterator[Store]:
    if request.param == "sqlite":
        with on_sqlite(tmp_path_factory.mktemp("store")) as store:
            yield store
    else:
        with on_postgres(request.getfixturevalue("postgres_server")) as store:
            yield store


@pytest.fixture
def store(opened) -> Iterator[Store]:
    """A store on each database, emptied after each test."""
    yield opened
    empty(opened)


@pytest.fixture(scope="module")
def opened_here(tmp_path_factory) -> Iterator[Store]:
    with on_sqlite(tmp_path_factory.mktemp("here")) as store:
        yield store


@pytest.fixture
def here(opened_here) -> Iterator[Store]:
    """A store on SQLite, for what is the same on both."""
    yield opened_here
    empty(opened_here)
