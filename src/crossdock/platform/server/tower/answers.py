"""Answers as JSON."""

from __future__ import annotations

import msgspec
from fastapi import Response


def json(content: object, status: int = 200) -> Response:
    """``content`` as JSON: times in RFC 3339 with ``Z``."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")
