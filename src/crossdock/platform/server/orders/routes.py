"""``/v1/orders``: bring orders, and read one back."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from crossdock.model.order import ADDRESS_PARTS, CHECKED_ORDERS, ORDER_COLUMNS, RAW_ORDERS
from crossdock.model.tables import INSTANT
from crossdock.platform.server.batches import JSON_TYPE, LINES_TYPE, Verdicts
from crossdock.platform.server.idempotency import Idempotency, KeyWelcome
from crossdock.platform.server.orders.intake import OrderIntake
from crossdock.platform.server.principal import INGEST, READ, Principal, Require
from crossdock.platform.server.rows import row_model
from crossdock.platform.store.database.orders import StoredOrder

_ITEM: dict[str, Any] = {
    "type": "object",
    "required": list(ORDER_COLUMNS),
    "properties": {
        name: {"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "null"}]}
        for name in RAW_ORDERS
        if name != "row"
    },
    "description": f"An order; its address is in `address` or in {', '.join(ADDRESS_PARTS)}. "
    "`created_at` is ISO 8601 with an offset. Further fields are ignored.",
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON_TYPE: {"schema": {"type": "array", "items": _ITEM}},
            LINES_TYPE: {"schema": {"type": "string", "description": "an order a line"}},
        },
    }
}
_ORDER_ANSWER = row_model(
    "OrderAnswer",
    {name: kind for name, kind in CHECKED_ORDERS.items() if name != "row"}
    | {"received_at": INSTANT, "plan_id": CHECKED_ORDERS["order_id"]},
)


async def _body(request: Request) -> bytes:
    return await request.body()


def orders_router(
    intake: OrderIntake,
    idempotency: Idempotency,
    require: Require,
) -> APIRouter:
    """The routes of orders."""
    router = APIRouter(prefix="/v1/orders", tags=["orders"])
    bringer, reader = Depends(require(INGEST)), Depends(require(READ))

    @router.post("", response_model=Verdicts, openapi_extra=_BODY)
    def bring_orders(
        request: Request,
        *,
        principal: Principal = bringer,
        key: KeyWelcome,
        body: Annotated[bytes, Depends(_body)],
        replace: Annotated[
            bool,
            Query(description="Let an order take the place of one that no released plan carries."),
        ] = False,
    ) -> Response:
        """Bring orders, each once by its `order_id`; answered when the good ones are stored."""
        kind = request.headers.get("content-type", "")

        def take(_: str) -> Response:
            taken = intake.take(principal.tenant, body, kind, replace=replace)
            return JSONResponse(taken.model_dump(mode="json"))

        return idempotency.answer(key, principal, take)

    @router.get("/{order_id:path}", response_model=_ORDER_ANSWER)
    def read_order(order_id: str, principal: Principal = reader) -> dict[str, Any]:
        """One order, and the released plan that carries it."""
        return _answer(intake.read(principal.tenant, order_id))

    return router


def _answer(order: StoredOrder) -> dict[str, Any]:
    fields = json.loads(order.body)
    return {**fields, "received_at": order.received_at, "plan_id": order.plan_id}
