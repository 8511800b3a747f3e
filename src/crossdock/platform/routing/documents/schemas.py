"""JSON schemas of the documents, draft 2020-12, made from the classes that check them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

from pydantic import BaseModel

from crossdock.platform.routing.documents.events_shape import RouteEvents
from crossdock.platform.routing.documents.plan_shape import RoutePlan
from crossdock.platform.routing.documents.problem_shape import RouteProblem

_DRAFT = "https://json-schema.org/draft/2020-12/schema"

DOCUMENTS: Mapping[str, type[BaseModel]] = MappingProxyType(
    {"problem": RouteProblem, "plan": RoutePlan, "events": RouteEvents}
)
"""Every kind of document by its name."""


def json_schema(name: str) -> dict[str, Any]:
    """The schema of a kind of document."""
    schema = DOCUMENTS[name].model_json_schema()
    return {"$schema": _DRAFT, **cast("dict[str, Any]", _plain(schema))}


def _plain(value: object) -> object:
    """Without the marks of docstrings, and without titles that repeat names."""
    if isinstance(value, dict):
        told = cast("dict[str, object]", value)
        is_object = isinstance(told.get("properties"), dict)
        return {
            name: _description(inner) if name == "description" else _plain(inner)
            for name, inner in told.items()
            if name != "title" or is_object or not isinstance(inner, str)
        }
    if isinstance(value, list):
        return [_plain(each) for each in cast("list[object]", value)]
    return value


def _description(text: object) -> object:
    if not isinstance(text, str):
        return _plain(text)
    return " ".join(text.replace("``", "`").split())
