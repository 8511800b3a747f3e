"""The tables of the store as the newest migration leaves them.

Instants are whole microseconds since 1970 in UTC, so that both databases keep them exactly.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from crossdock.model.event import EVENTS, NEEDED
from crossdock.model.tables import INSTANT

METADATA = MetaData()
VERSION_TABLE = "crossdock_version"
KEY = ("tenant", "source", "source_event_id")
"""What makes two deliveries the same event."""

SEQUENCE = BigInteger().with_variant(Integer(), "sqlite")


def event_columns() -> list[Column[int | str]]:
    """The columns of an event, in the order of `EVENTS`."""
    return [
        Column(name, BigInteger() if dtype == INSTANT else Text(), nullable=name not in NEEDED)
        for name, dtype in EVENTS.items()
    ]


EVENT_ROWS = Table(
    "events",
    METADATA,
    Column("sequence", SEQUENCE, Identity(always=False), primary_key=True),
    *event_columns(),
    UniqueConstraint(*KEY, name="events_once"),
    sqlite_autoincrement=True,
)
"""``sequence``: the order of the log. It only grows and may have gaps."""

_OF_A_PARCEL = EVENT_ROWS.c.parcel_id.is_not(None)
Index(
    "events_of_parcel",
    EVENT_ROWS.c.tenant,
    EVENT_ROWS.c.parcel_id,
    EVENT_ROWS.c.occurred_at,
    sqlite_where=_OF_A_PARCEL,
    postgresql_where=_OF_A_PARCEL,
)
Index("events_in_order", EVENT_ROWS.c.tenant, EVENT_ROWS.c.sequence)

CHECKPOINTS = Table(
    "checkpoints",
    METADATA,
    Column("tenant", Text(), primary_key=True),
    Column("name", Text(), primary_key=True),
    Column("sequence", BigInteger(), nullable=False),
    Column("content", LargeBinary(), nullable=False),
    Column("updated_at", BigInteger(), nullable=False),
)
"""State folded from the events up to ``sequence``, to go on from."""

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("tenant", Text(), primary_key=True),
    Column("last_number", BigInteger(), primary_key=True, autoincrement=False),
    Column("first_number", BigInteger(), nullable=False),
    Column("sequence", BigInteger(), nullable=False),
    Column("messages", LargeBinary(), nullable=False),
    Column("created_at", BigInteger(), nullable=False),
)
"""What subscribers are told, in packets of one commit: messages ``first_number`` to
``last_number``, after the events up to ``sequence``. ``messages``: JSON, ``[event, data]`` each."""

TENANTS = Table(
    "tenants",
    METADATA,
    Column("tenant", Text(), primary_key=True),
    Column("created_at", BigInteger(), nullable=False),
)

USERS = Table(
    "users",
    METADATA,
    Column("user_id", Text(), primary_key=True),
    Column("tenant", Text(), nullable=False),
    Column("email", Text(), nullable=False, unique=True),
    Column("name", Text(), nullable=False),
    Column("role", Text(), nullable=False),
    Column("password_hash", Text()),
    Column("created_at", BigInteger(), nullable=False),
    Column("disabled_at", BigInteger()),
)
"""``password_hash``: argon2id; null where only a link or another identity provider signs in."""

SIGN_IN_FAILURES = Table(
    "sign_in_failures",
    METADATA,
    Column("email_hash", Text(), primary_key=True),
    Column("failures", Integer(), nullable=False),
    Column("last_at", BigInteger(), nullable=False),
    Column("locked_until", BigInteger()),
    Index("sign_in_failures_by_age", "last_at"),
)
"""Wrong passwords in a row. Kept by email, not by user, so that an email without an account is
counted and locked alike: neither the answer nor its time tells who has one."""

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("token_hash", Text(), primary_key=True),
    Column("user_id", Text(), nullable=False),
    Column("created_at", BigInteger(), nullable=False),
    Column("last_seen_at", BigInteger(), nullable=False),
    Column("expires_at", BigInteger(), nullable=False),
    Index("sessions_of_user", "user_id"),
)

SIGN_IN_LINKS = Table(
    "sign_in_links",
    METADATA,
    Column("token_hash", Text(), primary_key=True),
    Column("user_id", Text(), nullable=False),
    Column("expires_at", BigInteger(), nullable=False),
    Column("used_at", BigInteger()),
)

API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("key_id", Text(), primary_key=True),
    Column("tenant", Text(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("role", Text(), nullable=False),
    Column("key_hash", Text(), nullable=False, unique=True),
    Column("created_at", BigInteger(), nullable=False),
    Column("last_used_at", BigInteger()),
    Column("revoked_at", BigInteger()),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("tenant", Text(), primary_key=True),
    Column("number", BigInteger(), primary_key=True, autoincrement=False),
    Column("at", BigInteger(), nullable=False),
    Column("actor", Text(), nullable=False),
    Column("action", Text(), nullable=False),
    Column("subject", Text(), nullable=False),
    Column("detail", Text(), nullable=False),
    Column("previous_hash", Text(), nullable=False),
    Column("hash", Text(), nullable=False),
)
"""Who did what, each row with the hash of the one before: a changed or missing row is found."""

JOBS = Table(
    "jobs",
    METADATA,
    Column("job_id", Text(), primary_key=True),
    Column("tenant", Text(), nullable=False),
    Column("kind", Text(), nullable=False),
    Column("state", Text(), nullable=False),
    Column("request", Text(), nullable=False),
    Column("stage", Text(), nullable=False),
    Column("share_done", Float(), nullable=False),
    Column("result", Text()),
    Column("error", Text()),
    Column("attempts", Integer(), nullable=False),
    Column("most_attempts", Integer(), nullable=False),
    Column("next_at", BigInteger(), nullable=False),
    Column("leased_by", Text()),
    Column("lease_until", BigInteger()),
    Column("wants_cancel", Boolean(), nullable=False),
    Column("wants_end", Boolean(), nullable=False),
    Column("search", Text()),
    Column("created_at", BigInteger(), nullable=False),
    Column("created_by", Text(), nullable=False),
    Column("updated_at", BigInteger(), nullable=False),
    Index("jobs_due", "state", "next_at"),
    Index("jobs_of_tenant", "tenant", "created_at", "job_id"),
)
"""``state``: waiting, running, done, failed (may be tried again), dead (will not), cancelled.
``leased_by`` and ``attempts`` together name a lease: who lost it cannot finish the job.
``search``: JSON, how a search for something cheaper goes; ``wants_end``: it is to end with that."""

IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    Column("tenant", Text(), primary_key=True),
    Column("actor", Text(), primary_key=True),
    Column("key", Text(), primary_key=True),
    Column("request_hash", Text(), nullable=False),
    Column("token", Text(), nullable=False),
    Column("status", Integer()),
    Column("headers", Text()),
    Column("body", LargeBinary()),
    Column("created_at", BigInteger(), nullable=False),
    Index("idempotency_old", "created_at"),
)
"""``status`` is null while the first request is being answered. ``token``: what the ids of things
that the request makes grow from, so that taking it over after a crash makes them once."""

ORDER_ROWS = Table(
    "orders",
    METADATA,
    Column("tenant", Text(), primary_key=True),
    Column("order_id", Text(), primary_key=True),
    Column("body", Text(), nullable=False),
    Column("revision", Integer(), nullable=False),
    Column("received_at", BigInteger(), nullable=False),
    Column("plan_id", Text()),
)
"""``body``: the checked ORDERS fields as JSON; ``revision``: grows when another body replaces it;
``plan_id``: the released plan that carries it."""

_OPEN = ORDER_ROWS.c.plan_id.is_(None)
Index(
    "orders_open",
    ORDER_ROWS.c.tenant,
    ORDER_ROWS.c.order_id,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)

PLANS = Table(
    "plans",
    METADATA,
    Column("tenant", Text(), primary_key=True),
    Column("plan_id", Text(), primary_key=True),
    Column("state", Text(), nullable=False),
    Column("job_id", Text(), nullable=False),
    Column("created_at", BigInteger(), nullable=False),
    Column("created_by", Text(), nullable=False),
    Column("released_at", BigInteger()),
    Column("released_by", Text()),
    Column("summary", Text()),
    Column("content", LargeBinary()),
    Index("plans_of_tenant", "tenant", "created_at", "plan_id"),
)
"""``state``: planning, draft, released; a plan whose job is dead or cancelled counts as failed.
``content``: the run folder's tables, zipped."""

