"""How the figures came to what they are: the small curves beside them."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query, Response

from crossdock.operate.trends import begins_at, trends
from crossdock.platform.server.tower import shapes
from crossdock.platform.server.tower.answers import json
from crossdock.platform.server.tower.views import Looked

router = APIRouter(prefix="/v1", tags=["tower"])

Hours = Annotated[float, Query(gt=0, le=24 * 14, description="How far back it goes.")]
Points = Annotated[int, Query(ge=2, le=500)]


@router.get("/kpis/history", responses={200: {"model": shapes.Trends}})
async def show_history(view: Looked, hours: Hours = 24.0, points: Points = 48) -> Response:
    """The figures at past instants, by what is known at ``at``.

    Each point tells what had happened by then, by the time at which things happened: it counts
    what came late, and differs in that from what ``GET /v1/kpis?at=`` answers, which is what was
    known then. Promises and money at risk of an exception are as they stand last.
    """
    step = dt.timedelta(hours=hours) / (points - 1)
    instants = [view.at - step * back for back in range(points - 1, -1, -1)]
    found = await asyncio.to_thread(trends, view.present, view.plan, view.cases, instants)
    return json(
        {
            "at": view.at,
            "begins_at": begins_at(view.present),
            "instants": instants,
            "items": found,
        }
    )
