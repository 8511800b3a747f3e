"""What the function of a job kind is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from crossdock.platform.child import Report
from crossdock.platform.store.database import Store


@dataclass(frozen=True)
class JobWork:
    """One attempt of a job, in its own process.

    Attributes
    ----------
    request
        What was asked for.
    context
        What the server hands to every job: places that only it knows.
    workspace
        A folder that is gone afterwards, however the job ends.
    report
        Tells the stage that begins and the share that is done, and as ``search`` how one goes.
    """

    tenant: str
    job_id: str
    request: Mapping[str, Any]
    context: Mapping[str, Any]
    store: Store
    workspace: Path
    report: Report


@dataclass(frozen=True)
class JobDone:
    """What a job came to.

    Attributes
    ----------
    result
        Plain JSON data for who asked.
    effect
        What it changes in the database, in the transaction that ends the job.
    search
        How its search went.
    """

    result: Mapping[str, Any]
    effect: Callable[[Connection], None] | None = None
    search: Mapping[str, Any] | None = None


JobFunction = Callable[[JobWork], JobDone]