PLAN_EDITS = Table(
    "plan_edits",
    METADATA,
    Column("tenant", Text(), primary_key=True),
    Column("plan_id", Text(), primary_key=True),
    Column("number", Integer(), primary_key=True, autoincrement=False),
    Column("facility_id", Text(), nullable=False),
    Column("delivery_date", Text(), nullable=False),
    Column("kind", Text(), nullable=False),
    Column("made_at", BigInteger(), nullable=False),
    Column("made_by", Text(), nullable=False),
    Column("detail", Text(), nullable=False),
    Column("content", LargeBinary()),
    Column("figures", Text()),
)
"""What was changed on a draft, numbered from 1. ``detail``: JSON, what was asked and what it came
to; ``content``: the routes that it took out and put in, zipped tables; ``figures``: JSON, those of
the plan after it, once anybody has asked for them."""

ROUTE_PLANS = Table(
    "route_plans",
    METADATA,
    Column("tenant", Text(), primary_key=True),
    Column("plan_id", Text(), primary_key=True),
    Column("job_id", Text(), nullable=False),
    Column("created_at", BigInteger(), nullable=False),
    Column("created_by", Text(), nullable=False),
    Column("asked", LargeBinary(), nullable=False),
    Column("trace", Text(), nullable=False),
    Column("content", LargeBinary()),
)
"""``asked``, ``content``: question and plan, zipped JSON; ``trace``: seconds and cost so far."""

PLAN_ORDERS = Table(
    "plan_orders",
    METADATA,
    Column("tenant", Text(), primary_key=True),
    Column("plan_id", Text(), primary_key=True),
    Column("order_id", Text(), primary_key=True),
    Column("revision", Integer(), nullable=False),
)
"""Which orders a draft would carry, each as it was when the plan was made."""
