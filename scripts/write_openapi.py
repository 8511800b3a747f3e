"""Write the OpenAPI document of the server, from which the pages take their types.

``python scripts/write_openapi.py`` writes ``web/src/api/openapi.json``; a test holds the committed
document to the code.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from crossdock.platform.clock import SystemClock
from crossdock.platform.server.serving import create_app
from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.store.database import open_database

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "web" / "src" / "api" / "openapi.json"


def openapi_document() -> str:
    """The document as it is committed: keys in order, so that a change shows as one."""
    with (
        tempfile.TemporaryDirectory() as place,
        open_database(f"sqlite:///{place}/store.db") as store,
    ):
        app = create_app(store, ServerSettings(), now=SystemClock().now)
        return json.dumps(app.openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(openapi_document(), encoding="utf-8")
