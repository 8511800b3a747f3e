"""A body that is one JSON object, for routes whose documents are checked further in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, cast

import msgspec
from fastapi import Depends, Request

from crossdock.platform.server.problems import RefusedError


async def _object(request: Request) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise RefusedError(
            HTTPStatus.BAD_REQUEST, f"the body is not JSON: {str(error).splitlines()[0]}"
        ) from error
    if not isinstance(told, dict):
        raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, "the body is no JSON object")
    return cast("dict[str, Any]", told)


Told = Annotated[dict[str, Any], Depends(_object)]
"""What was told: 400 if it is not JSON, 422 if it is no object."""
