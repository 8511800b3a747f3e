"""A paper is a path and a text; what a spreadsheet or a file system could misread is made safe."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2
import polars as pl

from crossdock.model.network import Network

_RUNS_AS_FORMULA = r"^\s*[=+\-@\t\r\n|]"
_NOT_IN_FILE_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Paper:
    """One file to hand out; ``path`` is relative, with ``/``."""

    path: str
    text: str


def neutral_csv(frame: pl.DataFrame) -> str:
    """``frame`` as CSV in which no text cell is run as a formula by a spreadsheet.

    A text that begins with ``= + - @ |`` or a control character gets an apostrophe in front
    (CWE-1236).
    """
    text = pl.col(pl.String)
    safe = pl.when(text.str.contains(_RUNS_AS_FORMULA)).then(pl.lit("'") + text).otherwise(text)
    return frame.with_columns(safe.name.keep()).write_csv(float_precision=4)


def file_stem(*names: str) -> str:
    """File name of ids that come from a user: one that had to be changed ends in a digest."""
    plain = "_".join(names)
    safe = _NOT_IN_FILE_NAMES.sub("-", plain).strip(".-") or "x"
    if safe == plain and len(safe) <= 120:
        return safe
    return f"{safe[:100]}-{hashlib.blake2b(plain.encode(), digest_size=4).hexdigest()}"


def sheet(template: str, **content: Any) -> str:
    """A printable page; every value is escaped."""
    return _sheets().get_template(template).render(**content)


def local_texts(
    frame: pl.DataFrame, columns: Sequence[str], network: Network, *, place: str
) -> pl.DataFrame:
    """``frame`` with instants as ``2026-11-30 23:00 CST`` in the time of facility ``place``."""
    zones: Mapping[str, str] = network.timezones
    zone = pl.col(place).replace_strict(dict(zones), default="UTC", return_dtype=pl.String)
    held = frame.with_columns(_zone=zone)
    for column in columns:
        text = pl.lit(None, dtype=pl.String)
        for name in held["_zone"].unique().sort():
            local = pl.col(column).dt.convert_time_zone(name).dt.strftime("%Y-%m-%d %H:%M %Z")
            text = pl.when(pl.col("_zone") == name).then(local).otherwise(text)
        held = held.with_columns(text.alias(column))
    return held.drop("_zone")


@cache
def _sheets() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("crossdock.measure.handout", "sheets"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
