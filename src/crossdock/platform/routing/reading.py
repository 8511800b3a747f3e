"""Read a benchmark instance; its format is told by its content."""

from __future__ import annotations

import re
from pathlib import Path

from crossdock.model import InputUnusableError
from crossdock.plan.routing import Rounding
from crossdock.platform.routing.amazon import read_amazon
from crossdock.platform.routing.instance import MOST_BYTES, Instance, refuse
from crossdock.platform.routing.text_tables import read_li_lim, read_solomon
from crossdock.platform.routing.vrplib import read_vrplib

_VRPLIB_FIELD = re.compile(r"^\s*(NAME|TYPE|DIMENSION|COMMENT)\s*:", re.MULTILINE)
_LI_LIM_HEAD = 3


def read_instance(path: Path, rounding: Rounding | None = None) -> Instance:
    """The problem of a file: VRPLIB, Solomon, Li and Lim, or a route of the Amazon challenge.

    Parameters
    ----------
    rounding
        Of straight-line distances; None for what the literature uses for the kind of instance.

    Raises
    ------
    InputUnusableError
        The file is missing, too large, of none of these formats, or wrong at a line.
    InvalidValueError
        A node or vehicle cannot be meant so.
    """
    text = _text(path)
    if text.lstrip().startswith("{"):
        return read_amazon(path, text)
    if _VRPLIB_FIELD.search(text[:4096]):
        return read_vrplib(path, text, rounding)
    if re.search(r"^\s*VEHICLE\s*$", text[:4096], re.MULTILINE):
        return read_solomon(path, text, rounding)
    head = text.lstrip().splitlines()[0].split() if text.strip() else []
    if len(head) != _LI_LIM_HEAD or not all(word.isdigit() for word in head):
        remedy = "give VRPLIB, Solomon, Li-Lim or Amazon JSON"
        refuse(path, None, "the format is not known", remedy)
    return read_li_lim(path, text, rounding)


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            message = f"{size:,} bytes are too many"
            refuse(path, None, message, f"give up to {MOST_BYTES:,}")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputUnusableError(
            f"cannot read {path}: {error.strerror}", remedy="name a file that can be read"
        ) from error
    except UnicodeDecodeError:
        refuse(path, None, "this is no text", "give a text file in UTF-8")
