"""The route that brings events: the one that is asked hundreds of times a second."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock.platform.server.batches import JSON_TYPE, LINES_TYPE, Verdicts
from crossdock.platform.server.idempotency import KeyWelcome, keyed_request
from crossdock.platform.server.principal import INGEST, Principal
from crossdock.platform.server.security import permitted, require
from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.server.tower.answers import json
from crossdock.platform.server.tower.intake import read_events
from crossdock.platform.server.tower.routes import once
from crossdock.platform.server.tower.views import desk_of

_PATH = "/v1/events"
_EVENTS_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON_TYPE: {
                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/EventItem"}}
            },
            LINES_TYPE: {"schema": {"type": "string"}},
        },
    }
}


class _ByHand(APIRoute):
    """A route whose arguments are found by hand.

    Its signature is for the document and says the same: FastAPI's way to it costs more than all
    else that is done for a single event.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request."""
        return _answered


router = APIRouter(prefix="/v1", tags=["tower"], route_class=_ByHand)


class EventsFirst:
    """Answers who brings events without looking for a route: that is a third of the work."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"] == _PATH and scope["method"] == "POST":
            response = await _answered(Request(scope, receive, send))
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _answered(request: Request) -> Response:
    who = await permitted(request, INGEST)
    return await take_events(request, who, await keyed_request(request))


@router.post("/events", responses={200: {"model": Verdicts}}, openapi_extra=_EVENTS_BODY)
async def take_events(
    request: Request, who: Annotated[Principal, Depends(require(INGEST))], keyed: KeyWelcome
) -> Response:
    """Take events in for good; answered after they are on the disk, with a verdict on each."""
    settings: ServerSettings = request.app.state.settings
    desk = await desk_of(request, who)

    async def take() -> Response:
        rows, rejected = read_events(
            await request.body(),
            request.headers.get("content-type", ""),
            tenant=who.tenant,
            received_at=desk.now(),
            most=settings.max_batch_items,
        )
        taken = await desk.take(rows)
        return json(
            {
                "accepted": taken.accepted,
                "duplicates": taken.duplicates,
                "rejected": [each.model_dump() for each in rejected],
            }
        )

    return await once(request, keyed, who, take)
