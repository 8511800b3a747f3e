"""The audit log is a chain: what is changed, inserted or taken out of it is found."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from crossdock.platform.store.database import Store, open_database
from crossdock.platform.store.database.audit import AuditLog
from crossdock.platform.store.database.connections import reading, writing
from crossdock.platform.store.database.tables import AUDIT


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_database(url) as opened:
        yield opened


@pytest.fixture
def audit(store, clock) -> AuditLog:
    return AuditLog(store.backend, clock.now)


def write_down(audit: AuditLog, rows: int, tenant: str = "acme") -> None:
    for number in range(1, rows + 1):
        audit.append(tenant, "user:kim", "load.held", f"load:{number}", {"minutes": number})


def at(number: int, tenant: str = "acme"):
    return (AUDIT.c.tenant == tenant) & (AUDIT.c.number == number)


def test_an_empty_log_is_intact(audit):
    verdict = audit.verify("acme")
    assert (verdict.rows, verdict.broken) == (0, None)
    assert audit.newest("acme") == []


def test_rows_are_numbered_in_their_order_and_read_newest_first_in_pages(audit, clock):
    write_down(audit, 5)
    first = audit.newest("acme", limit=2)
    assert [row.number for row in first] == [5, 4]
    assert [row.number for row in audit.newest("acme", before=4)] == [3, 2, 1]
    assert first[0].at == clock.now()
    assert (first[0].actor, first[0].action, first[0].subject) == (
        "user:kim",
        "load.held",
        "load:5",
    )
    assert first[0].detail == {"minutes": 5}


def test_what_append_answers_is_what_is_read(audit):
    appended = audit.append("acme", "cli", "key.created", "key:1", {"b": [1, None], "a": "ä"})
    assert audit.newest("acme") == [appended]


def test_a_log_as_it_was_written_is_intact(audit):
    write_down(audit, 7)
    verdict = audit.verify("acme")
    assert (verdict.rows, verdict.broken) == (7, None)
    assert verdict.last_hash == audit.newest("acme", limit=1)[0].hash


@pytest.mark.parametrize(
    "cells",
    [
        {"actor": "user:lee"},
        {"action": "load.let_go"},
        {"subject": "load:9"},
        {"detail": '{"minutes":90}'},
        {"at": 1},
        {"hash": "0" * 64},
        {"previous_hash": "0" * 64},
    ],
    ids=lambda cells: next(iter(cells)),
)
def test_a_changed_cell_is_found_at_its_row(store, audit, cells):
    write_down(audit, 5)
    with writing(store.backend) as connection:
        connection.execute(update(AUDIT).where(at(3)).values(cells))
    verdict = audit.verify("acme")
    assert (verdict.rows, verdict.broken) == (2, 3)


def test_a_row_taken_out_is_named(store, audit):
    write_down(audit, 5)
    with writing(store.backend) as connection:
        connection.execute(delete(AUDIT).where(at(2)))
    assert audit.verify("acme").broken == 2


def test_a_missing_beginning_is_found(store, audit):
    write_down(audit, 3)
    with writing(store.backend) as connection:
        connection.execute(delete(AUDIT).where(at(1)))
    assert audit.verify("acme").broken == 1


def test_a_row_put_under_another_number_to_close_a_gap_is_found(store, audit):
    write_down(audit, 4)
    with writing(store.backend) as connection:
        connection.execute(delete(AUDIT).where(at(2)))
        connection.execute(update(AUDIT).where(at(3)).values(number=2))
        connection.execute(update(AUDIT).where(at(4)).values(number=3))
    assert audit.verify("acme").broken == 2


def test_a_row_of_another_tenant_does_not_pass_for_one_of_this(store, audit):
    write_down(audit, 1)
    write_down(audit, 1, "globex")
    with writing(store.backend) as connection:
        row = connection.execute(select(AUDIT).where(at(1, "globex"))).mappings().one()
        connection.execute(delete(AUDIT).where(at(1)))
        connection.execute(insert(AUDIT).values(dict(row) | {"tenant": "acme"}))
    assert audit.verify("acme").broken == 1
    assert audit.verify("globex").broken is None


def test_rows_cut_off_at_the_end_show_against_a_hash_kept_elsewhere(store, audit):
    write_down(audit, 4)
    kept = audit.verify("acme")
    with writing(store.backend) as connection:
        connection.execute(delete(AUDIT).where(at(4)))
    now = audit.verify("acme")
    assert now.broken is None
    assert (now.rows, now.last_hash) != (kept.rows, kept.last_hash)


def test_a_log_longer_than_a_page_is_verified_to_its_end(store, audit, monkeypatch):
    monkeypatch.setattr("crossdock.platform.store.database.audit._PAGE", 3)
    write_down(audit, 9)
    assert audit.verify("acme").rows == 9
    with writing(store.backend) as connection:
        connection.execute(update(AUDIT).where(at(8)).values(subject=""))
    assert audit.verify("acme").broken == 8


def test_many_who_write_at_once_make_one_chain(url, clock):
    def write(tenant: str) -> None:
        with open_database(url) as own:
            write_down(AuditLog(own.backend, clock.now), 8, tenant)

    with open_database(url) as store:
        audit = AuditLog(store.backend, clock.now)
        writers = [threading.Thread(target=write, args=[t]) for t in ("acme",) * 3 + ("globex",)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert audit.verify("acme").rows == 24
        assert audit.verify("acme").broken is None
        assert audit.verify("globex").rows == 8


def test_an_act_that_is_rolled_back_is_not_written_down(store, audit):
    def stop_within_an_act() -> None:
        with writing(store.backend) as connection:
            audit.append_within(connection, "acme", "cli", "key.created", "key:1")
            raise InterruptedError

    with pytest.raises(InterruptedError):
        stop_within_an_act()
    assert audit.newest("acme") == []


@given(
    actor=st.text(), subject=st.text(), detail=st.dictionaries(st.text(), st.text() | st.integers())
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_can_be_written_down_and_read_back_alike_by_the_chain(
    audit, actor, subject, detail
):
    row = audit.append("acme", actor, "noted", subject, detail)
    assert audit.newest("acme", limit=1) == [row]
    assert row.detail == detail
    assert audit.verify("acme").broken is None


def test_the_rows_of_a_tenant_are_its_own(store, audit):
    write_down(audit, 2)
    write_down(audit, 3, "globex")
    assert [row.number for row in audit.newest("globex")] == [3, 2, 1]
    with reading(store.backend) as connection:
        assert len(connection.execute(select(AUDIT)).all()) == 5
