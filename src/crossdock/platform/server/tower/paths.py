"""Ids within a path, as carriers write them."""

from __future__ import annotations

from starlette.convertors import PathConvertor, register_url_convertor

ID = "text"
"""Names the part of a path that is an id: slashes and line breaks too."""


class _AnyText(PathConvertor):
    regex = r"[\s\S]*"


register_url_convertor(ID, _AnyText())
