"""A file of cases: each is answered by itself, and one that cannot be used stops no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from crossdock.model import CrossdockError, InputUnusableError
from crossdock.platform.compliance.calc import CaseFault
from crossdock.platform.compliance.fields import FieldError, Fields


@dataclass(frozen=True)
class Answered:
    """Answers of a file of cases.

    Attributes
    ----------
    document
        ``{"cases": [...]}`` in the order of the file, each with its ``id``; a case that cannot be
        used has ``error``.
    """

    document: dict[str, Any]
    answered: int
    faults: tuple[CaseFault, ...]


def answer_cases(
    cases: Mapping[str, Any], answer: Callable[[Fields], dict[str, Any]], *, field: str
) -> Answered:
    """Answer every case.

    Parameters
    ----------
    field
        What a case holds above all, for the remedy.

    Raises
    ------
    InputUnusableError
        ``cases`` is no list.
    """
    listed = cases.get("cases")
    if not isinstance(listed, list):
        raise InputUnusableError(
            "there is no list `cases`",
            remedy=f'give {{"cases": [{{"id": ..., "{field}": [...]}}]}}',
        )
    answers: list[dict[str, Any]] = []
    faults: list[CaseFault] = []
    for number, case in enumerate(cast("list[Any]", listed)):
        told = cast("dict[str, Any]", case) if isinstance(case, dict) else None
        found = _answer(number, told, answer)
        if isinstance(found, CaseFault):
            faults.append(found)
            error = {"field": found.field, "reason": found.reason, "remedy": found.remedy}
            found = {"error": error}
        answers.append({"id": None if told is None else told.get("id"), **found})
    return Answered({"cases": answers}, len(answers) - len(faults), tuple(faults))


def _answer(
    number: int, told: dict[str, Any] | None, answer: Callable[[Fields], dict[str, Any]]
) -> dict[str, Any] | CaseFault:
    if told is None:
        return CaseFault("cases", number, "", "the case is no object", "give an object")
    try:
        return answer(Fields(told))
    except FieldError as error:
        return CaseFault("cases", number, error.field, error.reason, error.remedy)
    except CrossdockError as error:
        return CaseFault("cases", number, "", error.message, error.remedy)
