"""Reports at hand: measured in a thread, one at a time a tenant, kept while they are fresh."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from crossdock.platform.server.plans import Plans
from crossdock.platform.server.problems import RefusedError
from crossdock.platform.server.tower import Desk

if TYPE_CHECKING:
    from crossdock.platform.server.reports.measured import MeasuredPlan

AT_HAND = 2
"""Reports that are kept; each holds the events of its plan, so that the next reads but the new."""
FRESH_S = 60.0
"""Younger than this it is served again, with the instant it is of."""
QUIET_S = 600.0
"""As long as nothing new was told it is served until then: promises fall due by time alone."""


@dataclass(frozen=True)
class Report:
    """A measured plan, when it was measured by this machine's clock, and how long that took."""

    plan_id: str
    measured: MeasuredPlan
    made_s: float
    took_s: float

    @cached_property
    def record(self) -> dict[str, Any]:
        """The answer of the API."""
        return {
            "plan_id": self.plan_id,
            "at": self.measured.at,
            "took_s": round(self.took_s, 3),
            "events": self.measured.events.height,
            **self.measured.record(),
        }


class Reports:
    """The reports of all tenants of a server.

    Parameters
    ----------
    clock
        Seconds that only grow.
    """

    def __init__(self, plans: Plans, clock: Callable[[], float] = time.monotonic) -> None:
        self._plans, self._clock = plans, clock
        self._kept: OrderedDict[tuple[str, str], Report] = OrderedDict()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, desk: Desk, plan_id: str) -> Report:
        """The report of a released plan of the desk's tenant.

        Raises
        ------
        NotFoundError
            The tenant has no such plan.
        RefusedError
            It is not released: nothing has happened to it.
        """
        plan = await asyncio.to_thread(self._plans.read, desk.tenant, plan_id)
        if plan.state != "released":
            raise RefusedError(
                HTTPStatus.CONFLICT,
                f"the plan is {plan.state}; a report tells what happened to a released plan",
            )
        fresh = await self._fresh(desk, plan_id)
        if fresh is not None:
            return fresh
        async with self._turns[desk.tenant]:
            fresh = await self._fresh(desk, plan_id)  # of who waited for the same
            return fresh or await asyncio.to_thread(self._make, desk, plan_id)

    async def _fresh(self, desk: Desk, plan_id: str) -> Report | None:
        kept = self._kept.get((desk.tenant, plan_id))
        if kept is None:
            return None
        age_s = self._clock() - kept.made_s
        if age_s <= FRESH_S:
            return kept
        if age_s > QUIET_S:
            return None
        last = await asyncio.to_thread(desk.log.last_sequence)
        return kept if last == kept.measured.sequence else None

    def _make(self, desk: Desk, plan_id: str) -> Report:
        # Imported for a report alone: a server that only watches starts without it.
        from crossdock.platform.server.reports.measured import Known, measure_plan  # noqa: PLC0415

        key = (desk.tenant, plan_id)
        before = self._kept.get(key)
        began_s = self._clock()
        measured = measure_plan(
            self._plans.records(desk.tenant, plan_id),
            Known(desk.log, desk.present, desk.now()),
            None if before is None else before.measured,
        )
        ended_s = self._clock()
        report = Report(plan_id, measured, ended_s, ended_s - began_s)
        _ = report.record  # put together here, in the thread
        self._kept[key] = report
        self._kept.move_to_end(key)
        while len(self._kept) > AT_HAND:
            self._kept.popitem(last=False)
        return report
