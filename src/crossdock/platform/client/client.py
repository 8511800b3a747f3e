"""The client itself."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx

from crossdock.model import CrossdockError, StoreUnavailableError
from crossdock.platform.client.plan_day import PlanDay
from crossdock.platform.client.streaming import StreamEvent, stream_events

Row = dict[str, Any]


class ServerRefusedError(CrossdockError):
    """The server answered with a problem.

    Attributes
    ----------
    status
        HTTP status.
    problem
        The whole of the problem: ``title, detail, errors`` and what else there is.
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('title', '')}: {problem.get('detail', '')}")
        self.status = status
        self.problem = dict(problem)


_ROWS_A_PAGE, _TOURS_A_PAGE = "1000", "200"


class TowerClient(AbstractContextManager["TowerClient"]):
    """Speaks with a server.

    Parameters
    ----------
    url
        Such as ``http://127.0.0.1:8000``.
    key
        API key.
    timeout_s
        Longest wait for an answer.

    Notes
    -----
    Every method raises `ServerRefusedError` where the server refuses, and `StoreUnavailableError`
    where it cannot be reached. With ``at``, an instant with its zone, what reads tells what the
    tower knew then.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout_s: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=timeout_s,
            transport=transport,
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self._http.close()

    def send_events(self, events: Sequence[Mapping[str, Any]], *, key: str | None = None) -> Row:
        """Bring events: ``accepted``, ``duplicates``, ``rejected`` of the batch.

        Parameters
        ----------
        key
            Idempotency key; without one a repetition is told by the events' own ids.
        """
        return self._post("/v1/events", list(events), key=key)

    def send_orders(
        self, orders: Sequence[Mapping[str, Any]], *, replace: bool = False, key: str | None = None
    ) -> Row:
        """Bring orders: ``accepted``, ``duplicates``, ``rejected`` of the batch."""
        asked = {"replace": "true"} if replace else None
        return self._post("/v1/orders", list(orders), key=key, params=asked)

    def parcels(
        self, *, status: str | None = None, q: str | None = None, at: dt.datetime | None = None
    ) -> Iterator[Row]:
        """Every parcel, by id."""
        return self._rows("/v1/parcels", status=status, q=q, **_at(at))

    def parcel(self, parcel_id: str, *, at: dt.datetime | None = None) -> Row:
        """One parcel with its planned path and its exceptions."""
        return self._get(f"/v1/parcels/{_part(parcel_id)}", _at(at))

    def parcel_events(self, parcel_id: str, *, at: dt.datetime | None = None) -> list[Row]:
        """The events of a parcel in event time."""
        return self._get(f"/v1/parcels/{_part(parcel_id)}/events", _at(at))["items"]

    def exceptions(
        self,
        *,
        state: str | None = None,
        kind: str | None = None,
        owner: str | None = None,
        at: dt.datetime | None = None,
    ) -> Iterator[Row]:
        """Every exception, the worst first."""
        return self._rows("/v1/exceptions", state=state, kind=kind, owner=owner, **_at(at))

    def exception(self, exception_id: str, *, at: dt.datetime | None = None) -> Row:
        """One exception with its evidence and what was done."""
        return self._get(f"/v1/exceptions/{_part(exception_id)}", _at(at))

    def act(self, exception_id: str, action: str, version: int, **more: Any) -> Row:
        """Own, acknowledge, snooze, escalate, note, resolve, reopen or undo."""
        body = {"action": action, "version": version, **more}
        return self._post(f"/v1/exceptions/{_part(exception_id)}/actions", body, key=_new_key())

    def preview(self, command: str, **arguments: Any) -> Row:
        """What a command would do: ``late_parcels``, ``cost_usd``, ``legal``, ``reasons``."""
        body = {"command": command, "preview": True, **arguments}
        return self._post("/v1/commands", body, key=_new_key())

    def command(self, command: str, *, key: str | None = None, **arguments: Any) -> Row:
        """Hold, add, cancel or divert a load, move stops, try a parcel again.

        Parameters
        ----------
        key
            Idempotency key: a command that is sent again under it is given once.
        arguments
            Of the command, named as in the API; ``from`` goes in as ``**{"from": ...}``.
        """
        body = {"command": command, "preview": False, **arguments}
        return self._post("/v1/commands", body, key=key or _new_key())

    def commands(self) -> Iterator[Row]:
        """Every command that was given, the newest first."""
        return self._rows("/v1/commands")

    def incidents(self, *, at: dt.datetime | None = None) -> list[Row]:
        """Open exceptions by their cause."""
        return self._get("/v1/incidents", _at(at))["items"]

    def kpis(self, *, at: dt.datetime | None = None) -> dict[str, Row]:
        """The figures by name."""
        return {row["name"]: row for row in self._get("/v1/kpis", _at(at))["items"]}

    def kpi_history(self, *, hours: float = 24.0, points: int = 48) -> Row:
        """How the figures came to what they are: ``instants``, and ``items`` with ``values``."""
        return self._get("/v1/kpis/history", {"hours": f"{hours:g}", "points": str(points)})

    def map(self, *, at: dt.datetime | None = None) -> Row:
        """Facilities, vehicles and lanes."""
        return self._get("/v1/map", _at(at))

    def facilities(self, *, at: dt.datetime | None = None) -> list[Row]:
        """Every facility with what waits there."""
        return self._get("/v1/facilities", _at(at))["items"]

    def board(self, facility_id: str, *, hours: float = 6.0, at: dt.datetime | None = None) -> Row:
        """What leaves a facility and comes to it in the next hours."""
        path = f"/v1/facilities/{_part(facility_id)}/board"
        return self._get(path, {"hours": str(hours), **_at(at)})

    def drivers(
        self,
        *,
        q: str | None = None,
        facility: str | None = None,
        kind: str | None = None,
        at: dt.datetime | None = None,
    ) -> Iterator[Row]:
        """Every driver, those with the fewest hours left first."""
        return self._rows("/v1/drivers", q=q, facility=facility, kind=kind, **_at(at))

    def driver(self, driver_id: str, *, at: dt.datetime | None = None) -> Row:
        """One driver: clocks, what gives hours back, findings, the log of 8 days, what comes."""
        return self._get(f"/v1/drivers/{_part(driver_id)}", _at(at))

    def what_if(
        self,
        driver_id: str,
        *,
        load_id: str | None = None,
        drive_h: float = 0.0,
        work_h: float = 0.0,
        start: dt.datetime | None = None,
        at: dt.datetime | None = None,
    ) -> Row:
        """Whether a driver can still take a load, or so many hours: ``allowed``, ``reasons``."""
        body: Row = {"load_id": load_id, "drive_h": drive_h, "work_h": work_h}
        if start is not None:
            body["from"] = start.isoformat()
        return self._post(f"/v1/drivers/{_part(driver_id)}/what-if", body, params=_at(at))

    def audit_hours(self, cases: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Violations and hours left of duty logs: the cases of `crossdock hos audit`."""
        return self._post("/v1/compliance/hos/audit", {"cases": list(cases)})["cases"]

    def plan_hours(self, cases: Sequence[Mapping[str, Any]]) -> list[Row]:
        """The earliest legal ways through stops: the cases of `crossdock hos plan`."""
        return self._post("/v1/compliance/hos/plan", {"cases": list(cases)})["cases"]

    def calculate(self, cases: Mapping[str, Sequence[Mapping[str, Any]]]) -> Row:
        """Formulas on cases, as of `crossdock comply calc`."""
        return self._post("/v1/compliance/calculations", dict(cases))

    def judge_trip(self, trip: Mapping[str, Any]) -> Row:
        """Whether a trip may leave: ``allowed``, ``holds_until``, ``verdicts``."""
        return self._post("/v1/compliance/gate", dict(trip))

    def write_shift_note(self, text: str, *, to: str = "", key: str | None = None) -> Row:
        """Tell the next dispatcher how the day stands."""
        return self._post("/v1/shift-notes", {"text": text, "to": to}, key=key or _new_key())

    def shift_notes(self, *, limit: int = 20, at: dt.datetime | None = None) -> list[Row]:
        """The newest notes."""
        return self._get("/v1/shift-notes", {"limit": str(limit), **_at(at)})["items"]

    def read_shift_note(self, note_id: str) -> Row:
        """Take a note over."""
        return self._post(f"/v1/shift-notes/{_part(note_id)}/read", {}, key=_new_key())

    def start_plan(self, **options: Any) -> Row:
        """Have the waiting orders planned: ``plan_id`` and ``job_id``."""
        return self._post("/v1/plans", options, key=_new_key())

    def plan(self, plan_id: str) -> Row:
        """State, progress and summary of a plan."""
        return self._get(f"/v1/plans/{_part(plan_id)}")

    def plan_loads(self, plan_id: str) -> Iterator[Row]:
        """Loads of a plan."""
        return self._rows(f"/v1/plans/{_part(plan_id)}/loads")

    def plan_routes(self, plan_id: str) -> Iterator[Row]:
        """Stops of the routes of a plan."""
        return self._rows(f"/v1/plans/{_part(plan_id)}/routes")

    def plan_lanes(self, plan_id: str) -> Iterator[Row]:
        """Lanes of a plan: what moves, how full, at what cost, and why so."""
        return self._rows(f"/v1/plans/{_part(plan_id)}/lanes")

    def plan_departures(
        self, plan_id: str, *, origin: str | None = None, destination: str | None = None
    ) -> Iterator[Row]:
        """Departures of a plan, each with its cut-off and its reasons."""
        path = f"/v1/plans/{_part(plan_id)}/departures"
        return self._rows(path, **{"from": origin, "to": destination})

    def plan_metros(self, plan_id: str) -> Iterator[Row]:
        """Facilities of a plan, with what each sends out to doors."""
        return self._rows(f"/v1/plans/{_part(plan_id)}/metros")

    def plan_tours(self, plan_id: str, *, facility_id: str | None = None) -> Iterator[Row]:
        """Tours of a plan as strips of time, with their stops."""
        path = f"/v1/plans/{_part(plan_id)}/tours"
        return self._rows(path, limit=_TOURS_A_PAGE, facility_id=facility_id)

    def plan_day(self, plan_id: str, facility_id: str, date: dt.date) -> PlanDay:
        """The routes of a facility on a date, to be read and changed."""
        path = f"/v1/plans/{_part(plan_id)}/days/{_part(facility_id)}/{date}"

        def post(to: str, body: object, key: str | None) -> Row:
            return self._post(to, body, key=key)

        return PlanDay(path, self._get, post, self._save)

    def plan_edits(self, plan_id: str) -> Iterator[Row]:
        """What was changed on a draft, by whom and when, the newest first."""
        return self._rows(f"/v1/plans/{_part(plan_id)}/edits")

    def undo_edit(self, plan_id: str, number: int) -> Row:
        """Take an edit of a draft back, by one more edit."""
        path = f"/v1/plans/{_part(plan_id)}/edits/{number}/undo"
        return self._post(path, {}, key=_new_key())

    def report(self, plan_id: str) -> Row:
        """What happened to a released plan so far."""
        return self._get(f"/v1/reports/{_part(plan_id)}")

    def release(self, plan_id: str, *, overrides: Sequence[Mapping[str, str]] = ()) -> Row:
        """Release a plan: from now on the tower follows it.

        Parameters
        ----------
        overrides
            Faults that you answer for: ``gate``, ``subject`` and ``reason`` of each.
        """
        asked = {"overrides": list(overrides)} if overrides else {}
        return self._post(f"/v1/plans/{_part(plan_id)}/release", asked, key=_new_key())

    def start_routes(self, problem: Mapping[str, Any], **options: Any) -> Row:
        """Have a routing problem planned: ``plan_id`` and ``job_id``.

        Parameters
        ----------
        options
            ``seconds``, ``iterations``, ``seed``, ``skip_bad``, ``start``; or ``plan`` and
            ``events`` to plan the rest of a day again.
        """
        return self._post("/v1/routes/plans", {"problem": dict(problem), **options}, key=_new_key())

    def route_plan(self, plan_id: str) -> Row:
        """How far the search is, and the plan once it is made."""
        return self._get(f"/v1/routes/plans/{_part(plan_id)}")

    def watch_route_plan(self, plan_id: str) -> Iterator[Row]:
        """How the search goes, until it has ended."""
        path = f"/v1/routes/plans/{_part(plan_id)}/stream"
        try:
            with self._http.stream("GET", path, timeout=None) as response:
                if response.is_error:
                    response.read()
                _checked(response)
                for event in stream_events(response.iter_lines()):
                    yield event.data
        except httpx.TransportError as error:
            raise _unreachable(error) from error

    def explain_routes(
        self, problem: Mapping[str, Any], plan: Mapping[str, Any], *, stop: str | None = None
    ) -> Row:
        """What routes cost and what binds them; or why a stop is where it is."""
        asked: Row = {"problem": dict(problem), "plan": dict(plan)}
        return self._post("/v1/routes/explain", asked if stop is None else {**asked, "stop": stop})

    def compare_routes(
        self, was: Mapping[str, Any], now: Mapping[str, Any], *, tolerance_s: float = 60.0
    ) -> Row:
        """Where one plan differs from another."""
        asked = {"was": dict(was), "now": dict(now), "tolerance_s": tolerance_s}
        return self._post("/v1/routes/diff", asked)

    def job(self, job_id: str) -> Row:
        """How far a job is."""
        return self._get(f"/v1/jobs/{_part(job_id)}")

    def cancel(self, job_id: str) -> Row:
        """Stop a job."""
        return self._post(f"/v1/jobs/{_part(job_id)}/cancel", {}, key=_new_key())

    def listen(self, last_id: str | None = None) -> Iterator[StreamEvent]:
        """What happens, from now on or after the message ``last_id``, until the server stops."""
        headers = {} if last_id is None else {"Last-Event-ID": last_id}
        try:
            with self._http.stream("GET", "/v1/stream", headers=headers, timeout=None) as response:
                if response.is_error:
                    response.read()
                _checked(response)
                yield from stream_events(response.iter_lines())
        except httpx.TransportError as error:
            raise _unreachable(error) from error

    def _rows(self, path: str, **asked: str | None) -> Iterator[Row]:
        params: dict[str, str] = {name: told for name, told in asked.items() if told is not None}
        limit = params.pop("limit", _ROWS_A_PAGE)
        while True:
            page = self._get(path, {**params, "limit": limit})
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            params["cursor"] = page["next_cursor"]

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> Row:
        try:
            return _checked(self._http.get(path, params=params)).json()
        except httpx.TransportError as error:
            raise _unreachable(error) from error

    def _save(self, path: str, params: Mapping[str, str]) -> bytes:
        try:
            return _checked(self._http.get(path, params=params)).content
        except httpx.TransportError as error:
            raise _unreachable(error) from error

    def _post(
        self,
        path: str,
        body: object,
        *,
        key: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Row:
        headers = {} if key is None else {"Idempotency-Key": key}
        try:
            return _checked(self._http.post(path, json=body, headers=headers, params=params)).json()
        except httpx.TransportError as error:
            raise _unreachable(error) from error


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_error:
        try:
            told = response.json()
        except ValueError:
            told = {"title": response.reason_phrase, "detail": response.text[:200]}
        raise ServerRefusedError(response.status_code, told)
    return response


def _unreachable(error: httpx.TransportError) -> StoreUnavailableError:
    return StoreUnavailableError(
        f"the server does not answer: {error}", remedy="check the address, and that it runs"
    )


def _at(instant: dt.datetime | None) -> dict[str, str]:
    return {} if instant is None else {"at": instant.isoformat()}


def _part(name: str) -> str:
    """An id as one part of a path."""
    return quote(name, safe="")


def _new_key() -> str:
    return str(uuid.uuid4())
