"""How deeply a JSON text nests, told without parsing it."""

from __future__ import annotations

from http import HTTPStatus

import numpy as np

from crossdock.platform.server.problems import RefusedError

_MARKS = b'"[]{}'
_OTHERS = bytes(set(range(256)) - set(_MARKS))
_QUOTE = ord('"')
_STEPS = bytes.maketrans(_MARKS, bytes([0, 1, 255, 1, 255]))  # 255: -1 in one signed byte
_BLOCK = 64 * 1024


def check_depth(body: bytes, most: int) -> None:
    """Refuse one JSON text whose arrays and objects nest deeper than ``most``.

    Every step is a pass of C code over the text, and the first level too deep ends it: a text
    made to be slow is not.

    Raises
    ------
    RefusedError
        413.
    """
    if body.count(b"[") + body.count(b"{") <= most:
        return
    # From left to right, as a reader of JSON pairs them: \\ first, then what is left of \".
    unescaped = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Two quotes side by side change nothing for what follows them, whichever strings they end.
    marks = unescaped.translate(None, _OTHERS).replace(b'""', b"")
    depth, quotes = 0, 0
    for start in range(0, len(marks), _BLOCK):
        block = marks[start : start + _BLOCK]
        steps = np.frombuffer(block.translate(_STEPS), dtype=np.int8)
        if _QUOTE in block or quotes % 2:
            is_quote = np.frombuffer(block, dtype=np.uint8) == _QUOTE
            seen = quotes + np.cumsum(is_quote, dtype=np.int32)
            steps = np.where(seen % 2, np.int8(0), steps)  # within a string
            quotes = int(seen[-1])
        depths = depth + np.cumsum(steps, dtype=np.int32)
        if depths.max() > most:
            raise RefusedError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"arrays and objects of the body nest deeper than {most} levels",
            )
        depth = int(depths[-1])
