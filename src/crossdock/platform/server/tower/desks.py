"""The desks of a server: one a tenant, opened when the tenant is first asked for."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping

from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.server.tower.desk import Desk
from crossdock.platform.server.tower.ground import Ground
from crossdock.platform.store.database import Store


class Desks:
    """Every open desk.

    Parameters
    ----------
    ground_of
        The released plans of a tenant; empty where there is none.
    """

    def __init__(
        self,
        store: Store,
        settings: ServerSettings,
        now: Callable[[], dt.datetime],
        ground_of: Callable[[str], Ground],
    ) -> None:
        self._store, self._settings, self._now = store, settings, now
        self._ground_of = ground_of
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
                ground = await asyncio.to_thread(self._ground_of, tenant)
                desk = Desk(self._store, tenant, self._settings, self._now, ground)
                await desk.start()
                self._open[tenant] = desk
        return self._open[tenant]

    async def released(self, tenant: str) -> None:
        """Have the desk of a tenant follow the plan that was released."""
        desk = await self.of(tenant)
        desk.stand_on(await asyncio.to_thread(self._ground_of, tenant))

    async def stop(self) -> None:
        """Close every desk: what was taken is finished."""
        for desk in self._open.values():
            await desk.stop()
        self._open.clear()
