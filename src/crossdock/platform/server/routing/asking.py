"""What can be asked about routes: checked at once, planned by a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, cast

from crossdock.model import CrossdockError
from crossdock.platform.server.idempotency import id_of
from crossdock.platform.server.principal import Principal
from crossdock.platform.server.problems import RefusedError
from crossdock.platform.store.database.jobs import Jobs
from crossdock.platform.store.database.route_plans import RoutePlans, StoredRoutePlan

if TYPE_CHECKING:
    from crossdock.platform.roads import RoadSource
    from crossdock.platform.routing.documents import FaultyDocumentError

ROUTE_PLAN = "route_plan"
ROUTE_FUNCTIONS: Mapping[str, str] = MappingProxyType(
    {ROUTE_PLAN: "crossdock.platform.server.routing.job:plan_routes"}
)
"""The kind of job that plans routes, for a `JobRunner`."""

MOST_ROWS = 20_000
"""Jobs, or shipments, of a problem."""
MOST_SECONDS, MOST_ITERATIONS = 600.0, 1_000_000
USUAL_SECONDS = 10.0
NO_ROADS = (
    'the operator of the server names them with CROSSDOCK_ROADS; else give {"kind": "streets"} '
    'or {"kind": "matrix", ...}'
)
_FIELDS = ("problem", "seconds", "iterations", "seed", "skip_bad", "start", "plan", "events")


class RouteDesk:
    """Answers about routes.

    Parameters
    ----------
    on_asked
        Called after a plan was asked for: wakes who makes it.
    """

    def __init__(self, plans: RoutePlans, jobs: Jobs, on_asked: Callable[[], None]) -> None:
        self._plans, self._jobs, self._on_asked = plans, jobs, on_asked

    def ask(self, principal: Principal, told: Mapping[str, Any], token: str) -> tuple[str, str]:
        """Have a problem planned; returns the ids of plan and job, which grow from ``token``.

        Raises
        ------
        RefusedError
            The problem has faults, all of them named.
        """
        _only(told, _FIELDS)
        _numbers(told)
        documents = {name: _object(told, name) for name in ("problem", "start", "plan", "events")
                     if name in told or name == "problem"}  # fmt: skip
        if ("plan" in told) != ("events" in told):
            _refuse("plan", "a re-plan has `plan` and `events`; a plan has neither")
        checked(documents, skip_bad=told.get("skip_bad") is True)
        plan_id, job_id = id_of(token, ROUTE_PLAN), id_of(token, "job")
        self._plans.ask(
            self._jobs, principal.tenant, ROUTE_PLAN, told, plan_id=plan_id, job_id=job_id,
            asked_by=principal.actor,
        )  # fmt: skip
        self._on_asked()
        return plan_id, job_id

    def read(self, tenant: str, plan_id: str) -> StoredRoutePlan:
        """How far a plan is; `NotFoundError` where the tenant has no such plan."""
        return self._plans.read(tenant, plan_id)

    def plan(self, tenant: str, plan_id: str) -> dict[str, Any] | None:
        """The plan itself; None until it is made."""
        return self._plans.plan(tenant, plan_id)


def explained(told: Mapping[str, Any]) -> dict[str, Any]:
    """Why a plan, or a stop of it, is as it is."""
    from crossdock.platform.routing.documents import (  # noqa: PLC0415 a server starts without
        FaultyDocumentError,
        explain_plan,
        explain_stop_of,
        question_of,
        read_plan,
        read_rows,
    )

    _only(told, ("problem", "plan", "stop"))
    stop = told.get("stop")
    if stop is not None and not isinstance(stop, str):
        _refuse("stop", "is no text; give the id of a stop")
    try:
        problem = _object(told, "problem")
        roads = roads_for(problem)
        rows = read_rows(problem, "problem", most_rows=MOST_ROWS, may_be_empty=True,
                         roads=roads, no_roads=NO_ROADS)  # fmt: skip
        question = question_of(rows.document, roads, all_pairs=False)
        plan = read_plan(_object(told, "plan"), "plan")
        if stop is None:
            return explain_plan(question, plan, "plan")
        return explain_stop_of(question, plan, stop, "plan")
    except FaultyDocumentError as error:
        _faulty(error)


def compared(told: Mapping[str, Any]) -> dict[str, Any]:
    """Where a plan differs from another."""
    from crossdock.platform.routing.documents import (  # noqa: PLC0415 a server starts without
        FaultyDocumentError,
        diff_plans,
        read_plan,
    )

    _only(told, ("was", "now", "tolerance_s"))
    tolerance = _number(told, "tolerance_s", 0.0, 1e9, 60.0)
    try:
        was, now = (read_plan(_object(told, name), name) for name in ("was", "now"))
    except FaultyDocumentError as error:
        _faulty(error)
    return diff_plans(was, now, tolerance)


def checked(documents: Mapping[str, dict[str, Any]], *, skip_bad: bool) -> None:
    """Refuse documents with faults before a job takes them up."""
    from crossdock.platform.routing.documents import (  # noqa: PLC0415 a server starts without
        FaultyDocumentError,
        present_of,
        question_of,
        read_events,
        read_plan,
        read_rows,
        sequences_of,
    )

    try:
        roads = roads_for(documents["problem"])
        rows = read_rows(documents["problem"], "problem", skip_bad=skip_bad, most_rows=MOST_ROWS,
                         roads=roads, no_roads=NO_ROADS)  # fmt: skip
        question = question_of(rows.document, roads, all_pairs=False)
        for name in ("start", "plan"):
            if name in documents:
                plan = read_plan(documents[name], name)
                sequences_of(question, plan, name, strict=not (skip_bad and name == "start"))
        if "events" in documents:
            happened = read_events(documents["events"], "events")
            present_of(rows.document, read_plan(documents["plan"], "plan"), happened)
    except FaultyDocumentError as error:
        _faulty(error)


def roads_for(problem: Mapping[str, Any]) -> RoadSource | None:
    """The roads that the operator has named, where a problem asks for some."""
    distances: object = problem.get("distances")
    kind = cast("dict[str, object]", distances).get("kind") if isinstance(distances, dict) else None
    if kind != "roads":
        return None
    from crossdock.platform.roads import roads_of_environment  # noqa: PLC0415 slow to import

    try:
        source = roads_of_environment()
        if source is not None:
            source.open()
    except CrossdockError as error:  # what it says names files of the server
        raise RefusedError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "the roads that CROSSDOCK_ROADS of the server names cannot be read",
        ) from error
    return source


def _faulty(error: FaultyDocumentError) -> NoReturn:
    places = [
        (
            " ".join(filter(None, (error.what, each.who, each.field))),
            f"{each.reason}; {each.remedy}",
        )
        for each in error.faults
    ]
    raise RefusedError(
        HTTPStatus.UNPROCESSABLE_ENTITY, f"{error.count} in {error.what}", errors=places
    )


def _only(told: Mapping[str, Any], known: Sequence[str]) -> None:
    for name in told:
        if name not in known:
            _refuse(name[:60], f"is not known; known: {', '.join(known)}")


def _object(told: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = told.get(name)
    if not isinstance(value, dict):
        _refuse(name, "is no JSON object")
    return cast("dict[str, Any]", value)


def _numbers(told: Mapping[str, Any]) -> None:
    _number(told, "seconds", 0.1, MOST_SECONDS, USUAL_SECONDS)
    for name, most in (("iterations", MOST_ITERATIONS), ("seed", 2**31)):
        value = told.get(name, 0)
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole or not 0 <= value <= most:
            _refuse(name, f"is not a whole number from 0 to {most:,}")
    if not isinstance(told.get("skip_bad", False), bool):
        _refuse("skip_bad", "is neither true nor false")


def _number(told: Mapping[str, Any], name: str, least: float, most: float, usual: float) -> float:
    value = told.get(name, usual)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not least <= value <= most:
        _refuse(name, f"is not a number from {least:g} to {most:g}")
    return float(value)


def _refuse(name: str, said: str) -> NoReturn:
    raise RefusedError(
        HTTPStatus.UNPROCESSABLE_ENTITY, f"{name} {said}", errors=[(f"body.{name}", said)]
    )
