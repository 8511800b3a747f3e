"""The desks of a server: one a tenant, opened when the tenant is first asked for."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping

from crossdock.operate.tracking import PlanView
from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.server.tower.desk import Desk
from crossdock.platform.store.database import Store


class Desks:
    """Every open desk.

    Parameters
    ----------
    plan_of
        The released plan of a tenant; empty where there is none.
    """

    def __init__(
        self,
        store: Store,
        settings: ServerSettings,
        now: Callable[[], dt.datetime],
        plan_of: Callable[[str], PlanView],
    ) -> None:
        self._store, self._settings, self._now = store, settings, now
        self._plan_of = plan_of
        self._open: dict[str, Desk] = {}
        self._opening = asyncio.Lock()

    @property
    def open(self) -> Mapping[str, Desk]:
        """The desks that are open, by tenant."""
        return self._open

    async def of(self, tenant: str) -> Desk:
        """The desk of a tenant, opened if it is not."""
        if tenant in self._open:
            return self._open[tenant]
        async with self._opening:
            if tenant not in self._open:
                plan = await asyncio.to_thread(self._plan_of, tenant)
                desk = Desk(self._store, tenant, self._settings, self._now, plan)
                await desk.start()
                self._open[tenant] = desk
        return self._open[tenant]

    async def released(self, tenant: str) -> None:
        """Have the desk of a tenant follow the plan that was released."""
        desk = await self.of(tenant)
        desk.take_plan(await asyncio.to_thread(self._plan_of, tenant))

    async def stop(self) -> None:
        """Close every desk: what was taken is finished."""
        for desk in self._open.values():
            await desk.stop()
        self._open.clear()
