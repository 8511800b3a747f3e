"""``/v1/compliance``: what ``crossdock hos``, ``comply`` and ``eld`` answer, for programs.

Nothing is kept: the answer depends on the body alone.
"""

import datetime as dt
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, cast

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from crossdock.platform.server.object_body import Told
from crossdock.platform.server.principal import READ, Require
from crossdock.platform.server.problems import RefusedError

MOST_CASES = 1_000
MOST_PLANS = 20
"""Cases of a request."""
MOST_PLAN_STOPS, MOST_SEARCHED_STOPS = 100, 10
"""Stops of a plan, and of one with splits or a team, which takes a second or two for ten."""

_JSON = "application/json"
_SVG = "image/svg+xml"
_CASES = {
    "type": "object",
    "required": ["cases"],
    "properties": {"cases": {"type": "array", "items": {"type": "object"}}},
}
_OBJECT = {"type": "object"}
_ELD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string", "description": "ELD output file"}}},
    }
}


def _json_body(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {_JSON: {"schema": schema}}}}


def _answered(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type=_JSON)


async def _bytes(request: Request) -> bytes:
    return await request.body()


Given = Annotated[bytes, Depends(_bytes)]


def compliance_router(require: Require) -> APIRouter:
    """The routes of compliance; who may read may ask."""
    router = APIRouter(
        prefix="/v1/compliance", tags=["compliance"], dependencies=[Depends(require(READ))]
    )

    # The engines are imported when they are first asked: a server that only watches starts without.
    @router.post("/hos/audit", openapi_extra=_json_body(_CASES), response_class=Response)
    def audit_logs(told: Told) -> Response:
        """Violations of duty logs, and the hours left at instants; cases of `crossdock hos audit`.

        A case that cannot be used has `error` with field, reason and remedy.
        """
        from crossdock.platform.compliance import audit_cases  # noqa: PLC0415

        _at_most(told, "cases", MOST_CASES)
        return _answered(audit_cases(told).document)

    @router.post("/hos/plan", openapi_extra=_json_body(_CASES), response_class=Response)
    def plan_stops(told: Told) -> Response:
        """The earliest legal way through stop sequences; cases of `crossdock hos plan`.

        Up to 20 cases of 100 stops; of 10 with `splits` or `team`.
        """
        from crossdock.platform.compliance import plan_cases  # noqa: PLC0415

        for case in _at_most(told, "cases", MOST_PLANS):
            if isinstance(case, dict):
                told_case = cast("dict[str, Any]", case)
                searched = told_case.get("splits") or told_case.get("team")
                most = MOST_SEARCHED_STOPS if searched else MOST_PLAN_STOPS
                _at_most(told_case, "stops", most)
        return _answered(plan_cases(told).document)

    @router.post("/calculations", openapi_extra=_json_body(_OBJECT), response_class=Response)
    def calculate(told: Told) -> Response:
        """Bridge formula, axles, tiedowns, lifting and others; cases of `crossdock comply calc`."""
        from crossdock.platform.compliance import calculate_cases  # noqa: PLC0415

        for kind in told:
            _at_most(told, kind, MOST_CASES)
        return _answered(calculate_cases(told).answers)

    @router.post("/gate", openapi_extra=_json_body(_OBJECT), response_class=Response)
    def judge_trip(told: Told) -> Response:
        """Whether a trip may leave, until when, and each verdict with its citation and reason."""
        from crossdock.comply.dispatch import dispatch_gate  # noqa: PLC0415
        from crossdock.platform.compliance import answer_document, trip_of  # noqa: PLC0415

        return _answered(answer_document(dispatch_gate(trip_of(told, "the trip"))))

    @router.post("/eld/check", openapi_extra=_ELD_BODY, response_class=Response)
    def check_eld(given: Given) -> Response:
        """What an ELD output file holds, and what is wrong with it."""
        from crossdock.comply.eld import days_to_certify, read_eld  # noqa: PLC0415

        read = read_eld(given)
        return _answered(
            {
                "rows": dict(read.rows),
                "missing": read.missing,
                "wrong_checks": [str(each) for each in read.wrong_checks],
                "bad_rows": [str(each) for each in read.bad_rows],
                "not_certified": days_to_certify(read.file),
            }
        )

    @router.post(
        "/eld/grid",
        openapi_extra=_ELD_BODY,
        response_class=Response,
        responses={200: {"content": {_SVG: {"schema": {"type": "string"}}}}},
    )
    def draw_day(
        given: Given,
        day: Annotated[dt.date, Query(description="Day of the home terminal.")],
        timezone: Annotated[str | None, Query(description="IANA name of its zone.")] = None,
        main_office: Annotated[str, Query(description="Address, which no file holds.")] = "",
    ) -> Response:
        """The record of duty status of a day as a picture."""
        from crossdock.comply.eld import draw_grid, read_eld, rods_of_file  # noqa: PLC0415
        from crossdock.locate.near_places import near_place  # noqa: PLC0415

        whole, form = rods_of_file(
            read_eld(given).file,
            day,
            timezone=timezone,
            main_office=main_office,
            place_of=near_place,
        )
        return Response(
            draw_grid(whole, form),
            media_type=_SVG,
            headers={"Content-Security-Policy": "sandbox"},
        )

    return router


def _at_most(told: Mapping[str, Any], name: str, most: int) -> list[Any]:
    """The list of a field, empty where it is none."""
    listed = told.get(name)
    if not isinstance(listed, list):
        return []
    found = cast("list[Any]", listed)
    if len(found) > most:
        raise RefusedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"{name} has {len(found):,} entries; send at most {most:,} at a time",
        )
    return found
