"""What schemathesis cannot know of the API."""

from __future__ import annotations

import itertools
from typing import Any

import schemathesis

_NUMBERS = itertools.count()


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: Any) -> None:
    """Two of three keys are new: else all requests but the first would be refused for theirs."""
    number = next(_NUMBERS)
    if "Idempotency-Key" in case.headers and number % 3:
        case.headers["Idempotency-Key"] = f"{number} {case.headers['Idempotency-Key'][:200]}"
