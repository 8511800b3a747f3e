"""Ids within a path, as carriers write them."""

from __future__ import annotations

from starlette.convertors import PathConvertor, register_url_convertor

ID = "text"
"""Names the part of a path that is an id: slashes and line breaks too."""
DRIVER = "driver"
"""The same at the end of a path where another path goes on with ``/what-if``."""


class _AnyText(PathConvertor):
    regex = r"[\s\S]*"


class _Driver(PathConvertor):
    regex = r"(?:(?!/what-if\Z)[\s\S])*"


register_url_convertor(ID, _AnyText())
register_url_convertor(DRIVER, _Driver())
