"""A client of a Crossdock server: each route as a method, errors as exceptions, pages as rows.

>>> with TowerClient("http://127.0.0.1:8000", key) as tower:
...     tower.send_events([{"source": "scanner-7", "source_event_id": "1", ...}])
...     for parcel in tower.parcels(status="attempt_failed"):
...         print(parcel["parcel_id"], parcel["eta"])
"""

from crossdock.platform.client.client import ServerRefusedError, TowerClient
from crossdock.platform.client.plan_day import PlanDay
from crossdock.platform.client.streaming import StreamEvent

__all__ = ["PlanDay", "ServerRefusedError", "StreamEvent", "TowerClient"]
