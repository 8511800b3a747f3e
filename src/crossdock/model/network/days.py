"""Day masks: on which weekdays a wave, a departure or a delivery happens."""

from __future__ import annotations

from crossdock.model.errors import InvalidValueError

WEEKDAY_LETTERS = "MTWTFSU"
"""Monday to Sunday."""

NEVER = "-"
_NO = frozenset("-._ 0")
_REMEDY = "write MTWTFSU with - for days off, for example MTWTF--, or the letters alone: MTWTF"


def normalised_days(text: str) -> str:
    """Day mask of seven characters, a letter for a day on and ``-`` for a day off.

    Parameters
    ----------
    text
        Seven characters from Monday to Sunday, the day's letter or ``1`` for yes and one of
        ``- . _ 0`` or a blank for no (``MTWTF--``, ``1111100``); or letters in the week's order,
        read greedily (``MTWTF``, ``SU``, ``MWF``; ``T`` alone is Tuesday, ``TT`` both).

    Raises
    ------
    InvalidValueError
        The text is no day mask, or names no day at all.
    """
    letters = text.upper()
    mask = _positional(letters) if len(letters) == len(WEEKDAY_LETTERS) else None
    if mask is None:
        mask = _in_order(letters.strip())
    if mask is None:
        raise InvalidValueError(f"{text!r} is no day mask", remedy=_REMEDY)
    if set(mask) == {NEVER}:
        raise InvalidValueError(f"{text!r} names no day", remedy=_REMEDY)
    return mask


def runs_on_weekday(mask: str, weekday: int) -> bool:
    """Whether the normalised ``mask`` names ``weekday`` (Monday 0, as ``date.weekday``)."""
    return mask[weekday] != NEVER


def _positional(letters: str) -> str | None:
    marks: list[str] = []
    for letter, day in zip(letters, WEEKDAY_LETTERS, strict=True):
        if letter in (day, "1"):
            marks.append(day)
        elif letter in _NO:
            marks.append(NEVER)
        else:
            return None
    return "".join(marks)


def _in_order(letters: str) -> str | None:
    marks = [NEVER] * len(WEEKDAY_LETTERS)
    day = 0
    for letter in letters:
        day = WEEKDAY_LETTERS.find(letter, day) + 1
        if day == 0:
            return None
        marks[day - 1] = letter
    return "".join(marks)
